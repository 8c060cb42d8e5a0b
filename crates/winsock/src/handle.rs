//! Handles: numbers that name objects.
//!
//! A number is given out once and never again, so a closed handle names nothing for ever; it is a multiple of four, as on
//! Windows, and small, since programs print sockets and keep them in `int`.

use crate::abi::Handle;
use crate::kernel::port::PortObject;
use crate::socket::SocketObject;
use overlapped::{Event, Socket};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// What a handle names. A clone is one more owner of the same object.
#[derive(Clone)]
pub enum Object {
    /// An event.
    Event(Event),
    /// A socket.
    Socket(Arc<SocketObject>),
    /// A completion port.
    Port(Arc<PortObject>),
    /// A semaphore.
    Semaphore(overlapped::Semaphore),
    /// A mutex.
    Mutex(overlapped::MutexObject),
    /// A waitable timer.
    Timer(overlapped::Timer),
    /// A thread.
    Thread(Arc<crate::kernel::thread::Thread>),
    /// This process.
    Process,
    /// A file.
    File(Arc<crate::system::file::File>),
    /// A search for files.
    Search(Arc<crate::system::find::Search>),
    /// Something of the thread pool, which is no object of the kernel.
    Pool(crate::kernel::pool::Member),
}

/// The first number: not one that a descriptor of the system is likely to have.
const FIRST: usize = 0x100;
const STEP: usize = 4;
/// So many parts, each with a lock of its own.
const PARTS: usize = 16;

type Names = HashMap<usize, Object, BuildHasherDefault<Spread>>;
type Part = RwLock<Names>;

static PARTS_OF_ALL: [Part; PARTS] = [const { RwLock::new(HashMap::with_hasher(BuildHasherDefault::new())) }; PARTS];

/// The numbers are distinct and dense: spread over the word they are a hash.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

fn part_of(handle: Handle) -> usize {
    handle / STEP % PARTS
}

fn part(handle: Handle) -> &'static Part {
    &PARTS_OF_ALL[part_of(handle)]
}

fn read(part: &Part) -> RwLockReadGuard<'_, Names> {
    part.read().unwrap_or_else(PoisonError::into_inner)
}

/// Gives an object a number.
pub fn insert(object: Object) -> Handle {
    static NEXT: AtomicUsize = AtomicUsize::new(FIRST);
    match &object {
        Object::Port(port) => port.opened(),
        Object::Socket(socket) => socket.opened(),
        _ => {}
    }
    let handle = NEXT.fetch_add(STEP, Relaxed);
    part(handle).write().unwrap_or_else(PoisonError::into_inner).insert(handle, object);
    handle
}

/// What a handle names.
pub fn get(handle: Handle) -> Option<Object> {
    look(handle, |object| Some(object.clone()))
}

/// The socket that a handle names, without a look at what else it might be.
pub(crate) fn socket(handle: Handle) -> Option<Arc<SocketObject>> {
    look(handle, |object| if let Object::Socket(socket) = object { Some(Arc::clone(socket)) } else { None })
}

/// The event that a handle names.
pub(crate) fn event(handle: Handle) -> Option<Event> {
    look(handle, |object| if let Object::Event(event) = object { Some(event.clone()) } else { None })
}

/// The completion port that a handle names.
pub(crate) fn port(handle: Handle) -> Option<Arc<PortObject>> {
    look(handle, |object| if let Object::Port(port) = object { Some(Arc::clone(port)) } else { None })
}

/// Looks at what a handle names, in its part's lock: nothing but an owner is made there.
#[inline]
fn look<R>(handle: Handle, clone: impl FnOnce(&Object) -> Option<R>) -> Option<R> {
    read(part(handle)).get(&handle).and_then(clone)
}

/// A look at so many handles: if there are more than parts, with all locks, each taken once. Locks are taken in the order of
/// the parts, else two that look could wait for each other behind two that write.
pub(crate) struct Reading(Option<[RwLockReadGuard<'static, Names>; PARTS]>);

impl Reading {
    pub(crate) fn of(handles: usize) -> Self {
        Self((handles > PARTS).then(|| std::array::from_fn(|part| read(&PARTS_OF_ALL[part]))))
    }

    /// The engine's socket of the one that a handle names, as it is now.
    #[inline]
    pub(crate) fn socket<R>(&self, handle: Handle, get: impl FnOnce(&Socket) -> R) -> Option<R> {
        // Who has the state of a socket does not look into the table.
        let get = |object: &Object| {
            if let Object::Socket(socket) = object { Some(get(&socket.state().socket)) } else { None }
        };
        match &self.0 {
            Some(parts) => parts[part_of(handle)].get(&handle).and_then(get),
            None => look(handle, get),
        }
    }
}

/// How many handles have been closed. What a number was found to name before, it names as long as there are no more.
pub fn removals() -> usize {
    REMOVALS.load(Acquire)
}

static REMOVALS: AtomicUsize = AtomicUsize::new(0);

/// The handles of all sockets.
pub fn sockets() -> Vec<Handle> {
    let of = |part: &Part| {
        let part = read(part);
        let sockets = part.iter().filter(|(_, object)| matches!(object, Object::Socket(_)));
        sockets.map(|(&handle, _)| handle).collect::<Vec<_>>()
    };
    PARTS_OF_ALL.iter().flat_map(of).collect()
}

/// Takes a handle away: it names nothing any more. The object goes with its last owner, outside of the table's locks.
pub fn remove(handle: Handle) -> Option<Object> {
    let object = part(handle).write().unwrap_or_else(PoisonError::into_inner).remove(&handle);
    REMOVALS.fetch_add(1, Release);
    match &object {
        Some(Object::Port(port)) => port.closed(),
        Some(Object::Socket(socket)) => socket.closed(),
        _ => {}
    }
    object
}
