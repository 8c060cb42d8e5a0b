//! An overlapped operation of a C program: the engine's call, and what becomes of its `OVERLAPPED`.

mod issuing;

use super::address;
use super::object::SocketObject;
use super::spares::NO_ERA;
use crate::abi::{Dword, Handle, Overlapped as Header};
use crate::codes::*;
use crate::error::Code;
use crate::handle;
use crate::kernel::port::{Packet, PortObject};
use crate::status::{self, Status};
use overlapped::face::operations::{Begun, Call, Cancel, End, Issuer, More, Part, Telling, complete, issue};
use overlapped::{Event, Overlapped, Socket};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Release};

pub(crate) use issuing::this_thread;

/// `LPWSAOVERLAPPED_COMPLETION_ROUTINE`.
pub(crate) type Routine =
    unsafe extern "C-unwind" fn(error: Dword, bytes: Dword, overlapped: *mut Header, flags: Dword);

/// Which `OVERLAPPED` it is, and the thread that issued it: what a cancel asks for.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    /// Null for any.
    pub(crate) header: *mut Header,
    /// `None` for any.
    pub(crate) thread: Option<usize>,
    /// The `SOCKET` that it was issued on, which need not be the one that it works on by now.
    pub(crate) socket: *const SocketObject,
    /// The socket that it accepts into. Null for any: an `OVERLAPPED` may be another operation's by now, for another socket.
    pub(crate) into: *const SocketObject,
}

/// An operation in flight. The program keeps its `OVERLAPPED`, its buffers and the places of addresses until it has ended.
pub(crate) struct Operation {
    /// Keeps the socket open and says where its packets go. A [spare](super::spares) has none.
    socket: Option<Arc<SocketObject>>,
    /// The engine's socket that it works on.
    pub(crate) engine: Socket,
    /// Whether that is still the socket's, see [`Spares`](super::spares::Spares).
    pub(super) era: usize,
    pub(crate) header: NonNull<Header>,
    thread: usize,
    event: Option<Named>,
    routine: Option<Routine>,
    key: usize,
    /// Where the sender's address and its length go.
    pub(crate) from: Option<(NonNull<u8>, NonNull<i32>)>,
    rare: Option<Box<Rare>>,
    status: Status,
    bytes: usize,
}

/// What few operations have.
#[derive(Default)]
pub(crate) struct Rare {
    /// The socket that it accepts into, which is only compared.
    pub(crate) into: Option<*const SocketObject>,
    /// What else is to be done when it ends, with what that adds.
    pub(crate) follow: Option<Box<dyn Follow>>,
    /// What it sends when it has sent its buffer.
    pub(crate) source: Option<Box<dyn Source>>,
    /// How it goes on outside of the engine's locks, when it ends without a result.
    pub(crate) then: Then,
}

/// What an operation does when it has ended, before the program is told.
pub(crate) trait Follow: Send {
    /// The result, or `None` if it goes on as another operation, which this has issued with what `operation` has, or
    /// [will](Operation::then).
    fn follow(self: Box<Self>, operation: &mut Operation, end: &mut End<'_>) -> Option<Result<usize, Code>>;
}

/// What a send goes on with.
pub(crate) trait Source: Send {
    /// The next bytes, which stay where they are until it is asked again.
    fn next(&mut self) -> More;

    /// How much it has given out by now.
    fn total(&self) -> usize;
}

/// Runs when it is dropped, unless it is empty.
#[derive(Default)]
pub(crate) struct Then(Option<Box<dyn FnOnce() + Send>>);

impl Then {
    pub(crate) fn new(what: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(what)))
    }
}

impl Drop for Then {
    fn drop(&mut self) {
        if let Some(what) = self.0.take() {
            what();
        }
    }
}

// SAFETY: the pointers are the program's, which keeps what they point to until the operation has ended, on whichever thread.
unsafe impl Send for Operation {}

/// An event as an `OVERLAPPED` names it.
#[derive(Clone)]
pub(crate) struct Named {
    number: Handle,
    event: Event,
    /// How many handles had been closed before it was looked up: as long as it is no more, the number names it.
    removals: usize,
}

impl Named {
    /// The event of a number, if it is not 0.
    ///
    /// # Errors
    ///
    /// `ERROR_INVALID_HANDLE` if it is no event.
    pub(super) fn find(number: Handle) -> Result<Option<Self>, Code> {
        if number == 0 {
            return Ok(None);
        }
        let removals = handle::removals();
        let event = handle::event(number).ok_or(ERROR_INVALID_HANDLE)?;
        Ok(Some(Self { number, event, removals }))
    }

