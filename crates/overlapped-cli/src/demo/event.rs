//! The event model, told: event objects and waiting for them.

use super::script::{CONNECTIONS, Operations, Place, Work, message};
use super::stage::Stage;
use crate::output::{Count, Preview};
use overlapped::{Event, Overlapped, Pending, Result, Session, Socket, Waitable, Waited, alertable, wait};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;

pub(super) const TITLE: &str = "the thread waits for event objects";
pub(super) const ABOUT: &str = "\
A proactor: the receive is issued first, and its event is set when the bytes are in the session's buffer. Issuing resets
the event, the completion sets it. A thread waits for all its events, learns which one was set, and asks for the result
of that operation.";

struct Conn {
    socket: Socket,
    buffer: [u8; 1000],
    number: usize,
}

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

/// What an event of the server stands for.
enum Doing {
    Accepting(Pending<Socket, Socket>),
    Receiving(Pending<Conn>),
}

struct Slot {
    event: Event,
    doing: Doing,
}

struct Hall {
    stage: Stage,
    came: usize,
    slots: Vec<Slot>,
}

pub(super) fn server(stage: Stage, tell: Sender<Place>) -> Result<()> {
    let listener = Socket::listen("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    stage.say(format_args!("listens on {address}"), "Socket::listen(address)", "socket, bind, listen");
    let mut hall = Hall { stage, came: 0, slots: Vec::new() };
    hall.stage.detail("makes an event for its accept", "Event::manual()", "WSACreateEvent()");
    hall.accept(Overlapped::new(listener), Event::manual(), 0);
    let _ = tell.send(Place { address, work: Work::apc() });

    while !hall.slots.is_empty() {
        let stage = &hall.stage;
        if stage.cues.busy.swap(false, Ordering::Relaxed) {
            stage.say("is busy with other work, in no wait: nobody looks at the events", "", "");
            stage.pass_if_told();
            stage.my_turn();
        }
        let what = format!("enters its wait for {}, alertable", Count(hall.slots.len() as u64, "event"));
        let winsock = format!("WSAWaitForMultipleEvents({}, .., TRUE)", hall.slots.len());
        stage.detail(what, "alertable::any(&events, None)", &winsock);
        stage.pass_if_told();
        let waited = {
            let events: Vec<&dyn Waitable> = hall.slots.iter().map(|slot| &slot.event as &dyn Waitable).collect();
            alertable::any(&events, None)?
        };
        hall.stage.my_turn();
        match waited {
            Waited::Object(index) => hall.completed(index),
            _ => hall.routines(),
        }
    }
    hall.stage.say("has no session left and ends", "", "");
    Ok(())
}

impl Hall {
    fn accept(&mut self, listener: Overlapped<Socket>, event: Event, index: usize) {
        let pending = listener.accept_event(&event, |listener| listener);
        self.stage.issued("accept", pending.issued().is_pending(), "listener.accept_event(&event, ..)", "AcceptEx");
        self.slots.insert(index, Slot { event, doing: Doing::Accepting(pending) });
    }

    fn receive(&mut self, conn: Overlapped<Conn>, event: Event, index: usize) {
        let pending = conn.recv_event(&event);
        self.stage.issued(
            "receive",
            pending.issued().is_pending(),
            "conn.recv_event(&event)",
            "WSARecv(.., &overlapped, NULL)",
        );
        self.slots.insert(index, Slot { event, doing: Doing::Receiving(pending) });
    }

    fn routines(&self) {
        let ran = self.stage.cues.apcs.swap(0, Ordering::Relaxed);
        self.stage.told(ran);
        let what = format!("the wait returns: {ran} ran in it, no event was set");
        self.stage.detail(what, "Waited::Routines", "WSA_WAIT_IO_COMPLETION");
    }

    fn completed(&mut self, index: usize) {
        self.stage.told(1);
        let what = format!("the completion has set event {index}: the wait returns its index");
        self.stage.detail(what, &format!("Waited::Object({index})"), &format!("WSA_WAIT_EVENT_0 + {index}"));
        let Slot { event, doing } = self.slots.remove(index);
        match doing {
            Doing::Accepting(pending) => {
                let (listener, client) = pending.finish();
                self.stage.detail("asks for the result of the accept", "pending.finish()", "WSAGetOverlappedResult");
                self.accepted(client, index);
                if self.came < CONNECTIONS {
                    let index = self.slots.len();
                    self.accept(listener, event, index);
                }
            }
            Doing::Receiving(pending) => {
                let (conn, done) = pending.finish();
                self.stage.detail("asks for the result of the receive", "pending.finish()", "WSAGetOverlappedResult");
                let bytes = done.map(|done| done.bytes);
                if let Ok(bytes) = bytes {
                    let what = format!("the kernel has put {bytes} bytes into the session's buffer (proactor)");
                    self.stage.detail(what, "", "");
                }
                self.received(conn, bytes, event, index);
            }
        }
    }

    fn accepted(&mut self, client: Result<Socket>, index: usize) {
        self.came += 1;
        match client {
            Ok(socket) => {
                let number = self.came;
                self.stage.say(format_args!("client {number} connected"), "", "");
                self.stage.detail("makes an event for the session", "Event::manual()", "WSACreateEvent()");
                self.receive(Overlapped::new(Conn { socket, buffer: [0; 1000], number }), Event::manual(), index);
            }
            Err(error) => self.stage.say(error, "", ""),
        }
    }

    fn received(&mut self, conn: Overlapped<Conn>, bytes: Result<usize>, event: Event, index: usize) {
        let number = conn.number;
        match bytes {
            Ok(0) => {
                let what = format!("client {number}: received 0 bytes: the end; the session is dropped");
                self.stage.say(what, "done.bytes == 0", "cbTransferred == 0");
            }
            Ok(bytes) => {
                let what = format!("client {number}: received {bytes} bytes: {}", Preview(&conn.buffer[..bytes]));
                self.stage.say(what, "conn.buffer[..done.bytes]", "session.recvBuffer");
                self.receive(conn, event, index);
            }
            Err(error) => self.stage.say(format_args!("client {number}: {error}"), "", ""),
        }
    }
}

/// One connection of the client, and the message it sends.
struct Line {
    socket: Socket,
    message: [u8; 100],
}

impl Session for Line {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.message)
    }
}

