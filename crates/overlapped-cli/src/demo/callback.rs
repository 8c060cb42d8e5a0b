//! The callback model, told: completion routines and the APC queue.

use super::script::{CONNECTIONS, Operations, Place, Work, message};
use super::stage::Stage;
use crate::output::Preview;
use overlapped::{Completion, Issued, Overlapped, Result, Session, Socket, alertable};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::thread::{self, ThreadId};

pub(super) const TITLE: &str = "completion routines run in the thread's alertable waits";
pub(super) const ABOUT: &str = "\
A proactor: the receive is issued first, and its routine is told when the bytes are in the session's buffer. A completed
operation queues its routine to the APC queue of the thread that issued it. Routines run only while that thread is in an
alertable wait, and one such wait runs all of them.";

/// What the server's routines share: they all run on one thread.
struct Hall {
    stage: Stage,
    came: Cell<usize>,
    here: Cell<usize>,
    /// Routines that have run in the present wait.
    ran: Cell<usize>,
}

impl Hall {
    /// A completion routine begins: tells how it came to run.
    fn runs(&self, issuer: ThreadId, completion: &str, ours: &str, winsock: &str) {
        self.stage.my_turn();
        self.stage.told(1);
        self.ran.set(self.ran.get() + 1);
        let place = if issuer == thread::current().id() { "on the issuing thread" } else { "on ANOTHER thread" };
        self.stage.detail(format_args!("  completion: {completion}"), "", "");
        self.stage.detail("  the routine is queued to the APC queue of the issuing thread", "", "");
        self.stage.detail(format_args!("  the routine runs {place}, inside its wait"), ours, winsock);
    }
}

struct Door {
    listener: Socket,
    issuer: ThreadId,
    hall: Rc<Hall>,
}

struct Conn {
    socket: Socket,
    buffer: [u8; 1000],
    number: usize,
    issuer: ThreadId,
    hall: Rc<Hall>,
}

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

pub(super) fn server(stage: Stage, tell: Sender<Place>) -> Result<()> {
    let listener = Socket::listen("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    stage.say(format_args!("listens on {address}"), "Socket::listen(address)", "socket, bind, listen");
    let hall = Rc::new(Hall { stage, came: Cell::new(0), here: Cell::new(0), ran: Cell::new(0) });
    accept(Overlapped::new(Door { listener, issuer: thread::current().id(), hall: Rc::clone(&hall) }));
    let _ = tell.send(Place { address, work: Work::apc() });

    let stage = &hall.stage;
    while hall.came.get() < CONNECTIONS || hall.here.get() > 0 {
        if stage.cues.busy.swap(false, Ordering::Relaxed) {
            stage.say("is busy with other work, in no alertable wait: routines stay queued", "", "");
            stage.pass_if_told();
            stage.my_turn();
        }
        stage.detail("enters its alertable wait", "alertable::sleep(None)", "SleepEx(INFINITE, TRUE)");
        stage.pass_if_told();
        alertable::sleep(None)?;
        stage.my_turn();
        let apcs = stage.cues.apcs.swap(0, Ordering::Relaxed);
        stage.told(apcs);
        let ran = hall.ran.take() + apcs;
        let what = format!("the wait returns: {ran} ran in it");
        stage.detail(what, "Waited::Routines", "WAIT_IO_COMPLETION");
    }
    stage.say("has no session left and ends", "", "");
    Ok(())
}

fn accept(door: Overlapped<Door>) {
    let hall = Rc::clone(&door.hall);
    let issued = door.accept(|door| &door.listener, accepted);
    hall.stage.issued("accept", issued.is_pending(), "door.accept(.., accepted)", "AcceptEx (which has no routine)");
}

fn accepted(door: Overlapped<Door>, client: Result<Socket>) {
    let hall = Rc::clone(&door.hall);
    hall.runs(door.issuer, "the accept has a client", "fn accepted(door, client)", "(routine of an accept)");
    hall.came.set(hall.came.get() + 1);
    match client {
        Ok(socket) => {
            let number = hall.came.get();
            hall.here.set(hall.here.get() + 1);
            hall.stage.say(format_args!("  client {number} connected"), "", "");
            receive(Overlapped::new(Conn {
                socket,
                buffer: [0; 1000],
                number,
                issuer: door.issuer,
                hall: Rc::clone(&hall),
            }));
        }
        Err(error) => hall.stage.say(format_args!("  {error}"), "", ""),
    }
    if hall.came.get() < CONNECTIONS {
        accept(door);
    }
}

fn receive(conn: Overlapped<Conn>) {
    let hall = Rc::clone(&conn.hall);
    let issued = conn.recv(received);
    hall.stage.issued("  receive", issued.is_pending(), "conn.recv(received)", "WSARecv(.., RecvCallback)");
}

fn received(conn: Overlapped<Conn>, done: Result<Completion>) {
    let hall = Rc::clone(&conn.hall);
    let number = conn.number;
    let (bytes, code) = match &done {
        Ok(done) => (done.bytes, 0),
        Err(error) => (0, error.code()),
    };
    hall.runs(
        conn.issuer,
        &format!("the kernel has put {bytes} bytes into the session's buffer (proactor)"),
        "fn received(conn, done)",
        &format!("RecvCallback({code}, {bytes}, overlapped, 0)"),
    );
    match done {
        Ok(done) if done.bytes > 0 => {
            let data = Preview(&conn.buffer[..bytes]);
            let what = format!("  client {number}: received {bytes} bytes: {data}");
            hall.stage.say(what, "conn.buffer[..done.bytes]", "((Session*)overlapped)->recvBuffer");
            receive(conn);
            return;
        }
        Ok(_) => {
            let what = format!("  client {number}: received 0 bytes: the end; the session is dropped");
            hall.stage.say(what, "done.bytes == 0", "cbTransferred == 0");
        }
        Err(error) => hall.stage.say(format_args!("  client {number}: {error}"), "", ""),
    }
    hall.here.set(hall.here.get() - 1);
}

/// One connection of the client, and the message it sends.
struct Line {
    socket: Socket,
    message: [u8; 100],
    stage: Rc<Stage>,
    place: usize,
    back: Back,
}

/// Where a line waits between its operations, with the result of the last one.
type Back = Rc<RefCell<Vec<(Overlapped<Line>, Result<()>)>>>;

impl Session for Line {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.message)
    }
}

