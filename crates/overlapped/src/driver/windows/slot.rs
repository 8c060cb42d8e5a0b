//! An operation as Windows knows it: an `OVERLAPPED`, and what belongs to it.
//!
//! The `OVERLAPPED` is the first field, so whoever is given its address has the slot. Slots do not
//! move, and are used again.

use super::codes::{from_number, last};
use super::descriptor::{borrow, number, socket_of, update_accepted};
use super::destination;
use super::extensions::Extensions;
use super::gate::{Gate, signal};
use super::message::{Call, note_truncated};
use crate::codes;
use crate::driver::{Attempt, Done, Key};
use crate::message::Message;
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};
use std::cell::{Cell, UnsafeCell};
use std::os::windows::io::{AsRawSocket, IntoRawSocket};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Release};
use windows_sys::Win32::Foundation::{HANDLE, STATUS_PENDING, STATUS_SUCCESS};
use windows_sys::Win32::Networking::WinSock as ws;
use windows_sys::Win32::System::IO::{CancelIoEx, OVERLAPPED};
use windows_sys::core::BOOL;

/// What an operation in a slot does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Receive,
    Readable,
    Send,
    Accept,
    Connect,
}

/// What `AcceptEx` wants for each of the two addresses.
const ADDRESS: usize = size_of::<ws::SOCKADDR_STORAGE>() + 16;

/// What one operation in flight needs to stay where it is.
#[repr(C)]
pub(super) struct Slot {
    overlapped: UnsafeCell<OVERLAPPED>,
    key: Cell<Key>,
    raw: Cell<i32>,
    work: Cell<Work>,
    /// From the start to the harvest.
    in_flight: Cell<bool>,
    /// Told by a routine, else by the event.
    routine: Cell<bool>,
    /// The one buffer, unless there is a message.
    buffer: Cell<ws::WSABUF>,
    message: Cell<Option<NonNull<Message>>>,
    /// Winsock may write there when a receive completes.
    flags: UnsafeCell<u32>,
    /// The socket that an accept is to fill, and room for the addresses.
    accepted: Cell<Option<Socket>>,
    addresses: UnsafeCell<[u8; 2 * ADDRESS]>,
    /// The event of the slot's bucket, if it has one.
    event: Cell<HANDLE>,
    /// How an operation ended that the kernel never had.
    error: Cell<i32>,
    /// What a routine was told, and the completion it came behind.
    told: Cell<i32>,
    before: Cell<*const Slot>,
    gate: Arc<Gate>,
}

// SAFETY: a slot is used under the lock of its driver's home; what is not: the sender uses one that
// was queued to it, under its own lock, between the start and the harvest; the routine runs on the
// thread that the driver belongs to, which is then in none of its own calls.
unsafe impl Send for Slot {}
// SAFETY: as above.
unsafe impl Sync for Slot {}

impl Slot {
    pub(super) fn new(gate: Arc<Gate>) -> Self {
        Self {
            overlapped: UnsafeCell::new(OVERLAPPED::default()),
            key: Cell::new(Key(0)),
            raw: Cell::new(-1),
            work: Cell::new(Work::Receive),
            in_flight: Cell::new(false),
            routine: Cell::new(false),
            buffer: Cell::new(ws::WSABUF { len: 0, buf: ptr::null_mut() }),
            message: Cell::new(None),
            flags: UnsafeCell::new(0),
            accepted: Cell::new(None),
            addresses: UnsafeCell::new([0; 2 * ADDRESS]),
            event: Cell::new(ptr::null_mut()),
            error: Cell::new(0),
            told: Cell::new(0),
            before: Cell::new(ptr::null()),
            gate,
        }
    }

    /// Where the kernel finds the slot; not from a reference to the one field, as the way back from
    /// there is to the whole.
    fn overlapped(self: &Arc<Self>) -> *mut OVERLAPPED {
        Arc::as_ptr(self).cast_mut().cast()
    }

    pub(super) fn work(&self) -> Work {
        self.work.get()
    }

    pub(super) fn in_flight(&self) -> bool {
        self.in_flight.get()
    }

    /// Whether it holds this operation.
    pub(super) fn holds(&self, key: Key) -> bool {
        self.in_flight.get() && self.key.get() == key
    }

    pub(super) fn event(&self) -> Option<HANDLE> {
        Some(self.event.get()).filter(|event| !event.is_null())
    }

    pub(super) fn set_event(&self, event: HANDLE) {
        self.event.set(event);
    }