    /// The same as [`find`](Self::find), given what was found before.
    fn find_again(before: Option<Self>, number: Handle) -> Result<Option<Self>, Code> {
        match before {
            Some(named) if named.number == number && named.removals == handle::removals() => Ok(Some(named)),
            _ => Self::find(number),
        }
    }
}

/// How the program wants to be told of an operation.
#[derive(Clone)]
pub(crate) struct Notice {
    pub(crate) event: Option<Named>,
    pub(crate) routine: Option<Routine>,
    pub(crate) port: Option<(Arc<PortObject>, usize)>,
}

impl Notice {
    fn telling(&self, issuer: impl FnOnce() -> Issuer, may_skip: bool) -> Telling<'_, Packet> {
        self.wish().telling(issuer, may_skip)
    }

    fn wish(&self) -> Wish<'_> {
        let event = self.event.as_ref().map_or(0, |named| named.number);
        Wish { event, routine: self.routine, port: self.port.as_ref() }
    }
}

/// A [`Notice`] that is only asked for.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// The number of an event, or 0.
    pub(crate) event: Handle,
    pub(crate) routine: Option<Routine>,
    pub(crate) port: Option<&'a (Arc<PortObject>, usize)>,
}

impl<'a> Wish<'a> {
    fn telling(&self, issuer: impl FnOnce() -> Issuer, may_skip: bool) -> Telling<'a, Packet> {
        match self.port {
            Some((port, _)) => Telling::Port(port.engine(), may_skip),
            None if self.routine.is_some() => Telling::Routine,
            None => Telling::Nobody(issuer()),
        }
    }
}

impl Operation {
    pub(crate) fn new(socket: Arc<SocketObject>, header: NonNull<Header>, notice: &Notice) -> Self {
        let (event, wish) = (notice.event.clone(), notice.wish());
        Self::with(socket, header, event, wish)
    }

    fn with(socket: Arc<SocketObject>, header: NonNull<Header>, event: Option<Named>, wish: Wish<'_>) -> Self {
        Self {
            era: socket.spares.era(),
            engine: socket.socket(),
            socket: Some(socket),
            header,
            thread: this_thread(),
            event,
            routine: wish.routine,
            key: wish.port.map_or(0, |(_, key)| *key),
            from: None,
            rare: None,
            status: status::PENDING,
            bytes: 0,
        }
    }

    /// One in a block that is over, if the socket has such a block.
    ///
    /// # Errors
    ///
    /// `ERROR_INVALID_HANDLE` if there is no such event.
    pub(crate) fn begin(
        socket: &Arc<SocketObject>,
        header: NonNull<Header>,
        wish: Wish<'_>,
    ) -> Result<Overlapped<Self>, Code> {
        let Some(mut block) = socket.spares.take() else {
            let event = Named::find(wish.event)?;
            return Ok(Overlapped::new(Self::with(Arc::clone(socket), header, event, wish)));
        };
        let operation = &mut *block;
        operation.event = Named::find_again(operation.event.take(), wish.event)?;
        operation.socket = Some(Arc::clone(socket));
        operation.header = header;
        operation.thread = this_thread();
        operation.routine = wish.routine;
        operation.key = wish.port.map_or(0, |(_, key)| *key);
        operation.from = None;
        operation.status = status::PENDING;
        operation.bytes = 0;
        Ok(block)
    }

    /// The socket that it was issued on.
    pub(crate) fn socket(&self) -> &Arc<SocketObject> {
        self.socket.as_ref().unwrap_or_else(|| unreachable!("only a spare has no socket"))
    }

    /// What few operations have, to be filled.
    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// What it sends when it has sent its buffer.
    pub(crate) fn source(&self) -> Option<&dyn Source> {
        self.rare.as_ref().and_then(|rare| rare.source.as_deref())
    }

    /// One that goes on with the same `OVERLAPPED` and the same notice.
    pub(crate) fn next(&self, engine: Socket) -> Self {
        Self {
            engine,
            era: NO_ERA,
            socket: self.socket.clone(),
            header: self.header,
            thread: self.thread,
            event: self.event.clone(),
            routine: self.routine,
            key: self.key,
            from: None,
            rare: None,
            status: status::PENDING,
            bytes: 0,
        }
    }

