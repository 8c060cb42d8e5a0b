//! One connected client, as any thread may see it.

use super::batch::Batch;
use super::common::Common;
use super::desk::{Desk, LastCall};
use super::handle::Handle;
use super::handler::Handler;
use super::packet::Packet;
use super::queue::{Input, Kick, Next, Offer, Queue, Sent};
use super::reason::Reason;
use super::registry::Ticket;
use crate::error::Result;
use crate::socket::{Payload, Shutdown, Socket};
use std::fmt;
use std::io::IoSlice;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One connected client: a cheap handle, whose clones name the same session on any thread.
///
/// It stays valid when the session is over: what is sent then is [`Sent::Closed`].
///
/// ```
/// use overlapped::server::{Handler, Message, Reason, Session};
/// use std::sync::{Arc, Mutex};
///
/// /// Pairs those who come, two by two; each hears what the other says.
/// struct Caller {
///     waiting: Arc<Mutex<Option<Session>>>,
///     other: Option<Session>,
/// }
///
/// impl Handler for Caller {
///     fn received(&mut self, session: &Session, message: Message<'_>) {
///         if self.other.is_none() {
///             self.other = self.waiting.lock().unwrap().take().filter(|other| other.id() != session.id());
///         }
///         if let Some(other) = &self.other {
///             other.send_copy(message.id(), &message);
///         } else {
///             *self.waiting.lock().unwrap() = Some(session.clone());
///         }
///     }
///
///     fn closed(&mut self, _session: &Session, _reason: &Reason) {
///         if let Some(other) = &self.other {
///             other.close("the other one has gone");
///         }
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    ticket: Ticket,
    peer: SocketAddr,
    common: Arc<Common>,
    desk: Arc<Desk>,
    /// Where its thread has it.
    place: AtomicUsize,
    /// When something was last received, queued to be sent, and when it must be over, on the server's clock.
    heard: AtomicU64,
    said: AtomicU64,
    end_by: AtomicU64,
    /// The peer had been silent for long before it was heard last.
    slow: AtomicBool,
    /// Nothing is given to the handler any more.
    ending: AtomicBool,
    /// The thread that serves it is in a call of the handler, and looks at it after.
    held: AtomicBool,
    state: Mutex<State>,
    handler: Mutex<Option<Box<dyn Handler>>>,
    /// None when it is over.
    groups: Mutex<Option<Vec<Box<str>>>>,
}

/// What a session does next, and whether it receives again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) next: Next,
    pub(super) receives: bool,
}

struct State {
    queue: Queue,
    /// The last call of a handler that sent something to it at once.
    spoken: Option<LastCall>,
    /// None when it is over: the descriptor does not wait for whoever has a `Session` still.
    socket: Option<Socket>,
}

/// From so many bytes on a message is sent rather than copied.
const LARGE: usize = 8 << 10;

/// A message, and whose its bytes are.
enum Said<'a> {
    /// The caller's.
    Copied(&'a [u8]),
    Own(Payload),
    /// Of everybody who gets it.
    Shared(&'a Payload),
}

impl Said<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Copied(bytes) => bytes,
            Self::Own(payload) => payload.bytes(),
            Self::Shared(payload) => payload.bytes(),
        }
    }

    fn push(self, batch: &mut Batch, header: &[u8]) {
        match self {
            Self::Copied(bytes) => batch.push_copy(header, bytes),
            Self::Own(payload) => batch.push(header, payload),
            Self::Shared(payload) => batch.push(header, payload.clone()),
        }
    }
}

