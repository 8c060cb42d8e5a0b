//! What a server has done, in a line: now and then while it runs, and at its end.

use crate::output::{Count, complain};
use overlapped::server::{Counters, Drained};
use overlapped::{Error, codes};
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Accepts that failed.
#[derive(Default)]
pub(super) struct AcceptErrors(Mutex<Failed>);

#[derive(Default)]
struct Failed {
    by_name: BTreeMap<&'static str, u64>,
    warned: bool,
}

impl AcceptErrors {
    fn lock(&self) -> MutexGuard<'_, Failed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self, error: &Error) {
        let mut failed = self.lock();
        // Otherwise the client has gone while it was waiting to be accepted.
        let lasts = !matches!(error.code(), codes::WSAECONNABORTED | codes::WSAECONNRESET);
        if lasts && std::mem::replace(&mut failed.warned, true) {
            // Once: it will not be the last failure of its kind.
            return;
        }
        *failed.by_name.entry(error.name()).or_default() += 1;
        drop(failed);
        if error.code() == codes::WSAEMFILE {
            complain!(
                "every descriptor is in use ({}): new clients wait until one leaves; raise the hard limit (ulimit -Hn) for more",
                error.name()
            );
        } else if lasts {
            complain!("cannot accept: {error}; trying again");
        }
    }
}

/// The line at the end.
pub(super) struct Summary<'a> {
    pub(super) counters: &'a Counters,
    pub(super) errors: &'a AcceptErrors,
    /// What was left at the end.
    pub(super) cut: Option<&'a Drained>,
}

impl Display for Summary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Counters { accepted, messages_in, bytes_in, bytes_out, refused, dropped, .. } = *self.counters;
        let (clients, messages) = (Count(accepted, "client"), Count(messages_in, "message"));
        write!(f, "served {clients}: {messages}, {bytes_in} bytes received, {bytes_out} bytes sent")?;
        let mut errors = self.errors.lock().by_name.clone();
        for (&name, &count) in &self.counters.ended {
            match name {
                "ended" | "drained" => {}
                "full" => write!(f, "; {count} closed because they did not read")?,
                "idle" => write!(f, "; {count} closed because they were silent")?,
                "malformed" => write!(f, "; {count} closed because they sent no packets")?,
                _ => *errors.entry(name).or_default() += count,
            }
        }
        if refused > 0 {
            write!(f, "; {refused} refused")?;
        }
        // One is what a client was closed for.
        let dropped = dropped - self.counters.ended.get("full").copied().unwrap_or(0).min(dropped);
        if dropped > 0 {
            write!(f, "; {} dropped", Count(dropped, "message"))?;
        }
        if let Some(Drained { cut: cut @ 1.., unsent, .. }) = self.cut {
            write!(f, "; {} cut off at the end, with {unsent} bytes to be sent", Count(*cut, "client"))?;
        }
        f.write_str("; errors: ")?;
        if errors.is_empty() {
            return f.write_str("none");
        }
        for (place, (name, count)) in errors.iter().enumerate() {
            write!(f, "{}{name} {count}", if place == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// The line now and then: names and numbers, as the library has them.
pub(super) struct Stats<'a>(pub(super) &'a Counters);

impl Display for Stats<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        macro_rules! pairs {
            ($($name:ident)*) => { $(write!(f, concat!(" ", stringify!($name), "={}"), self.0.$name)?;)* };
        }
        f.write_str("stats:")?;
        pairs!(sessions accepted refused accept_errors messages_in messages_out bytes_in bytes_out sends);
        pairs!(queued deepest dropped unsent waits routines panics);
        self.0.ended.iter().try_for_each(|(name, count)| write!(f, " ended.{name}={count}"))
    }
}
