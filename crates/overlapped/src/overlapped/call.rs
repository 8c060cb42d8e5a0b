//! Operations of another face on the engine, whose buffers lie in memory that the library does not own.

use super::{Block, Overlapped, Parts};
use crate::buffers::{Gather, Scatter};
use crate::codes;
use crate::delivery::{Unwanted, deliver, discard, end_call};
use crate::home;
use crate::message::{Message, Slot};
use crate::op::{Act, Delivery, Kind, More, Op, OpRef, Outcome, Question};
use crate::operation::Issued;
use crate::port::Port;
use crate::socket::Socket;
use crate::thread::{self, ThreadCore};
use std::any::TypeId;
use std::net::SocketAddr;
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// What an operation of another face carries.
pub trait Call: Send + Sized + 'static {
    /// What a port gives for it.
    type Packet: Send + 'static;

    /// The name by which it is looked for, see [`cancel`].
    type Name;

    /// The operation has ended, and nobody else has been told. Whether its delivery is to follow; if not it is dropped.
    ///
    /// Runs on whichever thread found out, inside of the engine: no code of the program, nothing that blocks, and of the engine
    /// nothing but setting an event, posting to a port, or issuing an operation on another socket that nobody knows yet. What
    /// is dropped because its delivery is not to follow is so outside of the engine's locks, and may go on there.
    fn ended(&mut self, end: End<'_>) -> bool;

    /// A send from one place of memory has sent it all: what the same operation goes on with, before whatever was issued
    /// after it. As [`ended`](Self::ended), inside of the engine.
    fn more(&mut self) -> More {
        More::Nothing
    }

    /// Its routine: runs on the thread that issued it, in an alertable wait.
    fn routine(call: Overlapped<Self>);

    /// Its packet, made on the thread that takes it.
    fn packet(call: Overlapped<Self>) -> Self::Packet;

    /// Nobody else is told of it, or nobody can be: it is over. On whichever thread, and maybe where [`ended`](Self::ended) runs.
    fn over(call: Overlapped<Self>) {
        drop(call);
    }

    /// Whether it is the one of that name. As [`ended`](Self::ended), inside of the engine.
    fn is(&self, name: &Self::Name) -> bool;
}

/// How a call ended.
pub struct End<'a> {
    op: &'a Op,
    /// The connection that an accept has brought.
    pub accepted: Option<Socket>,
}

impl<'a> End<'a> {
    fn of(op: &'a Op) -> Self {
        let accepted = if op.kind() == Kind::Accept { Socket::take(op).ok() } else { None };
        Self { op, accepted }
    }

    /// The bytes transferred, or the code of Winsock.
    ///
    /// # Errors
    ///
    /// That of the operation. A datagram that was longer than its buffers has filled them.
    pub fn bytes(&self) -> Result<usize, i32> {
        let done = self.op.outcome(|bytes| if self.op.kind() == Kind::Accept { 0 } else { bytes as usize });
        done.map_err(|error| error.code())
    }

    /// The room that there was.
    pub fn room(&self) -> usize {
        self.op.length() as usize
    }

    /// The flags as Winsock numbers them.
    pub fn flags(&self) -> u32 {
        self.op.ended_message().map_or(0, |message| message.returned)
    }

    /// With whose end it would have ended, to go on with the same.
    pub fn issuer(&self) -> Issuer {
        match self.op.delivery() {
            Delivery::Told(issuer) => Issuer(issuer.clone()),
            _ => Issuer(None),
        }
    }

    /// Who sent a datagram.
    pub fn from(&self) -> Option<SocketAddr> {
        self.op.ended_message().and_then(Message::address)
    }
}

/// The thread with which operations end, or none.
#[derive(Clone)]
pub struct Issuer(Option<Arc<ThreadCore>>);

impl Issuer {
    /// None: whatever thread issues it, it goes on.
    pub fn nobody() -> Self {
        Self(None)
    }

    /// The calling thread.
    pub fn this_thread() -> Self {
        Self(thread::with(|engine| Arc::clone(engine.core())))
    }

    /// Whether it ends, or has ended: what is issued for it from now on its end may not find.
    pub fn has_ended(&self) -> bool {
        self.0.as_ref().is_some_and(|thread| thread.is_closed())
    }
}

