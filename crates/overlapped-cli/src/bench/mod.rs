//! `overlapped bench`: servers side by side under the same load.
#![cfg_attr(not(test), expect(dead_code, reason = "the command that makes reports comes next"))]

mod page;
mod report;
