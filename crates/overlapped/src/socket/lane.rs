//! The two lanes of a socket: operations of one direction, in the order of their issue.
//!
//! Only the head of a lane is with the driver. The next is started when the head has completed,
//! under the same lock, so data and completions keep the order of issue and nothing overtakes.

mod cancel;

use super::{Inner, sends};
use crate::codes;
use crate::delivery::{Unwanted, deliver, discard};
use crate::driver::{Attempt, Context, Done};
use crate::fork;
use crate::home::Home;
use crate::op::{Delivery, Kind, OpRef};
use crate::operation::Issued;
use crate::sync::lock;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, MutexGuard, Weak};

#[derive(Default)]
pub(super) struct Lanes {
    pub(super) receive: Lane,
    pub(super) send: Lane,
    /// The home that the receive lane last used; it keeps its own record of the descriptor.
    home: Weak<Home>,
    uses_hub: bool,
    /// The last receive emptied the socket.
    drained: bool,
    /// A datagram socket without an address.
    pub(super) unbound: bool,
    /// Not connected yet: Linux takes a send on it for one on a broken connection, and one while it
    /// connects takes the connect's error away.
    pub(super) unconnected: bool,
    pub(super) closed: bool,
    /// Closing resets the connection, see `Socket::set_linger`.
    pub(super) abortive: bool,
    pub(super) receive_shut: bool,
    pub(super) send_shut: bool,
    /// Bytes in the send lane that the kernel has not taken.
    pub(super) queued: usize,
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
    fn of(&mut self, kind: Kind) -> &mut Lane {
        if sends(kind) { &mut self.send } else { &mut self.receive }
    }

    /// The homes whose drivers may know the descriptor.
    pub(super) fn homes(&self, context: &'static Context) -> impl Iterator<Item = Arc<Home>> + use<> {
        let hub = if self.uses_hub { context.hub.home().ok().cloned() } else { None };
        self.home.upgrade().into_iter().chain(hub)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.receive.is_empty() && self.send.is_empty()
    }

    /// Why an operation cannot even begin.
    pub(super) fn refusal(&self, kind: Kind) -> Option<i32> {
        match kind {
            _ if fork::in_child() => Some(codes::WSASYSNOTREADY),
            _ if self.closed => Some(codes::WSAENOTSOCK),
            Kind::Send if self.send_shut => Some(codes::WSAESHUTDOWN),
            Kind::Receive if self.receive_shut => Some(codes::WSAESHUTDOWN),
            Kind::Send | Kind::Receive if self.unconnected => Some(codes::WSAENOTCONN),
            _ => None,
        }
    }
}

