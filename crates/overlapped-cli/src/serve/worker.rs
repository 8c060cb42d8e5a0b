//! What a session does next: the rules of the modes, the same for both models.

use super::Hub;
use super::peers::Peer;
use super::session::{Session, Step};
use super::tally::Tally;
use crate::args::Mode;
use crate::output::{self, Preview, complain};
use overlapped::{Completion, Error, Result, Socket, codes};
use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::sync::Arc;

/// The side of a thread that serves clients which does not depend on the model.
pub(super) struct Worker {
    hub: Arc<Hub>,
    sessions: Cell<usize>,
    tally: RefCell<Tally>,
    /// Lines of one pass, written together at its end.
    lines: RefCell<String>,
}

/// Why a session is over.
enum Left {
    /// The client has ended its stream, and has been sent everything.
    Ended,
    Failed(Error),
}

impl Worker {
    /// Lines that do not wait for the end of the pass any more.
    const ENOUGH_LINES: usize = 64 * 1024;

    pub(super) fn new(hub: Arc<Hub>) -> Self {
        Self { hub, sessions: Cell::new(0), tally: RefCell::default(), lines: RefCell::default() }
    }

    /// Whether the server has stopped and the last session has ended.
    pub(super) fn is_done(&self) -> bool {
        self.hub.peers.is_closed() && self.sessions.get() == 0
    }

    /// A new client. None if it came too late.
    pub(super) fn welcome(&self, socket: Socket) -> Option<Session> {
        // A server answers when it answers: waiting for more to send only delays it.
        let _ = socket.set_nodelay(true);
        let peer = self.hub.peers.join(socket)?;
        self.sessions.set(self.sessions.get() + 1);
        self.tally.borrow_mut().clients += 1;
        match peer.address {
            Some(address) => self.print(format_args!("client {} connected from {address}", peer.id)),
            None => self.print(format_args!("client {} connected, and has gone again", peer.id)),
        }
        Some(Session::new(peer, self.hub.buffer))
    }

    /// The operation of a session has completed: what to issue next. None ends the session.
    pub(super) fn completed(&self, session: &mut Session, done: Result<Completion>) -> Option<Step> {
        let next = done.map_err(Left::Failed).and_then(|done| match session.step {
            Step::Receive if done.bytes == 0 => self.end_of_stream(&session.peer),
            Step::Receive => self.received(session, done.bytes),
            Step::Echo(_) => Ok(Step::Receive),
            Step::Flush => Err(Left::Ended),
        });
        match next {
            Ok(step) => {
                session.step = step;
                Some(step)
            }
            Err(left) => {
                self.farewell(&session.peer, &left);
                None
            }
        }
    }

    fn received(&self, session: &Session, bytes: usize) -> std::result::Result<Step, Left> {
        let (peer, data) = (&session.peer, &session.buffer[..bytes]);
        let mut tally = self.tally.borrow_mut();
        tally.messages += 1;
        tally.received += bytes as u64;
        match self.hub.mode {
            Mode::Print => {
                self.print(format_args!("client {} received {bytes} bytes: {}", peer.id, Preview(data)));
            }
            Mode::Echo => {
                tally.sent += bytes as u64;
                if peer.socket.queued_bytes() > 0 {
                    return Ok(Step::Echo(bytes));
                }
                peer.socket.give_copy(data).map_err(Left::Failed)?;
            }
            Mode::Broadcast => {
                let times = self.hub.peers.share(peer.id, data, self.hub.queue);
                tally.sent += (bytes * times) as u64;
            }
        }
        Ok(Step::Receive)
    }

    /// The client sends nothing more, but may still read.
    fn end_of_stream(&self, peer: &Peer) -> std::result::Result<Step, Left> {
        peer.leave();
        if peer.socket.queued_bytes() > 0 { Ok(Step::Flush) } else { Err(Left::Ended) }
    }

    fn farewell(&self, peer: &Peer, left: &Left) {
        self.hub.peers.leave(peer.id);
        self.sessions.set(self.sessions.get() - 1);
        let id = peer.id;
        match left {
            _ if peer.evicted_with().is_some() => self.evicted(peer),
            Left::Ended => self.print(format_args!("client {id} left: end of stream")),
            Left::Failed(error) if self.hub.peers.is_closed() && closed_by_us(error) => {
                self.print(format_args!("client {id} closed: the server stops"));
            }
            Left::Failed(error) => {
                self.tally.borrow_mut().failed(error);
                self.print(format_args!("client {id} left: {error}"));
            }
        }
    }

    fn evicted(&self, peer: &Peer) {
        self.tally.borrow_mut().evicted += 1;
        let waiting = peer.evicted_with().unwrap_or(0);
        let address = peer.address.map_or_else(|| "unknown address".into(), |address| address.to_string());
        complain!(
            "client {} ({address}) closed: it does not read, {waiting} bytes wait for it; --queue is {} bytes",
            peer.id,
            self.hub.queue
        );
    }

    /// In print mode, a line for the user.
    fn print(&self, line: std::fmt::Arguments<'_>) {
        if self.hub.mode != Mode::Print {
            return;
        }
        let mut lines = self.lines.borrow_mut();
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{line}");
        if lines.len() > Self::ENOUGH_LINES {
            write_out(&mut lines);
        }
    }

    /// The pass is over: shows what happened in it.
    pub(super) fn show(&self) {
        let mut lines = self.lines.borrow_mut();
        if !lines.is_empty() {
            write_out(&mut lines);
        }
    }
}

impl Drop for Worker {
    /// However the thread ends, what it has counted counts.
    fn drop(&mut self) {
        self.hub.count(|sum| sum.add(self.tally.get_mut()));
    }
}

fn write_out(lines: &mut String) {
    output::write(lines);
    lines.clear();
}

/// Pending operations of a closed socket are aborted; later ones find no socket.
fn closed_by_us(error: &Error) -> bool {
    error.is_aborted() || error.code() == codes::WSAENOTSOCK
}