    /// Takes an operation in; it receives or sends by its buffer or its message.
    pub(super) fn begin(
        &self,
        key: Key,
        raw: i32,
        work: Work,
        routine: bool,
        (buf, len): (*mut u8, u32),
        message: Option<NonNull<Message>>,
    ) {
        self.key.set(key);
        self.raw.set(raw);
        self.work.set(work);
        self.routine.set(routine);
        self.buffer.set(ws::WSABUF { len, buf });
        self.message.set(message);
        self.error.set(0);
        self.in_flight.set(true);
        // Also what the kernel has not got yet is pending for who looks.
        let pending =
            OVERLAPPED { Internal: STATUS_PENDING as usize, hEvent: self.event.get(), ..OVERLAPPED::default() };
        // SAFETY: the slot was free, so nobody else uses it.
        unsafe { *self.overlapped.get() = pending };
    }

    /// Gives up an operation that did not begin.
    pub(super) fn refuse(&self) {
        self.in_flight.set(false);
        self.accepted.take();
    }

    /// Receives, with a routine on the calling thread, whose driver this is, or with the event.
    ///
    /// # Safety
    ///
    /// The buffers stay valid until the operation has been harvested.
    pub(super) unsafe fn receive(self: &Arc<Self>) -> Attempt<()> {
        let raw = self.raw.get();
        let routine: ws::LPWSAOVERLAPPED_COMPLETION_ROUTINE = if self.routine.get() { Some(completed) } else { None };
        // Without a buffer it leaves the data of a stream alone; a datagram would be lost.
        let is_datagram = || SockRef::from(&borrow(raw)).r#type().is_ok_and(|kind| kind == Type::DGRAM);
        let peeks = self.work.get() == Work::Readable && is_datagram();
        let call = self.call(true, if peeks { ws::MSG_PEEK as u32 } else { 0 });
        // SAFETY: slot and message do not move before it has been harvested, and the buffers are the
        // caller's promise.
        unsafe { call.receive(raw, ptr::null_mut(), self.overlapped(), routine) }
    }

    /// Sends, with the event; an error is a completion.
    ///
    /// # Safety
    ///
    /// As for [`receive`](Self::receive).
    pub(super) unsafe fn send(self: &Arc<Self>) {
        let call = self.call(false, 0);
        // SAFETY: as in `receive`.
        if let Err(code) = unsafe { call.send(self.raw.get(), ptr::null_mut(), self.overlapped()) } {
            self.fail(code);
        }
    }

    fn call(&self, receives: bool, flags: u32) -> Call {
        match self.message.get() {
            Some(message) => Call::of(message, receives, flags),
            None => {
                // SAFETY: nothing is in flight in the slot yet.
                unsafe { *self.flags.get() = flags };
                Call {
                    buffers: self.buffer.as_ptr(),
                    count: 1,
                    name: ptr::null_mut(),
                    name_length: ptr::null_mut(),
                    flags: self.flags.get(),
                }
            }
        }
    }

    /// Ends an operation that the kernel has not got.
    pub(super) fn fail(&self, code: i32) {
        self.error.set(code);
        self.status().store(STATUS_SUCCESS as usize, Release);
        signal(self.event.get());
    }

    pub(super) fn accept(self: &Arc<Self>) -> Attempt<()> {
        let raw = self.raw.get();
        let extensions = Extensions::of(raw)?;
        let socket = like(raw).map_err(super::codes::failed)?;
        let accepted = socket.as_raw_socket() as ws::SOCKET;
        self.accepted.set(Some(socket));
        let accept = extensions.accept.ok_or(codes::WSAEOPNOTSUPP)?;
        let (addresses, each) = (self.addresses.get().cast(), ADDRESS as u32);
        let mut received = 0;
        // SAFETY: slot and addresses do not move before it has been harvested.
        let result =
            unsafe { accept(socket_of(raw), accepted, addresses, 0, each, each, &raw mut received, self.overlapped()) };
        pending(result)
    }

    /// Connects to where `System::connect` was told.
    pub(super) fn connect(self: &Arc<Self>) -> Attempt<()> {
        let raw = self.raw.get();
        let to = SockAddr::from(destination(raw).ok_or(codes::WSAEINVAL)?);
        let connect = Extensions::of(raw)?.connect.ok_or(codes::WSAEOPNOTSUPP)?;
        // SAFETY: the slot does not move before it has been harvested; the address is read at once.
        let result = unsafe {
            connect(socket_of(raw), to.as_ptr().cast(), to.len(), ptr::null(), 0, ptr::null_mut(), self.overlapped())
        };
        pending(result)
    }

