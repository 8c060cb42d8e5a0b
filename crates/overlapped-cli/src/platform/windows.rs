//! Ctrl+C, Ctrl+Break and the end of the console; there are no limits to tell of.

mod processes;

pub(crate) use processes::{
    TICK, end, is_raised, processes_named, processor, processor_time, processors, resident_memory, start,
};

use super::Limits;
use crate::args::Cc;
use crate::problem::Problem;
use std::io::{Error, Result};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use windows_sys::Win32::Foundation::{FALSE, STATUS_CONTROL_C_EXIT, TRUE};
use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

pub(crate) const SYSTEM: &str = "Windows";

/// A Winsock program needs no help on Windows.
pub(crate) fn compile(asked: &Cc) -> std::result::Result<(), Problem> {
    let source = asked.arguments.first().map_or("SOURCE".into(), |first| first.to_string_lossy());
    Err(Problem::usage(format!("overlapped cc compiles for Linux; on Windows use Visual C++: cl {source} ws2_32.lib")))
}

static REQUESTS: OnceLock<Sender<i32>> = OnceLock::new();

/// From now on the console is listened to: what is returned calls `each`, again and again, with the exit code of a
/// process that ends by it.
pub(crate) fn requests(each: impl FnMut(i32) + Send) -> Result<impl FnOnce() + Send> {
    let (sender, requests) = channel();
    REQUESTS.set(sender).map_err(|_| Error::other("the console is listened to already"))?;
    // SAFETY: the handler is a function of this program, which may be called on any thread at any time.
    if unsafe { SetConsoleCtrlHandler(Some(handle), TRUE) } == FALSE {
        return Err(Error::last_os_error());
    }
    Ok(move || requests.into_iter().for_each(each))
}

/// Runs on a thread that the system makes for it.
unsafe extern "system" fn handle(event: u32) -> BOOL {
    if let Some(requests) = REQUESTS.get() {
        let _ = requests.send(STATUS_CONTROL_C_EXIT);
    }
    match event {
        CTRL_C_EVENT | CTRL_BREAK_EVENT => TRUE,
        // The console closes or the user leaves: the process would end as this returns. It has a few seconds, in which
        // it ends by itself.
        _ => loop {
            thread::park();
        },
    }
}

/// None: sockets take memory, and nothing else.
pub(crate) fn limits() -> Option<Limits> {
    None
}

/// There is nothing to raise.
pub(crate) fn raise_open_files() {}
