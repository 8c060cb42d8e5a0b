//! Messages: a queue of a thread's own, for network events and for what the program posts.
//!
//! The model of `WSAAsyncSelect`: a thread has a queue of [messages](Message) and takes one after the other. A socket whose
//! network events are [selected](crate::Socket::select_messages) puts each of them there as it happens, by the rules of
//! [`network`](crate::network); other threads [post](Poster::post) messages of the program's own. All are in one order.
//!
//! | this | Win32 and Winsock |
//! |---|---|
//! | [`MessageQueue::get`], [`try_get`](MessageQueue::try_get) | `GetMessage`, `PeekMessage` |
//! | [`Poster::post`], [`quit`](Poster::quit) | `PostThreadMessage`, `PostQuitMessage` |
//! | [`Socket::select_messages`](crate::Socket::select_messages) | `WSAAsyncSelect` |
//! | [`wait::any`], [`alertable::any`](crate::alertable::any) with a queue among the objects | `MsgWaitForMultipleObjectsEx` |
//!
//! The queue is an object that is signalled as long as there is a message, so a thread can wait for messages, operations and
//! any other objects at once. [`get`](MessageQueue::get) runs no routines.
//!
//! There is no window that a program would have to make. On Windows the library has one, as `WSAAsyncSelect` wants it, with
//! a thread that takes what Windows posts there to the queues.
//!
//! ```
//! use overlapped::messages::{Message, MessageQueue};
//!
//! let queue = MessageQueue::new();
//! let poster = queue.poster();
//! std::thread::spawn(move || {
//!     poster.post("work")?;
//!     poster.quit(3)
//! });
//! assert!(matches!(queue.get()?, Message::Posted("work")));
//! assert!(matches!(queue.get()?, Message::Quit(3)));
//! # Ok::<(), overlapped::Error>(())
//! ```

use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::network::{NetworkEvents, failure};
use crate::object::sealed::Sealed;
use crate::object::{Object, Waitable};
use crate::socket::SocketId;
use crate::sync::{Mutex, lock};
use crate::wait;
use std::collections::VecDeque;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// What a thread finds in its [`MessageQueue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<M> {
    /// Something has happened to a socket.
    Network(NetworkMessage),
    /// What the program has posted.
    Posted(M),
    /// The queue is to be left, with this exit code (`WM_QUIT`); it comes behind all that was posted.
    Quit(i32),
}

/// A network event as a message.
///
/// Corresponds to the parameters of the window message: `wParam` is the socket, the halves of `lParam` are the network event
/// and its error (`WSAGETSELECTEVENT`, `WSAGETSELECTERROR`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkMessage {
    socket: SocketId,
    event: NetworkEvents,
    code: i32,
}

impl NetworkMessage {
    pub(crate) fn new(socket: SocketId, event: NetworkEvents, code: i32) -> Self {
        Self { socket, event, code }
    }

    /// Which socket it is about. It may have been closed meanwhile.
    pub fn socket(&self) -> SocketId {
        self.socket
    }

    /// What has happened: one network event (`WSAGETSELECTEVENT`).
    #[doc(alias = "WSAGETSELECTEVENT")]
    pub fn event(&self) -> NetworkEvents {
        self.event
    }

    /// The error, as a code of Winsock; 0 without one (`WSAGETSELECTERROR`).
    #[doc(alias = "WSAGETSELECTERROR")]
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The error, if there is one.
    pub fn error(&self) -> Option<Error> {
        failure(self.event, self.code)
    }
}

/// What both ends of a queue share.
pub(crate) struct Shared<M> {
    /// Signalled while there is a message.
    object: Arc<Object>,
    state: Mutex<State<M>>,
}

struct State<M> {
    messages: VecDeque<Message<M>>,
    quit: Option<i32>,
    /// Its owner is gone.
    closed: bool,
}

impl<M> Shared<M> {
    /// Gives the message back if nobody would take it.
    fn post(&self, message: Message<M>) -> std::result::Result<(), Message<M>> {
        let mut state = lock(&self.state);
        if state.closed {
            return Err(message);
        }
        state.messages.push_back(message);
        self.object.set();
        Ok(())
    }

    fn take(&self) -> Option<Message<M>> {
        self.taking(|state| state.messages.pop_front().or_else(|| state.quit.take().map(Message::Quit)))
    }

    /// Takes the first posted message that is wanted, wherever it is.
    pub(crate) fn take_wanted(&self, mut wanted: impl FnMut(&M) -> bool) -> Option<M> {
        let taken = self.taking(|state| {
            let mut messages = state.messages.iter();
            let place = messages.position(|message| matches!(message, Message::Posted(value) if wanted(value)))?;
            state.messages.remove(place)
        });
        match taken? {
            Message::Posted(value) => Some(value),
            Message::Network(_) | Message::Quit(_) => None,
        }
    }

    /// What `look` gives of the first posted message of which it gives something.
    pub(crate) fn peek<R>(&self, mut look: impl FnMut(&M) -> Option<R>) -> Option<R> {
        lock(&self.state).messages.iter().find_map(|message| match message {
            Message::Posted(value) => look(value),
            Message::Network(_) | Message::Quit(_) => None,
        })
    }

    /// The exit code with which the queue is to be left, whatever is still there; it may be taken.
    pub(crate) fn quit(&self, take: bool) -> Option<i32> {
        self.taking(|state| if take { state.quit.take() } else { state.quit })
    }