#[derive(Default)]
pub(super) struct Client {
    lines: Vec<Option<Overlapped<Line>>>,
    back: Back,
}

impl Client {
    /// Waits until so many operations have completed, and takes the lines back.
    fn wait(&mut self, stage: &Stage, operations: usize) -> Result<()> {
        stage.detail("enters its alertable wait", "alertable::sleep(None)", "SleepEx(INFINITE, TRUE)");
        while self.back.borrow().len() < operations {
            alertable::sleep(None)?;
        }
        stage.detail("the wait returns", "Waited::Routines", "WAIT_IO_COMPLETION");
        for (line, done) in self.back.take() {
            done?;
            let place = line.place;
            self.lines[place] = Some(line);
        }
        Ok(())
    }
}

impl Operations for Client {
    fn connect(&mut self, stage: &Rc<Stage>, to: SocketAddr) -> Result<()> {
        stage.brief("connects once more", "", "");
        let (socket, place) = (Socket::tcp(&to)?, self.lines.len());
        self.lines.push(None);
        let line = Line { socket, message: message(), stage: Rc::clone(stage), place, back: Rc::clone(&self.back) };
        let issued = Overlapped::new(line).connect(to, |line| &line.socket, connected);
        stage.issued("connect", issued.is_pending(), "line.connect(.., connected)", "ConnectEx");
        self.wait(stage, 1)
    }

    fn send(&mut self, stage: &Rc<Stage>, connections: &[usize]) -> Result<()> {
        let mut issued: Vec<Issued> = Vec::new();
        for &place in connections {
            stage.brief(format_args!("sends 100 bytes on connection {}", place + 1), "", "");
            issued.extend(self.lines[place].take().map(|line| line.send(.., sent)));
        }
        for issued in issued {
            stage.issued("send", issued.is_pending(), "line.send(.., sent)", "WSASend(.., SendCallback)");
        }
        self.wait(stage, connections.len())
    }

    fn close(&mut self) {
        self.lines.clear();
    }
}

fn connected(line: Overlapped<Line>, done: Result<()>) {
    line.stage.detail("  its routine runs: connected", "fn connected(line, done)", "(ConnectEx has no routine)");
    put_back(line, done);
}

fn sent(line: Overlapped<Line>, done: Result<Completion>) {
    if let Ok(done) = &done {
        let what = format!("  its routine runs: {} bytes sent", done.bytes);
        line.stage.detail(what, "fn sent(line, done)", &format!("SendCallback(0, {}, overlapped, 0)", done.bytes));
    }
    put_back(line, done.map(|_| ()));
}

fn put_back(line: Overlapped<Line>, done: Result<()>) {
    let back = Rc::clone(&line.back);
    back.borrow_mut().push((line, done));
}
