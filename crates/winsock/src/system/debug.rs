//! What is for debugging.

use crate::abi::{Bool, Handle};
use crate::text::strings::{Wchar, bytes, wide};
use std::ffi::{c_char, c_void};
use std::fs;
use std::io::Write;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::AcqRel;

fn put(text: &[u8]) {
    // There is nobody to tell when it fails.
    let _ = std::io::stderr().write_all(text);
}

/// `OutputDebugStringA`: to the standard error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OutputDebugStringA(text: *const c_char) {
    // SAFETY: null, or a string.
    if let Some(text) = unsafe { bytes(text) } {
        put(text);
    }
}

/// `OutputDebugStringW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OutputDebugStringW(text: *const Wchar) {
    // SAFETY: null, or a string.
    if let Some(text) = unsafe { wide(text) } {
        put(text.as_bytes());
    }
}

/// `IsDebuggerPresent`.
#[unsafe(no_mangle)]
pub extern "C" fn IsDebuggerPresent() -> Bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
    tracer.is_some_and(|tracer| tracer.trim() != "0").into()
}

/// `DebugBreak`: a debugger stops here; without one the program ends.
#[unsafe(no_mangle)]
pub extern "C" fn DebugBreak() {
    // SAFETY: raises a signal in this thread.
    unsafe { libc::raise(libc::SIGTRAP) };
}

/// `SetUnhandledExceptionFilter`: remembered, and given back by the next call. There are no structured exceptions that could
/// reach it.
#[unsafe(no_mangle)]
pub extern "C" fn SetUnhandledExceptionFilter(filter: Handle) -> Handle {
    static FILTER: AtomicUsize = AtomicUsize::new(0);
    FILTER.swap(filter, AcqRel)
}

/// `MessageBoxA`: nobody sees a box, so it is a line of the standard error, and is answered as by closing it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MessageBoxA(_owner: *mut c_void, text: *const c_char, title: *const c_char, kind: u32) -> i32 {
    // SAFETY: null, or strings.
    let (text, title) = unsafe { (bytes(text), bytes(title)) };
    let text = String::from_utf8_lossy(text.unwrap_or_default());
    show(&text, title.map(|title| String::from_utf8_lossy(title)).as_deref(), kind)
}

/// `MessageBoxW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MessageBoxW(_owner: *mut c_void, text: *const Wchar, title: *const Wchar, kind: u32) -> i32 {
    // SAFETY: null, or strings.
    let (text, title) = unsafe { (wide(text), wide(title)) };
    show(&text.unwrap_or_default(), title.as_deref(), kind)
}

fn show(text: &str, title: Option<&str>, kind: u32) -> i32 {
    put(format!("{}: {text}\n", title.unwrap_or("Error")).as_bytes());
    const OK: i32 = 1;
    const CANCEL: i32 = 2;
    const ABORT: i32 = 3;
    const NO: i32 = 7;
    // By the buttons that it would have.
    match kind & 0xF {
        0 => OK,
        2 => ABORT,
        4 => NO,
        _ => CANCEL,
    }
}
