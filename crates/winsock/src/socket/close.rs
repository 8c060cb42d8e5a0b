//! Closing sockets.

use super::{SocketObject, lookup};
use crate::abi::Handle;
use crate::codes::*;
use crate::error::socket_result;

/// `closesocket`. The socket goes with the last of its handles.
#[unsafe(no_mangle)]
pub extern "C" fn closesocket(socket: Handle) -> i32 {
    // The handle is what names it no more; whoever else holds it ends by itself.
    socket_result(lookup(socket).and_then(|_| crate::kernel::close::close(socket).map_err(|_| WSAENOTSOCK)))
}

/// What happens when the last handle has gone: operations end with `WSA_OPERATION_ABORTED`, calls with `WSAEINTR`.
pub(super) fn close(socket: &SocketObject) {
    let (engine, nonblocking) = {
        let mut state = socket.state();
        state.closed = true;
        state.deferred.clear();
        (state.socket.clone(), state.nonblocking)
    };
    // Not even the rest of the data is waited for.
    if nonblocking && engine.linger().is_ok_and(|time| time.is_some_and(|time| !time.is_zero())) {
        let _ = engine.set_linger(None);
    }
    super::extensions::closing(socket);
    engine.close();
}
