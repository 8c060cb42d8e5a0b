//! Readiness: to be told which sockets can be read or written, and then to do it.
//!
//! The oldest way to serve many clients with one thread. The program *asks* which sockets are ready and then calls
//! [`try_accept`](crate::Socket::try_accept), [`try_recv`](crate::Socket::try_recv) or [`try_send`](crate::Socket::try_send) on those that are
//! (a *reactor*). With the overlapped models it is the other way round: the program starts the receive, and is told when the data lies in its
//! buffer (a *proactor*).
//!
//! | this | Winsock |
//! |---|---|
//! | [`SocketSet`] | `fd_set`, `FD_SET`, `FD_CLR`, `FD_ZERO`, `FD_ISSET` |
//! | [`select`] | `select` |
//! | [`PollEntry`], [`Events`] | `WSAPOLLFD` and its flags |
//! | [`poll`] | `WSAPoll` |
//!
//! Each call hands the whole list to the system, which goes through all of it, and so does the program with the answer: that is
//! what these models cost, and it grows with the number of clients, not with what they do.
//!
//! A socket is ready when the call would not block, also if that call would only say that the connection has ended.
//! Operations come first: while a receive pends on a socket, or a send is not out yet, the same call of this kind would
//! block, and the socket is not ready for it.
//!
//! A set or list holds clones of its sockets. So none of them is freed, and its number used again, while the system looks at it.
//!
//! These are plain waits: they run no completion routine. To end one from another thread, add one end of a
//! [`Socket::pair`](crate::Socket::pair) to what is waited for, and send something to the other.

mod alert;
mod first_look;
mod poll;
pub(crate) mod select;

pub(crate) use poll::poll_with;
pub use poll::{Events, PollEntry, poll};
pub(crate) use select::select_members;
pub use select::{SocketSet, select};

use crate::codes;
use crate::driver::{Attempt, Context, Watch, system};
use crate::error::{Error, Operation, Result};
use crate::fork;
use crate::socket::Inner;
use crate::sync;
use crate::thread::{self, Engine};
use alert::Bell;
use first_look::FirstLook;
use std::cell::Cell;
use std::ptr;
use std::time::Duration;

/// How often a socket is looked at that the system has nothing to tell of: operations are in the way, or it is not connected.
const LOOK: Duration = Duration::from_millis(20);

/// What a wait asks of one socket.
#[derive(Default)]
struct Ask {
    /// Known already.
    is: Events,
    /// To be told by the system.
    wants: Events,
    /// There is something that the system does not tell.
    hidden: bool,
}

/// One socket in a wait.
trait Entry {
    fn inner(&self) -> &Inner;

    fn ask(&self) -> Result<Ask>;

    /// Takes what is known of it; whether it is ready.
    fn tell(&mut self, is: Events) -> bool;
}

/// All of them, in the same order each time.
trait Entries {
    type Entry: Entry;

    fn each(&mut self, visit: impl FnMut(&mut Self::Entry) -> Result<()>) -> Result<()>;
}

/// Which call of the system it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Select,
    Poll,
}

/// What a wait works with, kept by its thread: waits do not allocate.
#[derive(Default)]
struct Scratch {
    watched: Vec<Watch>,
    system: system::Watched,
    bell: Option<Bell>,
    first: FirstLook,
}

thread_local! {
    static SCRATCH: Cell<Scratch> = Cell::default();
}

/// Waits until one is ready or the time is over; how many are. If alertably, the thread's routines and APCs run while it
/// blocks, and it goes on.
fn wait(entries: &mut impl Entries, call: Call, timeout: Option<Duration>, alertable: bool) -> Result<usize> {
    fork::check(Operation::Select)?;
    // At the end of a thread it has none any more. A routine that waits here itself has its own.
    let mut scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
    let mut wait = |engine: Option<&Engine>| wait_with(&mut scratch, entries, call, timeout, engine);
    let alerted = if alertable { thread::with(|engine| wait(Some(engine))) } else { None };
    // A thread that ends has no routines any more.
    let ready = alerted.unwrap_or_else(|| wait(None));
    let _ = SCRATCH.try_with(|kept| kept.set(scratch));
    ready
}

