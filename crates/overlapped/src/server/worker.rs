//! What a thread of a server does in every model.

use super::batch::Batch;
use super::common::Common;
use super::counters::Tally;
use super::decoder::Decoder;
use super::desk::{Desk, Mail, Waker};
use super::handler::Handler;
use super::queue::{Input, Next};
use super::reason::Reason;
use super::session::{Session, Turn};
use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::seldom::Seldom;
use crate::socket::Socket;
use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// A thread of a server, as its backend has it.
pub(super) struct Worker {
    common: Arc<Common>,
    number: usize,
    desk: Arc<Desk>,
    /// Whether it looks at the clock: the first of the threads, or if it may be another, with which patience.
    clock: Option<Duration>,
    /// Tells that the thread has begun.
    begun: Sender<()>,
    /// What is being sent at once: no session needs a second batch for it.
    batch: RefCell<Batch>,
    /// The server's clock at the end of the last wait.
    now: Cell<u64>,
}

/// When to accept the next connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accept {
    Now,
    At(Instant),
    /// The listener is closed.
    Never,
}

/// Ends the server when one of its threads ends before, rather than to serve some of its sessions only.
pub(super) struct Loss(Arc<Common>, Arc<Desk>);

impl Drop for Loss {
    fn drop(&mut self) {
        self.1.close();
        self.0.stop_clock();
        if !self.0.registry.is_over() {
            self.0.registry.give_up();
            self.0.drain(Duration::ZERO);
        }
    }
}

impl Worker {
    /// A descriptor table that is full stays full until a session ends: the accept would fail at once, again and again.
    const PAUSE: Duration = Duration::from_millis(100);

    /// Who was silent for so long, in milliseconds, twice, will be so again, and needs no memory meanwhile.
    const LONG_SILENCE: u64 = 1000;

    /// So often a session may send before others have their turn.
    const SENDS_AT_ONCE: usize = 16;

    /// And so often more may be received from it.
    const RECEIVES_AT_ONCE: usize = 8;

    /// How late the clock may be when its thread is held up, and another can look.
    const HELD_UP: Duration = Duration::from_millis(100);

    pub(super) fn new(common: Arc<Common>, number: usize, begun: Sender<()>) -> Self {
        let desks = common.desks();
        let clock = match number {
            0 => Some(Duration::ZERO),
            _ if desks.len() == 1 => Some(Self::HELD_UP),
            _ => None,
        };
        let desk = Arc::clone(&desks[number % desks.len()]);
        Self { common, number, desk, clock, begun, batch: RefCell::default(), now: Cell::new(0) }
    }

    /// To be held while the thread works.
    pub(super) fn loss(&self) -> Loss {
        Loss(Arc::clone(&self.common), Arc::clone(&self.desk))
    }

    /// The thread can work: what others have for it is brought to it from now on, and `waker` ends its wait.
    pub(super) fn open(&self, waker: Waker) {
        self.desk.open(self.number, waker);
        let _ = self.begun.send(());
    }

    /// Keeps a listener that the thread accepts on, to be closed when the server ends. Whether it still serves.
    pub(super) fn keep(&self, listener: &Socket) -> bool {
        self.common.keep(listener.clone())
    }

    /// Whether nobody is accepted any more; the listeners are closed.
    pub(super) fn is_draining(&self) -> bool {
        self.common.is_draining()
    }

    /// Whether the server has ended. The thread may go then, if nothing of its own is pending.
    pub(super) fn is_done(&self) -> bool {
        self.common.registry.is_over()
    }

    /// Runs what is due, and takes into `mail`, which is empty, what there is for this thread to do.
    pub(super) fn begin_turn(&self, mail: &mut Mail) {
        if self.clock.is_some() && self.common.has_times() {
            self.common.run_clock(self.tally());
        }
        self.desk.take(mail);
    }

    /// How long the thread may wait, if it has to do something else `at` a time itself.
    pub(super) fn patience(&self, at: Option<Instant>) -> Option<Duration> {
        if self.desk.has_mail() {
            return Some(Duration::ZERO);
        }
        let clock = self.clock.filter(|_| self.common.has_times());
        if clock.is_none() && at.is_none() {
            return None;
        }
        let now = Instant::now();
        let clock = clock.and_then(|later| match self.common.clock_due() {
            Ok(due) => Some(if later.is_zero() { due? } else { due?.max(now) + later }),
            // Another thread is at it.
            Err(_) => Some(now + Self::HELD_UP),
        });
        let first = [clock, at].into_iter().flatten().min()?;
        Some(first.saturating_duration_since(now))
    }

