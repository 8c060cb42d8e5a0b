//! Request queues: what a socket is asked to receive and to send.

use super::buffer::{self, Part};
use super::completions::Completions;
use super::registry::Registry;
use super::request::Wanted;
use crate::abi::{Bool, Dword, Handle, TRUE};
use crate::codes::*;
use crate::error::{self, Code, no};
use crate::socket::{SocketObject, address, lookup};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

static QUEUES: Registry<Requests> = Registry::new();

const RIO_MSG_DONT_NOTIFY: Dword = 0x1;
const RIO_MSG_DEFER: Dword = 0x2;
const RIO_MSG_WAITALL: Dword = 0x4;
const RIO_MSG_COMMIT_ONLY: Dword = 0x8;

/// Room for any address: `SOCKADDR_INET`.
const ANY_ADDRESS: usize = 28;

/// A request queue.
pub(super) struct Requests {
    pub(super) socket: Arc<SocketObject>,
    pub(super) context: u64,
    directions: [Direction; 2],
}

/// What is received, or what is sent.
struct Direction {
    completions: Arc<Completions>,
    state: Mutex<State>,
}

struct State {
    /// How many requests there may be at a time, and how many there are.
    most: u32,
    outstanding: u32,
    /// Put off until the next that is not.
    deferred: Vec<Wanted>,
    closed: bool,
}

impl Direction {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Requests {
    fn direction(&self, receives: bool) -> &Direction {
        let [one, other] = &self.directions;
        if receives { one } else { other }
    }

    pub(super) fn completions(&self, receives: bool) -> &Arc<Completions> {
        &self.direction(receives).completions
    }

    /// One has ended.
    pub(super) fn ended(&self, receives: bool) {
        let mut state = self.direction(receives).state();
        state.outstanding = state.outstanding.saturating_sub(1);
    }

    /// Takes a request in, and begins what has been put off and does not any longer.
    fn take(self: &Arc<Self>, wanted: Wanted, defers: bool) -> Result<(), Code> {
        let receives = wanted.receives;
        let before = {
            let mut state = self.direction(receives).state();
            if state.closed {
                return Err(WSAENOTSOCK);
            }
            if state.outstanding >= state.most {
                return Err(WSAENOBUFS);
            }
            state.outstanding += 1;
            if defers {
                state.deferred.push(wanted);
                return Ok(());
            }
            std::mem::take(&mut state.deferred)
        };
        self.begin_all(before);
        wanted.begin(self).inspect_err(|_| self.ended(receives))
    }

    fn commit(self: &Arc<Self>, receives: bool) {
        let before = std::mem::take(&mut self.direction(receives).state().deferred);
        self.begin_all(before);
    }

