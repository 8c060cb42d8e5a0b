//! Receives and sends without an `OVERLAPPED`: done when they return.
//!
//! What is there is taken at once, and then no APC runs. Else a blocking socket waits for it as an operation of the engine, in
//! an alertable wait: APCs and routines of the thread run meanwhile, and the call goes on.

use super::SocketObject;
use super::address;
use super::issue::{
    MSG_DONTROUTE, MSG_OOB, MSG_PARTIAL, MSG_PEEK, MSG_PUSH_IMMEDIATE, MSG_WAITALL, gather, one, scatter,
};
use crate::abi::WsaBuf;
use crate::codes::*;
use crate::error::{Code, code};
use overlapped::face::operations::{Begun, Call, End, Issuer, Part, Telling, issue};
use overlapped::face::{Received, try_scatter};
use overlapped::{Event, Overlapped, Socket, Waited, alertable, wait};
use std::net::SocketAddr;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What an operation that a call waits for has come to.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) result: Option<Result<usize, Code>>,
    pub(crate) flags: u32,
    pub(crate) from: Option<SocketAddr>,
    pub(crate) accepted: Option<Socket>,
}

/// An operation that a call waits for.
struct Waiting {
    socket: Socket,
    shared: Arc<Shared>,
}

struct Shared {
    done: Event,
    outcome: Mutex<Outcome>,
}

impl Call for Waiting {
    type Packet = ();
    /// Nobody cancels it but its own thread, which knows what it shares with it.
    type Name = *const Shared;

    fn ended(&mut self, mut end: End<'_>) -> bool {
        let outcome = Outcome {
            result: Some(end.bytes().map_err(i32::unsigned_abs)),
            flags: end.flags(),
            from: end.from(),
            accepted: end.accepted.take(),
        };
        *self.shared.outcome.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
        self.shared.done.set();
        true
    }

    fn routine(_: Overlapped<Self>) {}

    fn packet(_: Overlapped<Self>) {}

    fn is(&self, name: &*const Shared) -> bool {
        Arc::as_ptr(&self.shared) == *name
    }
}

/// Lets go of the caller's memory, also when an exception of an APC passes through its wait.
struct Guard<'a> {
    socket: &'a Socket,
    shared: &'a Arc<Shared>,
}

impl Guard<'_> {
    fn is_done(&self) -> bool {
        self.shared.outcome.lock().unwrap_or_else(PoisonError::into_inner).result.is_some()
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        while !self.is_done() {
            overlapped::face::operations::cancel::<Waiting>(
                self.socket,
                &Arc::as_ptr(self.shared),
                &overlapped::face::operations::Cancel::One,
            );
            let _ = wait::one(&self.shared.done, Some(Duration::from_millis(10)));
        }
    }
}

/// Does as `part` says and waits for the end, alertably, for so many milliseconds (0: for ever).
///
/// # Errors
///
/// The code with which it failed; `WSAETIMEDOUT`; `WSAEINTR` if the socket was closed meanwhile.
///
/// # Safety
///
/// The memory that `part` names is valid for the call.
pub(crate) unsafe fn await_end(
    socket: &Socket,
    milliseconds: u32,
    part: impl for<'a> FnOnce(&'a Socket) -> Part<'a>,
) -> Result<Outcome, Code> {
    let shared = Arc::new(Shared { done: Event::manual(), outcome: Mutex::default() });
    let waiting = Overlapped::new(Waiting { socket: socket.clone(), shared: Arc::clone(&shared) });
    // SAFETY: the guard keeps this call from returning before the operation has ended.
    let begun = unsafe { issue(waiting, |waiting| part(&waiting.socket), Telling::Nobody(Issuer::nobody())) };
    if let Begun::Failed(code) = begun {
        return Err(code.unsigned_abs());
    }
    let deadline = (milliseconds != 0).then(|| Instant::now() + Duration::from_millis(milliseconds.into()));
    let mut late = false;
    {
        let guard = Guard { socket, shared: &shared };
        while !guard.is_done() && !late {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match alertable::one(&shared.done, left) {
                Ok(Waited::TimedOut) => late = true,
                Ok(_) => {}
                // The thread ends: it has no APCs any more.
                Err(_) => late = wait::one(&shared.done, left) == Ok(Waited::TimedOut),
            }
        }
    }
    let outcome = std::mem::take(&mut *shared.outcome.lock().unwrap_or_else(PoisonError::into_inner));
    match outcome.result {
        Some(Err(WSA_OPERATION_ABORTED)) => Err(if late { WSAETIMEDOUT } else { WSAEINTR }),
        _ => Ok(outcome),
    }
}

/// Says to the compiler what a closure is: what it gives borrows from what it is given.
pub(crate) fn shape<F: for<'a> FnOnce(&'a Socket) -> Part<'a>>(part: F) -> F {
    part
}

/// Where the sender's address and its length go.
pub(crate) type From = Option<(NonNull<u8>, NonNull<i32>)>;

