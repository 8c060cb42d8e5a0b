//! A socket that goes on after its connection: its object gets another socket of the engine.

use super::super::{SocketObject, address, bind::leave_port, network_events};
use crate::error::{Code, code};
use overlapped::{Shutdown, Socket};
use socket2::SockRef;
use std::net::SocketAddr;

/// What was set on a socket holds for the one that the engine has in its place.
pub(super) fn carry_over(socket: &SocketObject, to: &Socket) {
    let (from, settings, skips) = {
        let state = socket.state();
        (state.socket.clone(), state.settings.clone(), state.skips_packets)
    };
    if skips {
        to.skip_packets_on_success(true);
    }
    // Whatever cannot be set is as it was; a connection that is gone already takes nothing.
    if let Ok(Some(linger)) = from.linger() {
        let _ = to.set_linger(Some(linger));
    }
    if from.nodelay() == Ok(true) {
        let _ = to.set_nodelay(true);
    }
    if from.keepalive() == Ok(true) {
        let _ = to.set_keepalive(true);
    }
    if let Some(bytes) = settings.receive_buffer.and_then(|bytes| usize::try_from(bytes).ok()) {
        let _ = to.set_receive_buffer(bytes);
    }
    if let Some(bytes) = settings.send_buffer.and_then(|bytes| usize::try_from(bytes).ok()) {
        let _ = to.set_send_buffer(bytes);
    }
}

/// Ends the connection and makes the socket a new one, which is bound as before if it is one that connects.
pub(super) fn renew(socket: &SocketObject) -> Result<(), Code> {
    let (old, fresh) = (socket.socket(), fresh(socket)?);
    if let Some(local) = super::bound(socket)?.filter(|_| !socket.standing.was_accepted()) {
        // What lingers of the connection has the address too.
        leave_port(socket);
        bind(&fresh, local);
    }
    let _ = old.shutdown(Shutdown::Send);
    put(socket, fresh);
    socket.standing.renew();
    // What is being sent goes out with its own owners.
    if old.queued_bytes() == 0 {
        old.close();
    }
    Ok(())
}

/// Makes one that could not connect a new one at another port.
pub(super) fn at_other_port(socket: &SocketObject) -> Result<(), Code> {
    let fresh = fresh(socket)?;
    if let Some(local) = super::bound(socket)? {
        bind(&fresh, SocketAddr::new(local.ip(), 0));
    }
    put(socket, fresh);
    Ok(())
}

/// One in its place, with the same options.
fn fresh(socket: &SocketObject) -> Result<Socket, Code> {
    let fresh = Socket::tcp(&address::any(socket.family)).map_err(|error| code(&error))?;
    if let Ok(only) = socket.socket().only_v6() {
        let _ = fresh.set_only_v6(only);
    }
    carry_over(socket, &fresh);
    Ok(fresh)
}

/// Puts it there, unless it is closed.
fn put(socket: &SocketObject, fresh: Socket) {
    let mut state = socket.state();
    if !state.closed {
        let old = socket.replace(&mut state, fresh);
        state.connected = None;
        drop(state);
        drop(old);
        network_events::go_on(socket);
    }
}

/// Binds to the same address, or if a listener has it to another port of that.
fn bind(fresh: &Socket, local: SocketAddr) {
    let Some(descriptor) = overlapped::face::descriptor(fresh) else { return };
    let system = SockRef::from(descriptor);
    let _ = system.set_reuse_address(true);
    if system.bind(&local.into()).is_err() {
        let _ = system.bind(&SocketAddr::new(local.ip(), 0).into());
    }
}
