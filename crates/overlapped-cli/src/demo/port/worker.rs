//! What a worker does with the packets that it takes.

use super::super::stage::Stage;
use super::{CONNECTIONS, Conn, Door, Hall, Job, Packet};
use crate::output::{Count, Preview};
use overlapped::{Completion, Overlapped, Port, Result, Socket, wait};
use std::hint;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

/// So many packets are taken at once, if they are there.
const MOST: usize = 8;

struct Worker<'a> {
    hall: &'a Hall,
    name: &'static str,
}

/// Works until the port is closed.
pub(super) fn work(hall: &Hall, name: &'static str) -> Result<()> {
    let worker = Worker { hall, name };
    worker.waits(&hall.stage(name));
    loop {
        let packet = hall.port.get(None)?;
        let mut stage = worker.speaks();
        if let Some(packet) = packet {
            stage = worker.take(stage, packet)?;
        }
        worker.waits(&stage);
        stage.pass_if_told();
    }
}

pub(super) fn accept(stage: &Stage, port: &Port<Packet>, mut door: Overlapped<Door>, issuer: &'static str) {
    door.issuer = issuer;
    let issued = door.accept_port(port, |door| &door.listener, Packet::Accepted);
    stage.issued("accept", issued.is_pending(), "door.accept_port(&port, ..)", "AcceptEx");
}

impl<'a> Worker<'a> {
    /// This worker's turn.
    fn speaks(&self) -> MutexGuard<'a, Stage> {
        let stage = self.hall.stage(self.name);
        stage.my_turn();
        stage
    }

    fn waits(&self, stage: &Stage) {
        stage.detail("waits for a packet", "port.get(None)", "GetQueuedCompletionStatus(port, .., INFINITE)");
    }

    fn take(&self, stage: MutexGuard<'a, Stage>, packet: Packet) -> Result<MutexGuard<'a, Stage>> {
        stage.told(1);
        match packet {
            Packet::Accepted(door, client) => self.accepted(&stage, door, client),
            Packet::Received(conn, done) => self.received(&stage, conn, done),
            Packet::Posted(job) => {
                stage.detail("a packet: the program's own", "Packet::Posted(job)", "lpCompletionKey == JOB");
                match job {
                    Job::Compute => return self.compute(stage),
                    Job::Wait => return self.wait(stage),
                    Job::Nothing => {}
                }
            }
        }
        Ok(stage)
    }

    fn accepted(&self, stage: &Stage, door: Overlapped<Door>, client: Result<Socket>) {
        let what = format!("a packet: the accept that {} issued has a client", door.issuer);
        stage.detail(what, "Packet::Accepted(door, client)", "lpCompletionKey == LISTENER");
        let number = self.hall.came.fetch_add(1, Ordering::Relaxed) + 1;
        match client {
            Ok(socket) => {
                self.hall.here.fetch_add(1, Ordering::Relaxed);
                stage.say(format_args!("client {number} connected"), "", "");
                let winsock = "CreateIoCompletionPort(socket, port, session, 0)";
                stage.detail("  its socket may complete to the port", "(each issue names the port)", winsock);
                self.receive(stage, Overlapped::new(Conn { socket, buffer: [0; 1000], number, issuer: "" }));
            }
            Err(error) => stage.say(error, "", ""),
        }
        if number < CONNECTIONS {
            accept(stage, &self.hall.port, door, self.name);
        }
    }

    fn receive(&self, stage: &Stage, mut conn: Overlapped<Conn>) {
        conn.issuer = self.name;
        let issued = conn.recv_port(&self.hall.port, Packet::Received);
        stage.issued("receive", issued.is_pending(), "conn.recv_port(&port, ..)", "WSARecv(.., &overlapped, NULL)");
    }

    fn received(&self, stage: &Stage, conn: Overlapped<Conn>, done: Result<Completion>) {
        let what = format!("a packet: the receive that {} issued has completed", conn.issuer);
        stage.detail(what, "Packet::Received(conn, done)", "lpCompletionKey == session");
        let number = conn.number;
        match done {
            Ok(done) if done.bytes > 0 => {
                let bytes = done.bytes;
                let what = format!("  the kernel has put {bytes} bytes into the session's buffer (proactor)");
                stage.detail(what, "", "");
                let what = format!("client {number}: received {bytes} bytes: {}", Preview(&conn.buffer[..bytes]));
                stage.say(what, "conn.buffer[..done.bytes]", "session->recvBuffer");
                self.receive(stage, conn);
                return;
            }
            Ok(_) => {
                let what = format!("client {number}: received 0 bytes: the end; the session is dropped");
                stage.say(what, "done.bytes == 0", "dwNumberOfBytes == 0");
            }
            Err(error) => stage.say(format_args!("client {number}: {error}"), "", ""),
        }
        let left = self.hall.here.fetch_sub(1, Ordering::Relaxed) - 1;
        if left == 0 && self.hall.came.load(Ordering::Relaxed) == CONNECTIONS {
            stage.say("has no session left and closes the port", "port.close()", "CloseHandle(port)");
            self.hall.port.close();
        }
    }

    /// Computes; meanwhile nobody else is released. Then takes what has come.
    fn compute(&self, stage: MutexGuard<'a, Stage>) -> Result<MutexGuard<'a, Stage>> {
        stage.say("  the job computes", "", "");
        stage.pass_if_told();
        drop(stage);
        while self.hall.cues.computes.load(Ordering::Acquire) {
            hint::spin_loop();
        }
        let mut packets = Vec::new();
        self.hall.port.get_many(&mut packets, MOST, None)?;
        let mut stage = self.speaks();
        let what = format!("has computed, and takes {} in one call", Count(packets.len() as u64, "packet"));
        stage.say(what, "port.get_many(&mut packets, ..)", "GetQueuedCompletionStatusEx");
        for packet in packets {
            stage = self.take(stage, packet)?;
        }
        Ok(stage)
    }

    /// Waits; meanwhile the next is released.
    fn wait(&self, stage: MutexGuard<'a, Stage>) -> Result<MutexGuard<'a, Stage>> {
        let (ours, winsock) = ("wait::one(&event, None)", "WaitForSingleObject(event, INFINITE)");
        stage.say("  the job waits: its thread does not count as one that runs", ours, winsock);
        stage.pass_if_told();
        drop(stage);
        wait::one(&self.hall.cues.event, None)?;
        let stage = self.speaks();
        stage.told(1);
        stage.say("  the event is set: the job goes on", "Waited::Object(0)", "WAIT_OBJECT_0");
        Ok(stage)
    }
}
