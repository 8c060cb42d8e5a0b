//! The model of `WSAEventSelect`: each socket has an event, which its network events signal, and the thread waits for all of
//! them. What was recorded is taken, and then received and sent.

use super::empty;
use super::watched::{Door, Watched};
use crate::error::Result;
use crate::event::Event;
use crate::network::NetworkEvents;
use crate::object::Waitable;
use crate::server::desk::Mail;
use crate::server::session::Session;
use crate::server::worker::Worker;
use crate::socket::Socket;
use crate::wait;
use slab::Slab;
use std::mem;
use std::time::Instant;

struct Table {
    worker: Worker,
    places: Slab<(Watched, Event)>,
    doors: Vec<(Door, Event)>,
    /// Places whose event is signalled, in one pass.
    signalled: Vec<usize>,
}

/// What happens to a session.
pub(super) const OF_SESSIONS: NetworkEvents =
    NetworkEvents::READ.union(NetworkEvents::WRITE).union(NetworkEvents::CLOSE);

pub(super) fn work(worker: Worker) -> Result<()> {
    let inbox = Event::auto();
    let filled = inbox.clone();
    worker.open(Box::new(move || filled.set()));
    let mut table = Table { worker, places: Slab::new(), doors: Vec::new(), signalled: Vec::new() };
    let mut mail = Mail::default();
    let mut objects = Vec::new();
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
        let mut list = empty(objects);
        list.push(&inbox as &dyn Waitable);
        list.extend(table.doors.iter().map(|(_, event)| event as &dyn Waitable));
        list.extend(table.places.iter().map(|(_, (_, event))| event as &dyn Waitable));
        wait::any(&list, table.worker.patience(reopen))?;
        objects = empty(list);
        table.worker.waited(0);
        table.pass();
    }
}

impl Table {
    fn open(&mut self, listener: Socket) -> Result<()> {
        let event = Event::manual();
        match listener.select_events(&event, NetworkEvents::ACCEPT) {
            // The server ends before it has begun.
            Err(_) if self.worker.is_draining() => return Ok(()),
            selected => selected?,
        }
        self.doors.push((Door::new(listener), event));
        Ok(())
    }

    fn doors(&mut self) -> Option<Instant> {
        if self.worker.is_draining() {
            self.doors.clear();
        }
        self.doors.iter_mut().filter_map(|(door, _)| door.reopen(&self.worker)).min()
    }

    fn welcome(&mut self, socket: Socket) {
        let Some(watched) = Watched::welcome(&self.worker, socket) else { return };
        let event = Event::manual();
        if let Err(error) = watched.socket.select_events(&event, OF_SESSIONS) {
            watched.cannot_be_watched(error);
        }
        let session = watched.session.clone();
        let key = self.places.insert((watched, event));
        session.set_place(key);
        self.look(key);
    }

    fn find(&mut self, session: &Session) {
        let key = session.place();
        if self.places.get(key).is_some_and(|(watched, _)| watched.session.id() == session.id()) {
            self.look(key);
        }
    }

    fn look(&mut self, key: usize) {
        if self.places[key].0.look(&self.worker) {
            let (gone, _) = self.places.remove(key);
            self.worker.over(&gone.session);
        }
    }

    /// Does what can be done.
    fn pass(&mut self) {
        for (door, event) in &mut self.doors {
            if event.object().is_signalled() {
                let _ = door.listener.network_events(Some(event));
                door.acceptable(&self.worker);
            }
        }
        let mut signalled = mem::take(&mut self.signalled);
        let places = self.places.iter().filter(|(_, (_, event))| event.object().is_signalled());
        signalled.extend(places.map(|(key, _)| key));
        for key in signalled.drain(..) {
            let (watched, event) = &mut self.places[key];
            // One that another thread has closed tells nothing more; it lies in the mail.
            match watched.socket.network_events(Some(event)) {
                Ok(recorded) => watched.happened(&self.worker, recorded.events()),
                Err(_) => event.reset(),
            }
            self.look(key);
        }
        self.signalled = signalled;
    }
}
