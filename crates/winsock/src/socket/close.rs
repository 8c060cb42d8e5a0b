//! Closing sockets.

use super::{SocketObject, lookup};
use crate::abi::Handle;
use crate::codes::*;
use crate::error::socket_result;
use std::sync::Arc;

/// `closesocket`. The socket goes with the last of its handles.
#[unsafe(no_mangle)]
pub extern "C" fn closesocket(socket: Handle) -> i32 {
    // The handle is what names it no more; whoever else holds it ends by itself.
    socket_result(lookup(socket).map(drop).and_then(|()| crate::kernel::close::close(socket).map_err(|_| WSAENOTSOCK)))
}

/// What happens when the last handle has gone: operations end with `WSA_OPERATION_ABORTED`, calls with `WSAEINTR`.
pub(super) fn close(socket: &Arc<SocketObject>) {
    let (engine, nonblocking) = {
        let mut state = socket.state();
        state.closed = true;
        state.deferred.clear();
        (state.socket.clone(), state.nonblocking)
    };
    // Whoever lets go of it last is not to wait for the rest of the data in the place of who closes it: that goes out by itself.
    let is_last = Arc::strong_count(socket) == 1;
    if (nonblocking || !is_last) && engine.linger().is_ok_and(|time| time.is_some_and(|time| !time.is_zero())) {
        let _ = engine.set_linger(None);
    }
    super::extensions::closing(socket);
    engine.close();
}
