//! Readiness, as `select` and `WSAPoll` of Winsock tell it.

use super::codes::{from_number, last, succeeded};
use super::descriptor::socket_of;
use crate::codes;
use crate::driver::{Attempt, Watch};
use crate::readiness::Events;
use crate::sync;
use std::mem::offset_of;
use std::ptr;
use std::time::Duration;
use windows_sys::Win32::Networking::WinSock as ws;

/// A socket that another thread closes is but shut down while somebody waits for it, which does not end the wait. So the
/// caller looks again after this time.
const AGAIN: Duration = Duration::from_millis(250);

/// A call costs the same whether it may wait or not.
pub(crate) const LOOKS_ARE_CHEAPER: bool = false;

/// What Winsock is given, kept for the next wait.
#[derive(Default)]
pub(crate) struct Watched {
    read: Set,
    write: Set,
    except: Set,
    polled: Vec<ws::WSAPOLLFD>,
}

/// An `fd_set` as long as needed: Winsock looks at its count only. The count comes first, in the place of a socket.
#[derive(Default)]
struct Set(Vec<ws::SOCKET>);

const _: () = assert!(offset_of!(ws::FD_SET, fd_array) == size_of::<ws::SOCKET>() && cfg!(target_endian = "little"));

impl Set {
    /// Fills it with those that want the event.
    fn fill(&mut self, watched: &[Watch], event: Events) {
        self.0.clear();
        self.0.push(0);
        self.0.extend(watched.iter().filter(|watch| watch.wants.contains(event)).map(|watch| socket_of(watch.raw)));
        self.0[0] = self.0.len() - 1;
    }

    fn pointer(&mut self) -> *mut ws::FD_SET {
        if self.0.len() > 1 { self.0.as_mut_ptr().cast() } else { ptr::null_mut() }
    }

    /// Notes which are left in it.
    fn tell(&self, watched: &mut [Watch], event: Events) {
        // The upper half of the count was not written.
        let mut left = &self.0[1..=self.0[0] as u32 as usize];
        for watch in watched.iter_mut().filter(|watch| watch.wants.contains(event)) {
            let socket = socket_of(watch.raw);
            match left {
                // They keep their order.
                [first, rest @ ..] if *first == socket => left = rest,
                _ if left.contains(&socket) => {}
                _ => continue,
            }
            watch.is |= event;
        }
    }
}

pub(super) fn select(watched: &mut [Watch], sets: &mut Watched, timeout: Option<Duration>) -> Attempt<()> {
    let all = [(&mut sets.read, Events::READ), (&mut sets.write, Events::WRITE), (&mut sets.except, Events::URGENT)];
    let timeout = timeout.unwrap_or(AGAIN).min(AGAIN);
    let [read, write, except] = all.map(|(set, event)| {
        set.fill(watched, event);
        set.pointer()
    });
    if read.is_null() && write.is_null() && except.is_null() {
        // Which Winsock refuses.
        sync::pause(timeout);
        return Ok(());
    }
    let time = ws::TIMEVAL { tv_sec: 0, tv_usec: timeout.subsec_micros() as i32 };
    // SAFETY: the sets hold as many sockets as they say.
    match unsafe { ws::select(0, read, write, except, &raw const time) } {
        ..0 => return Err(last()),
        0 => return Ok(()),
        _ => {}
    }
    for (pointer, set, event) in
        [(read, &sets.read, Events::READ), (write, &sets.write, Events::WRITE), (except, &sets.except, Events::URGENT)]
    {
        if !pointer.is_null() {
            set.tell(watched, event);
        }
    }
    Ok(())
}

pub(super) fn poll(watched: &mut [Watch], sets: &mut Watched, timeout: Option<Duration>) -> Attempt<()> {
    let timeout = timeout.unwrap_or(AGAIN).min(AGAIN);
    let polled = &mut sets.polled;
    polled.clear();
    polled.extend(asked(watched).map(|watch| ws::WSAPOLLFD {
        fd: socket_of(watch.raw),
        // The end of a connection is told unasked, and not to be asked.
        events: watch.wants.without(Events::HUNG_UP).bits() as i16,
        revents: 0,
    }));
    if polled.is_empty() {
        sync::pause(timeout);
        return Ok(());
    }
    let time = timeout.as_micros().div_ceil(1000) as i32;
    // SAFETY: there are as many entries as it says.
    match unsafe { ws::WSAPoll(polled.as_mut_ptr(), polled.len() as u32, time) } {
        ..0 => return Err(last()),
        0 => return Ok(()),
        _ => {}
    }
    for (watch, polled) in asked(watched).zip(polled) {
        watch.is |= Events::from_bits(polled.revents as u16);
    }
    Ok(())
}

fn asked(watched: &mut [Watch]) -> impl Iterator<Item = &mut Watch> {
    watched.iter_mut().filter(|watch| !watch.wants.is_empty())
}

/// How a connect stands that no operation waits for, see `System::connected`.
pub(super) fn connect_ended(raw: i32) -> Attempt<()> {
    let socket = socket_of(raw);
    let mut one = ws::FD_SET { fd_count: 1, ..Default::default() };
    one.fd_array[0] = socket;
    let (mut write, mut except) = (one, one);
    let now = ws::TIMEVAL { tv_sec: 0, tv_usec: 0 };
    // SAFETY: the sets hold as many sockets as they say.
    match unsafe { ws::select(0, ptr::null_mut(), &raw mut write, &raw mut except, &raw const now) } {
        ..0 => Err(last()),
        _ if except.fd_count > 0 => Err(error_of(socket)?),
        _ if write.fd_count > 0 => Ok(()),
        _ => Err(codes::WSAENOTCONN),
    }
}

/// The error that the socket remembers.
fn error_of(socket: ws::SOCKET) -> Attempt<i32> {
    let mut error = 0i32;
    let mut length = size_of::<i32>() as i32;
    // SAFETY: the value is an integer of the size that is given.
    succeeded(unsafe {
        ws::getsockopt(socket, ws::SOL_SOCKET, ws::SO_ERROR, (&raw mut error).cast(), &raw mut length)
    })?;
    Ok(from_number(error))
}