    /// Whether it is the only thread of the server.
    pub(super) fn is_alone(&self) -> bool {
        self.common.threads() == 1
    }

    fn tally(&self) -> &Tally {
        self.common.tally(self.number)
    }

    /// The thread has waited: for what has come it is later now.
    pub(super) fn wakes_up(&self) {
        self.now.set(self.common.now());
    }

    /// Counts a wait, and the routines that ran in it.
    pub(super) fn waited(&self, routines: u64) {
        if routines == 0 {
            self.wakes_up();
        }
        let tally = self.tally();
        tally.waits.bump(1);
        tally.routines.bump(routines);
    }

    /// What an accept brought.
    pub(super) fn accepted(&self, accepted: Result<Socket>) -> Accept {
        match accepted {
            Ok(socket) => {
                if !self.common.is_draining() {
                    self.common.next_desk().put(|mail| mail.sockets.push(socket));
                }
                Accept::Now
            }
            Err(_) if self.common.is_draining() => Accept::Never,
            Err(error) => {
                self.accept_failed(&error);
                match error.code() {
                    // The client has gone while it was waiting to be accepted.
                    codes::WSAECONNABORTED | codes::WSAECONNRESET => Accept::Now,
                    _ => Accept::At(Instant::now() + Self::PAUSE),
                }
            }
        }
    }

    fn accept_failed(&self, error: &Error) {
        let tally = self.tally();
        tally.accept_errors.bump(1);
        if let Some(tell) = &self.common.config.accept_error {
            if catch_unwind(AssertUnwindSafe(|| tell(error))).is_err() {
                tally.panics.bump(1);
            }
        }
    }

    /// Makes a connection a session, and its receive buffer, if the limits allow.
    pub(super) fn welcome(&self, socket: Socket) -> Option<(Session, Decoder)> {
        let config = &self.common.config;
        let Ok(peer) = socket.peer_addr() else {
            // It has gone while it was waiting to be accepted; systems that look sooner say the same.
            self.accept_failed(&Error::new(Operation::Accept, codes::WSAECONNABORTED));
            return None;
        };
        // A server answers when it answers: waiting for more to send only delays it.
        let _ = socket.set_nodelay(true);
        let Some(ticket) = self.common.registry.admit(peer.ip(), config.most, config.most_of_address) else {
            self.tally().refused.bump(1);
            return None;
        };
        let Ok(handler) = catch_unwind(AssertUnwindSafe(|| (self.common.factory)())) else {
            self.tally().panics.bump(1);
            self.common.leave(ticket);
            return None;
        };
        let session = Session::new(&self.common, &self.desk, ticket, (socket, peer), handler);
        self.common.registry.enter(&session, || self.tally().accepted.bump(1));
        if self.common.is_draining() {
            session.end(Reason::Drained, false);
        }
        self.tell(&session, |handler| handler.connected(&session));
        Some((session, Decoder::with_buffer(config.framing, config.buffer)))
    }

    /// A receive into the buffer's [place](Decoder::place) has ended: with bytes, with the end of the stream, or with an error.
    /// If it came back full, what is behind it is taken as well, to be answered together. Whether there may be more: what the
    /// session does next says whether to receive again. `last` if the thread knows of nothing else to do in this turn.
    pub(super) fn received(
        &self,
        session: &Session,
        socket: &Socket,
        buffer: &mut Decoder,
        mut done: Result<usize>,
        last: bool,
    ) -> Input {
        let tally = self.tally();
        if !buffer.has_space() && done.as_ref().is_ok_and(|bytes| *bytes == 0) {
            // It waited for data without memory for it.
            done = match socket.try_recv(buffer.space()) {
                Err(error) if error.is_would_block() => return Input::Paused,
                done => done,
            };
        }
        let mut slow = false;
        for before in 0.. {
            match done {
                Ok(0) => {
                    session.end(buffer.finish().map_or_else(Reason::Malformed, |()| Reason::Ended), false);
                    return Input::Done;
                }
                Err(error) if before > 0 && error.is_would_block() => {
                    if let Some(more) = &mut buffer.more {
                        more.learn(before > 1);
                    }
                    break;
                }
                Err(error) => {
                    session.end(Reason::Failed(error), true);
                    return Input::Done;
                }
                Ok(bytes) => {
                    tally.bytes_in.bump(bytes as u64);
                    if before == 0 {
                        slow = session.heard(self.now.get(), Self::LONG_SILENCE);
                    }
                    buffer.filled(bytes);
                    let asks = buffer.is_full()
                        && before < Self::RECEIVES_AT_ONCE
                        && buffer.more.as_mut().is_some_and(Seldom::is_due);
                    self.give(session, buffer, last && !asks);
                    if !asks || !session.wants_more() {
                        break;
                    }
                    done = socket.try_recv(buffer.space());
                }
            }
        }
        if slow {
            buffer.release();
        }
        Input::Paused
    }

