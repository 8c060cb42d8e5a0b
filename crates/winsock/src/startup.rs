//! `WSAStartup` and `WSACleanup`: how often the program has begun.

use crate::codes;
use crate::error::{Code, socket_error};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

static STARTED: AtomicU32 = AtomicU32::new(0);

/// Winsock functions fail before `WSAStartup`.
pub fn check() -> Result<(), Code> {
    if STARTED.load(Relaxed) == 0 { Err(codes::WSANOTINITIALISED) } else { Ok(()) }
}

/// `WSACleanup`.
#[unsafe(no_mangle)]
pub extern "C" fn WSACleanup() -> i32 {
    match STARTED.fetch_update(SeqCst, SeqCst, |count| count.checked_sub(1)) {
        Ok(_) => 0,
        Err(_) => socket_error(codes::WSANOTINITIALISED),
    }
}
