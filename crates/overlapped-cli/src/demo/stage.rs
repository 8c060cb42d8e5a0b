//! Who speaks when, and what a line looks like.

use crate::output::say;
use std::cell::Cell;
use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// One side's place: it speaks when it is its turn.
pub(super) struct Stage {
    who: Cell<&'static str>,
    give: Sender<usize>,
    take: Receiver<usize>,
    mine: Cell<bool>,
    /// Deliveries that the other side has caused and that are still to be told.
    owed: Cell<usize>,
    pub(super) cues: Arc<Cues>,
}

/// What both sides see.
#[derive(Default)]
pub(super) struct Cues {
    /// What has been shown once is told in one line from then on.
    pub(super) brief: AtomicBool,
    /// The server is to do something else before it waits again.
    pub(super) busy: AtomicBool,
    /// User APCs that have run.
    pub(super) apcs: AtomicUsize,
}

impl Cues {
    /// What a user APC does when it runs, on the thread to which it was queued.
    pub(super) fn apc(&self) {
        self.apcs.fetch_add(1, Ordering::Relaxed);
        self.busy.store(true, Ordering::Relaxed);
        line("server", "  the user APC runs: it gives the thread other work", "FnOnce()", "APCProc(dwParam)");
    }
}

impl Stage {
    /// The server's and the client's; the server begins.
    pub(super) fn pair() -> (Self, Self) {
        let (to_client, from_server) = channel();
        let (to_server, from_client) = channel();
        let cues = Arc::<Cues>::default();
        let side = |who, give, take, mine| {
            let cues = Arc::clone(&cues);
            Self { who: Cell::new(who), give, take, mine: Cell::new(mine), owed: Cell::new(0), cues }
        };
        (side("server", to_client, from_client, true), side("client", to_server, from_server, false))
    }

    /// From now on this thread of the side speaks.
    pub(super) fn speaker(&self, who: &'static str) {
        self.who.set(who);
    }

    /// Waits for this side's turn. If the other side has ended there is nobody to wait for.
    pub(super) fn my_turn(&self) {
        if !self.mine.replace(true) {
            self.owed.set(self.owed.get() + self.take.recv().unwrap_or(0));
        }
    }

    /// Gives the turn to the other side, which will be told of so many deliveries.
    pub(super) fn pass(&self, deliveries: usize) {
        self.mine.set(false);
        let _ = self.give.send(deliveries);
    }

    /// Gives the turn back, once everything that the other side has caused is told.
    pub(super) fn pass_if_told(&self) {
        if self.owed.get() == 0 {
            self.pass(0);
        }
    }

    pub(super) fn told(&self, deliveries: usize) {
        self.owed.set(self.owed.get().saturating_sub(deliveries));
    }

    pub(super) fn is_brief(&self) -> bool {
        self.cues.brief.load(Ordering::Relaxed)
    }

    /// One step: what happens, what it is called here, and what it is called in Winsock.
    pub(super) fn say(&self, what: impl Display, ours: &str, winsock: &str) {
        line(self.who.get(), &what.to_string(), ours, winsock);
    }

    /// A step that is told only until it is known.
    pub(super) fn detail(&self, what: impl Display, ours: &str, winsock: &str) {
        if !self.is_brief() {
            self.say(what, ours, winsock);
        }
    }

    /// What replaces the details of a step that is known.
    pub(super) fn brief(&self, what: impl Display, ours: &str, winsock: &str) {
        if self.is_brief() {
            self.say(what, ours, winsock);
        }
    }

    /// The documents' fork: completed at once, or pending.
    pub(super) fn issued(&self, what: &str, pending: bool, ours: &str, winsock: &str) {
        let (how, code) = if pending { ("pending", "WSA_IO_PENDING") } else { ("completed at once", "0") };
        self.detail(format_args!("{what} issued: {how}"), ours, &format!("{winsock} = {code}"));
    }
}

/// What a model's part of the demo begins with.
pub(super) fn title(title: impl Display, about: &str) {
    say!("=== {title} ===\n{about}\n");
    say!("{:8} {:62} {:35} in Winsock", "", "what happens", "in overlapped");
}

fn line(who: &str, what: &str, ours: &str, winsock: &str) {
    let line = format!("{:8} {what:62} {ours:35} {winsock}", format!("[{who}]"));
    say!("{}", line.trim_end());
}