    /// Gives the messages that have come to the handler.
    fn give(&self, session: &Session, buffer: &mut Decoder, last: bool) {
        let mut messages = 0;
        Desk::begin_call(last);
        session.hold(|| {
            self.tell(session, |handler| {
                while !session.is_ending() {
                    match buffer.next() {
                        Ok(Some(message)) => {
                            messages += 1;
                            handler.received(session, message);
                        }
                        Ok(None) => return,
                        Err(error) => session.end(Reason::Malformed(error), false),
                    }
                }
            })
        });
        Desk::end_call();
        self.tally().messages_in.bump(messages);
        if session.is_ending() {
            buffer.clear();
        }
    }

    /// Runs a call of the handler. One that panics ends its session.
    fn tell(&self, session: &Session, call: impl FnOnce(&mut dyn Handler)) {
        let mut handler = session.handler();
        let Some(handler) = handler.as_deref_mut() else { return };
        if catch_unwind(AssertUnwindSafe(|| call(handler))).is_err() {
            self.tally().panics.bump(1);
            session.end(Reason::Panicked, false);
        }
    }

    /// What a session does next that was found in the mail, or has ended an operation; `sends` while a send is in flight.
    /// What the system takes at once is sent: after [`Next::Send`] something is left for which it must be waited, and comes
    /// with it. After [`Next::Over`], [`over`](Self::over) is called; after [`Next::Full`] comes
    /// [`tell_full`](Self::tell_full).
    pub(super) fn next(&self, session: &Session, socket: &Socket, sends: bool, input: Input) -> (Turn, Option<Batch>) {
        if sends {
            return (session.next(None, None, input), None);
        }
        let batch = &mut *self.batch.borrow_mut();
        let mut turn = session.next(None, Some(batch), input);
        // Others have their turn too, however fast this queue is filled.
        for _ in 0..Self::SENDS_AT_ONCE {
            if turn.next != Next::Send {
                break;
            }
            match batch.send_now(socket) {
                Ok(bytes) if !batch.is_empty() => {
                    self.sent_some(session, bytes);
                    turn.receives |= input == Input::Paused && session.wants_input();
                    break;
                }
                Ok(bytes) => {
                    let messages = batch.messages();
                    batch.clear();
                    turn = session.next(Some((bytes, true)), Some(batch), input);
                    self.tally().count_sent(bytes, messages);
                }
                Err(error) => {
                    self.sent(session, batch, Err(error));
                    turn = session.next(None, Some(batch), input);
                }
            }
        }
        (turn, (turn.next == Next::Send).then(|| mem::take(batch)))
    }

    /// Tells the handler that messages were dropped. The session is looked at again in the next turn, not now: a handler that
    /// sends more, which is dropped too, would be told without an end.
    pub(super) fn tell_full(&self, session: &Session) {
        self.tell(session, |handler| handler.full(session));
        session.look_again();
    }

    /// The system has taken so many bytes of what is in flight, and not yet the rest.
    pub(super) fn sent_some(&self, session: &Session, bytes: usize) {
        if bytes > 0 {
            session.left(bytes, true);
            self.tally().bytes_out.bump(bytes as u64);
        }
    }

    /// A send of all that was left of the batch has ended, which is emptied. If it failed, the session ends.
    pub(super) fn sent(&self, session: &Session, batch: &mut Batch, done: Result<usize>) {
        match done {
            Ok(bytes) => {
                session.left(bytes, true);
                self.tally().count_sent(bytes, batch.messages());
            }
            Err(error) => {
                session.left(batch.bytes(), false);
                self.tally().sends.bump(1);
                session.end(Reason::Failed(error), true);
            }
        }
        batch.clear();
    }

    /// The session is over: nothing of it is pending.
    pub(super) fn over(&self, session: &Session) {
        let (reason, unsent) = session.over();
        self.tally().unsent.bump(unsent as u64);
        self.common.count_end(session, &reason, unsent);
        self.tell(session, |handler| handler.closed(session, &reason));
        let handler = session.handler().take();
        if catch_unwind(AssertUnwindSafe(|| drop(handler))).is_err() {
            self.tally().panics.bump(1);
        }
        self.common.leave(session.ticket());
    }
}
