//! The thread pool: threads that take what there is to do from a completion port, which lets as many of them run as there are
//! processors, and one more for each that blocks.

pub mod callbacks;
pub mod environment;
pub mod group;
pub mod instance;
pub mod io;
pub mod registered;
pub mod timer;
pub mod timer_queue;
pub mod wait;
mod watch;
pub mod work;

use crate::abi::{Dword, Handle};
use crate::codes;
use crate::error::Code;
use crate::handle::{self, Object};
use crate::kernel::port::{self, Packet, PortObject};
use crate::kernel::thread::{Thread, start};
use crate::status;
use callbacks::Callbacks;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// What belongs to the pool and has a number in the table of handles, whatever C programs call it.
#[derive(Clone)]
pub enum Member {
    /// A pool of the program's own.
    Pool(Arc<Pool>),
    /// A queue of timers.
    TimerQueue(Arc<timer_queue::Queue>),
    /// A timer of a queue.
    QueueTimer(Arc<timer_queue::QueueTimer>),
    /// A wait that `RegisterWaitForSingleObject` has made.
    Registered(Arc<registered::Registered>),
    /// Work that is submitted any number of times.
    Work(Arc<work::Work>),
    /// A timer.
    Timer(Arc<timer::PoolTimer>),
    /// A wait.
    Wait(Arc<wait::PoolWait>),
    /// The operations of a socket.
    Io(Arc<io::PoolIo>),
    /// What ends together.
    Group(Arc<group::Group>),
}

impl Member {
    /// The calls of what may be in a group.
    fn callbacks(&self) -> Option<&Callbacks> {
        match self {
            Self::Work(work) => Some(work.callbacks()),
            Self::Timer(timer) => Some(timer.watched().callbacks()),
            Self::Wait(wait) => Some(wait.watched().callbacks()),
            Self::Io(io) => Some(io.callbacks()),
            _ => None,
        }
    }

    /// It calls no more, but for what is under way.
    fn stop(&self) {
        match self {
            Self::Timer(timer) => timer.watched().stop(),
            Self::Wait(wait) => wait.watched().stop(),
            _ => {}
        }
    }
}

/// What a thread of the pool does next.
type Job = Box<dyn FnOnce() + Send>;

/// Marks the key of a packet that carries a job. No address of the program has this bit, nor the next.
const JOB: usize = 1 << 63;
/// Marks the key of a socket that `BindIoCompletionCallback` was called for: the rest is the function.
const BOUND: usize = 1 << 62;

fn work_on(packet: Packet) {
    if packet.key & JOB != 0 {
        let job = ptr::with_exposed_provenance_mut::<Job>(packet.key & !JOB);
        // SAFETY: `submit` has left it to whoever takes the packet.
        let job = unsafe { Box::from_raw(job) };
        job();
    } else if packet.key & BOUND != 0 {
        io::bound(packet.key & !BOUND, &packet);
    } else {
        io::completed(packet.key, &packet);
    }
}

/// So many threads a pool has at most, unless the program says otherwise.
const MOST_THREADS: usize = 512;
/// A thread that had nothing to do for so long ends, unless it is the last.
const IDLE: Duration = Duration::from_secs(20);

/// Threads and what they are to do.
pub struct Pool {
    /// Jobs, and what the operations of sockets that belong to the pool complete with.
    port: Arc<PortObject>,
    threads: AtomicUsize,
    /// Threads that have been started and have not looked for a job yet.
    starting: AtomicUsize,
    most: AtomicUsize,
    closed: AtomicBool,
}

static DEFAULT: LazyLock<Arc<Pool>> = LazyLock::new(Pool::new);