impl Inner {
    pub(super) fn lanes(&self) -> MutexGuard<'_, Lanes> {
        lock(&self.lanes)
    }

    /// Begins an operation. `Completed` means that the result is in its header and the caller
    /// delivers it; after `Pending` the operation may be gone any time.
    pub(crate) fn issue(&self, op: OpRef, home: Attempt<&Arc<Home>>, to: Option<SocketAddr>) -> Issued {
        let mut lanes = self.lanes();
        let id = self.id(lanes.number(op));
        let begun = match lanes.refusal(op.kind()) {
            Some(code) => Err(code),
            None if op.kind() == Kind::Receive && lanes.unbound => Err(codes::WSAEINVAL),
            None if op.flags().sender && !self.datagram => Err(codes::WSAEOPNOTSUPP),
            None if op.length() > i32::MAX as u32 => Err(codes::WSAENOBUFS),
            None if sends(op.kind()) => self.begin_send(&mut lanes, op),
            None => self.begin_receive(&mut lanes, op, home, to),
        };
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
        if lanes.home.as_ptr() != Arc::as_ptr(home) {
            // Operations of one direction can only wait in one place.
            if !lanes.receive.is_empty() {
                return Err(codes::WSAEINVAL);
            }
            let hub = self.context.hub.is_home(home);
            if let Some(old) = lanes.home.upgrade().filter(|old| !self.context.hub.is_home(old)) {
                old.forget(self.raw());
            }
            lanes.home = Arc::downgrade(home);
            lanes.uses_hub |= hub;
        }
        if let Some(to) = to {
            if !lanes.receive.is_empty() {
                return Err(codes::WSAEALREADY);
            }
            lanes.unbound = false;
            // The peer can see a connect, so it begins before the issue returns.
            if self.context.system.connect(self.raw(), to)? {
                lanes.unconnected = false;
                return Ok(Some(0));
            }
            lanes.unconnected = true;
        }
        let first = lanes.receive.is_empty();
        lanes.receive.push(op);
        if first {
            if let Err(code) = self.start(lanes, op, home) {
                lanes.receive.pop();
                return Err(code);
            }
        }
        Ok(None)
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
        op.set_eager(!lanes.drained);
        self.context.hub.starting(home, || home.start(op))
    }

    /// Sends what the kernel takes now; the result if that ends the operation.
    fn send_now(&self, op: OpRef) -> Option<i32> {
        let system = self.context.system;
        loop {
            let attempt = match op.message() {
                Some(message) => system.send_message(self.raw(), message),
                None => {
                    let (buffer, length) = op.rest();
                    // SAFETY: the buffer belongs to the leaked block and nobody writes to it.
                    system.send(self.raw(), unsafe { std::slice::from_raw_parts(buffer, length as usize) })
                }
            };
            match attempt {
                Ok(sent) => {
                    op.advance(sent as u32);
                    if op.progress() == op.length() {
                        return Some(op.length() as i32);
                    }
                }
                Err(codes::WSAEINTR) => {}
                Err(codes::WSAEWOULDBLOCK) => return None,
                // An earlier datagram was refused, and Linux tells of it here, once.
                Err(codes::WSAECONNREFUSED) if self.datagram => {}
                Err(code) => return Some(-code),
            }
        }
    }

    /// Takes the driver's result for the head of a lane: continues the operation, or ends it,
    /// delivers it and starts the next.
    ///
    /// # Safety
    ///
    /// `this` is the socket of `op`, the head of one of its lanes. Both may be gone afterwards.
    pub(crate) unsafe fn settle(this: *const Self, op: OpRef, done: Done, home: &Home, unwanted: &mut Unwanted) {
        // SAFETY: the caller's promise: the socket is alive until the delivery of the operation,
        // and after that for the time of the visit.
        let inner = unsafe { &*this };
        inner.visitors.fetch_add(1, SeqCst);
        let mut unowned = Lane::default();
        inner.settle_head(op, done, home, &mut unowned, unwanted);
        // SAFETY: alive up to here; with the count given up it may be gone, so nothing else of it
        // is referred to any more.
        unsafe { &(*this).visitors }.fetch_sub(1, SeqCst);
        // What the library owned may hold the last handle to the socket.
        while let Some(op) = unowned.pop() {
            // SAFETY: the lane has let go of it, so this is the last reference; any thread may drop it.
            unsafe { discard(op) };
        }
    }

    fn settle_head(&self, op: OpRef, done: Done, home: &Home, unowned: &mut Lane, unwanted: &mut Unwanted) {
        let kind = op.kind();
        let mut lanes = self.lanes();
        let before = op.rest().1 as usize;
        let result = self.judge(&lanes, op, done.result);
        if kind == Kind::Receive {
            // One datagram says nothing of the next.
            lanes.drained = !done.more && !self.datagram && !op.only_looks() && done.result < before as i32;
        }
        if sends(kind) {
            lanes.queued -= before - op.rest().1 as usize;
        }
        let result = match result {
            Some(result) => result,
            None => match self.start(&lanes, op, home) {
                Ok(()) => return,
                Err(code) => -code,
            },
        };
        if kind == Kind::Connect {
            lanes.unconnected = result < 0;
            if result < 0 {
                // Else the kernel goes on, or remembers the failure for the next connect.
                self.context.system.disconnect(self.raw());
            }
        }
        // Delivered before the lock is released: an operation issued from now on comes behind.
        lanes.end_head(kind, op, result);
        tell(op, unowned, unwanted);
        while let Some(next) = lanes.of(kind).head {
            let Some(result) = self.begin_next(&mut lanes, next, home) else { break };
            lanes.end_head(kind, next, result);
            tell(next, unowned, unwanted);
        }
        self.after_end(&lanes);
    }

    /// Begins what has become the head of a lane; its result if that ends it too.
    fn begin_next(&self, lanes: &mut Lanes, op: OpRef, home: &Home) -> Option<i32> {
        if op.cancelled() {
            return Some(-codes::WSA_OPERATION_ABORTED);
        }
        if sends(op.kind()) {
            let before = op.rest().1 as usize;
            let result = self.send_now(op);
            lanes.queued -= before - op.rest().1 as usize;
            if result.is_some() {
                return result;
            }
        }
        self.start(lanes, op, home).err().map(|code| -code)
    }

    /// The final result of an operation, or `None` if it goes on.
    fn judge(&self, lanes: &Lanes, op: OpRef, result: i32) -> Option<i32> {
        let again = match (op.kind(), result) {
            // Not the end of the stream, but ours.
            (_, result) if result <= 0 && lanes.closed && op.cancelled() => return Some(-codes::WSA_OPERATION_ABORTED),
            (Kind::Send, sent) if sent >= 0 => {
                op.advance(sent as u32);
                if op.progress() == op.length() {
                    return Some(op.length() as i32);
                }
                true
            }
            // Readiness only: the data stays where it is.
            (Kind::Receive, ready) if ready >= 0 && op.only_looks() => match self.look(op) {
                Ok(bytes) => return Some(bytes),
                Err(codes::WSAEWOULDBLOCK) => true,
                Err(code) => return Some(-code),
            },
            (Kind::Receive, received) if received >= 0 => match take_in(op, received) {
                Some(result) => return Some(result),
                None => true,
            },
            // What Linux calls so is the answer to a datagram that nobody took.
            (Kind::Receive, result) if self.datagram && result == -codes::WSAECONNREFUSED => {
                return Some(-codes::WSAECONNRESET);
            }
            (Kind::Connect, ready) if ready >= 0 => match self.context.system.connected(self.raw()) {
                Ok(()) => return Some(0),
                Err(codes::WSAENOTCONN) => true,
                Err(code) => return Some(-code),
            },
            // The kernel's own cancel: the thread that had submitted the operation has ended.
            (_, result) if result == -codes::WSA_OPERATION_ABORTED => !op.cancelled(),
            (_, result) if result == -codes::WSAEINTR => true,
            // The descriptor is in non-blocking mode, which is no business of an overlapped operation.
            (_, result) if result == -codes::WSAEWOULDBLOCK => {
                self.context.system.set_blocking(self.raw());
                true
            }
            // The client left before it was accepted: nobody to hand out.
            (Kind::Accept, result) if result == -codes::WSAECONNABORTED => true,
            _ => false,
        };
        match again {
            // What a receive of everything has taken is not lost.
            _ if op.cancelled() && op.kind() == Kind::Receive && op.progress() > 0 => Some(op.progress() as i32),
            true if op.cancelled() => Some(-codes::WSA_OPERATION_ABORTED),
            true => None,
            false => Some(result),
        }
    }

    /// Fills the buffers of a receive that leaves the data in the socket.
    fn look(&self, op: OpRef) -> Attempt<i32> {
        let Some(mut message) = op.message() else { return self.context.system.peek(self.raw()).map(|()| 0) };
        let bytes = self.context.system.peek_message(self.raw(), message)?;
        // SAFETY: the driver has given the operation back, and the lane's lock is held.
        match unsafe { message.as_mut() }.received() {
            true => Err(codes::WSAEMSGSIZE),
            false => Ok(bytes as i32),
        }
    }

    /// What waited for the send lane to run empty.
    fn after_end(&self, lanes: &Lanes) {
        if lanes.send_shut && !lanes.closed && lanes.send.is_empty() {
            let _ = self.context.system.shutdown(self.raw(), super::Shutdown::Send);
        }
    }

    pub(super) fn queued_bytes(&self) -> usize {
        self.lanes().queued
    }
}

