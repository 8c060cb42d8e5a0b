//! What the driver has completed: the head of a lane is continued, or ended and delivered, and the next begins.

use super::{Lane, Lanes};
use crate::codes;
use crate::delivery::{Unwanted, deliver, discard, end_call};
use crate::driver::{Attempt, Done};
use crate::home::Home;
use crate::op::{Delivery, Kind, OpRef};
use crate::socket::{Inner, Shutdown, sends};

/// What the system says of a connection that has been given up.
const NOT_CONNECTED: i32 = -codes::WSAENOTCONN;

impl Inner {
    /// Takes the driver's result for the head of a lane: continues the operation, or ends it,
    /// delivers it and starts the next. Returns whether that is a receive in this home, which may be able to
    /// complete at once.
    ///
    /// # Safety
    ///
    /// `this` is the socket of `op`, the head of one of its lanes. Both may be gone afterwards.
    pub(crate) unsafe fn settle(
        this: *const Self,
        op: OpRef,
        done: Done,
        home: &Home,
        unwanted: &mut Unwanted,
    ) -> bool {
        // SAFETY: the caller's promise: the socket is alive until the delivery of the operation.
        let inner = unsafe { Self::visit(this) };
        let mut unowned = Lane::default();
        let receives = inner.settle_head(op, done, home, &mut unowned, unwanted);
        // What the library owned may hold the last handle to the socket.
        while let Some(op) = unowned.pop() {
            // SAFETY: the lane has let go of it, so this is the last reference; any thread may drop it.
            unsafe { discard(op) };
        }
        receives
    }

