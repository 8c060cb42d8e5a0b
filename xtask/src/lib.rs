//! Chores of the repository.
//!
//! [`tidy`] holds the rules that no compiler checks; `cargo test -p xtask` applies them to this checkout.

pub mod tidy;
