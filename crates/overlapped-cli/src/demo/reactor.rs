//! What the reactors have in common: the call comes after the socket is ready.

use super::script::{Operations, message};
use super::stage::Stage;
use crate::output::Preview;
use overlapped::{Result, Socket};
use std::net::SocketAddr;
use std::rc::Rc;

/// A session of the server. Its buffer is touched by its own calls only.
pub(super) struct Conn {
    pub(super) socket: Socket,
    pub(super) number: usize,
    buffer: [u8; 1000],
}

/// What became of a receive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Received {
    Bytes,
    /// The socket was not ready after all.
    Nothing,
    End,
}

impl Conn {
    /// The call that is made once the socket is known to be ready.
    pub(super) fn receive(&mut self, stage: &Stage, most: usize) -> Received {
        let number = self.number;
        match self.socket.try_recv(&mut self.buffer[..most]) {
            Ok(0) => {
                let what = format!("client {number}: received 0 bytes: the end; the session is dropped");
                stage.say(what, "Ok(0)", "recv = 0");
                Received::End
            }
            Ok(bytes) => {
                let what = format!("  reactor: it makes the call now, which takes {bytes} bytes");
                stage.detail(what, "conn.socket.try_recv(&mut buffer)", &format!("recv(.., {most}, 0) = {bytes}"));
                let what = format!("client {number}: received {bytes} bytes: {}", Preview(&self.buffer[..bytes]));
                stage.say(what, "conn.buffer[..bytes]", "session.recvBuffer");
                Received::Bytes
            }
            Err(error) if error.is_would_block() => Received::Nothing,
            Err(error) => {
                stage.say(format_args!("client {number}: {error}"), "", "");
                Received::End
            }
        }
    }

    /// As much as there is, but for more than the buffer holds.
    pub(super) fn receive_all(&mut self, stage: &Stage) -> Received {
        self.receive(stage, self.buffer.len())
    }
}

/// The call that is made once the listener is known to be ready; nothing if the client has left.
pub(super) fn accept(stage: &Stage, listener: &Socket, came: &mut usize) -> Result<Option<Conn>> {
    let socket = match listener.try_accept() {
        Err(error) if error.is_would_block() => return Ok(None),
        accepted => accepted?,
    };
    *came += 1;
    stage.detail("  reactor: it makes the call now", "listener.try_accept()", "accept");
    stage.say(format_args!("client {came} connected"), "", "");
    Ok(Some(Conn { socket, number: *came, buffer: [0; 1000] }))
}

/// The client of a reactor: the models differ in how it learns that it is connected.
pub(super) struct Client {
    connect: fn(&Stage, &Socket, SocketAddr) -> Result<()>,
    sockets: Vec<Socket>,
}

impl Client {
    pub(super) fn new(connect: fn(&Stage, &Socket, SocketAddr) -> Result<()>) -> Self {
        Self { connect, sockets: Vec::new() }
    }
}

/// Begins to connect.
pub(super) fn begin_connect(stage: &Stage, socket: &Socket, to: SocketAddr) -> Result<()> {
    let begun = socket.try_connect(to);
    if begun.as_ref().is_err_and(|error| !error.is_would_block()) {
        return begun;
    }
    stage.detail(
        "begins to connect: to wait for the end would block",
        "socket.try_connect(to)",
        "connect = WSAEWOULDBLOCK",
    );
    Ok(())
}

impl Operations for Client {
    fn connect(&mut self, stage: &Rc<Stage>, to: SocketAddr) -> Result<()> {
        stage.brief("connects once more", "", "");
        let socket = Socket::tcp(&to)?;
        (self.connect)(stage, &socket, to)?;
        self.sockets.push(socket);
        Ok(())
    }

    fn send(&mut self, stage: &Rc<Stage>, connections: &[usize]) -> Result<()> {
        for &place in connections {
            stage.brief(format_args!("sends 100 bytes on connection {}", place + 1), "", "");
            let sent = self.sockets[place].try_send(&message())?;
            let what = format!("sends: there is room, the call takes {sent} bytes");
            stage.detail(what, "socket.try_send(&message)", &format!("send(.., 100, 0) = {sent}"));
        }
        Ok(())
    }

    fn close(&mut self) {
        self.sockets.clear();
    }
}