    fn settle_head(&self, op: OpRef, done: Done, home: &Home, unowned: &mut Lane, unwanted: &mut Unwanted) -> bool {
        let kind = op.kind();
        let mut lanes = self.lanes();
        let before = op.rest().1 as usize;
        let result = self.judge(&lanes, op, done.result);
        if sends(kind) {
            lanes.requeue(before, op);
        }
        let result = match result {
            Some(0 | NOT_CONNECTED) if kind == Kind::Receive && lanes.broken => -codes::WSAECONNRESET,
            Some(result) => result,
            None => match self.start(&lanes, op, home) {
                Ok(()) => return false,
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
        self.end_head(&mut lanes, op, result, unowned, unwanted);
        !sends(kind) && lanes.receive.head.is_some_and(|next| home.is_for(next))
    }

    /// Ends and delivers the head of a lane, before its lock is released: an operation issued from now on comes
    /// behind. Begins the next.
    fn end_head(&self, lanes: &mut Lanes, op: OpRef, result: i32, unowned: &mut Lane, unwanted: &mut Unwanted) {
        let kind = op.kind();
        self.note(lanes, kind, result);
        self.break_off(lanes, op, result);
        lanes.take_head(kind, op, result);
        // Before whoever is told of it makes the next call.
        self.operation_ended(lanes, kind, result);
        tell(op, unowned, unwanted);
        while let Some(next) = lanes.of(kind).head {
            let Some(result) = self.begin_next(lanes, next) else { break };
            self.note(lanes, kind, result);
            self.break_off(lanes, next, result);
            lanes.take_head(kind, next, result);
            self.operation_ended(lanes, next.kind(), result);
            tell(next, unowned, unwanted);
        }
        self.after_end(lanes);
    }

    /// A send that nobody is told of has failed, for want of memory say: what comes after it would follow a hole in the
    /// stream, so the connection is given up. That is told to whoever sends or receives next, here and there.
    fn break_off(&self, lanes: &mut Lanes, op: OpRef, result: i32) {
        let nobody = matches!(op.delivery(), Delivery::Nobody);
        if result < 0 && nobody && !self.datagram && !lanes.closed && !op.cancelled() {
            lanes.broken = true;
            self.context.system.disconnect(self.raw());
        }
    }

    /// Ends the head of a lane for a caller who drops what nobody owns along with what nobody wants.
    pub(super) fn end_head_aside(&self, lanes: &mut Lanes, op: OpRef, result: i32, unwanted: &mut Unwanted) {
        let mut unowned = Lane::default();
        self.end_head(lanes, op, result, &mut unowned, unwanted);
        while let Some(op) = unowned.pop() {
            unwanted.push(op);
        }
    }

    /// Begins what has become the head of a lane; its result if that ends it too.
    fn begin_next(&self, lanes: &mut Lanes, op: OpRef) -> Option<i32> {
        if op.cancelled() || op.issuer_has_ended() {
            return Some(-codes::WSA_OPERATION_ABORTED);
        }
        if op.kind() == Kind::Receive && lanes.reset {
            return Some(-codes::WSAECONNRESET);
        }
        if op.is_own() {
            return self.begin_own(lanes, op);
        }
        if sends(op.kind()) {
            let before = op.rest().1 as usize;
            let result = self.send_now(op);
            lanes.requeue(before, op);
            if result.is_some() {
                return result;
            }
        }
        let started = self.context.hub.home().and_then(|hub| self.start(lanes, op, hub));
        started.err().map(|code| -code)
    }

    /// Begins an operation in its thread's home, by that thread.
    fn begin_own(&self, lanes: &Lanes, op: OpRef) -> Option<i32> {
        match lanes.own.upgrade() {
            Some(home) if home.is_current() => self.start(lanes, op, &home).err().map(|code| -code),
            Some(home) => {
                home.leave_start(op);
                None
            }
            // Its thread has ended.
            None => Some(-codes::WSA_OPERATION_ABORTED),
        }
    }

    /// Begins the head of the receive lane, which another thread has left to this one.
    pub(crate) fn begin_left(&self, op: OpRef) {
        let mut unwanted = Unwanted::default();
        let mut lanes = self.lanes();
        if let Some(result) = self.begin_next(&mut lanes, op) {
            self.end_head_aside(&mut lanes, op, result, &mut unwanted);
        }
    }

    /// The final result of an operation, or `None` if it goes on.
    fn judge(&self, lanes: &Lanes, op: OpRef, result: i32) -> Option<i32> {
        let again = match (op.kind(), result) {
            // Not the end of the stream, but ours.
            (kind, result) if lanes.closed && op.cancelled() && (result < 0 || result == 0 && kind != Kind::Accept) => {
                return Some(-codes::WSA_OPERATION_ABORTED);
            }
            (Kind::Send, sent) if sent >= 0 => {
                op.advance(sent as u32);
                if op.progress() == op.length() {
                    if let Some(result) = op.more() {
                        return Some(result);
                    }
                }
                true
            }
            // Readiness only: the data stays where it is.
            (Kind::Receive, ready) if ready >= 0 && op.only_looks() => match self.look(op) {
                Ok(bytes) => return Some(bytes),
                Err(codes::WSAEWOULDBLOCK | codes::WSAEINTR) => true,
                Err(code) => return Some(-code),
            },
            (Kind::Receive, received) if received >= 0 => match take_in(op, received) {
                Some(result) => return Some(result),
                None => true,
            },
            // Of an earlier datagram, and told once.
            (Kind::Send, result) if self.datagram && result == -codes::WSAECONNREFUSED => true,
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
        let over = || op.cancelled() || op.issuer_has_ended();
        match again {
            // What a receive of everything has taken is not lost, to its cancel nor to a want that passes.
            _ if op.kind() == Kind::Receive && op.progress() > 0 && (over() || result == -codes::WSAENOBUFS) => {
                Some(op.progress() as i32)
            }
            true if over() => Some(-codes::WSA_OPERATION_ABORTED),
            true => None,
            false => Some(result),
        }
    }

    /// Fills the buffers of a receive that leaves the data in the socket.
    fn look(&self, op: OpRef) -> Attempt<i32> {
        let Some(mut message) = op.message() else { return self.context.system.peek(self.raw()).map(|()| 0) };
        let bytes = self.context.system.receive_message(self.raw(), message, true)?;
        // SAFETY: the driver has given the operation back, and the lane's lock is held.
        match unsafe { message.as_mut() }.received() {
            true => Err(codes::WSAEMSGSIZE),
            false => Ok(bytes as i32),
        }
    }

    /// Notes what a result says of the connection.
    pub(in crate::socket) fn note(&self, lanes: &mut Lanes, kind: Kind, result: i32) {
        let reset = result == -codes::WSAECONNRESET && !self.datagram;
        lanes.reset |= reset && kind == Kind::Receive;
        lanes.broken |= reset && kind == Kind::Send;
    }

    /// What waited for the send lane to run empty.
    fn after_end(&self, lanes: &Lanes) {
        if lanes.send_shut && !lanes.closed && lanes.send.is_empty() {
            let _ = self.context.system.shutdown(self.raw(), Shutdown::Send);
        }
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
        Delivery::Told(_) => {
            end_call(op);
            unowned.push(op);
        }
        _ => deliver(op, unwanted),
    }
}