/// What a call does.
pub enum Part<'a> {
    /// Receives into one place of memory.
    Receive(&'a Socket, *mut u8, usize),
    /// Receives into several, or with flags; tells the sender if that is asked for.
    Scatter(Scatter<'a>, bool),
    /// Sends from one place of memory.
    Send(&'a Socket, *const u8, usize),
    /// Sends from several, or to an address.
    Gather(Gather<'a>),
    /// Accepts a connection.
    Accept(&'a Socket),
    /// Connects.
    Connect(&'a Socket, SocketAddr),
}

impl<'a> Part<'a> {
    fn kind(&self) -> Kind {
        match self {
            Self::Receive(..) | Self::Scatter(..) => Kind::Receive,
            Self::Send(..) | Self::Gather(_) => Kind::Send,
            Self::Accept(_) => Kind::Accept,
            Self::Connect(..) => Kind::Connect,
        }
    }

    fn address(&self) -> Option<SocketAddr> {
        if let Self::Connect(_, address) = self { Some(*address) } else { None }
    }

    fn parts(self, slot: &mut Slot) -> Parts<'a> {
        match self {
            Self::Receive(socket, buffer, length) => Parts { socket, buffer, length, has_message: false },
            Self::Send(socket, buffer, length) => {
                Parts { socket, buffer: buffer.cast_mut(), length, has_message: false }
            }
            Self::Scatter(scatter, sender) => Parts::scatter(if sender { scatter.sender() } else { scatter }, slot),
            Self::Gather(gather) => Parts::gather(gather, slot),
            Self::Accept(socket) | Self::Connect(socket, _) => Parts::bare(socket),
        }
    }
}

/// Who else is told.
pub enum Telling<'a, P: Send + 'static> {
    /// Nobody. The operation ends with this thread.
    Nobody(Issuer),
    /// The thread that issues it, by [`Call::routine`].
    Routine,
    /// Whoever takes the packet of this port. `true`: if it succeeds at once and the socket says so there is no packet.
    Port(&'a Port<P>, bool),
}

/// What an issue says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Done, and [`Call::ended`] was told. Its delivery is on the way, but for a port that a socket skips.
    Done,
    /// In flight.
    Pending,
    /// Refused or failed at once, with a code of Winsock: nobody is told, not the call either.
    Failed(i32),
}

/// Issues a call.
///
/// # Safety
///
/// The memory that `part` names stays valid for the operation until [`Call::ended`] is told, or the operation fails at once.
pub unsafe fn issue<T: Call>(
    call: Overlapped<T>,
    part: impl for<'a> FnOnce(&'a mut T) -> Part<'a>,
    telling: Telling<'_, T::Packet>,
) -> Begun {
    let leak = |delivery| {
        let mut to = None;
        let op = call.leak_as(
            |value, slot| {
                let part = part(value);
                to = part.address();
                (part.kind(), part.parts(slot))
            },
            delivery,
            act::<T>,
            ptr::null(),
        );
        op.set_call();
        (op, to)
    };
    match telling {
        Telling::Nobody(Issuer(issuer)) => {
            let (op, to) = leak(Delivery::Told(issuer));
            let begun = home::begin(op, to);
            conclude(op, begun, || {
                if let Delivery::Told(Some(issuer)) = op.delivery() {
                    issuer.event_operation_done();
                }
            })
        }
        Telling::Routine => {
            let begun = thread::with(|engine| {
                let (op, to) = leak(Delivery::Routine(engine.identity()));
                let begun = engine.begin(op, to);
                conclude(op, begun, || engine.take_back())
            });
            // After the end of the thread there is no alertable wait to come.
            begun.unwrap_or(Begun::Failed(codes::WSA_OPERATION_ABORTED))
        }
        Telling::Port(port, may_skip) => {
            let (op, to) = leak(Delivery::Port(port.sink()));
            let socket = op.socket();
            let home = if op.kind() == Kind::Send { Err(codes::WSAEINVAL) } else { port.home(socket.context()) };
            port.goes_out(op);
            let begun = socket.issue(op, home, to);
            if may_skip && begun == Issued::Completed && op.has_succeeded() && socket.skips_packets() {
                port.came_back(op);
                end_call(op);
                // SAFETY: it has completed and is in no queue; any thread may drop a call.
                unsafe { discard(op) };
                return Begun::Done;
            }
            conclude(op, begun, || port.came_back(op))
        }
    }
}

/// Ends a call that nothing has to be done for any more, with so many bytes or a code of Winsock, as if it had been issued and
/// had ended: whoever is to be told is told, of an error too. Nothing of `socket` is looked at.
pub fn complete<T: Call>(
    call: Overlapped<T>,
    socket: impl for<'a> FnOnce(&'a mut T) -> &'a Socket,
    result: Result<usize, i32>,
    telling: Telling<'_, T::Packet>,
) {
    let leak = |delivery| {
        let op = call.leak_as(|value, _| (Kind::Send, Parts::bare(socket(value))), delivery, act::<T>, ptr::null());
        op.set_call();
        op.set_result(result.map_or_else(|code| -code, |bytes| i32::try_from(bytes).unwrap_or(i32::MAX)));
        op
    };
    let op = match telling {
        Telling::Nobody(Issuer(issuer)) => {
            issuer.iter().for_each(|issuer| issuer.event_operation_issued());
            leak(Delivery::Told(issuer))
        }
        Telling::Routine => {
            let leaked = thread::with(|engine| {
                engine.goes_out();
                leak(Delivery::Routine(engine.identity()))
            });
            // After the end of the thread there is nobody to tell.
            let Some(op) = leaked else { return };
            op
        }
        Telling::Port(port, _) => {
            let op = leak(Delivery::Port(port.sink()));
            port.goes_out(op);
            op
        }
    };
    deliver(op, &mut Unwanted::default());
}

/// Delivers what has completed at once, or takes it back: `forget` undoes what was noted at its issue.
fn conclude(op: OpRef, begun: Issued, forget: impl FnOnce()) -> Begun {
    if begun != Issued::Completed {
        return Begun::Pending;
    }
    match op.outcome(|_| ()) {
        Ok(()) => {
            deliver(op, &mut Unwanted::default());
            Begun::Done
        }
        Err(error) => {
            forget();
            // SAFETY: it has ended and is in no queue; any thread may drop a call.
            unsafe { discard(op) };
            Begun::Failed(error.code())
        }
    }
}

/// Which of a socket's calls to cancel.
pub enum Cancel {
    /// The first that is not cancelled yet.
    One,
    /// All.
    All,
}

/// Cancels calls of a socket that bear a name (`CancelIoEx` with an `OVERLAPPED`, `CancelIo`); whether there were any.
pub fn cancel<T: Call>(socket: &Socket, name: &T::Name, which: &Cancel) -> bool {
    let its = |op: OpRef| {
        let which = ptr::from_ref(name).cast();
        let mut question = Question { call: TypeId::of::<T>(), which, answer: false };
        if op.is_call() {
            // SAFETY: it is in a lane whose lock is held, so it has not ended, and its value is only looked at.
            unsafe { op.act(Act::Ask(NonNull::from(&mut question))) };
        }
        question.answer
    };
    socket.inner().cancel_calls(its, matches!(which, Cancel::One))
}

/// Ends, asks, delivers or drops a call.
///
/// # Safety
///
/// As for [`OpRef::act`]; the block is a `Block<T>`, and the place of a packet an `Option<T::Packet>`.
unsafe fn act<T: Call>(op: OpRef, act: Act) {
    let block = op.pointer().cast::<Block<T>>().as_ptr();
    match act {
        Act::End(wanted) => {
            let end = End::of(&op);
            // SAFETY: the operation has ended and nobody has it but the caller: the value is ours, and so is the place.
            unsafe { *wanted.as_ptr() = (*block).value.ended(end) };
        }
        Act::Ask(question) => {
            // SAFETY: the caller holds the lane's lock, and whoever ends the operation takes it out of its lane first.
            let (value, question) = unsafe { (&(*block).value, &mut *question.as_ptr()) };
            if question.call == TypeId::of::<T>() {
                // SAFETY: a question to this type points to a name of its.
                question.answer = value.is(unsafe { &*question.which.cast::<T::Name>() });
            }
        }
        Act::More(place) => {
            // SAFETY: the caller holds the lane's lock and no driver has the operation: the value is ours, and so is the place.
            unsafe { *place.as_ptr() = (*block).value.more() };
        }
        Act::Deliver | Act::Packet(_) | Act::Discard => {
            // SAFETY: the operation has ended, and the caller says that this is its block.
            let call = unsafe { Overlapped::<T>::from_op(op.pointer()) };
            match act {
                Act::Deliver => T::routine(call),
                // SAFETY: the caller gives a place of this type, which nobody else uses.
                Act::Packet(place) => unsafe { *place.cast::<Option<T::Packet>>().as_ptr() = Some(T::packet(call)) },
                _ => T::over(call),
            }
        }
    }
}
