//! The network events of a socket: selecting, recording and telling them.
//!
//! What is selected lies with the lanes, under their lock. Whatever may change what holds of the socket ends in
//! [`Inner::observe`], which asks the system how the socket is, tells what is new, and sees to it that the hub watches for
//! the rest. A watch says only that there may be something to observe.

use super::connecting::Connecting;
use super::lane::Lanes;
use super::{Inner, Socket};
use crate::codes;
use crate::driver::{Attempt, Context, Done, Key, system};
use crate::error::{Error, Operation, Result};
use crate::event::Event;
use crate::fork;
use crate::messages::{NetworkMessage, Poster, Sink};
use crate::network::{ABORTED, Held, Holds, NetworkEvents, Phase, Recorded, Selection};
use crate::object::Object;
use crate::op::Kind;
use std::sync::{Arc, Weak};

/// Names a socket without owning it; never used again for another one.
///
/// Corresponds to the value of a `SOCKET`, as a window message carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(u64);

impl SocketId {
    pub(super) fn new(number: u64) -> Self {
        Self(number)
    }
}

/// What a socket's network events are told by.
#[derive(Clone)]
enum Target {
    Event(Arc<Object>),
    Messages(Arc<dyn Sink>),
}

/// What is selected of a socket.
pub(super) struct Selected {
    socket: Weak<Inner>,
    id: SocketId,
    selection: Selection,
    target: Target,
    listens: bool,
    /// A call had to wait for operations, and is to be told when they are over.
    owes_room: bool,
    /// The watches that the hub has, and what each is for.
    watches: Vec<(Key, NetworkEvents)>,
}

impl Selected {
    /// Tells what was recorded.
    fn tell(&mut self) {
        match &self.target {
            Target::Event(event) => event.set(),
            Target::Messages(queue) => {
                let taken = self.selection.take();
                for event in taken.events().iter() {
                    queue.put(NetworkMessage::new(self.id, event, taken.code(event)));
                }
            }
        }
    }

    fn watched(&self) -> NetworkEvents {
        self.watches.iter().fold(NetworkEvents::NONE, |all, (_, events)| all | *events)
    }

    fn phase(&self, lanes: &Lanes, datagram: bool) -> Phase {
        match lanes.connecting {
            _ if datagram => Phase::Datagram,
            Connecting::Goes => Phase::Connecting,
            _ if !lanes.unconnected => Phase::Connected,
            _ if self.listens => Phase::Listening,
            _ => Phase::Idle,
        }
    }
}

impl Socket {
    /// Selects which network events are recorded, and the event that they signal (`WSAEventSelect`); see
    /// [`network`](crate::network).
    ///
    /// It takes the place of what was selected before. What holds already is recorded at once, unless it was enumerated and
    /// not enabled again. A connection that [`try_accept`](Self::try_accept) gives begins with the selection of its
    /// listener. Selecting nothing ends it, as do a [close](Self::close) and the drop of the last owner.
    ///
    /// # Errors
    ///
    /// `WSAENOTSOCK` after a close, `WSAENOBUFS` if the system can watch no more sockets.
    ///
    /// ```
    /// use overlapped::network::NetworkEvents;
    /// use overlapped::{Event, Socket, wait};
    /// use std::io::Write;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = Socket::from(listener.accept()?.0);
    ///
    /// let event = Event::manual();
    /// socket.select_events(&event, NetworkEvents::READ | NetworkEvents::CLOSE)?;
    /// peer.write_all(b"hello")?;
    /// wait::one(&event, None)?;
    /// let recorded = socket.network_events(Some(&event))?;
    /// assert_eq!(recorded.events(), NetworkEvents::READ);
    /// assert!(!event.is_set());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSAEventSelect")]
    pub fn select_events(&self, event: &Event, events: NetworkEvents) -> Result<()> {
        self.select(Target::Event(Arc::clone(event.object())), events)
    }

