//! `WSAEventSelect` and `WSAEnumNetworkEvents`, and what they share with `WSAAsyncSelect`.

use super::{SocketObject, async_select, lookup};
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{Code, code, socket_result};
use crate::kernel::lookup as kernel_lookup;
use overlapped::Event;
use overlapped::network::NetworkEvents;

/// What of a socket is told, and how.
#[derive(Clone)]
pub(crate) enum Selection {
    /// Signals an event.
    Event { event: Event, events: NetworkEvents },
    /// Is posted to a window.
    Messages { window: Handle, message: u32, events: NetworkEvents },
}

impl Selection {
    /// Has the engine tell of a socket with this number.
    fn begin(&self, socket: &SocketObject, number: Handle) -> Result<(), Code> {
        let engine = socket.socket();
        match self {
            Self::Event { event, events } => engine.select_events(event, *events).map_err(|error| code(&error)),
            Self::Messages { window, message, events } => {
                async_select::begin(&engine, *window, *message, number, *events)
            }
        }
    }
}

/// `FD_ALL_EVENTS`: some of them are about what is not there, and never happen.
const FD_ALL_EVENTS: i32 = 0x3FF;
/// `FD_MAX_EVENTS`.
const FD_MAX_EVENTS: usize = 10;

/// Those with an end in the engine, by their bits.
const KNOWN: [NetworkEvents; 6] = [
    NetworkEvents::READ,
    NetworkEvents::WRITE,
    NetworkEvents::OOB,
    NetworkEvents::ACCEPT,
    NetworkEvents::CONNECT,
    NetworkEvents::CLOSE,
];

/// The network events of a mask.
pub(super) fn from_mask(mask: i32) -> Result<NetworkEvents, Code> {
    if mask & !FD_ALL_EVENTS != 0 {
        return Err(WSAEINVAL);
    }
    let set = KNOWN.iter().enumerate().filter(|(bit, _)| mask & 1 << bit != 0);
    Ok(set.fold(NetworkEvents::NONE, |all, (_, event)| all | *event))
}

/// One of them, or several, as a mask.
pub(super) fn to_mask(events: NetworkEvents) -> i32 {
    KNOWN.iter().enumerate().filter(|(_, event)| events.contains(**event)).fold(0, |mask, (bit, _)| mask | 1 << bit)
}

/// Selects, instead of what was selected before; the socket does not block any more. `None` ends it, and leaves the mode.
pub(super) fn select(socket: &SocketObject, number: Handle, selection: Option<Selection>) -> Result<(), Code> {
    let Some(selection) = selection else {
        socket.state().selection = None;
        return socket.socket().select_nothing().map_err(|error| code(&error));
    };
    {
        let mut state = socket.state();
        state.nonblocking = true;
        state.selection = Some((selection.clone(), number));
    }
    let begun = selection.begin(socket, number);
    if begun.is_err() {
        socket.state().selection = None;
    }
    begun
}

/// The socket of the engine is another one: what is selected is told of that from now on.
pub(super) fn go_on(socket: &SocketObject) {
    let selected = socket.state().selection.clone();
    if let Some((selection, number)) = selected {
        // As below.
        let _ = selection.begin(socket, number);
    }
}

/// A connection begins as its listener is.
pub(super) fn bequeath(listener: &SocketObject, accepted: &SocketObject, number: Handle) {
    let selection = listener.state().selection.clone().map(|(selection, _)| selection);
    if selection.is_some() {
        // Without it what comes later would not be told, but the connection is there.
        let _ = select(accepted, number, selection);
    }
}

/// `WSAEventSelect`.
#[unsafe(no_mangle)]
pub extern "C" fn WSAEventSelect(socket: Handle, event: Handle, events: i32) -> i32 {
    socket_result(lookup(socket).and_then(|object| {
        let mask = events;
        let events = from_mask(mask)?;
        let event = match event {
            0 => None,
            _ => Some(kernel_lookup::event(event).map_err(|_| WSAEINVAL)?),
        };
        match event {
            _ if mask == 0 => select(&object, socket, None),
            Some(event) => select(&object, socket, Some(Selection::Event { event, events })),
            None => Err(WSAEINVAL),
        }
    }))
}

/// `WSANETWORKEVENTS`.
#[repr(C)]
pub struct WsaNetworkEvents {
    events: i32,
    codes: [i32; FD_MAX_EVENTS],
}

/// `WSAEnumNetworkEvents`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAEnumNetworkEvents(socket: Handle, event: Handle, to: *mut WsaNetworkEvents) -> i32 {
    socket_result(lookup(socket).and_then(|socket| {
        if to.is_null() {
            return Err(WSAEFAULT);
        }
        let event = match event {
            0 => None,
            _ => Some(kernel_lookup::event(event).map_err(|_| WSAEINVAL)?),
        };
        let recorded = socket.socket().network_events(event.as_ref()).map_err(|error| code(&error))?;
        // SAFETY: not null, so it is the program's structure; it need not be aligned.
        unsafe {
            let codes = (&raw mut (*to).codes).cast::<i32>();
            (&raw mut (*to).events).write_unaligned(to_mask(recorded.events()));
            for bit in 0..FD_MAX_EVENTS {
                codes.add(bit).write_unaligned(KNOWN.get(bit).map_or(0, |event| recorded.code(*event)));
            }
        }
        Ok(())
    }))
}
