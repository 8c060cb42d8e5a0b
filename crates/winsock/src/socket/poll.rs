//! `WSAPoll`.

use super::object::believed;
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{Code, code, socket_error};
use crate::handle::Reading;
use crate::startup;
use overlapped::face::readiness;
use overlapped::readiness::{Events, PollEntry};
use std::time::Duration;

/// `WSAPOLLFD`.
#[repr(C)]
pub struct PollFd {
    socket: Handle,
    events: i16,
    found: i16,
}

/// What can be asked.
const ASKED: [Events; 3] = [Events::READ, Events::URGENT, Events::WRITE];

/// `WSAPoll`: an alertable wait when it blocks.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WSAPoll(sockets: *mut PollFd, count: u32, milliseconds: i32) -> i32 {
    // SAFETY: what the program promises.
    match unsafe { wait(sockets, count as usize, milliseconds) } {
        Ok(ready) => i32::try_from(ready).unwrap_or(i32::MAX),
        Err(code) => socket_error(code),
    }
}

/// # Safety
///
/// `sockets` is null, or so many structures, which nobody else uses meanwhile.
unsafe fn wait(sockets: *mut PollFd, count: usize, milliseconds: i32) -> Result<usize, Code> {
    startup::check()?;
    if count == 0 {
        return Err(WSAEINVAL);
    }
    if sockets.is_null() || !sockets.is_aligned() {
        return Err(WSAEFAULT);
    }
    // SAFETY: the caller's promise.
    let program = unsafe { std::slice::from_raw_parts_mut(sockets, count) };
    let mut entries = Vec::with_capacity(believed(count));
    let mut places = Vec::with_capacity(believed(count));
    let table = Reading::of(count);
    for (place, entry) in program.iter().enumerate() {
        let events = asked(entry.events)?;
        // What is none is no error among others.
        if let Some(asked) = table.socket(entry.socket, |socket| PollEntry::new(socket, events)) {
            entries.push(asked);
            places.push(place);
        }
    }
    drop(table);
    if entries.is_empty() {
        return Err(WSAENOTSOCK);
    }
    let time = u64::try_from(milliseconds).ok().map(Duration::from_millis);
    let ready = readiness::poll(&mut entries, time).map_err(|error| code(&error))?;
    let mut found = places.into_iter().zip(&entries).peekable();
    for (place, entry) in program.iter_mut().enumerate() {
        let own = found.next_if(|(known, _)| *known == place);
        let events = own.map_or(Events::INVALID, |(_, entry)| entry.found());
        entry.found = events.bits() as i16;
    }
    Ok(ready)
}

/// What is asked of a socket; what is told unasked must not be asked.
fn asked(events: i16) -> Result<Events, Code> {
    let bits = events as u16;
    let asked = ASKED.into_iter().filter(|event| bits & event.bits() != 0).fold(Events::NONE, |all, event| all | event);
    if asked.bits() == bits { Ok(asked) } else { Err(WSAEINVAL) }
}
