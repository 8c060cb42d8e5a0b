//! The two lanes of a socket: operations of one direction, in the order of their issue.
//!
//! Only the head of a lane is with the driver. The next is started when the head has completed,
//! under the same lock, so data and completions keep the order of issue and nothing overtakes.

mod cancel;
mod settle;

use super::connecting::Connecting;
use super::selected::Selected;
use super::{Inner, sends};
use crate::codes;
use crate::driver::{Attempt, Context};
use crate::fork;
use crate::home::Home;
use crate::op::{Delivery, Kind, OpRef};
use crate::operation::Issued;
use crate::sync::{MutexGuard, lock};
use std::net::SocketAddr;
use std::sync::{Arc, Weak};

#[derive(Default)]
pub(super) struct Lanes {
    pub(super) receive: Lane,
    pub(super) send: Lane,
    /// The home of the thread whose routines the receive lane carries, or last did; it keeps its own
    /// record of the descriptor.
    own: Weak<Home>,
    pub(super) uses_hub: bool,
    /// A datagram socket without an address.
    pub(super) unbound: bool,
    /// A receive was told that the connection was reset. Linux tells of it once, Winsock each time.
    pub(super) reset: bool,
    /// A send was; to a receive Linux then shows it as the end of the stream.
    pub(super) broken: bool,
    /// Not connected yet: Linux takes a send on it for one on a broken connection, and one while it
    /// connects takes the connect's error away.
    pub(super) unconnected: bool,
    /// A connect that is no operation, see `Socket::try_connect`.
    pub(super) connecting: Connecting,
    pub(super) closed: bool,
    /// Closing resets the connection, see `Socket::set_linger`.
    pub(super) abortive: bool,
    pub(super) receive_shut: bool,
    pub(super) send_shut: bool,
    /// Bytes in the send lane that the kernel has not taken.
    pub(super) queued: usize,
    /// The network events that are selected, since some were first.
    pub(super) selected: Option<Box<Selected>>,
    serial: u32,
}

/// A queue linked through the operations' headers: no allocation.
#[derive(Default)]
pub(super) struct Lane {
    head: Option<OpRef>,
    tail: Option<OpRef>,
}

impl Lane {
    pub(super) fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    fn push(&mut self, op: OpRef) {
        op.set_next(None);
        match self.tail.replace(op) {
            Some(tail) => tail.set_next(Some(op)),
            None => self.head = Some(op),
        }
    }

    fn pop(&mut self) -> Option<OpRef> {
        let head = self.head?;
        self.head = head.next();
        if self.head.is_none() {
            self.tail = None;
        }
        Some(head)
    }

    fn iter(&self) -> impl Iterator<Item = OpRef> {
        std::iter::successors(self.head, |op| op.next())
    }
}

impl Lanes {
    pub(super) fn of(&mut self, kind: Kind) -> &mut Lane {
        if sends(kind) { &mut self.send } else { &mut self.receive }
    }

    /// The homes whose drivers may know the descriptor.
    pub(super) fn homes(&self, context: &'static Context) -> impl Iterator<Item = Arc<Home>> + use<> {
        let hub = if self.uses_hub { context.hub.home().ok().cloned() } else { None };
        self.own.upgrade().into_iter().chain(hub)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.receive.is_empty() && self.send.is_empty()
    }
}

