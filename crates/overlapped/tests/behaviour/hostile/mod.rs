//! Safe programs that want to break the library's memory: whatever they do, each routine runs once, each value is dropped
//! once, and nothing hangs.

#[path = "../../programs/mod.rs"]
mod programs;

mod drops;
mod forgotten;
mod moments;
mod nesting;
mod values;