    /// Selects which network events are put into a queue as messages (`WSAAsyncSelect`); see [`messages`](crate::messages).
    ///
    /// It takes the place of what was selected before. What holds is told, also if it was told before. A connection that
    /// [`try_accept`](Self::try_accept) gives begins with the selection of its listener; its messages have its own
    /// [`id`](Self::id). Selecting nothing ends it, as do a [close](Self::close) and the drop of the last owner; what is in
    /// the queue by then stays there.
    ///
    /// # Errors
    ///
    /// `WSAENOTSOCK` after a close, `WSAENOBUFS` if the system can watch no more sockets.
    ///
    /// ```
    /// use overlapped::Socket;
    /// use overlapped::messages::{Message, MessageQueue};
    /// use overlapped::network::NetworkEvents;
    ///
    /// let queue = MessageQueue::<()>::new();
    /// let listener = Socket::listen("127.0.0.1:0")?;
    /// listener.select_messages(&queue, NetworkEvents::ACCEPT | NetworkEvents::READ | NetworkEvents::CLOSE)?;
    /// let client = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let Message::Network(message) = queue.get()? else { panic!("nothing was posted") };
    /// assert_eq!((message.socket(), message.event()), (listener.id(), NetworkEvents::ACCEPT));
    /// let session = listener.try_accept()?;
    ///
    /// drop(client);
    /// let Message::Network(message) = queue.get()? else { panic!("nothing was posted") };
    /// assert_eq!((message.socket(), message.event()), (session.id(), NetworkEvents::CLOSE));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSAAsyncSelect")]
    pub fn select_messages<M: Send + 'static>(&self, queue: &Poster<M>, events: NetworkEvents) -> Result<()> {
        // Before any lock is taken: it may have to wait for a thread that begins.
        let prepared = fork::check(Operation::NetworkEvents).map(|()| self.inner().context.system.prepare_messages());
        prepared?.map_err(|code| Error::from_code(Operation::NetworkEvents, code))?;
        self.select(Target::Messages(queue.sink()), events)
    }

    /// The same, with messages that go to a sink.
    pub(crate) fn select_sink(&self, sink: Arc<dyn Sink>, events: NetworkEvents) -> Result<()> {
        self.select(Target::Messages(sink), events)
    }

    /// Ends the selection of network events (`WSAEventSelect` and `WSAAsyncSelect` with no events).
    ///
    /// # Errors
    ///
    /// `WSAENOTSOCK` after a close.
    #[doc(alias = "WSAEventSelect")]
    pub fn select_nothing(&self) -> Result<()> {
        self.call_network_events(|inner, lanes| {
            inner.end_selection(lanes);
            Ok(())
        })
    }

    /// Takes what was recorded since the last time, and resets the event if it is given (`WSAEnumNetworkEvents`).
    ///
    /// # Errors
    ///
    /// `WSAENOTSOCK` after a close.
    #[doc(alias = "WSAEnumNetworkEvents")]
    pub fn network_events(&self, reset: Option<&Event>) -> Result<Recorded> {
        self.call_network_events(|inner, lanes| {
            let recorded = inner.take_record(lanes);
            if let Some(event) = reset {
                event.reset();
            }
            Ok(recorded)
        })
    }

    fn select(&self, target: Target, events: NetworkEvents) -> Result<()> {
        self.call_network_events(|_, lanes| self.select_locked(lanes, target, events))
    }

    fn select_locked(&self, lanes: &mut Lanes, target: Target, events: NetworkEvents) -> Attempt<()> {
        let inner = self.inner();
        if events.is_empty() {
            inner.end_selection(lanes);
            return Ok(());
        }
        // Now, also where nothing is to be watched yet: later there may be no descriptor left for it.
        inner.context.hub.home()?;
        let selected = lanes.selected.get_or_insert_with(|| {
            Box::new(Selected {
                socket: Arc::downgrade(&self.0),
                id: self.id(),
                selection: Selection::default(),
                target: target.clone(),
                listens: inner.listens(),
                owes_room: false,
                watches: Vec::new(),
            })
        });
        // What the system has recorded for the former selection, or for the listener that it comes from.
        let told = match selected.target {
            Target::Event(_) => inner.context.system.recorded(inner.raw()),
            Target::Messages(_) => Held::default(),
        };
        selected.selection.adopt(&told);
        let again = matches!(target, Target::Messages(_));
        selected.target = target;
        selected.selection.select(events, again);
        if !again {
            selected.selection.adopt(&told);
        }
        if selected.selection.has_record() {
            selected.tell();
        }
        lanes.uses_hub = true;
        if inner.context.system.records() { inner.have_recorded(lanes) } else { inner.observe(lanes) }
    }

    fn call_network_events<R>(&self, call: impl FnOnce(&Inner, &mut Lanes) -> Attempt<R>) -> Result<R> {
        fork::check(Operation::NetworkEvents)?;
        let mut lanes = self.inner().lanes();
        let called = if lanes.closed { Err(codes::WSAENOTSOCK) } else { call(self.inner(), &mut lanes) };
        called.map_err(|code| Error::from_code(Operation::NetworkEvents, code))
    }
}

