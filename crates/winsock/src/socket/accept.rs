//! Accepting connections.

use super::make::handle_of;
use super::{SocketObject, address, call, lookup, network_events};
use crate::abi::{Handle, WsaBuf};
use crate::codes::*;
use crate::error::{Code, code};
use overlapped::Socket;
use overlapped::face::messages::accept_unselected;
use overlapped::face::operations::Part;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `accept`.
#[unsafe(export_name = "overlapped_accept")]
pub unsafe extern "C-unwind" fn accept(socket: Handle, name: *mut u8, length: *mut i32) -> Handle {
    accepted(lookup(socket).and_then(|listener| {
        // SAFETY: what the program promises.
        let connection = unsafe { take(&listener, name, length, None) }?;
        Ok((listener, connection))
    }))
}

/// `LPCONDITIONPROC`.
pub(crate) type Condition = unsafe extern "C-unwind" fn(
    caller: *mut WsaBuf,
    caller_data: *mut WsaBuf,
    quality: *mut u8,
    group_quality: *mut u8,
    callee: *mut WsaBuf,
    callee_data: *mut WsaBuf,
    group: *mut u32,
    data: usize,
) -> i32;

/// `WSAAccept`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WSAAccept(
    socket: Handle,
    name: *mut u8,
    length: *mut i32,
    condition: Option<Condition>,
    data: usize,
) -> Handle {
    accepted(lookup(socket).and_then(|listener| {
        // SAFETY: what the program promises.
        let connection = unsafe { take(&listener, name, length, condition.map(|condition| (condition, data))) }?;
        Ok((listener, connection))
    }))
}

/// The handle of a connection, whose network events are selected as those of its listener.
fn accepted(taken: Result<(Arc<SocketObject>, Arc<SocketObject>), Code>) -> Handle {
    match taken {
        Ok((listener, connection)) => {
            let handle = handle_of(Ok(Arc::clone(&connection)));
            network_events::bequeath(&listener, &connection, handle);
            handle
        }
        Err(code) => handle_of(Err(code)),
    }
}

/// What the program says to a connection.
enum Answer {
    Accept,
    Reject,
    /// Not yet.
    Defer,
}

/// Asks the program for its answer.
///
/// # Safety
///
/// `condition` is a function of the program.
unsafe fn ask(condition: Condition, data: usize, from: &SocketAddr, to: &SocketAddr) -> Result<Answer, Code> {
    let mut places = [[0_u8; 28]; 2];
    let [caller, callee] = &mut places;
    let mut lists = [(caller, from), (callee, to)].map(|(place, address)| {
        // SAFETY: every address fits.
        unsafe { address::put(address, place.as_mut_ptr()) };
        WsaBuf { len: address::length(address) as u32, buf: place.as_mut_ptr() }
    });
    let [caller, callee] = &mut lists;
    let mut none = WsaBuf { len: 0, buf: std::ptr::null_mut() };
    let (nothing, no_quality) = (&raw mut none, std::ptr::null_mut());
    // SAFETY: the caller's promise; what the pointers name lives for the call.
    match unsafe { condition(caller, nothing, no_quality, no_quality, callee, nothing, std::ptr::null_mut(), data) } {
        0 => Ok(Answer::Accept),
        1 => Ok(Answer::Reject),
        2 => Ok(Answer::Defer),
        _ => Err(WSAEINVAL),
    }
}

/// Takes a connection, waiting for one if the listener blocks.
///
/// # Safety
///
/// `name` and `length` are as for [`address::write`]; the condition, with what it is given, is a function of the program.
unsafe fn take(
    listener: &Arc<SocketObject>,
    name: *mut u8,
    length: *mut i32,
    condition: Option<(Condition, usize)>,
) -> Result<Arc<SocketObject>, Code> {
    if !listener.is_stream() {
        return Err(WSAEOPNOTSUPP);
    }
    if !listener.system(|system| system.is_listener())? {
        // One that was closed meanwhile listens no more.
        return Err(if listener.state().closed { WSAENOTSOCK } else { WSAEINVAL });
    }
    // Checked first, so that no connection is lost.
    // SAFETY: the caller's promise.
    unsafe { address::check_room(listener.family, name, length) }?;
    let engine = next(listener)?;
    // A connection that is gone already has no names any more.
    let named = |name: overlapped::Result<SocketAddr>| name.unwrap_or_else(|_| address::any(listener.family));
    let answer = match condition {
        Some((condition, data)) => {
            let (from, to) = (named(engine.peer_addr()), named(engine.local_addr()));
            // SAFETY: the caller's promise.
            unsafe { ask(condition, data, &from, &to) }?
        }
        None => Answer::Accept,
    };
    match answer {
        Answer::Accept => {}
        Answer::Reject => {
            let _ = engine.set_linger(Some(Duration::ZERO));
            return Err(WSAECONNREFUSED);
        }
        Answer::Defer => {
            listener.state().deferred.push(engine);
            return Err(WSATRY_AGAIN);
        }
    }
    if !name.is_null() {
        // SAFETY: the caller's promise.
        unsafe { address::write(&named(engine.peer_addr()), name, length) }?;
    }
    Ok(inherit(listener, engine))
}

fn next(listener: &Arc<SocketObject>) -> Result<Socket, Code> {
    let (engine, nonblocking) = {
        let mut state = listener.state();
        if !state.deferred.is_empty() {
            return Ok(state.deferred.remove(0));
        }
        (state.socket.clone(), state.nonblocking)
    };
    // What is selected is told with the number of the new socket, which it does not have yet.
    match accept_unselected(&engine) {
        Err(error) if error.is_would_block() && !nonblocking => {}
        accepted => return accepted.map_err(|error| code(&error)),
    }
    // SAFETY: it names no memory.
    let mut outcome = unsafe { call::await_end(&engine, 0, |socket| Part::Accept(socket)) }?;
    outcome.result.take().unwrap_or(Err(WSAEINTR))?;
    outcome.accepted.ok_or(WSAECONNABORTED)
}

/// The socket of a connection: in the mode of its listener, with its options.
pub(super) fn inherit(listener: &SocketObject, engine: Socket) -> Arc<SocketObject> {
    // The system has copied it, but the engine is to know too.
    if let Ok(Some(linger)) = listener.socket().linger() {
        let _ = engine.set_linger(Some(linger));
    }
    let SocketObject { family, kind, protocol, overlapped, .. } = *listener;
    let accepted = SocketObject::new(engine, family, kind, protocol, overlapped);
    {
        let from = listener.state();
        let mut to = accepted.state();
        to.nonblocking = from.nonblocking;
        to.receive_timeout = from.receive_timeout;
        to.send_timeout = from.send_timeout;
        to.settings = from.settings.clone();
        to.connected = Some(Instant::now());
    }
    accepted
}