/// Receives; the bytes and the flags of the completion.
///
/// # Safety
///
/// The buffers and the places are the program's, valid for the call.
pub(crate) unsafe fn receive(
    socket: &Arc<SocketObject>,
    list: &[WsaBuf],
    flags: u32,
    from: From,
) -> Result<(usize, u32), Code> {
    if flags & !(MSG_OOB | MSG_PEEK | MSG_WAITALL | MSG_PARTIAL | MSG_PUSH_IMMEDIATE) != 0 {
        return Err(WSAEOPNOTSUPP);
    }
    let engine = socket.socket();
    if flags & MSG_OOB != 0 {
        // SAFETY: the caller's promise.
        return unsafe { super::urgent::receive(socket, &engine, list) }.map(|bytes| (bytes, 0));
    }
    let (nonblocking, timeout, hides_resets) = {
        let state = socket.state();
        (state.nonblocking, state.receive_timeout, state.settings.hides_resets)
    };
    let stream = socket.is_stream();
    loop {
        // SAFETY: the caller's promise.
        let received = unsafe { receive_once(&engine, list, flags, from, stream, (nonblocking, timeout)) };
        // That a datagram was refused this program does not want to know.
        if stream || !hides_resets || received != Err(WSAECONNRESET) {
            return received;
        }
    }
}

unsafe fn receive_once(
    engine: &Socket,
    list: &[WsaBuf],
    flags: u32,
    from: From,
    stream: bool,
    (nonblocking, timeout): (bool, u32),
) -> Result<(usize, u32), Code> {
    let plain = one(list).filter(|_| stream && flags & (MSG_PEEK | MSG_WAITALL) == 0);
    // All of it is for an operation to wait for.
    if nonblocking || !(stream && flags & MSG_WAITALL != 0) {
        let received = match plain {
            Some((place, length)) => {
                // SAFETY: the buffer is valid for the call, and what a program receives into is plain bytes.
                let buffer = unsafe { std::slice::from_raw_parts_mut(place, length) };
                engine.try_recv(buffer).map(|bytes| Received { bytes, whole: true, flags: 0, from: None })
            }
            // SAFETY: the buffers are valid for the call.
            None => try_scatter(unsafe { scatter(engine, list, flags & MSG_PEEK) }),
        };
        match received {
            Ok(received) => {
                let end = if received.whole { Ok(received.bytes) } else { Err(WSAEMSGSIZE) };
                // SAFETY: the caller's promise.
                return unsafe { received_from(end, received.flags, received.from, from) };
            }
            Err(error) if error.is_would_block() && !nonblocking => {}
            Err(error) => return Err(code(&error)),
        }
    }
    let part = shape(|socket| match plain {
        Some((place, length)) => Part::Receive(socket, place, length),
        // SAFETY: the buffers are valid for the call, which lasts until the end of the operation.
        None => Part::Scatter(unsafe { scatter(socket, list, flags) }, from.is_some() && !stream),
    });
    // SAFETY: as above.
    let outcome = unsafe { await_end(engine, timeout, part) }?;
    let result = outcome.result.unwrap_or(Err(WSA_OPERATION_ABORTED));
    // SAFETY: the caller's promise.
    unsafe { received_from(result, outcome.flags, outcome.from, from) }
}

unsafe fn received_from(
    result: Result<usize, Code>,
    flags: u32,
    sender: Option<SocketAddr>,
    from: From,
) -> Result<(usize, u32), Code> {
    let bytes = match result {
        Ok(bytes) => bytes,
        // SAFETY: the caller's promise.
        Err(WSAEMSGSIZE) => return Err(unsafe { tell(sender, from) }.err().unwrap_or(WSAEMSGSIZE)),
        Err(code) => return Err(code),
    };
    // SAFETY: the caller's promise.
    unsafe { tell(sender, from) }?;
    Ok((bytes, flags))
}

unsafe fn tell(sender: Option<SocketAddr>, from: From) -> Result<(), Code> {
    match (sender, from) {
        // SAFETY: the caller's promise.
        (Some(sender), Some((place, room))) => unsafe { address::write(&sender, place.as_ptr(), room.as_ptr()) },
        _ => Ok(()),
    }
}

/// Sends: all of it from a blocking socket, from another what the system takes.
///
/// # Safety
///
/// The buffers are the program's, valid for the call.
pub(crate) unsafe fn send(
    socket: &Arc<SocketObject>,
    list: &[WsaBuf],
    flags: u32,
    to: Option<SocketAddr>,
) -> Result<usize, Code> {
    if flags & !(MSG_OOB | MSG_DONTROUTE | MSG_PARTIAL) != 0 {
        return Err(WSAEOPNOTSUPP);
    }
    let engine = socket.socket();
    if flags & MSG_OOB != 0 {
        // SAFETY: the caller's promise.
        return unsafe { super::urgent::send(socket, &engine, list) };
    }
    let (nonblocking, timeout) = {
        let state = socket.state();
        (state.nonblocking, state.send_timeout)
    };
    if nonblocking {
        // SAFETY: the buffers are valid for the call.
        return overlapped::face::try_gather(unsafe { gather(&engine, list, to) }).map_err(|error| code(&error));
    }
    let plain = one(list).filter(|_| to.is_none());
    let part = shape(|socket| match plain {
        Some((place, length)) => Part::Send(socket, place, length),
        // SAFETY: the buffers are valid for the call, which lasts until the end of the operation.
        None => Part::Gather(unsafe { gather(socket, list, to) }),
    });
    // SAFETY: as above.
    let outcome = unsafe { await_end(&engine, timeout, part) }?;
    outcome.result.unwrap_or(Err(WSA_OPERATION_ABORTED))
}