impl Pool {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            port: PortObject::new(0),
            threads: AtomicUsize::new(0),
            starting: AtomicUsize::new(0),
            most: AtomicUsize::new(MOST_THREADS),
            closed: AtomicBool::new(false),
        })
    }

    /// The pool that all share who have none of their own.
    pub(crate) fn shared() -> Arc<Self> {
        Arc::clone(&DEFAULT)
    }

    /// Has a thread of the pool do something.
    pub(crate) fn submit(self: &Arc<Self>, job: impl FnOnce() + Send + 'static) -> Result<(), Code> {
        if self.threads.load(SeqCst) == 0 {
            self.grow()?;
        }
        let job: Job = Box::new(job);
        // A thin pointer, so that the packet can carry it.
        let job = Box::into_raw(Box::new(job));
        let key = JOB | job.expose_provenance();
        let packet = Packet { key, header: ptr::null_mut(), bytes: 0, status: status::SUCCESS };
        // The port is never closed; in a forked child it is its parent's.
        self.port.engine().post(packet).map_err(|_| {
            // SAFETY: nobody else has got it.
            drop(unsafe { Box::from_raw(job) });
            codes::ERROR_NOT_SUPPORTED
        })
    }

    /// The operations of a socket complete here, with this key.
    fn adopt(self: &Arc<Self>, file: Handle, key: usize) -> Result<(), Code> {
        if self.threads.load(SeqCst) == 0 {
            self.grow()?;
        }
        port::belong(file, &self.port, key)
    }

    /// One thread more, if there may be one.
    fn grow(self: &Arc<Self>) -> Result<(), Code> {
        let most = self.most.load(Relaxed);
        if self.threads.fetch_update(SeqCst, SeqCst, |threads| (threads < most).then_some(threads + 1)).is_err() {
            return Ok(());
        }
        self.starting.fetch_add(1, SeqCst);
        let pool = Arc::clone(self);
        let started = start::own(move || {
            let worker = Worker(pool);
            worker.0.starting.fetch_sub(1, SeqCst);
            worker.work();
        });
        if let Err(code) = started {
            self.starting.fetch_sub(1, SeqCst);
            self.threads.fetch_sub(1, SeqCst);
            return Err(code);
        }
        Ok(())
    }

    /// Whether the calling thread, which has found nothing to do, may end.
    fn lets_go(&self) -> bool {
        let least = usize::from(!self.closed.load(Acquire));
        self.threads.fetch_update(SeqCst, SeqCst, |threads| (threads > least).then(|| threads - 1)).is_ok()
    }
}

/// A thread of a pool.
struct Worker(Arc<Pool>);

impl Worker {
    fn work(self) {
        let pool = &self.0;
        loop {
            match pool.port.engine().get(Some(IDLE)) {
                Ok(Some(packet)) => {
                    // Another thread must stand by: this one may block.
                    if pool.port.engine().waiting() == 0 && pool.starting.load(SeqCst) == 0 {
                        // Without it the job is done all the same.
                        let _ = pool.grow();
                    }
                    work_on(packet);
                }
                Ok(None) if !pool.lets_go() => {}
                // The count is taken off already.
                Ok(None) => return std::mem::forget(self),
                Err(_) => return,
            }
        }
    }
}

impl Drop for Worker {
    /// Also when the program has ended the thread from inside a job.
    fn drop(&mut self) {
        if self.0.threads.fetch_sub(1, SeqCst) == 1 && self.0.port.engine().queued() > 0 {
            let _ = self.0.grow();
        }
    }
}

/// The one thread whose waits are all alertable: for what must not lose its thread, such as operations with routines.
pub(crate) fn alertable_thread() -> Result<Arc<Thread>, Code> {
    static THREAD: Mutex<Option<Arc<Thread>>> = Mutex::new(None);
    let mut place = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    match &*place {
        Some(thread) if !thread.has_ended() => Ok(Arc::clone(thread)),
        _ => {
            let thread = start::own(|| while overlapped::alertable::sleep(None).is_ok() {})?;
            *place = Some(Arc::clone(&thread));
            Ok(thread)
        }
    }
}

/// Gives a member its number.
fn insert(member: Member) -> Handle {
    handle::insert(Object::Pool(member))
}

/// Has the job done where the flags of the old functions say.
fn submit_as(flags: Dword, pool: &Arc<Pool>, job: impl FnOnce() + Send + 'static) -> Result<(), Code> {
    if flags & (WT_EXECUTEINIOTHREAD | WT_EXECUTEINPERSISTENTTHREAD) == 0 {
        return pool.submit(job);
    }
    let thread = alertable_thread()?;
    thread.engine().queue(job).map_err(|error| crate::error::code(&error))
}

const WT_EXECUTEINIOTHREAD: Dword = 1;
const WT_EXECUTEONLYONCE: Dword = 8;
/// In the thread that waits: `WT_EXECUTEINWAITTHREAD` and `WT_EXECUTEINTIMERTHREAD`.
const WT_EXECUTEINWATCHER: Dword = 4 | 0x20;
const WT_EXECUTEINPERSISTENTTHREAD: Dword = 0x80;