    fn taking<R>(&self, take: impl FnOnce(&mut State<M>) -> Option<R>) -> Option<R> {
        let mut state = lock(&self.state);
        let taken = take(&mut state)?;
        if state.messages.is_empty() && state.quit.is_none() {
            self.object.reset();
        }
        Some(taken)
    }
}

/// Where network events go as messages, whatever else the program posts there.
pub(crate) trait Sink: Send + Sync {
    fn put(&self, message: NetworkMessage);
}

impl<M: Send> Sink for Shared<M> {
    fn put(&self, message: NetworkMessage) {
        // Nobody wants to know any more.
        let _ = self.post(Message::Network(message));
    }
}

/// A queue of messages, for the thread that owns it: network events of sockets and values `M` that any thread
/// [posts](Poster::post).
///
/// An object to [`wait`] for, signalled while there is a message. Dropping it drops what is still there;
/// later posts are refused.
///
/// ```
/// use overlapped::messages::{Message, MessageQueue};
/// use overlapped::{wait, Event, Waited};
///
/// let queue = MessageQueue::new();
/// let stop = Event::manual();
/// queue.post(7)?;
/// assert_eq!(wait::any(&[&stop, &queue], None)?, Waited::Object(1));
/// assert_eq!(queue.try_get(), Some(Message::Posted(7)));
/// assert_eq!(queue.try_get(), None);
/// # Ok::<(), overlapped::Error>(())
/// ```
pub struct MessageQueue<M>(Poster<M>);

impl<M: Send> MessageQueue<M> {
    /// An empty queue.
    #[expect(clippy::new_without_default, reason = "an object has no default")]
    pub fn new() -> Self {
        let state = State { messages: VecDeque::new(), quit: None, closed: false };
        let object = Arc::new(Object::event(false, false));
        Self(Poster(Arc::new(Shared { object, state: Mutex::new(state) })))
    }

    /// What other threads post with.
    pub fn poster(&self) -> Poster<M> {
        self.0.clone()
    }

    /// Takes the next message, and waits for it as long as it takes (`GetMessage`).
    ///
    /// # Errors
    ///
    /// Those of [`wait::one`].
    #[doc(alias = "GetMessage")]
    pub fn get(&self) -> Result<Message<M>> {
        loop {
            if let Some(message) = self.shared().take() {
                return Ok(message);
            }
            wait::one(self, None)?;
        }
    }

    /// Takes the next message if there is one (`PeekMessage` with `PM_REMOVE`). If not, network events that have happened
    /// become messages first, which is a system call.
    #[doc(alias = "PeekMessage")]
    pub fn try_get(&self) -> Option<Message<M>> {
        self.shared().take().or_else(|| {
            crate::hub::poll();
            self.shared().take()
        })
    }
}

impl<M> MessageQueue<M> {
    pub(crate) fn shared(&self) -> &Shared<M> {
        &self.0.0
    }
}

impl<M> Drop for MessageQueue<M> {
    fn drop(&mut self) {
        let left = {
            let mut state = lock(&self.shared().state);
            state.closed = true;
            std::mem::take(&mut state.messages)
        };
        // Code of the program.
        drop(left);
    }
}

impl<M> Deref for MessageQueue<M> {
    type Target = Poster<M>;

    fn deref(&self) -> &Poster<M> {
        &self.0
    }
}

impl<M> Sealed for MessageQueue<M> {
    fn waits_for(&self) -> &Arc<Object> {
        &self.shared().object
    }
}

impl<M> Waitable for MessageQueue<M> {}

impl<M> fmt::Debug for MessageQueue<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageQueue").field("signalled", &self.shared().object.is_signalled()).finish_non_exhaustive()
    }
}

/// The end of a [`MessageQueue`] to which any thread posts; its clones are the same end.
pub struct Poster<M>(Arc<Shared<M>>);

impl<M: Send> Poster<M> {
    /// Puts a message behind all others (`PostThreadMessage`, `PostMessage`).
    ///
    /// # Errors
    ///
    /// `ERROR_INVALID_THREAD_ID` if the queue is gone, and with it whoever would take the message.
    #[doc(alias = "PostThreadMessage")]
    #[doc(alias = "PostMessage")]
    pub fn post(&self, message: M) -> Result<()> {
        self.0.post(Message::Posted(message)).map_err(|_| gone())
    }

    /// Has the queue end with [`Message::Quit`] when everything that was posted is taken (`PostQuitMessage`).
    ///
    /// # Errors
    ///
    /// As for [`post`](Self::post).
    #[doc(alias = "PostQuitMessage")]
    pub fn quit(&self, code: i32) -> Result<()> {
        let mut state = lock(&self.0.state);
        if state.closed {
            return Err(gone());
        }
        state.quit = Some(code);
        self.0.object.set();
        Ok(())
    }
}

impl<M: Send + 'static> Poster<M> {
    pub(crate) fn sink(&self) -> Arc<dyn Sink> {
        let shared: Arc<Shared<M>> = Arc::clone(&self.0);
        shared
    }
}

fn gone() -> Error {
    Error::new(Operation::Post, codes::ERROR_INVALID_THREAD_ID)
}

impl<M> Clone for Poster<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M> fmt::Debug for Poster<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poster").finish_non_exhaustive()
    }
}
