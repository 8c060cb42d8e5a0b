//! Chores of the repository.
//!
//! [`tidy`] holds the rules that no compiler checks, [`oracle`] compares the table of what Windows does with the tests,
//! [`translations`] the Korean texts with the English ones; `cargo test -p xtask` applies them to this checkout.

pub mod oracle;
pub mod tidy;
pub mod translations;
