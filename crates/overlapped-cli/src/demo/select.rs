//! The select model, told: sets of sockets, and the question which are ready.

use super::reactor::{Conn, Received, accept, begin_connect};
use super::script::{CONNECTIONS, Place, Work};
use super::stage::Stage;
use crate::output::Count;
use overlapped::readiness::{SocketSet, select};
use overlapped::{Result, Socket};
use std::net::SocketAddr;
use std::sync::mpsc::Sender;

pub(super) const TITLE: &str = "the thread asks which sockets are ready";
pub(super) const ABOUT: &str = "\
A reactor: the thread asks which of its sockets are ready, and then makes the calls, which do not block.
Each question takes a set that is filled anew, and the answer is what is left in it.";

pub(super) fn server(stage: Stage, tell: Sender<Place>) -> Result<()> {
    let listener = Socket::listen("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    stage.say(format_args!("listens on {address}"), "Socket::listen(address)", "socket, bind, listen");
    let (bell, button) = Socket::pair()?;
    stage.detail(
        "makes a pair of sockets: select waits for nothing else",
        "Socket::pair()",
        "(two sockets, connected)",
    );
    let pair = button.clone();
    let work = Work {
        what: "sends a byte to the server's end of the pair",
        ours: "pair.try_send(&[1])",
        winsock: "send",
        give: Box::new(move |_| pair.try_send(&[1]).map(drop)),
    };
    let _ = tell.send(Place { address, work });

    let (mut came, mut busy, mut conns) = (0, false, Vec::<Conn>::new());
    let mut read = SocketSet::classic();
    while came < CONNECTIONS || !conns.is_empty() {
        if std::mem::take(&mut busy) {
            stage.say("is busy with other work, and asks nobody", "", "");
            stage.pass_if_told();
            stage.my_turn();
        }
        read.clear();
        read.insert(&bell);
        if came < CONNECTIONS {
            read.insert(&listener);
        }
        for conn in &conns {
            read.insert(&conn.socket);
        }
        let what = format!("fills the set anew: {}", Count(read.len() as u64, "socket"));
        stage.detail(what, "read.clear(), read.insert(&socket)", "FD_ZERO, FD_SET(socket, &reads)");
        let what = "asks which of them can be read, and waits";
        stage.detail(what, "select(Some(&mut read), ..)", "select(0, &reads, NULL, NULL, NULL)");
        stage.pass_if_told();
        let ready = select(Some(&mut read), None, None, None)?;
        stage.my_turn();
        let what = format!("the answer: {ready} of {} ready; Winsock's set keeps just these", read.len());
        stage.detail(what, "read.ready()", &format!("select = {ready}"));

        if read.is_ready(&bell) {
            stage.told(1);
            stage.detail(
                "the pair is ready: a byte says that there is other work",
                "read.is_ready(&pair)",
                "FD_ISSET, recv",
            );
            bell.try_recv(&mut [0])?;
            busy = true;
        }
        if read.is_ready(&listener) {
            stage.told(1);
            stage.detail("the listener is ready: a connection can be accepted", "read.is_ready(&listener)", "FD_ISSET");
            if let Some(conn) = accept(&stage, &listener, &mut came)? {
                conns.push(conn);
            }
        }
        conns.retain_mut(|conn| {
            if !read.is_ready(&conn.socket) {
                return true;
            }
            stage.told(1);
            let what = format!("client {} is ready: its bytes are still in the kernel", conn.number);
            stage.detail(what, "read.is_ready(&conn.socket)", "FD_ISSET(socket, &reads)");
            conn.receive_all(&stage) != Received::End
        });
    }
    drop(button);
    stage.say("has no session left and ends", "", "");
    Ok(())
}

/// The client's way: it is connected when it can write, and refused when it is in the third set.
pub(super) fn connect(stage: &Stage, socket: &Socket, to: SocketAddr) -> Result<()> {
    begin_connect(stage, socket, to)?;
    let (mut write, mut except) = (SocketSet::classic(), SocketSet::classic());
    write.insert(socket);
    except.insert(socket);
    let (ours, winsock) = ("select(.., &mut write, &mut except)", "select(0, NULL, &writes, &excepts, ..)");
    stage.detail("asks whether it can write, or has failed, and waits", ours, winsock);
    select(None, Some(&mut write), Some(&mut except), None)?;
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    stage.detail("it can write: it is connected", "write.is_ready(&socket)", "FD_ISSET(socket, &writes)");
    Ok(())
}