    /// Asks the kernel to cancel.
    pub(super) fn cancel(self: &Arc<Self>) {
        // SAFETY: the address is compared only. If nothing is found it has completed.
        unsafe { CancelIoEx(socket_of(self.raw.get()) as HANDLE, self.overlapped()) };
    }

    fn status(&self) -> &AtomicUsize {
        // SAFETY: as aligned and as long as the slot. The kernel writes to it whole, and last.
        unsafe { AtomicUsize::from_ptr(&raw mut (*self.overlapped.get()).Internal) }
    }

    /// Whether an operation with the event has completed.
    pub(super) fn is_complete(&self) -> bool {
        self.in_flight.get() && !self.routine.get() && self.status().load(Acquire) != STATUS_PENDING as usize
    }

    /// Takes the outcome of an operation that has completed with the event.
    pub(super) fn harvest(self: &Arc<Self>) -> Done {
        let (mut bytes, mut flags) = (0, 0);
        let outcome = match self.error.get() {
            0 => {
                let socket = socket_of(self.raw.get());
                // SAFETY: it has completed, so nobody else uses the structure.
                let known =
                    unsafe { ws::WSAGetOverlappedResult(socket, self.overlapped(), &raw mut bytes, 0, &raw mut flags) };
                if known != 0 { Ok(bytes as i32) } else { Err(last()) }
            }
            code => Err(code),
        };
        self.end(outcome)
    }

    /// Takes what a routine was told, and gives the completion before it.
    pub(super) fn harvest_told(&self) -> (Done, *const Slot) {
        let outcome = match self.told.get() {
            bytes if bytes >= 0 => Ok(bytes),
            code => Err(-code),
        };
        (self.end(outcome), self.before.get())
    }

    fn end(&self, outcome: Attempt<i32>) -> Done {
        let outcome = match (self.work.get(), outcome) {
            (Work::Accept, outcome) => self.end_accept(outcome),
            (Work::Readable, Ok(_) | Err(codes::WSAEMSGSIZE)) => Ok(1),
            (Work::Receive, Err(codes::WSAEMSGSIZE)) => match self.message.get() {
                // SAFETY: the driver still has the operation, and with it the message.
                Some(message) => Ok(unsafe { note_truncated(message) }).map(|()| 0),
                None => Err(codes::WSAEMSGSIZE),
            },
            (_, outcome) => outcome,
        };
        self.in_flight.set(false);
        Done { key: self.key.get(), result: outcome.unwrap_or_else(|code| -code), more: false }
    }

    fn end_accept(&self, outcome: Attempt<i32>) -> Attempt<i32> {
        let accepted = self.accepted.take();
        match (outcome, accepted) {
            (Ok(_), Some(accepted)) => {
                // Without it the socket has no name and no peer, and cannot be shut down.
                update_accepted(&accepted, self.raw.get()).map_err(left)?;
                Ok(number(accepted.into_raw_socket() as ws::SOCKET))
            }
            (outcome, _) => outcome.map_err(left),
        }
    }
}

/// An accept whose client has left before fails with the client's reset, not with one of its own.
fn left(code: i32) -> i32 {
    if code == codes::WSAECONNRESET { codes::WSAECONNABORTED } else { code }
}

/// A socket to accept into: nobody inherits it.
fn like(listener: i32) -> std::io::Result<Socket> {
    let address = SockRef::from(&borrow(listener)).local_addr()?;
    let domain = if address.is_ipv6() { Domain::IPV6 } else { Domain::IPV4 };
    Socket::new(domain, Type::STREAM, Some(Protocol::TCP))
}

/// What the functions that are given by pointer say about their beginning.
fn pending(result: BOOL) -> Attempt<()> {
    match result {
        0 => Err(last()).or_else(|code| if code == codes::WSA_IO_PENDING { Ok(()) } else { Err(code) }),
        _ => Ok(()),
    }
}

/// The completion routine of every receive of a thread's own driver: notes what it is told.
///
/// It runs in whatever alertable wait the thread makes, so it takes no lock, and calls nothing that
/// could panic.
unsafe extern "system" fn completed(error: u32, bytes: u32, overlapped: *mut OVERLAPPED, _flags: u32) {
    // SAFETY: Winsock gives what it was given: the address of a slot, whose driver, if it was
    // dropped, has left it there.
    let slot = unsafe { &*overlapped.cast::<Slot>().cast_const() };
    slot.told.set(if error == 0 { bytes as i32 } else { -from_number(error as i32) });
    slot.before.set(slot.gate.note(slot));
}
