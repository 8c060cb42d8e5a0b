//! Ending the directions of a connection.

use super::{SocketObject, lookup};
use crate::abi::{Handle, WsaBuf};
use crate::codes::*;
use crate::error::{Code, code, socket_result};
use overlapped::Shutdown;
use std::sync::Arc;

/// `shutdown`.
#[unsafe(export_name = "overlapped_shutdown")]
pub extern "C" fn shutdown(socket: Handle, how: i32) -> i32 {
    socket_result(lookup(socket).and_then(|socket| {
        let how = match how {
            0 => Shutdown::Receive,
            1 => Shutdown::Send,
            2 => Shutdown::Both,
            _ => return Err(WSAEINVAL),
        };
        end(&socket, how)
    }))
}

fn end(socket: &Arc<SocketObject>, how: Shutdown) -> Result<(), Code> {
    socket.socket().shutdown(how).map_err(|error| code(&error))
}

/// `WSASendDisconnect`: no protocol here sends data with the end of a connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSASendDisconnect(socket: Handle, _data: *const WsaBuf) -> i32 {
    socket_result(lookup(socket).and_then(|socket| end(&socket, Shutdown::Send)))
}

/// `WSARecvDisconnect`: nor does one receive any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSARecvDisconnect(socket: Handle, _data: *mut WsaBuf) -> i32 {
    socket_result(lookup(socket).and_then(|socket| end(&socket, Shutdown::Receive)))
}