impl Inner {
    pub(super) fn lanes(&self) -> MutexGuard<'_, Lanes> {
        lock(&self.lanes)
    }

    /// Why an operation, or a call that must not block, cannot even begin.
    pub(super) fn refusal(&self, lanes: &mut Lanes, kind: Kind) -> Option<i32> {
        self.look_at_connect(lanes);
        match kind {
            _ if lanes.closed => Some(codes::WSAENOTSOCK),
            Kind::Send if lanes.send_shut => Some(codes::WSAESHUTDOWN),
            Kind::Receive if lanes.receive_shut => Some(codes::WSAESHUTDOWN),
            Kind::Receive if lanes.reset => Some(codes::WSAECONNRESET),
            Kind::Send | Kind::Receive if lanes.unconnected => Some(codes::WSAENOTCONN),
            Kind::Receive if lanes.unbound => Some(codes::WSAEINVAL),
            Kind::Connect if lanes.connecting == Connecting::Goes => Some(codes::WSAEALREADY),
            _ => None,
        }
    }

    /// Begins an operation. `Completed` means that the result is in its header and the caller
    /// delivers it; after `Pending` the operation may be gone any time.
    pub(crate) fn issue(&self, op: OpRef, home: Attempt<&Arc<Home>>, to: Option<SocketAddr>) -> Issued {
        if fork::in_child() {
            op.set_result(-codes::WSASYSNOTREADY);
            return Issued::Completed;
        }
        let mut lanes = self.lanes();
        let id = self.id(lanes.number(op));
        let begun = match self.refusal(&mut lanes, op.kind()) {
            Some(code) => Err(code),
            None if op.flags().sender && !self.datagram => Err(codes::WSAEOPNOTSUPP),
            None if op.has_too_many_buffers() => Err(codes::WSAENOBUFS),
            None if op.length() > i32::MAX as u32 => Err(codes::WSAENOBUFS),
            None if sends(op.kind()) => self.begin_send(&mut lanes, op),
            None => self.begin_receive(&mut lanes, op, home, to),
        };
        if let Ok(Some(result)) = begun {
            self.note(&mut lanes, op.kind(), result);
        }
        match begun {
            Ok(None) => return Issued::Pending(id),
            Ok(Some(result)) => op.set_result(result),
            Err(code) => op.set_result(-code),
        }
        Issued::Completed
    }

    /// Begins a receive, accept or connect.
    fn begin_receive(
        &self,
        lanes: &mut Lanes,
        op: OpRef,
        home: Attempt<&Arc<Home>>,
        to: Option<SocketAddr>,
    ) -> Attempt<Option<i32>> {
        let home = home?;
        let new = self.enter(lanes, home)?;
        if let Some(to) = to {
            if !lanes.receive.is_empty() {
                return Err(codes::WSAEALREADY);
            }
            // The peer can see a connect, so it begins before the issue returns.
            let connected = self.context.system.connect(self.raw(), to)?;
            lanes.unbound = false;
            lanes.connecting = Connecting::No;
            if connected {
                lanes.unconnected = false;
                return Ok(Some(0));
            }
            lanes.unconnected = true;
        }
        let head = lanes.receive.head;
        lanes.receive.push(op);
        if let Some(head) = head.filter(|head| op.is_own() && !head.is_own()) {
            self.context.hub.expedite(head);
        } else if !op.is_own() && lanes.receive.iter().any(|before| before.is_own()) {
            if let Some(own) = lanes.own.upgrade() {
                own.carry_for_others();
            }
        }
        if head.is_none() {
            if let Err(code) = self.start(lanes, op, home) {
                lanes.receive.pop();
                return Err(code);
            }
            if new {
                // Not with the next wait: so that several new sockets complete in the order of their data.
                home.hand_over();
            }
        }
        Ok(None)
    }

    /// Notes the home of an operation of the receive lane; whether the socket is new to that home.
    fn enter(&self, lanes: &mut Lanes, home: &Arc<Home>) -> Attempt<bool> {
        if self.context.hub.is_home(home) {
            lanes.uses_hub = true;
            return Ok(false);
        }
        if lanes.own.as_ptr() == Arc::as_ptr(home) {
            return Ok(false);
        }
        // Routines of two threads cannot take turns: neither drives the other's.
        if lanes.receive.iter().any(|op| op.is_own()) {
            return Err(codes::WSAEINVAL);
        }
        if let Some(old) = lanes.own.upgrade() {
            old.forget(self.raw());
        }
        lanes.own = Arc::downgrade(home);
        Ok(true)
    }

    /// Begins a send: the kernel takes what it can at once, the rest goes to the hub, which makes
    /// progress whatever this thread does.
    fn begin_send(&self, lanes: &mut Lanes, op: OpRef) -> Attempt<Option<i32>> {
        // The first datagram binds the socket.
        lanes.unbound = false;
        if lanes.send.is_empty() {
            if let Some(result) = self.send_now(op) {
                return Ok(Some(result));
            }
        }
        self.queue_send(lanes, op)?;
        Ok(None)
    }

    pub(super) fn queue_send(&self, lanes: &mut Lanes, op: OpRef) -> Attempt<()> {
        let home = self.context.hub.home()?;
        let first = lanes.send.is_empty();
        lanes.uses_hub = true;
        lanes.queued += op.rest().1 as usize;
        lanes.send.push(op);
        if first {
            if let Err(code) = self.start(lanes, op, home) {
                lanes.send.pop();
                lanes.queued -= op.rest().1 as usize;
                return Err(code);
            }
        }
        Ok(())
    }

    /// Starts the head of a lane.
    fn start(&self, lanes: &Lanes, op: OpRef, home: &Home) -> Attempt<()> {
        // Whoever waits for the routine behind it does not drive the hub.
        if !op.is_own()
            && !sends(op.kind())
            && lanes.own.strong_count() > 0
            && lanes.receive.iter().any(|op| op.is_own())
        {
            op.set_errand();
        }
        if let (Delivery::Port(port), true) = (op.delivery(), op.is_own()) {
            home.start(op)?;
            // The head of a lane whose lock is held: it has not been delivered, though it may have completed.
            port.attend();
            return Ok(());
        }
        self.context.hub.starting(home, || home.start(op))
    }

    /// Sends what the kernel takes now; the result if that ends the operation.
    fn send_now(&self, op: OpRef) -> Option<i32> {
        let system = self.context.system;
        loop {
            let attempt = self.persist(|| match op.message() {
                Some(message) => system.send_message(self.raw(), message),
                None => {
                    let (buffer, length) = op.rest();
                    // SAFETY: the buffer belongs to the leaked block and nobody writes to it.
                    system.send(self.raw(), unsafe { std::slice::from_raw_parts(buffer, length as usize) })
                }
            });
            match attempt {
                Ok(sent) => {
                    op.advance(sent as u32);
                    if op.progress() == op.length() {
                        // What it goes on with goes through the driver: others have their turn meanwhile.
                        return op.more();
                    }
                }
                Err(codes::WSAEWOULDBLOCK) => return None,
                Err(code) => return Some(-code),
            }
        }
    }

    /// Repeats a send that was interrupted, or told that an earlier datagram was refused: Linux says so here, once.
    pub(super) fn persist(&self, mut attempt: impl FnMut() -> Attempt<usize>) -> Attempt<usize> {
        loop {
            match attempt() {
                Err(codes::WSAEINTR) => {}
                Err(codes::WSAECONNREFUSED) if self.datagram => {}
                attempted => return attempted,
            }
        }
    }

    pub(super) fn queued_bytes(&self) -> usize {
        if fork::in_child() { 0 } else { self.lanes().queued }
    }
}

impl Lanes {
    /// Gives an operation its serial number in this socket.
    pub(super) fn number(&mut self, op: OpRef) -> u32 {
        self.serial = self.serial.wrapping_add(1);
        op.set_serial(self.serial);
        self.serial
    }

    /// Notes what a send that is in its lane has left to send, of so much before.
    fn requeue(&mut self, before: usize, op: OpRef) {
        self.queued = (self.queued + op.rest().1 as usize).saturating_sub(before);
    }

    fn take_head(&mut self, kind: Kind, op: OpRef, result: i32) {
        let head = self.of(kind).pop();
        debug_assert!(head == Some(op), "only the head of a lane is with the driver");
        if sends(kind) {
            self.queued -= op.rest().1 as usize;
        }
        op.set_result(result);
    }
}