    /// Marks the `OVERLAPPED` as pending and its event as not signalled, and issues the operation. The bytes if it is done,
    /// else the code: `WSA_IO_PENDING` if it is in flight.
    ///
    /// # Safety
    ///
    /// The program keeps the `OVERLAPPED` and what `part` names until the operation has ended.
    pub(crate) unsafe fn issue(
        self,
        part: impl for<'a> FnOnce(&'a mut Self) -> Part<'a>,
        notice: &Notice,
    ) -> Result<usize, Code> {
        // SAFETY: the caller's promise.
        unsafe { Self::issue_block(Overlapped::new(self), part, notice.wish()) }
    }

    /// The same for one that lies in its block already.
    ///
    /// # Safety
    ///
    /// As for [`issue`](Self::issue).
    pub(crate) unsafe fn issue_block(
        block: Overlapped<Self>,
        part: impl for<'a> FnOnce(&'a mut Self) -> Part<'a>,
        wish: Wish<'_>,
    ) -> Result<usize, Code> {
        let header = block.header;
        block.mark_pending();
        let telling = wish.telling(Issuer::this_thread, true);
        // SAFETY: the caller's promise.
        let (begun, bytes) = issuing::issuing(header, || unsafe { issue(block, part, telling) });
        match begun {
            // Without bytes it goes on as another one, or has failed as that.
            Begun::Done => bytes.ok_or(WSA_IO_PENDING),
            Begun::Pending => Err(WSA_IO_PENDING),
            Begun::Failed(code) => {
                let code = code.unsigned_abs();
                // It has not begun, so the `OVERLAPPED` is the program's.
                set(header, status::of_code(code), 0);
                Err(code)
            }
        }
    }

    /// Whether it is this thread that issues it, or what it goes on for, right now.
    fn is_being_issued(&self) -> bool {
        issuing::issues(self.header)
    }

    /// It is about to begin.
    pub(crate) fn mark_pending(&self) {
        if let Some(named) = &self.event {
            named.event.reset();
        }
        set(self.header, status::PENDING, 0);
    }

    /// Issues the operation as one that goes on for another, told as that and ending with the thread that had issued it.
    ///
    /// # Safety
    ///
    /// As for [`issue`](Self::issue).
    pub(crate) unsafe fn go_on(
        self,
        part: impl for<'a> FnOnce(&'a mut Self) -> Part<'a>,
        notice: &Notice,
        issuer: &Issuer,
    ) -> Result<(), Code> {
        let (engine, issues) = (self.engine.clone(), self.is_being_issued());
        // Of this thread only: another may have the `OVERLAPPED` by then.
        let name = Name { thread: Some(self.thread), ..self.name() };
        // SAFETY: the caller's promise.
        match unsafe { issue(Overlapped::new(self), part, notice.telling(|| issuer.clone(), issues)) } {
            // It was closed in between.
            Begun::Failed(code) if code.unsigned_abs() == WSAENOTSOCK => Err(WSA_OPERATION_ABORTED),
            Begun::Failed(code) => Err(code.unsigned_abs()),
            Begun::Pending if notice.port.is_none() && issuer.has_ended() => {
                // The end of the thread may have looked before.
                overlapped::face::operations::cancel::<Self>(&engine, &name, &Cancel::All);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Ends the operation, as if it had been in flight.
    pub(crate) fn end(mut self, result: Result<usize, Code>, notice: &Notice, issuer: &Issuer) {
        if result.is_ok() && notice.port.is_some() && self.is_being_issued() && self.socket().skips_packets() {
            return self.finish(result, 0);
        }
        let result = result.map_err(|code| code as i32);
        complete(Overlapped::new(self), |this| &this.engine, result, notice.telling(|| issuer.clone(), false));
    }

    /// Issues the operation as one for which there is nothing to do: it is done when this returns.
    pub(crate) fn end_at_once(self, bytes: usize, notice: &Notice) {
        self.mark_pending();
        issuing::issuing(self.header, || self.end(Ok(bytes), notice, &Issuer::this_thread()));
    }

    /// It has failed before it began: the `OVERLAPPED` is the program's.
    pub(crate) fn fail(self, code: Code) {
        set(self.header, status::of_code(code), 0);
    }

    /// What it is looked for by.
    pub(crate) fn name(&self) -> Name {
        Name { header: self.header.as_ptr(), thread: None, socket: Arc::as_ptr(self.socket()), into: ptr::null() }
    }

    /// Writes what the program sees of the end, and tells who waits for an event.
    fn finish(&mut self, result: Result<usize, Code>, room: usize) {
        (self.status, self.bytes) = match result {
            Ok(bytes) => (status::SUCCESS, bytes),
            Err(code) => {
                let status = status::of_code(code);
                (status, if status == status::BUFFER_OVERFLOW { room } else { 0 })
            }
        };
        if self.status == status::SUCCESS {
            issuing::succeeded(self.header, self.bytes);
        }
        let (header, status, bytes) = (self.header, self.status, self.bytes);
        // From there on the program may use the `OVERLAPPED` again, and its event, which the next operation resets.
        let tell = || set(header, status, bytes);
        match &self.event {
            Some(named) => overlapped::face::set_with(&named.event, tell),
            None if self.routine.is_none() => {
                tell();
                self.socket().done.ended();
            }
            None => tell(),
        }
    }
}

impl Call for Operation {
    type Packet = Packet;
    type Name = Name;

    fn ended(&mut self, mut end: End<'_>) -> bool {
        let result = match self.rare.as_mut().and_then(|rare| rare.follow.take()) {
            Some(follow) => follow.follow(self, &mut end),
            None => Some(end.bytes().map_err(i32::unsigned_abs)),
        };
        let Some(result) = result else { return false };
        if let (Some((place, room)), Some(from)) = (self.from, end.from()) {
            // SAFETY: the program keeps both until the operation has ended.
            let _ = unsafe { address::write(&from, place.as_ptr(), room.as_ptr()) };
        }
        self.finish(result, end.room());
        true
    }

    fn more(&mut self) -> More {
        let source = self.rare.as_mut().and_then(|rare| rare.source.as_mut());
        source.map_or(More::Nothing, |source| source.next())
    }

    fn routine(call: Overlapped<Self>) {
        let Operation { header, routine, .. } = *call;
        Self::over(call);
        let (status, bytes) = get(header);
        if let Some(routine) = routine {
            let flags = flags(status);
            // SAFETY: the program's routine, for an `OVERLAPPED` that it keeps until the routine has been called.
            unsafe { routine(status::winsock(status), bytes as Dword, header.as_ptr(), flags) };
        }
    }

    fn packet(call: Overlapped<Self>) -> Packet {
        let packet = Packet { key: call.key, header: call.header.as_ptr(), bytes: call.bytes, status: call.status };
        Self::over(call);
        packet
    }

    fn over(mut call: Overlapped<Self>) {
        let (socket, rare) = (call.socket.take(), call.rare.take());
        if let Some(socket) = &socket {
            socket.spares.keep(call);
        }
        // What it goes on with may be the end of what is kept.
        drop(rare);
    }

    fn is(&self, name: &Name) -> bool {
        (name.header.is_null() || name.header == self.header.as_ptr())
            && name.thread.is_none_or(|thread| thread == self.thread)
            && name.socket == Arc::as_ptr(self.socket())
            && (name.into.is_null() || self.rare.as_ref().and_then(|rare| rare.into) == Some(name.into))
    }
}

/// The flags of a completion: a datagram that was longer came in part.
pub(crate) fn flags(status: Status) -> Dword {
    const MSG_PARTIAL: Dword = 0x8000;
    if status == status::BUFFER_OVERFLOW { MSG_PARTIAL } else { 0 }
}

/// The status of an `OVERLAPPED` as others read it: one word, which another thread may write.
fn internal(header: NonNull<Header>) -> &'static AtomicUsize {
    // SAFETY: the program keeps it while it is used, which is as long as the reference is.
    unsafe { AtomicUsize::from_ptr(&raw mut (*header.as_ptr()).internal) }
}

/// Writes status and bytes, in that order of visibility that whoever sees the end sees the bytes.
pub(crate) fn set(header: NonNull<Header>, status: Status, bytes: usize) {
    // SAFETY: the program keeps it; nobody else writes it while the operation is in flight.
    unsafe { (*header.as_ptr()).internal_high = bytes };
    internal(header).store(status as usize, Release);
}

/// Status and bytes.
pub(crate) fn get(header: NonNull<Header>) -> (Status, usize) {
    let status = internal(header).load(Acquire) as Status;
    // SAFETY: the program keeps it.
    (status, unsafe { (*header.as_ptr()).internal_high })
}
