//! A request: an operation of the engine whose result goes to a completion queue.

use super::completions::{Completions, Outcome};
use super::requests::Requests;
use crate::codes::*;
use crate::error::Code;
use crate::kernel::port::Packet;
use crate::socket::address;
use crate::status;
use overlapped::face::operations::{Begun, Call, End, Issuer, Part, Telling, issue};
use overlapped::{Gather, Overlapped, Scatter, Socket};
use std::net::SocketAddr;
use std::sync::Arc;

/// What a request says.
pub(super) struct Wanted {
    pub(super) receives: bool,
    pub(super) place: *mut u8,
    pub(super) length: usize,
    pub(super) tells: bool,
    pub(super) wait_all: bool,
    pub(super) context: u64,
    /// Where a send goes to.
    pub(super) to: Option<SocketAddr>,
    /// Where the sender's address goes, in a place that has room for any.
    pub(super) from: Option<*mut u8>,
    /// Where the flags of what was received go.
    pub(super) flags: Option<*mut u32>,
}

// SAFETY: the pointers are into memory that the program has registered, and keeps for the request, on whichever thread.
unsafe impl Send for Wanted {}

const MSG_TRUNC: u32 = 0x0100;

/// A request in flight.
struct Request {
    /// Keeps the socket.
    queue: Arc<Requests>,
    engine: Socket,
    wanted: Wanted,
}

impl Wanted {
    /// Its result, as its queue has it.
    fn outcome(&self, queue: &Requests, result: Result<usize, Code>, room: usize) -> Outcome {
        let (status, bytes) = match result {
            Ok(bytes) => (0, bytes),
            Err(WSAEMSGSIZE) => (WSAEMSGSIZE, room),
            Err(code) => (code, 0),
        };
        Outcome { status: status as i32, bytes: bytes as u32, socket: queue.context, request: self.context }
    }

    /// Ends it without having begun.
    pub(super) fn fail(&self, queue: &Requests, code: Code) {
        queue.ended(self.receives);
        queue.completions(self.receives).push(self.outcome(queue, Err(code), 0), self.tells);
    }

    /// Begins it. On an error it is given back, and nobody was told.
    pub(super) fn begin(self, queue: &Arc<Requests>) -> Result<(), Code> {
        let completions: &Arc<Completions> = queue.completions(self.receives);
        // What is received ends where those look who are told; what is sent goes out by itself.
        let telling = match completions.port().filter(|_| self.receives) {
            Some(port) => Telling::Port(port.engine(), false),
            None => Telling::Nobody(Issuer::nobody()),
        };
        let request = Request { engine: queue.socket.socket(), queue: Arc::clone(queue), wanted: self };
        // SAFETY: the program keeps what it has registered.
        match unsafe { issue(Overlapped::new(request), part, telling) } {
            Begun::Failed(code) => Err(code.unsigned_abs()),
            _ => Ok(()),
        }
    }
}

fn part(request: &mut Request) -> Part<'_> {
    let Wanted { receives, place, length, wait_all, to, from, .. } = request.wanted;
    let engine = &request.engine;
    match receives {
        true if from.is_none() && !wait_all => Part::Receive(engine, place, length),
        true => {
            // SAFETY: the program keeps what it has registered.
            let scatter = unsafe { Scatter::new(engine).place(place, length) };
            Part::Scatter(if wait_all { scatter.wait_all() } else { scatter }, from.is_some())
        }
        false if to.is_none() => Part::Send(engine, place, length),
        false => {
            // SAFETY: as above.
            let gather = unsafe { Gather::new(engine).place(place, length) };
            Part::Gather(if let Some(to) = to { gather.to(to) } else { gather })
        }
    }
}

impl Call for Request {
    type Packet = Packet;
    /// Requests are not cancelled one by one.
    type Name = ();

    fn ended(&mut self, end: End<'_>) -> bool {
        let result = end.bytes().map_err(i32::unsigned_abs);
        if let (Some(place), Some(from)) = (self.wanted.from, end.from()) {
            // SAFETY: registered memory with room for any address.
            unsafe { address::put(&from, place) };
        }
        if let Some(flags) = self.wanted.flags {
            // SAFETY: registered memory with room for it, which need not be aligned.
            unsafe { flags.write_unaligned(if result == Err(WSAEMSGSIZE) { MSG_TRUNC } else { 0 }) };
        }
        self.queue.ended(self.wanted.receives);
        let outcome = self.wanted.outcome(&self.queue, result, end.room());
        self.queue.completions(self.wanted.receives).push(outcome, self.wanted.tells);
        // Whoever is told is told by the queue.
        false
    }

    fn routine(_: Overlapped<Self>) {}

    fn packet(_: Overlapped<Self>) -> Packet {
        Packet { key: 0, header: std::ptr::null_mut(), bytes: 0, status: status::SUCCESS }
    }

    fn is(&self, (): &()) -> bool {
        false
    }
}