impl Inner {
    /// Has the system record and tell what is selected, instead of what it did before.
    fn have_recorded(&self, lanes: &mut Lanes) -> Attempt<()> {
        let Some(selected) = &mut lanes.selected else { return Ok(()) };
        let (system, hub) = (self.context.system, &self.context.hub);
        let events = selected.selection.selected();
        let former = std::mem::take(&mut selected.watches);
        let end = || former.iter().for_each(|(watch, _)| hub.end_watch(*watch));
        if let Target::Messages(_) = selected.target {
            // In this order, since either ends the other.
            end();
            return system.select_messages(self.raw(), &selected.socket, events);
        }
        system.forget_messages(self.raw());
        let watch = hub.watch(&selected.socket, self.raw(), events);
        end();
        selected.watches.push((watch?, events));
        Ok(())
    }

    /// A connection that a call has accepted on this socket begins as the listener is.
    pub(super) fn bequeath(&self, lanes: &Lanes, accepted: &Socket) {
        let Some(selected) = &lanes.selected else { return };
        let events = selected.selection.selected();
        // Without a watch what comes later would be lost, but not the connection.
        let _ = accepted.select_locked(&mut accepted.inner().lanes(), selected.target.clone(), events);
    }

    /// There was nothing to accept. Whether the selection began anew for that, so that something may have come before it.
    pub(super) fn listens_again(&self, lanes: &mut Lanes) -> bool {
        let Some(selected) = &lanes.selected else { return false };
        let accepts = selected.selection.selected().contains(NetworkEvents::ACCEPT);
        accepts && self.context.system.wake_listener(self.raw()) && self.have_recorded(lanes).is_ok()
    }

    /// It listens from now on.
    pub(super) fn began_to_listen(&self, lanes: &mut Lanes) {
        if let Some(selected) = &mut lanes.selected {
            selected.listens = true;
            let _ = self.observe(lanes);
        }
    }

    /// A call that does not block was made, with this error.
    pub(super) fn attempted(&self, lanes: &mut Lanes, kind: Kind, error: Option<i32>) {
        let Some(selected) = &mut lanes.selected else { return };
        // The system has not seen that call.
        selected.owes_room |= kind == Kind::Send && error == Some(codes::WSAEWOULDBLOCK) && !lanes.send.is_empty();
        selected.selection.enable(match (kind, error) {
            (Kind::Receive, _) => NetworkEvents::READ,
            (Kind::Accept, _) => NetworkEvents::ACCEPT,
            (Kind::Send, Some(codes::WSAEWOULDBLOCK)) => NetworkEvents::WRITE,
            (Kind::Connect, Some(codes::WSAEWOULDBLOCK)) => NetworkEvents::CONNECT,
            _ => return,
        });
        let _ = self.observe(lanes);
    }

    /// An operation has ended, and perhaps left something behind for the calls that do not block.
    pub(super) fn operation_ended(&self, lanes: &mut Lanes, kind: Kind, result: i32) {
        let Some(selected) = &mut lanes.selected else { return };
        if self.context.system.records() && kind == Kind::Send && lanes.send.is_empty() {
            let mut room = Held::default();
            room.add(NetworkEvents::WRITE, 0);
            if std::mem::take(&mut selected.owes_room) && result >= 0 && selected.selection.adopt(&room) {
                selected.tell();
            }
        }
        if kind == Kind::Connect {
            self.connect_ended(lanes, result.min(0).abs());
        } else if lanes.of(kind).is_empty() {
            let _ = self.observe(lanes);
        }
    }

    /// A connect has ended, with this error or 0.
    pub(super) fn connect_ended(&self, lanes: &mut Lanes, code: i32) {
        let Some(selected) = lanes.selected.as_mut().filter(|_| !self.context.system.records()) else { return };
        let mut held = Held::default();
        held.add(NetworkEvents::CONNECT, code);
        selected.selection.enable(NetworkEvents::CONNECT);
        if selected.selection.observe(&held) {
            selected.tell();
        }
        let _ = self.observe(lanes);
    }

    /// A watch tells that there may be something to observe.
    pub(crate) fn settle_watch(&self, done: Done) {
        let mut lanes = self.lanes();
        let Some(selected) = &mut lanes.selected else { return };
        let position = selected.watches.iter().position(|(key, _)| *key == done.key);
        if let Some(position) = position.filter(|_| !done.more) {
            selected.watches.swap_remove(position);
        }
        if self.context.system.records() {
            // What was taken for a watch that another has replaced since was the only word of it: the system tells it once.
            let for_event = matches!(selected.target, Target::Event(_));
            if for_event && done.result > 0 && selected.selection.adopt(&Held::unpacked(done.result)) {
                selected.tell();
            }
        } else if position.is_some() {
            let _ = self.observe(&mut lanes);
        }
    }

