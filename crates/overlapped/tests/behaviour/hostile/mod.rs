//! Safe programs that want to break the library's memory: whatever they do, each routine runs once, each value is dropped
//! once, and nothing hangs.

#[path = "../../programs/mod.rs"]
mod programs;

#[cfg(target_os = "linux")]
mod descriptors;
mod drops;
mod forgotten;
mod moments;
mod nesting;
mod traits;
mod values;
