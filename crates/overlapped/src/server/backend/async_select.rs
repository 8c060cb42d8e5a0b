//! The model of `WSAAsyncSelect`: the network events of all sockets are messages in the queue of their thread, and so is that
//! there is mail.

use super::event_select::OF_SESSIONS;
use super::watched::{Door, Watched};
use crate::error::Result;
use crate::messages::{Message, MessageQueue, NetworkMessage};
use crate::network::NetworkEvents;
use crate::server::desk::Mail;
use crate::server::session::Session;
use crate::server::worker::Worker;
use crate::socket::{Socket, SocketId};
use crate::wait;
use slab::Slab;
use std::collections::HashMap;
use std::time::Instant;

struct Table {
    worker: Worker,
    /// The program's own messages say that there is mail.
    queue: MessageQueue<()>,
    places: Slab<Watched>,
    /// Where the session of a socket is.
    keys: HashMap<SocketId, usize>,
    doors: Vec<Door>,
}

/// Messages that are taken before the mail is looked at again.
const AT_ONCE: usize = 256;

pub(super) fn work(worker: Worker) -> Result<()> {
    let queue = MessageQueue::new();
    let poster = queue.poster();
    worker.open(Box::new(move || drop(poster.post(()))));
    let mut table = Table { worker, queue, places: Slab::new(), keys: HashMap::new(), doors: Vec::new() };
    let mut mail = Mail::default();
    loop {
        table.worker.begin_turn(&mut mail);
        mail.sockets.drain(..).for_each(|socket| table.welcome(socket));
        for listener in mail.listeners.drain(..) {
            table.open(listener)?;
        }
        mail.sessions.drain(..).for_each(|session| table.find(&session));
        if table.worker.is_done() {
            return Ok(());
        }
        let reopen = table.doors();
        wait::one(&table.queue, table.worker.patience(reopen))?;
        table.worker.waited(0);
        for _ in 0..AT_ONCE {
            match table.queue.try_get() {
                Some(Message::Network(message)) => table.happened(message),
                Some(_) => {}
                None => break,
            }
        }
    }
}

impl Table {
    fn open(&mut self, listener: Socket) -> Result<()> {
        match listener.select_messages(&self.queue, NetworkEvents::ACCEPT) {
            // The server ends before it has begun.
            Err(_) if self.worker.is_draining() => return Ok(()),
            selected => selected?,
        }
        self.doors.push(Door::new(listener));
        Ok(())
    }

    fn doors(&mut self) -> Option<Instant> {
        if self.worker.is_draining() {
            self.doors.clear();
        }
        self.doors.iter_mut().filter_map(|door| door.reopen(&self.worker)).min()
    }

    fn welcome(&mut self, socket: Socket) {
        let Some(watched) = Watched::welcome(&self.worker, socket).map(Watched::one_by_one) else { return };
        if let Err(error) = watched.socket.select_messages(&self.queue, OF_SESSIONS) {
            watched.cannot_be_watched(error);
        }
        let (session, id) = (watched.session.clone(), watched.socket.id());
        let key = self.places.insert(watched);
        self.keys.insert(id, key);
        session.set_place(key);
        self.look(key);
    }

    fn find(&mut self, session: &Session) {
        let key = session.place();
        if self.places.get(key).is_some_and(|watched| watched.session.id() == session.id()) {
            self.look(key);
        }
    }

    fn look(&mut self, key: usize) {
        if self.places[key].look(&self.worker) {
            let gone = self.places.remove(key);
            self.keys.remove(&gone.socket.id());
            self.worker.over(&gone.session);
        }
    }

    fn happened(&mut self, message: NetworkMessage) {
        if let Some(&key) = self.keys.get(&message.socket()) {
            self.places[key].happened(&self.worker, message.event());
            self.look(key);
        } else if let Some(door) = self.doors.iter_mut().find(|door| door.listener.id() == message.socket()) {
            door.acceptable(&self.worker);
        }
    }
}
