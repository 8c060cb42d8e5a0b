//! Completion queues: the results of requests, until the program takes them.

use super::registry::Registry;
use crate::abi::{Bool, Dword, FALSE, Handle, Overlapped as Header, TRUE};
use crate::codes::*;
use crate::error::{self, Code, no};
use crate::handle::{self, Object};
use crate::kernel::port::{Packet, PortObject};
use crate::status;
use overlapped::Event;
use std::collections::VecDeque;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

static QUEUES: Registry<Completions> = Registry::new();

/// `RIO_MAX_CQ_SIZE`.
const MOST: u32 = 0x800_0000;
/// `RIO_CORRUPT_CQ`.
const CORRUPT: u32 = 0xFFFF_FFFF;
const RIO_EVENT_COMPLETION: i32 = 1;
const RIO_IOCP_COMPLETION: i32 = 2;

/// `RIORESULT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// A code of Winsock; 0 for success.
    pub(super) status: i32,
    pub(super) bytes: u32,
    pub(super) socket: u64,
    pub(super) request: u64,
}

/// `RIO_NOTIFICATION_COMPLETION`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Wish {
    kind: i32,
    /// The event or the port.
    handle: Handle,
    /// The key; of an event in its first four bytes, whether it is reset.
    key: usize,
    overlapped: *mut Header,
}

/// How the program is told to look.
enum Notice {
    Event { event: Event, resets: bool },
    Port { port: Arc<PortObject>, key: usize, header: *mut Header },
}

// SAFETY: the pointer is the program's; it is handed on, and never looked at.
unsafe impl Send for Notice {}
// SAFETY: as above.
unsafe impl Sync for Notice {}

/// A completion queue.
pub(super) struct Completions {
    notice: Option<Notice>,
    state: Mutex<State>,
}

struct State {
    results: VecDeque<Outcome>,
    size: u32,
    /// How many results the requests may bring that request queues allow.
    promised: u32,
    /// The program wants to be told of the next.
    armed: bool,
}

impl Completions {
    pub(super) fn of(number: usize) -> Result<Arc<Self>, Code> {
        QUEUES.get(number).ok_or(WSAEINVAL)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The port by which it tells, whose threads let the operations end.
    pub(super) fn port(&self) -> Option<&Arc<PortObject>> {
        match &self.notice {
            Some(Notice::Port { port, .. }) => Some(port),
            _ => None,
        }
    }

    /// Promises room for so many results, instead of so many as before.
    ///
    /// # Errors
    ///
    /// `WSAENOBUFS` if there is not so much.
    pub(super) fn promise(&self, before: u32, now: u32) -> Result<(), Code> {
        let mut state = self.state();
        let promised = (state.promised - before.min(state.promised)).checked_add(now).ok_or(WSAENOBUFS)?;
        if promised > state.size && now > before {
            return Err(WSAENOBUFS);
        }
        state.promised = promised;
        Ok(())
    }

    /// A request has ended. Inside of the engine.
    pub(super) fn push(&self, outcome: Outcome, tells: bool) {
        let told = {
            let mut state = self.state();
            state.results.push_back(outcome);
            tells && std::mem::take(&mut state.armed)
        };
        if told {
            self.tell();
        }
    }

    fn tell(&self) {
        match &self.notice {
            Some(Notice::Event { event, .. }) => event.set(),
            Some(Notice::Port { port, key, header }) => {
                // If the port is closed nobody waits to be told.
                let _ = port.engine().post(Packet { key: *key, header: *header, bytes: 0, status: status::SUCCESS });
            }
            None => {}
        }
    }

    /// Lets requests end that can.
    fn poll(&self) {
        overlapped::face::poll();
        if let Some(port) = self.port() {
            overlapped::face::poll_port(port.engine());
        }
    }

    fn notify(&self) -> Code {
        match &self.notice {
            None => return WSAEINVAL,
            Some(Notice::Event { event, resets: true }) => event.reset(),
            Some(_) => {}
        }
        {
            let mut state = self.state();
            if state.armed {
                return WSAEALREADY;
            }
            if state.results.is_empty() {
                state.armed = true;
                return ERROR_SUCCESS;
            }
        }
        self.tell();
        ERROR_SUCCESS
    }
}

fn notice(wish: &Wish) -> Result<Notice, Code> {
    match (wish.kind, handle::get(wish.handle)) {
        (RIO_EVENT_COMPLETION, Some(Object::Event(event))) => Ok(Notice::Event { event, resets: wish.key as u32 != 0 }),
        (RIO_IOCP_COMPLETION, Some(Object::Port(port))) => {
            Ok(Notice::Port { port, key: wish.key, header: wish.overlapped })
        }
        _ => Err(WSAEINVAL),
    }
}

/// `RIOCreateCompletionQueue`.
pub unsafe extern "C" fn RIOCreateCompletionQueue(size: Dword, wish: *const Wish) -> usize {
    // SAFETY: null or the program's; it need not be aligned.
    let wish = (!wish.is_null()).then(|| unsafe { ptr::read_unaligned(wish) });
    let notice = wish.as_ref().map(notice).transpose();
    let made = notice.and_then(|notice| {
        if size == 0 || size > MOST {
            return Err(WSAEINVAL);
        }
        let state = State { results: VecDeque::new(), size, promised: 0, armed: false };
        Ok(QUEUES.insert(Arc::new(Completions { notice, state: Mutex::new(state) })))
    });
    made.unwrap_or_else(|code| {
        error::set_last(code);
        0
    })
}

/// `RIOCloseCompletionQueue`. What is in flight goes on, and nobody hears of it.
pub extern "C" fn RIOCloseCompletionQueue(queue: usize) {
    QUEUES.remove(queue);
}

/// `RIOResizeCompletionQueue`.
pub extern "C" fn RIOResizeCompletionQueue(queue: usize, size: Dword) -> Bool {
    let Some(queue) = QUEUES.get(queue) else { return no(WSAEINVAL) };
    let mut state = queue.state();
    if size == 0 || size > MOST || size < state.promised || (size as usize) < state.results.len() {
        return no(WSAEINVAL);
    }
    state.size = size;
    TRUE
}

/// `RIODequeueCompletion`.
pub unsafe extern "C" fn RIODequeueCompletion(queue: usize, results: *mut Outcome, count: u32) -> u32 {
    let queue = match QUEUES.get(queue) {
        Some(queue) if !results.is_null() => queue,
        found => {
            error::set_last(if found.is_some() { WSAEFAULT } else { WSAEINVAL });
            return CORRUPT;
        }
    };
    if queue.state().results.is_empty() {
        queue.poll();
    }
    let mut state = queue.state();
    let many = state.results.len().min(count as usize);
    for (index, outcome) in state.results.drain(..many).enumerate() {
        // SAFETY: the program has room for `count` of them; they need not be aligned.
        unsafe { ptr::write_unaligned(results.add(index), outcome) };
    }
    many as u32
}

/// `RIONotify`. It returns its error.
pub extern "C" fn RIONotify(queue: usize) -> i32 {
    let code = QUEUES.get(queue).map_or(WSAEINVAL, |queue| queue.notify());
    if code != ERROR_SUCCESS {
        error::set_last(code);
    }
    code as i32
}

const _: () = assert!(size_of::<Outcome>() == 24 && size_of::<Wish>() == 32 && FALSE == 0);
