//! The choice of the driver, once per process.

use super::report::{ChosenBy, Feature, Refusal, Report};
use super::{Context, System, system};
use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::fork;
use crate::hub::Hub;
use crate::sync::bare;
use crate::sync::real::lock;
use crate::thread::ThreadCore;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// A driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// io_uring for what is one thread's, epoll for what threads share.
    Uring,
    /// epoll.
    Epoll,
    /// Overlapped I/O of Windows.
    Winsock,
    /// The fake of [`scripted`](super::scripted).
    Scripted,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Uring => "uring",
            Self::Epoll => "epoll",
            Self::Winsock => "winsock",
            Self::Scripted => "scripted",
        })
    }
}

/// What a program or a person may ask for.
///
/// ```
/// use overlapped::driver::Choice;
///
/// assert_eq!("epoll".parse(), Ok(Choice::Epoll));
/// assert!("kqueue".parse::<Choice>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Choice {
    /// The best that works here: io_uring, else epoll; on Windows its own.
    #[default]
    Auto,
    /// io_uring or an error.
    Uring,
    /// epoll; Linux only.
    Epoll,
    /// Overlapped I/O of Windows; Windows only.
    Winsock,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Uring => "uring",
            Self::Epoll => "epoll",
            Self::Winsock => "winsock",
        })
    }
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "auto" => Ok(Self::Auto),
            "uring" => Ok(Self::Uring),
            "epoll" => Ok(Self::Epoll),
            "winsock" => Ok(Self::Winsock),
            _ => Err(failed(unknown(name))),
        }
    }
}

fn unknown(name: &str) -> String {
    format!("there is no driver `{name}`; there are auto, uring, epoll and winsock")
}

pub(super) fn failed(detail: String) -> Error {
    Error::new(Operation::Driver, codes::WSA_INVALID_PARAMETER).with_detail(detail)
}

/// What a system answers to a choice.
pub(super) struct Decision {
    pub(super) kind: Kind,
    pub(super) refused: Option<Refusal>,
    pub(super) features: Vec<Feature>,
    pub(super) reversed: bool,
    pub(super) refills: bool,
    pub(super) system: &'static dyn System,
}

/// The process's driver, or why there is none.
struct Chosen {
    choice: Choice,
    report: Report,
    context: Context,
}

static CHOSEN: OnceLock<std::result::Result<Chosen, Error>> = OnceLock::new();
static DECIDING: Mutex<()> = Mutex::new(());
static WANTED: Mutex<Option<Choice>> = Mutex::new(None);

bare! {
    /// A thread of a script has that script for its kernel.
    static SCRIPTED: Option<&'static Context> = None;
}

/// Chooses the driver, before the first socket is made. Wins over `OVERLAPPED_DRIVER`.
///
/// # Errors
///
/// If the driver cannot be had, or another one is in force already.
///
/// ```
/// use overlapped::driver::{self, Choice, Kind};
///
/// let report = driver::choose(Choice::Auto)?;
/// let another = if report.kind == Kind::Epoll { Choice::Uring } else { Choice::Epoll };
/// assert!(driver::choose(another).is_err()); // too late
/// # Ok::<(), overlapped::Error>(())
/// ```
pub fn choose(choice: Choice) -> Result<&'static Report> {
    lock(&WANTED).get_or_insert(choice);
    let chosen = chosen()?;
    if chosen.choice == choice || choice == Choice::Auto || choice.to_string() == chosen.report.kind.to_string() {
        return Ok(&chosen.report);
    }
    Err(failed(format!("the driver is `{}` already: choose before the first socket is made", chosen.report.kind)))
}

/// The driver in force and why; fixes the choice if none was made.
///
/// # Errors
///
/// If no driver can be had: an unknown name in `OVERLAPPED_DRIVER` or `OVERLAPPED_MASK`, or
/// `uring` where it is forbidden.
pub fn report() -> Result<&'static Report> {
    chosen().map(|chosen| &chosen.report)
}

fn chosen() -> Result<&'static Chosen> {
    if let Some(chosen) = CHOSEN.get() {
        return chosen.as_ref().map_err(Clone::clone);
    }
    fork::check(Operation::Driver)?;
    let deciding = lock(&DECIDING);
    if CHOSEN.get().is_none() {
        match decide() {
            // What was wanting may be there the next time.
            Err(error) if [codes::WSAEMFILE, codes::WSAENOBUFS].contains(&error.code()) => {
                *lock(&WANTED) = None;
                return Err(error);
            }
            decided => drop(CHOSEN.set(decided)),
        }
    }
    drop(deciding);
    let early = std::mem::take(&mut *lock(&EARLY));
    early.iter().for_each(|waiter| waiter.unpark());
    chosen()
}

/// Threads that wait for objects since before there was a driver; with one they must drive it.
static EARLY: Mutex<Vec<Arc<ThreadCore>>> = Mutex::new(Vec::new());

/// Parks a thread that waits for objects, until there is a driver or whatever else wakes it.
pub(crate) fn park_early(thread: &Arc<ThreadCore>, deadline: Option<Instant>) {
    if fork::in_child() {
        thread.park(deadline);
        return;
    }
    {
        let mut early = lock(&EARLY);
        // Where none could be had there will be none: that is no reason to look again and again.
        if CHOSEN.get().is_some_and(Result::is_ok) {
            return;
        }
        early.push(Arc::clone(thread));
    }
    thread.park(deadline);
    lock(&EARLY).retain(|early| !Arc::ptr_eq(early, thread));
}

fn decide() -> std::result::Result<Chosen, Error> {
    fork::watch();
    let (choice, chosen_by) = match (*lock(&WANTED), std::env::var("OVERLAPPED_DRIVER")) {
        (Some(choice), _) => (choice, ChosenBy::Program),
        (None, Ok(name)) if !name.is_empty() => {
            let choice = name
                .parse()
                .map_err(|error: Error| error.with_detail(format!("OVERLAPPED_DRIVER: {}", unknown(&name))))?;
            (choice, ChosenBy::Environment)
        }
        (None, _) => (Choice::Auto, ChosenBy::Default),
    };
    let mask = std::env::var("OVERLAPPED_MASK").unwrap_or_default();
    let Decision { kind, refused, features, reversed, refills, system } = system::decide(choice, &mask)?;
    let report = Report { kind, chosen_by, refused, features, reversed, refills, kernel: system::release() };
    let context = Context { system, hub: Hub::new(system, Duration::from_secs(1), system::PATIENCE) };
    Ok(Chosen { choice, report, context })
}

/// The kernel that the calling thread makes sockets on.
pub(crate) fn context() -> Result<&'static Context> {
    match SCRIPTED.get() {
        Some(context) => Ok(context),
        None => {
            fork::check(Operation::Driver)?;
            chosen().map(|chosen| &chosen.context)
        }
    }
}

/// The kernel that the calling thread's waits drive; `None` if no socket was made yet.
pub(crate) fn present() -> Option<&'static Context> {
    SCRIPTED.get().or_else(|| {
        let chosen = CHOSEN.get().filter(|_| !fork::in_child())?;
        chosen.as_ref().ok().map(|chosen| &chosen.context)
    })
}

/// The kernel that a hub belongs to.
pub(crate) fn context_of(hub: &Hub) -> Option<&'static Context> {
    present().filter(|context| std::ptr::eq(&context.hub, hub))
}

/// Makes a script the calling thread's kernel.
pub(crate) fn enter(context: &'static Context) {
    SCRIPTED.set(Some(context));
}
