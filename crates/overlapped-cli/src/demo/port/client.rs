//! What the client does with a port: completions are packets of a port of its own, and the workers get packets from it.

use super::super::script::{self, CONNECTIONS, Operations, message};
use super::super::stage::Stage;
use super::{Job, Packet, Place, WORKERS, until_wait};
use crate::output::Count;
use overlapped::{Completion, Overlapped, Port, Result, Session, Socket};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

/// One connection of the client, and the message it sends.
struct Line {
    socket: Socket,
    message: [u8; 100],
    place: usize,
}

impl Session for Line {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.message)
    }
}

enum Done {
    Connected(Overlapped<Line>, Result<()>),
    Sent(Overlapped<Line>, Result<Completion>),
}

struct Client {
    port: Port<Done>,
    lines: Vec<Option<Overlapped<Line>>>,
    workers: Port<Packet>,
    /// So many workers wait, before anything else happens.
    idle: usize,
}

impl Client {
    /// Takes the packet of what was issued.
    fn wait(&mut self, stage: &Stage) -> Result<()> {
        stage.detail("waits for a packet", "port.get(None)", "GetQueuedCompletionStatus(port, .., INFINITE)");
        match self.port.get(None)? {
            Some(Done::Connected(line, done)) => {
                done?;
                stage.detail("a packet: connected", "Done::Connected(line, done)", "GetQueuedCompletionStatus = TRUE");
                let place = line.place;
                self.lines[place] = Some(line);
            }
            Some(Done::Sent(line, done)) => {
                let what = format!("a packet: {} bytes sent", done?.bytes);
                stage.detail(what, "Done::Sent(line, done)", "GetQueuedCompletionStatus = TRUE");
                let place = line.place;
                self.lines[place] = Some(line);
            }
            None => {}
        }
        Ok(())
    }

    fn post(&self, job: Job) {
        // If the port is closed the client sees that its connections are.
        let _ = self.workers.post(Packet::Posted(job));
    }
}

impl Operations for Client {
    fn connect(&mut self, stage: &Rc<Stage>, to: SocketAddr) -> Result<()> {
        until_wait(&self.workers, self.idle);
        stage.brief("connects once more", "", "");
        let line = Line { socket: Socket::tcp(&to)?, message: message(), place: self.lines.len() };
        self.lines.push(None);
        let issued = Overlapped::new(line).connect_port(to, &self.port, |line| &line.socket, Done::Connected);
        stage.issued("connect", issued.is_pending(), "line.connect_port(&port, ..)", "ConnectEx");
        self.wait(stage)
    }

    fn send(&mut self, stage: &Rc<Stage>, connections: &[usize]) -> Result<()> {
        until_wait(&self.workers, self.idle);
        for &place in connections {
            stage.brief(format_args!("sends 100 bytes on connection {}", place + 1), "", "");
            if let Some(line) = self.lines[place].take() {
                let issued = line.send_port(.., &self.port, Done::Sent);
                stage.issued(
                    "send",
                    issued.is_pending(),
                    "line.send_port(.., &port, ..)",
                    "WSASend(.., &overlapped, NULL)",
                );
                self.wait(stage)?;
            }
        }
        Ok(())
    }

    /// One after the other, in other words by the script of the port.
    fn close(&mut self) {
        self.lines.clear();
    }
}

pub(in super::super) fn play(stage: &Rc<Stage>, place: Place, time: Duration) -> Result<()> {
    let Place { address, port, cues } = place;
    let mut client = Client { port: Port::new(1), lines: Vec::new(), workers: port.clone(), idle: WORKERS.len() };
    let brief = |brief| stage.cues.brief.store(brief, Ordering::Relaxed);
    stage.my_turn();
    script::open(stage, &mut client, address, time)?;

    // One computes: the others wait, whatever comes.
    until_wait(&port, WORKERS.len());
    brief(false);
    stage.say("posts a packet: a job that computes", "port.post(Packet::Posted(job))", "PostQueuedCompletionStatus");
    client.post(Job::Compute);
    stage.pass(1);
    stage.my_turn();
    brief(true);
    client.idle -= 1;
    client.send(stage, &[0])?;
    while port.queued() == 0 {
        thread::yield_now();
    }
    stage.say("posts two packets more", "port.post(Packet::Posted(job))", "PostQueuedCompletionStatus");
    client.post(Job::Nothing);
    client.post(Job::Nothing);
    let (queued, waiting) = (Count(port.queued() as u64, "packet"), Count(port.waiting() as u64, "thread"));
    let what = format!("sees that {queued} and {waiting} wait, since {} runs", port.running());
    stage.say(what, "port.queued(), waiting(), running()", "(no call for that)");
    brief(false);
    cues.computes.store(false, Ordering::Release);
    stage.pass(3);

    // One waits: it does not count, and the next is released.
    stage.my_turn();
    until_wait(&port, WORKERS.len());
    stage.say("posts a packet: a job that waits", "port.post(Packet::Posted(job))", "PostQueuedCompletionStatus");
    client.post(Job::Wait);
    stage.pass(1);
    stage.my_turn();
    while port.running() > 0 {
        thread::yield_now();
    }
    brief(true);
    client.send(stage, &[0])?;
    brief(false);
    stage.pass(1);
    stage.my_turn();
    until_wait(&port, WORKERS.len() - 1);
    stage.say("sets the event", "Event::set", "SetEvent");
    cues.event.set();
    stage.pass(1);

    stage.my_turn();
    brief(true);
    for place in 0..CONNECTIONS {
        until_wait(&port, WORKERS.len());
        stage.say(format_args!("closes connection {}", place + 1), "drop(socket)", "closesocket");
        client.lines[place] = None;
        stage.pass(1);
        stage.my_turn();
    }
    Ok(())
}