impl Lanes {
    /// Gives an operation its serial number in this socket.
    pub(super) fn number(&mut self, op: OpRef) -> u32 {
        self.serial = self.serial.wrapping_add(1);
        op.set_serial(self.serial);
        self.serial
    }

    fn end_head(&mut self, kind: Kind, op: OpRef, result: i32) {
        let head = self.of(kind).pop();
        debug_assert!(head == Some(op), "only the head of a lane is with the driver");
        if sends(kind) {
            self.queued -= op.rest().1 as usize;
        }
        op.set_result(result);
    }
}

/// Takes in what a receive has brought; its result, or `None` if it goes on for more.
fn take_in(op: OpRef, received: i32) -> Option<i32> {
    let Some(mut message) = op.message() else { return Some(received) };
    // SAFETY: the driver has given the operation back, and the lane's lock is held.
    let message = unsafe { message.as_mut() };
    if message.received() {
        return Some(-codes::WSAEMSGSIZE);
    }
    let whole = message.flags.wait_all && !message.datagram;
    op.advance(received as u32);
    let done = !whole || received == 0 || op.progress() == op.length();
    done.then_some(op.progress() as i32)
}

/// Delivers an operation; one that nobody is told of goes to `unowned`.
fn tell(op: OpRef, unowned: &mut Lane, unwanted: &mut Unwanted) {
    match op.delivery() {
        Delivery::Nobody => unowned.push(op),
        _ => deliver(op, unwanted),
    }
}
