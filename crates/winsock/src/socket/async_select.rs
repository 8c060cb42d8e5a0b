//! `WSAAsyncSelect`.

use super::lookup;
use super::network_events::{self, Selection};
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{Code, code, socket_result};
use crate::window;
use overlapped::Socket;
use overlapped::face::messages;
use overlapped::network::NetworkEvents;

/// `WSAAsyncSelect`.
#[unsafe(no_mangle)]
pub extern "C" fn WSAAsyncSelect(socket: Handle, window: Handle, message: u32, events: i32) -> i32 {
    socket_result(lookup(socket).and_then(|object| {
        let mask = events;
        let events = network_events::from_mask(mask)?;
        if mask == 0 {
            return network_events::select(&object, socket, None);
        }
        if !window::exists(window) {
            return Err(WSAEINVAL);
        }
        network_events::select(&object, socket, Some(Selection::Messages { window, message, events }))
    }))
}

/// Has the network events of a socket posted, each as the message of its window with this number of the socket.
pub(super) fn begin(
    engine: &Socket,
    window: Handle,
    message: u32,
    number: Handle,
    events: NetworkEvents,
) -> Result<(), Code> {
    let tell = move |event, code: i32| {
        let parameter = network_events::to_mask(event) | code << 16;
        // The window may be gone: then nobody wants to know.
        let _ = window::post(window, message, number, parameter as isize);
    };
    messages::select(engine, events, tell).map_err(|error| code(&error))
}