impl State {
    /// Sends what the system takes at once of a message; how many bytes.
    fn try_send(&self, header: &[u8], payload: &[u8]) -> Result<usize> {
        let Some(socket) = &self.socket else { return Ok(0) };
        let sent = match header {
            [] => socket.try_send(payload),
            _ => socket.try_send_vectored(&[IoSlice::new(header), IoSlice::new(payload)]),
        };
        match sent {
            Err(error) if error.is_would_block() => Ok(0),
            sent => sent,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// A number that no other session of the server has or will have.
    pub fn id(&self) -> u64 {
        self.0.ticket.id
    }

    /// Where the peer is.
    pub fn peer_addr(&self) -> SocketAddr {
        self.0.peer
    }

    /// The server.
    pub fn server(&self) -> Handle {
        Handle::new(Arc::clone(&self.0.common))
    }

    /// Sends a message, from any thread; see [`Packet`] for what can be one.
    ///
    /// It goes out with whatever else is queued until the thread that serves the session comes to it: for what a handler
    /// sends to its own session that is when it has returned, to others the end of the thread's turn. But a large one goes out
    /// at once, without a copy, and so does the first to a session if the thread has nothing else to do in this turn.
    pub fn send(&self, packet: impl Into<Packet>) -> Sent {
        let Packet { id, payload } = packet.into();
        self.offer(id, Said::Own(payload))
    }

    /// The same for one that many get.
    pub(super) fn send_shared(&self, packet: &Packet) -> Sent {
        self.offer(packet.id, Said::Shared(&packet.payload))
    }

    /// Sends a message that is copied. What the handler has borrowed goes out without an allocation.
    ///
    /// ```
    /// # use overlapped::server::{Message, Session};
    /// fn echo(session: &Session, message: Message<'_>) {
    ///     session.send_copy(message.id(), &message);
    /// }
    /// ```
    pub fn send_copy(&self, id: u16, payload: &[u8]) -> Sent {
        self.offer(id, Said::Copied(payload))
    }

    fn offer(&self, id: u16, said: Said<'_>) -> Sent {
        let config = &self.0.common.config;
        let Ok(header) = config.framing.header(id, said.bytes().len()) else { return Sent::TooLong };
        let bytes = header.bytes().len() + said.bytes().len();
        if bytes == 0 {
            return if self.is_ending() { Sent::Closed } else { Sent::Queued };
        }
        let mut state = lock(&self.0.state);
        let mut gone = 0;
        if let Some(thread) = self.sends_at_once(&mut state, bytes) {
            match state.try_send(header.bytes(), said.bytes()) {
                Ok(sent) if sent == bytes => {
                    drop(state);
                    self.0.common.tally(thread).count_sent(bytes, 1);
                    self.has_said();
                    return Sent::Queued;
                }
                Ok(sent) => {
                    gone = sent;
                    self.0.common.tally(thread).bytes_out.bump(sent as u64);
                }
                Err(error) => {
                    drop(state);
                    self.end(Reason::Failed(error), true);
                    return Sent::Closed;
                }
            }
        }
        let offer = state.queue.offer(bytes, config.queue_limit, config.overflow, |batch| {
            said.push(batch, header.bytes());
            batch.has_gone(gone);
        });
        let kick = offer != Offer::Over && self.is_unattended() && state.queue.kick(self.urgency());
        drop(state);
        if kick {
            self.kick();
        }
        match offer {
            Offer::Taken => {
                self.has_said();
                Sent::Queued
            }
            Offer::Full => {
                self.0.common.dropped.add(1);
                Sent::Full
            }
            Offer::Overfull(queued) => {
                self.0.common.dropped.add(1);
                self.end(Reason::Full { queued }, true);
                Sent::Full
            }
            Offer::Over => Sent::Closed,
        }
    }

    fn has_said(&self) {
        if self.0.common.config.heartbeat.is_some() {
            self.0.said.store(self.0.common.now(), Relaxed);
        }
    }

    /// Whether a message goes out now, from the calling thread, which is that one of the server's: if nothing is before it, and it
    /// either is so large that its copy would cost more than a call, or nothing else will join it in this turn. A handler that
    /// says more to one session has the rest of it sent together.
    fn sends_at_once(&self, state: &mut State, bytes: usize) -> Option<usize> {
        let thread = self.0.desk.thread().filter(|_| state.queue.is_clear())?;
        if bytes >= LARGE {
            return Some(thread);
        }
        let call = Desk::last_call().filter(|call| !self.0.held.load(Relaxed) && state.spoken != Some(*call));
        state.spoken = call.or(state.spoken);
        call.map(|_| thread)
    }

    /// Ends the session when what is queued has gone, or after the server's [linger](super::Builder::linger) time.
    /// Messages that come meanwhile are not given to the handler. [`Handler::closed`] is told the reason, if it is the
    /// first.
    pub fn close(&self, reason: impl Into<Reason>) {
        self.end(reason.into(), false);
    }

    /// Ends the session at once: what is queued is dropped.
    pub fn abort(&self, reason: impl Into<Reason>) {
        self.end(reason.into(), true);
    }

    /// Bytes that wait for the peer: queued, or on their way to the system.
    pub fn queued_bytes(&self) -> usize {
        lock(&self.0.state).queue.bytes()
    }

    /// Makes it a member of a group, see [`Handle::send_to_group`]. It leaves its groups when it is over.
    pub fn join(&self, group: &str) {
        let mut groups = lock(&self.0.groups);
        let Some(groups) = groups.as_mut().filter(|groups| groups.iter().all(|joined| **joined != *group)) else {
            return;
        };
        groups.push(group.into());
        self.0.common.groups.join(group, self);
    }

    /// Makes it leave a group.
    pub fn leave(&self, group: &str) {
        let mut groups = lock(&self.0.groups);
        if let Some(groups) = groups.as_mut() {
            groups.retain(|joined| **joined != *group);
            self.0.common.groups.leave(group, self.id());
        }
    }

    /// The groups that it is in.
    pub fn groups(&self) -> Vec<String> {
        lock(&self.0.groups).iter().flatten().map(ToString::to_string).collect()
    }
}

/// What the server itself does with a session.
impl Session {
    pub(super) fn new(
        common: &Arc<Common>,
        desk: &Arc<Desk>,
        ticket: Ticket,
        (socket, peer): (Socket, SocketAddr),
        handler: Box<dyn Handler>,
    ) -> Self {
        let now = common.now();
        Self(Arc::new(Inner {
            ticket,
            peer,
            common: Arc::clone(common),
            desk: Arc::clone(desk),
            place: AtomicUsize::new(0),
            heard: AtomicU64::new(now),
            said: AtomicU64::new(now),
            end_by: AtomicU64::new(u64::MAX),
            slow: AtomicBool::new(false),
            ending: AtomicBool::new(false),
            held: AtomicBool::new(false),
            state: Mutex::new(State { queue: Queue::default(), spoken: None, socket: Some(socket) }),
            handler: Mutex::new(Some(handler)),
            groups: Mutex::new(Some(Vec::new())),
        }))
    }

    pub(super) fn place(&self) -> usize {
        self.0.place.load(Relaxed)
    }

    pub(super) fn set_place(&self, place: usize) {
        self.0.place.store(place, Relaxed);
    }

    pub(super) fn ticket(&self) -> Ticket {
        self.0.ticket
    }

    pub(super) fn is_ending(&self) -> bool {
        self.0.ending.load(Relaxed)
    }

    /// Whoever has a desk of its own is told once; of several threads another may come sooner than the one that knows.
    fn urgency(&self) -> Kick {
        let desk = &self.0.desk;
        if desk.is_shared() && desk.is_attended() { Kick::Soon } else { Kick::Now }
    }

    /// Whether its socket is closed already.
    pub(super) fn is_dead(&self) -> bool {
        lock(&self.0.state).queue.is_dead()
    }

    /// Has its thread look at it in the next turn.
    pub(super) fn look_again(&self) {
        if lock(&self.0.state).queue.kick(self.urgency()) {
            self.kick();
        }
    }

    /// Leaves it at the desk of its thread.
    fn kick(&self) {
        self.0.desk.put(|mail| mail.sessions.push(self.clone()));
    }

    pub(super) fn end(&self, reason: Reason, at_once: bool) {
        let common = &self.0.common;
        let mut state = lock(&self.0.state);
        let Some(socket) = state.socket.clone() else { return };
        let first = state.queue.end(reason, at_once);
        self.0.ending.store(true, Relaxed);
        let mut watch = false;
        if first {
            // Before anybody can find that it is over.
            self.0.end_by.store(common.now().saturating_add(common.config.linger), Relaxed);
            watch = common.count_ending();
        }
        let kick = self.is_unattended() && state.queue.kick(self.urgency());
        drop(state);
        if watch {
            common.wake_clock();
        }
        if at_once {
            // What is pending completes as aborted.
            socket.close();
        }
        if kick {
            self.kick();
        }
    }

    /// The peer is heard; whether it was silent for so long before, and the time before that.
    pub(super) fn heard(&self, now: u64, long: u64) -> bool {
        let slow = self.silent_for(now) >= long;
        self.0.heard.store(now, Relaxed);
        let was_slow = self.0.slow.load(Relaxed);
        self.0.slow.store(slow, Relaxed);
        slow && was_slow
    }

    pub(super) fn silent_for(&self, now: u64) -> u64 {
        now.saturating_sub(self.0.heard.load(Relaxed))
    }

    pub(super) fn said_nothing_for(&self, now: u64) -> u64 {
        now.saturating_sub(self.0.said.load(Relaxed))
    }

    pub(super) fn end_by(&self) -> u64 {
        self.0.end_by.load(Relaxed)
    }

    /// Calls `act` on a thread that looks at the session after it, and so need not be told to.
    pub(super) fn hold<R>(&self, act: impl FnOnce() -> R) -> R {
        // Under the lock of the state it is looked at by others, and the look comes later, under that lock too.
        self.0.held.store(true, Relaxed);
        let result = act();
        self.0.held.store(false, Relaxed);
        result
    }

    /// Whether somebody must be told that there is something to do. Of several threads another may look sooner than the one
    /// that is in the handler.
    fn is_unattended(&self) -> bool {
        let desk = &self.0.desk;
        !(self.0.held.load(Relaxed) && (!desk.is_shared() || desk.is_attended()))
    }

    /// What to do next, see [`Queue::next`]; `sent` is what has left of what was in flight, and whether it was sent.
    pub(super) fn next(&self, sent: Option<(usize, bool)>, batch: Option<&mut Batch>, input: Input) -> Turn {
        let mut state = lock(&self.0.state);
        if let Some((bytes, sent)) = sent {
            state.queue.left(bytes, sent);
        }
        let next = state.queue.next(batch, input);
        let receives = input == Input::Paused && state.queue.wants_input(self.0.common.config.pause);
        if next == Next::Shut {
            let socket = state.socket.clone();
            drop(state);
            if socket.is_none_or(|socket| socket.shutdown(Shutdown::Send).is_err()) {
                self.end(Reason::Ended, true);
            }
            return Turn { next: Next::Nothing, receives };
        }
        Turn { next, receives }
    }

    /// So many bytes that were in flight were sent, or never will be.
    pub(super) fn left(&self, bytes: usize, sent: bool) {
        lock(&self.0.state).queue.left(bytes, sent);
    }

    pub(super) fn wants_input(&self) -> bool {
        lock(&self.0.state).queue.wants_input(self.0.common.config.pause)
    }

    /// Whether more may come before what waits has been sent: that must not grow to its bound meanwhile.
    pub(super) fn wants_more(&self) -> bool {
        let config = &self.0.common.config;
        lock(&self.0.state).queue.wants_input(config.pause.min(config.queue_limit / 4))
    }

    pub(super) fn handler(&self) -> MutexGuard<'_, Option<Box<dyn Handler>>> {
        lock(&self.0.handler)
    }

    /// It is over: lets go of the socket and the groups. Why, and how many bytes were not sent.
    pub(super) fn over(&self) -> (Reason, usize) {
        let mut state = lock(&self.0.state);
        let reason = state.queue.reason().cloned().unwrap_or(Reason::Ended);
        let unsent = state.queue.drop_waiting();
        let socket = state.socket.take();
        drop(state);
        if let Some(socket) = socket {
            socket.close();
        }
        for group in lock(&self.0.groups).take().into_iter().flatten() {
            self.0.common.groups.leave(&group, self.id());
        }
        (reason, unsent)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("id", &self.id()).field("peer", &self.0.peer).finish_non_exhaustive()
    }
}