fn wait_with(
    scratch: &mut Scratch,
    entries: &mut impl Entries,
    call: Call,
    timeout: Option<Duration>,
    engine: Option<&Engine>,
) -> Result<usize> {
    let Scratch { watched, system, bell, first } = scratch;
    let deadline = timeout.and_then(|timeout| sync::now().checked_add(timeout));
    engine.inspect(|engine| engine.resume_timers());
    watched.clear();
    loop {
        let Some((context, most)) = ask(watched, entries)? else {
            return Err(Error::new(Operation::Select, codes::WSAEINVAL).with_detail("there is no socket to wait for"));
        };
        let left = deadline.map(|deadline| deadline.saturating_duration_since(sync::now()));
        let time = most.into_iter().chain(left).min();
        let look = |watched: &mut Vec<Watch>, time| match call {
            Call::Select => context.system.select(watched, system, time),
            Call::Poll => context.system.poll(watched, system, time),
        };
        match look_until(context, bell, first, watched, time, engine, look) {
            Ok(()) | Err(codes::WSAEINTR) => {}
            Err(code) => return Err(Error::from_code(Operation::Select, code)),
        }
        let ready = tell(watched, entries)?;
        if first.has_found(ready > 0) {
            // As if it had waited.
            engine.inspect(|engine| engine.poll_home());
        }
        if ready > 0 || deadline.is_some_and(|deadline| sync::now() >= deadline) {
            return Ok(ready);
        }
        if let Some(engine) = engine.filter(|engine| engine.has_queued()) {
            engine.run();
        }
    }
}

/// Has the system look, in the place where everything that matters ends it.
fn look_until(
    context: &'static Context,
    bell: &mut Option<Bell>,
    first: &mut FirstLook,
    watched: &mut Vec<Watch>,
    time: Option<Duration>,
    engine: Option<&Engine>,
    mut look: impl FnMut(&mut Vec<Watch>, Option<Duration>) -> Attempt<()>,
) -> Attempt<()> {
    const NO_TIME: Option<Duration> = Some(Duration::ZERO);
    match engine {
        // What does not wait runs nothing.
        _ if time == NO_TIME => look(watched, time),
        // A socket that is ready comes before what is queued.
        Some(engine) if engine.has_queued() => look(watched, NO_TIME),
        _ if first.is_due() => look(watched, NO_TIME),
        None => thread::away(|| look(watched, time)),
        Some(engine) => alert::look(engine, context, bell, watched, time, look),
    }
}

/// Asks each what to watch. Gives the system that watches, and how long it may; nothing if there are none.
fn ask(watched: &mut Vec<Watch>, entries: &mut impl Entries) -> Result<Option<(&'static Context, Option<Duration>)>> {
    let mut context: Option<&'static Context> = None;
    let (mut place, mut most) = (0, None);
    entries.each(|entry| {
        let inner = entry.inner();
        if !ptr::eq(*context.get_or_insert(inner.context()), inner.context()) {
            return Err(Error::new(Operation::Select, codes::WSAENOTSOCK).with_detail("a socket of another driver"));
        }
        let ask = entry.ask()?;
        // What has told nothing new is passed over once: it would end the wait at once, again and again.
        let told = watched.get(place).is_some_and(|before| !before.is.is_empty());
        let watch = Watch { raw: inner.raw(), wants: if told { Events::NONE } else { ask.wants }, is: ask.is };
        match watched.get_mut(place) {
            Some(before) => *before = watch,
            None => watched.push(watch),
        }
        if !ask.is.is_empty() {
            most = Some(Duration::ZERO);
        } else if ask.hidden || told {
            most = most.or(Some(LOOK));
        }
        place += 1;
        Ok(())
    })?;
    Ok(context.map(|context| (context, most)))
}

/// Tells each what it is; how many are ready.
fn tell(watched: &mut [Watch], entries: &mut impl Entries) -> Result<usize> {
    let mut ready = 0;
    let mut watched = watched.iter();
    entries.each(|entry| {
        let is = watched.next().map_or(Events::NONE, |watch| watch.is);
        if is.contains(Events::ERROR) {
            entry.inner().learn_of_error();
        }
        ready += usize::from(entry.tell(is));
        Ok(())
    })?;
    Ok(ready)
}
