//! The contract of a model's backend.
//!
//! A backend is a function that is run by each thread of a server, with the thread's [`Worker`], until the server is
//! over. It decides how operations are issued (or sockets are watched) and how the thread learns what has come of them;
//! everything else is common. It has for each of its sessions a [`Session`](super::session::Session), the receive buffer
//! (a [`Decoder`](super::decoder::Decoder)) and a [`Batch`](super::batch::Batch) to send from.
//!
//! 1. First it calls [`Worker::open`] with what ends its wait from another thread. If it cannot begin, it returns the
//!    error before that.
//! 2. Then, again and again, a *turn*: [`Worker::begin_turn`] gives it mail.
//!    - Of each **socket** [`Worker::welcome`] makes a session, or not. The backend finds a place for it
//!      ([`Session::set_place`](super::session::Session::set_place)), receives, and looks what the session does next.
//!    - On each **listener** it accepts. [`Worker::accepted`] takes what comes of that and says when to accept again.
//!    - For each **session** it looks what it does next, if it has it still.
//! 3. It waits no longer than [`Worker::patience`] says, and counts the wait ([`Worker::waited`]). For whatever has come it
//!    calls [`Worker::received`] or [`Worker::sent`]. What other threads and handlers send meanwhile is in the next mail.
//! 4. *What a session does next* is [`Worker::next`], which sends what the system takes at once. `Send`: the rest comes with it,
//!    to be sent in one operation; it is given to [`Worker::sent`] when all of it has gone or failed, and then the session is
//!    looked at again. `Full`: [`Worker::tell_full`] is called. `Over`: the place is given up, then [`Worker::over`] is
//!    called. And a session whose input is `Paused` receives if the [`Turn`](super::session::Turn) says so. (A model that
//!    watches sockets writes itself, when it is told that there is room.)
//! 5. It ends when [`Worker::is_done`] says so after the mail was done.
//!
//! For one session there is at any time one receive and one send, at most. A session that is to end at once has its socket
//! closed, by any thread: operations complete as aborted, and a model that watches sockets finds the session in its mail.

mod async_select;
mod callback;
mod event;
mod event_select;
mod port;
mod select;
mod watched;

use super::model::Model;
use super::worker::Worker;
use crate::error::Result;
use crate::object::Waitable;
use std::sync::Arc;

/// How the threads of a server work.
pub(super) enum Backend {
    /// Each has sessions of its own, and a desk.
    Bound(fn(Worker) -> Result<()>),
    /// All serve all sessions, and have one desk. The function is given how many run at a time.
    Pooled(fn(usize) -> Work),
}

/// What each thread of a server runs.
pub(super) type Work = Arc<dyn Fn(Worker) -> Result<()> + Send + Sync>;

/// The backend of a model.
pub(super) fn of(model: Model) -> Backend {
    match model {
        Model::Select => Backend::Bound(select::work),
        Model::EventSelect => Backend::Bound(event_select::work),
        Model::AsyncSelect => Backend::Bound(async_select::work),
        Model::Event => Backend::Bound(event::work),
        Model::Callback => Backend::Bound(callback::work),
        Model::Port => Backend::Pooled(port::pool),
    }
}

/// The list's memory, for others.
fn empty<'b>(mut list: Vec<&dyn Waitable>) -> Vec<&'b dyn Waitable> {
    list.clear();
    list.into_iter().map(|_| -> &'b dyn Waitable { unreachable!("it is empty") }).collect()
}