    /// The system tells of network events as messages.
    #[cfg_attr(not(windows), expect(dead_code, reason = "only Windows does"))]
    pub(crate) fn adopt_messages(&self, told: &Held) {
        let mut lanes = self.lanes();
        let Some(selected) = &mut lanes.selected else { return };
        if matches!(selected.target, Target::Messages(_)) && selected.selection.adopt(told) {
            selected.tell();
        }
    }

    /// Records and tells what holds now, and has the hub watch for the rest.
    fn observe(&self, lanes: &mut Lanes) -> Attempt<()> {
        if self.context.system.records() {
            return Ok(());
        }
        // Its end is told too, and is observed.
        self.look_at_connect(lanes);
        let Some(mut selected) = lanes.selected.take() else { return Ok(()) };
        let observed = self.observe_selected(lanes, &mut selected);
        lanes.selected = Some(selected);
        observed
    }

    fn observe_selected(&self, lanes: &Lanes, selected: &mut Selected) -> Attempt<()> {
        let phase = selected.phase(lanes, self.datagram);
        let taken = lanes.taken();
        if lanes.closed || phase == Phase::Idle || selected.selection.selected().is_empty() {
            return Ok(());
        }
        let mut holds =
            if phase == Phase::Connecting { Holds::default() } else { self.context.system.holds(self.raw()) };
        // What is there is for nobody, and hides no end.
        holds.data &= !lanes.receive_shut;
        let mut held = holds.events(phase, taken);
        if held.contains(NetworkEvents::CLOSE) && (lanes.reset || lanes.broken) {
            held.add(NetworkEvents::CLOSE, ABORTED);
        }
        if !holds.urgent {
            selected.selection.enable(NetworkEvents::OOB);
        }
        if selected.selection.observe(&held) {
            selected.tell();
        }
        let wanted = selected.selection.interest(phase, &holds, taken) - selected.watched();
        if !wanted.is_empty() {
            let key = self.context.hub.watch(&selected.socket, self.raw(), wanted)?;
            selected.watches.push((key, wanted));
        }
        Ok(())
    }

    /// It lies elsewhere now: the watches must find it.
    pub(super) fn moved(&self, to: &Arc<Self>) {
        let mut lanes = self.lanes();
        lanes.end_watches(self.context, self.raw());
        let Some(selected) = &mut lanes.selected else { return };
        selected.socket = Arc::downgrade(to);
        if !self.context.system.records() {
            let _ = self.observe(&mut lanes);
        } else if !selected.selection.selected().is_empty() {
            let _ = self.have_recorded(&mut lanes);
        }
    }

    fn take_record(&self, lanes: &mut Lanes) -> Recorded {
        if lanes.selected.as_ref().is_some_and(|selected| !selected.selection.has_record()) {
            // Nobody may have waited, and so looked.
            let _ = self.observe(lanes);
        }
        let Some(selected) = &mut lanes.selected else { return Recorded::default() };
        if matches!(selected.target, Target::Event(_)) {
            selected.selection.adopt(&self.context.system.recorded(self.raw()));
        }
        selected.selection.take()
    }

    /// Nothing is selected any more. What was told stays told.
    pub(super) fn end_selection(&self, lanes: &mut Lanes) {
        let Some(selected) = &mut lanes.selected else { return };
        selected.selection.select(NetworkEvents::NONE, false);
        lanes.end_watches(self.context, self.raw());
    }

    /// The last owner goes. A thread that has harvested a watch may keep the socket a little longer, and must tell nobody. The
    /// watches end with the socket itself: ended before, they would have their harvester keep it.
    pub(super) fn forget_selection(&self) {
        if fork::in_child() || system::process_ends() {
            // Whoever holds the lock may be gone.
            return;
        }
        if let Some(selected) = &mut self.lanes().selected {
            selected.selection.select(NetworkEvents::NONE, false);
        }
    }
}

impl Lanes {
    /// The network events that are not for calls that do not block: what lies in the lanes comes first, and a direction that
    /// was shut down has none.
    fn taken(&self) -> NetworkEvents {
        let mut taken = NetworkEvents::NONE;
        if self.receive_shut || !self.receive.is_empty() {
            taken |= NetworkEvents::READ | NetworkEvents::ACCEPT;
        }
        if self.send_shut || !self.send.is_empty() {
            taken |= NetworkEvents::WRITE;
        }
        taken
    }

    /// Ends the watches, so that the descriptor may close.
    pub(super) fn end_watches(&mut self, context: &'static Context, raw: i32) {
        let Some(selected) = &mut self.selected else { return };
        if matches!(selected.target, Target::Messages(_)) {
            context.system.end_messages(raw);
        }
        for (key, _) in selected.watches.drain(..) {
            context.hub.end_watch(key);
        }
    }
}