#[derive(Default)]
pub(super) struct Client {
    lines: Vec<Overlapped<Line>>,
}

/// Waits for the operation's event and takes its result.
fn finish<R>(stage: &Stage, event: &Event, pending: Pending<Line, R>) -> Result<(Overlapped<Line>, R)> {
    stage.detail("enters its wait for 1 event", "wait::one(&event, None)", "WSAWaitForMultipleEvents(1, ..)");
    wait::one(event, None)?;
    stage.detail("the completion has set the event: the wait returns", "Waited::Object(0)", "WSA_WAIT_EVENT_0");
    let (line, done) = pending.finish();
    Ok((line, done?))
}

impl Operations for Client {
    fn connect(&mut self, stage: &Rc<Stage>, to: SocketAddr) -> Result<()> {
        stage.brief("connects once more", "", "");
        let event = Event::manual();
        let line = Line { socket: Socket::tcp(&to)?, message: message() };
        let pending = Overlapped::new(line).connect_event(to, &event, |line| &line.socket);
        stage.issued("connect", pending.issued().is_pending(), "line.connect_event(&event, ..)", "ConnectEx");
        let (line, ()) = finish(stage, &event, pending)?;
        stage.detail("asks for the result: connected", "pending.finish()", "WSAGetOverlappedResult");
        self.lines.push(line);
        Ok(())
    }

    fn send(&mut self, stage: &Rc<Stage>, connections: &[usize]) -> Result<()> {
        for &place in connections {
            stage.brief(format_args!("sends 100 bytes on connection {}", place + 1), "", "");
            let event = Event::manual();
            let pending = self.lines.remove(place).send_event(.., &event);
            stage.issued(
                "send",
                pending.issued().is_pending(),
                "line.send_event(.., &event)",
                "WSASend(.., &overlapped, NULL)",
            );
            let (line, done) = finish(stage, &event, pending)?;
            let what = format!("asks for the result: {} bytes sent", done.bytes);
            stage.detail(what, "pending.finish()", "WSAGetOverlappedResult");
            self.lines.insert(place, line);
        }
        Ok(())
    }

    fn close(&mut self) {
        self.lines.clear();
    }
}
