//! The page of `overlapped bench --html` in a browser: what is seen, and what a click does.
//!
//! The browser is `chromium-headless-shell`, or what `OVERLAPPED_TEST_BROWSER` names, which must understand the same flags.
#![cfg(not(windows))]

mod browser;
mod clicks;
mod looks;
mod report;