    /// Begins what the program takes for begun: an error is told as a result.
    fn begin_all(self: &Arc<Self>, all: Vec<Wanted>) {
        for wanted in all {
            let (receives, tells, context) = (wanted.receives, wanted.tells, wanted.context);
            if let Err(code) = wanted.begin(self) {
                Wanted { receives, tells, context, ..Wanted::nothing() }.fail(self, code);
            }
        }
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        for direction in &self.directions {
            let _ = direction.completions.promise(direction.state().most, 0);
        }
    }
}

impl Wanted {
    fn nothing() -> Self {
        Self {
            receives: true,
            place: std::ptr::NonNull::dangling().as_ptr(),
            length: 0,
            tells: true,
            wait_all: false,
            context: 0,
            to: None,
            from: None,
            flags: None,
        }
    }
}

/// `RIOCreateRequestQueue`.
pub extern "C" fn RIOCreateRequestQueue(
    socket: Handle,
    receives: u32,
    receive_buffers: u32,
    sends: u32,
    send_buffers: u32,
    receive_completions: usize,
    send_completions: usize,
    context: usize,
) -> usize {
    let made = lookup(socket).and_then(|socket| {
        if receive_buffers > 1 || send_buffers > 1 {
            return Err(WSAEINVAL);
        }
        create(socket, [(receives, receive_completions), (sends, send_completions)], context)
    });
    made.unwrap_or_else(|code| {
        error::set_last(code);
        0
    })
}

fn create(socket: Arc<SocketObject>, [receives, sends]: [(u32, usize); 2], context: usize) -> Result<usize, Code> {
    let (receive_completions, send_completions) = (Completions::of(receives.1)?, Completions::of(sends.1)?);
    receive_completions.promise(0, receives.0)?;
    if let Err(code) = send_completions.promise(0, sends.0) {
        let _ = receive_completions.promise(receives.0, 0);
        return Err(code);
    }
    let direction = |completions, most| {
        let state = State { most, outstanding: 0, deferred: Vec::new(), closed: false };
        Direction { completions, state: Mutex::new(state) }
    };
    let directions = [direction(receive_completions, receives.0), direction(send_completions, sends.0)];
    let queue = Arc::new(Requests { socket: Arc::clone(&socket), context: context as u64, directions });
    let number = QUEUES.insert(queue);
    // A socket has one.
    if !socket.standing.take_queue(number) {
        QUEUES.remove(number);
        return Err(WSAEINVAL);
    }
    Ok(number)
}

/// The socket of a queue is being closed: it names nothing any more, and what was put off ends.
pub(in crate::socket) fn closing(number: usize) {
    let Some(queue) = QUEUES.remove(number) else { return };
    for direction in &queue.directions {
        let deferred = {
            let mut state = direction.state();
            state.closed = true;
            std::mem::take(&mut state.deferred)
        };
        deferred.iter().for_each(|wanted| wanted.fail(&queue, WSA_OPERATION_ABORTED));
    }
}

/// `RIOResizeRequestQueue`.
pub extern "C" fn RIOResizeRequestQueue(queue: usize, receives: Dword, sends: Dword) -> Bool {
    let Some(queue) = QUEUES.get(queue) else { return no(WSAEINVAL) };
    for (direction, most) in queue.directions.iter().zip([receives, sends]) {
        let mut state = direction.state();
        if most < state.outstanding {
            return no(WSAEINVAL);
        }
        if let Err(code) = direction.completions.promise(state.most, most) {
            return no(code);
        }
        state.most = most;
    }
    TRUE
}

/// The parts that only the longer forms of the functions have.
#[derive(Clone, Copy)]
struct More {
    local: *const Part,
    remote: *const Part,
    control: *const Part,
    flags: *const Part,
}

const NO_MORE: More =
    More { local: std::ptr::null(), remote: std::ptr::null(), control: std::ptr::null(), flags: std::ptr::null() };

/// `RIOReceive`.
pub unsafe extern "C" fn RIOReceive(queue: usize, data: *const Part, count: u32, flags: Dword, context: usize) -> Bool {
    // SAFETY: what the program promises of its pointers, here and below.
    unsafe { request(true, queue, (data, count), NO_MORE, flags, context) }.map_or_else(no, |()| TRUE)
}

/// `RIOSend`.
pub unsafe extern "C" fn RIOSend(queue: usize, data: *const Part, count: u32, flags: Dword, context: usize) -> Bool {
    // SAFETY: as above.
    unsafe { request(false, queue, (data, count), NO_MORE, flags, context) }.map_or_else(no, |()| TRUE)
}

/// `RIOReceiveEx`.
pub unsafe extern "C" fn RIOReceiveEx(
    queue: usize,
    data: *const Part,
    count: u32,
    local: *const Part,
    remote: *const Part,
    control: *const Part,
    out_flags: *const Part,
    flags: Dword,
    context: usize,
) -> Bool {
    let more = More { local, remote, control, flags: out_flags };
    // SAFETY: as above.
    unsafe { request(true, queue, (data, count), more, flags, context) }.map_or_else(no, |()| TRUE)
}

/// `RIOSendEx`.
pub unsafe extern "C" fn RIOSendEx(
    queue: usize,
    data: *const Part,
    count: u32,
    local: *const Part,
    remote: *const Part,
    control: *const Part,
    out_flags: *const Part,
    flags: Dword,
    context: usize,
) -> Bool {
    let more = More { local, remote, control, flags: out_flags };
    // SAFETY: as above.
    unsafe { request(false, queue, (data, count), more, flags, context) }.map_or_else(no, |()| TRUE)
}

unsafe fn request(
    receives: bool,
    queue: usize,
    (data, count): (*const Part, u32),
    more: More,
    flags: Dword,
    context: usize,
) -> Result<(), Code> {
    let queue = QUEUES.get(queue).ok_or(WSAEINVAL)?;
    let allowed = RIO_MSG_DONT_NOTIFY | RIO_MSG_DEFER | RIO_MSG_COMMIT_ONLY;
    if flags & !(if receives { allowed | RIO_MSG_WAITALL } else { allowed }) != 0 {
        return Err(WSAEINVAL);
    }
    if flags & RIO_MSG_COMMIT_ONLY != 0 {
        // It is no request itself.
        if flags != RIO_MSG_COMMIT_ONLY || !data.is_null() || count != 0 || context != 0 {
            return Err(WSAEINVAL);
        }
        queue.commit(receives);
        return Ok(());
    }
    // There is no control data, and the local address is the socket's.
    if !more.control.is_null() || !more.local.is_null() {
        return Err(WSAEOPNOTSUPP);
    }
    let mut wanted = Wanted {
        receives,
        tells: flags & RIO_MSG_DONT_NOTIFY == 0,
        wait_all: flags & RIO_MSG_WAITALL != 0,
        context: context as u64,
        ..Wanted::nothing()
    };
    match count {
        0 => {}
        1 => {
            // SAFETY: the caller's promise, here and below.
            (wanted.place, wanted.length) = unsafe { buffer::find(data) }?.ok_or(WSAEFAULT)?;
        }
        _ => return Err(WSAEINVAL),
    }
    // SAFETY: as above.
    if let Some((place, room)) = unsafe { buffer::find(more.remote) }? {
        if receives {
            if room < ANY_ADDRESS {
                return Err(WSAEFAULT);
            }
            wanted.from = (!queue.socket.is_stream()).then_some(place);
        } else {
            // SAFETY: registered memory of this length.
            wanted.to = Some(unsafe { address::read(place, room as i32) }?);
        }
    }
    // SAFETY: as above.
    if let Some((place, room)) = unsafe { buffer::find(more.flags) }? {
        if room < size_of::<u32>() {
            return Err(WSAEFAULT);
        }
        wanted.flags = receives.then_some(place.cast());
    }
    queue.take(wanted, flags & RIO_MSG_DEFER != 0)
}
