//! An overlapped operation of a C program: the engine's call, and what becomes of its `OVERLAPPED`.

use super::address;
use super::object::SocketObject;
use crate::abi::{Dword, Overlapped as Header};
use crate::codes::*;
use crate::error::Code;
use crate::kernel::port::{Packet, PortObject};
use crate::status::{self, Status};
use overlapped::face::operations::{Begun, Call, Cancel, End, Issuer, More, Part, Telling, complete, issue};
use overlapped::{Event, Overlapped, Socket};
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Release};

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
    /// Keeps the socket open and says where its packets go.
    pub(crate) socket: Arc<SocketObject>,
    /// The engine's socket that it works on.
    pub(crate) engine: Socket,
    pub(crate) header: NonNull<Header>,
    thread: usize,
    event: Option<Event>,
    routine: Option<Routine>,
    key: usize,
    /// Where the sender's address and its length go.
    pub(crate) from: Option<(NonNull<u8>, NonNull<i32>)>,
    /// The socket that it accepts into, which is only compared.
    pub(crate) into: *const SocketObject,
    /// What else is to be done when it ends, with what that adds.
    pub(crate) follow: Option<Box<dyn Follow>>,
    /// What it sends when it has sent its buffer.
    pub(crate) source: Option<Box<dyn Source>>,
    /// How it goes on outside of the engine's locks, when it ends without a result.
    pub(crate) then: Then,
    status: Status,
    bytes: usize,
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

/// How the program wants to be told of an operation.
#[derive(Clone)]
pub(crate) struct Notice {
    pub(crate) event: Option<Event>,
    pub(crate) routine: Option<Routine>,
    pub(crate) port: Option<(Arc<PortObject>, usize)>,
}

impl Notice {
    fn telling(&self, issuer: impl FnOnce() -> Issuer, may_skip: bool) -> Telling<'_, Packet> {
        match &self.port {
            Some((port, _)) => Telling::Port(port.engine(), may_skip),
            None if self.routine.is_some() => Telling::Routine,
            None => Telling::Nobody(issuer()),
        }
    }
}

thread_local! {
    /// The bytes of the operation that this thread issues, if it has succeeded by now.
    static LAST: Cell<Option<usize>> = const { Cell::new(None) };
    /// The `OVERLAPPED` that this thread is issuing an operation for, or null: what that comes to meanwhile, its call returns.
    static ISSUING: Cell<*mut Header> = const { Cell::new(ptr::null_mut()) };
    /// Its address names the thread among those that live.
    static THREAD: Cell<u8> = const { Cell::new(0) };
}

/// While it lives the thread issues an operation for this `OVERLAPPED`.
struct Issuing(*mut Header);

impl Issuing {
    fn new(header: NonNull<Header>) -> Self {
        Self(ISSUING.replace(header.as_ptr()))
    }
}

impl Drop for Issuing {
    fn drop(&mut self) {
        ISSUING.set(self.0);
    }
}

/// A number for the calling thread.
pub(crate) fn this_thread() -> usize {
    THREAD.with(|thread| std::ptr::from_ref(thread).addr())
}

impl Operation {
    pub(crate) fn new(socket: Arc<SocketObject>, header: NonNull<Header>, notice: &Notice) -> Self {
        Self {
            engine: socket.socket(),
            socket,
            header,
            thread: this_thread(),
            event: notice.event.clone(),
            routine: notice.routine,
            key: notice.port.as_ref().map_or(0, |(_, key)| *key),
            from: None,
            into: ptr::null(),
            follow: None,
            source: None,
            then: Then::default(),
            status: status::PENDING,
            bytes: 0,
        }
    }

    /// One that goes on with the same `OVERLAPPED` and the same notice.
    pub(crate) fn next(&self, engine: Socket) -> Self {
        Self {
            engine,
            socket: Arc::clone(&self.socket),
            header: self.header,
            thread: self.thread,
            event: self.event.clone(),
            routine: self.routine,
            key: self.key,
            from: None,
            into: ptr::null(),
            follow: None,
            source: None,
            then: Then::default(),
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
        let header = self.header;
        self.mark_pending();
        let telling = notice.telling(Issuer::this_thread, true);
        let _issuing = Issuing::new(header);
        // SAFETY: the caller's promise.
        match unsafe { issue(Overlapped::new(self), part, &telling) } {
            // Without bytes it goes on as another one, or has failed as that.
            Begun::Done => LAST.get().ok_or(WSA_IO_PENDING),
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
        ISSUING.get() == self.header.as_ptr()
    }

    /// It is about to begin.
    pub(crate) fn mark_pending(&self) {
        if let Some(event) = &self.event {
            event.reset();
        }
        set(self.header, status::PENDING, 0);
        LAST.set(None);
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
        match unsafe { issue(Overlapped::new(self), part, &notice.telling(|| issuer.clone(), issues)) } {
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
        if result.is_ok() && notice.port.is_some() && self.is_being_issued() && self.socket.skips_packets() {
            return self.finish(result, 0);
        }
        let result = result.map_err(|code| code as i32);
        complete(Overlapped::new(self), |this| &this.engine, result, &notice.telling(|| issuer.clone(), false));
    }

    /// Issues the operation as one for which there is nothing to do: it is done when this returns.
    pub(crate) fn end_at_once(self, bytes: usize, notice: &Notice) {
        self.mark_pending();
        let _issuing = Issuing::new(self.header);
        self.end(Ok(bytes), notice, &Issuer::this_thread());
    }

    /// It has failed before it began: the `OVERLAPPED` is the program's.
    pub(crate) fn fail(self, code: Code) {
        set(self.header, status::of_code(code), 0);
    }

    /// What it is looked for by.
    pub(crate) fn name(&self) -> Name {
        Name { header: self.header.as_ptr(), thread: None, socket: Arc::as_ptr(&self.socket), into: ptr::null() }
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
        if self.status == status::SUCCESS && self.is_being_issued() {
            LAST.set(Some(self.bytes));
        }
        let (header, status, bytes) = (self.header, self.status, self.bytes);
        // From there on the program may use the `OVERLAPPED` again, and its event, which the next operation resets.
        let tell = || set(header, status, bytes);
        match &self.event {
            Some(event) => overlapped::face::set_with(event, tell),
            None if self.routine.is_none() => overlapped::face::set_with(&self.socket.done, tell),
            None => tell(),
        }
    }
}

impl Call for Operation {
    type Packet = Packet;
    type Name = Name;

    fn ended(&mut self, mut end: End<'_>) -> bool {
        let result = match self.follow.take() {
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
        self.source.as_mut().map_or(More::Nothing, |source| source.next())
    }

    fn routine(call: Overlapped<Self>) {
        let Operation { header, routine, .. } = *call;
        drop(call);
        let (status, bytes) = get(header);
        if let Some(routine) = routine {
            let flags = flags(status);
            // SAFETY: the program's routine, for an `OVERLAPPED` that it keeps until the routine has been called.
            unsafe { routine(status::winsock(status), bytes as Dword, header.as_ptr(), flags) };
        }
    }

    fn packet(call: Overlapped<Self>) -> Packet {
        Packet { key: call.key, header: call.header.as_ptr(), bytes: call.bytes, status: call.status }
    }

    fn is(&self, name: &Name) -> bool {
        (name.header.is_null() || name.header == self.header.as_ptr())
            && name.thread.is_none_or(|thread| thread == self.thread)
            && name.socket == Arc::as_ptr(&self.socket)
            && (name.into.is_null() || name.into == self.into)
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
