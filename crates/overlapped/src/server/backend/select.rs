//! The model `select`: the thread asks which of its sockets are ready, and then receives and sends.
//!
//! The sets have no limit of 64. To end the wait from another thread there is one socket more, which that thread sends a byte to.

use super::watched::{Door, Watched};
use crate::codes;
use crate::error::Result;
use crate::readiness::{SocketSet, select};
use crate::server::desk::Mail;
use crate::server::session::Session;
use crate::server::worker::Worker;
use crate::socket::Socket;
use slab::Slab;
use std::mem;
use std::time::Instant;

struct Table {
    worker: Worker,
    places: Slab<Watched>,
    doors: Vec<Door>,
    read: SocketSet,
    write: SocketSet,
    /// Places with which there is something to do, in one pass.
    ready: Vec<usize>,
}

pub(super) fn work(worker: Worker) -> Result<()> {
    let (bell, rope) = Socket::pair()?;
    // One byte that waits is enough.
    worker.open(Box::new(move || drop(rope.try_send(&[0]))));
    let mut table = Table {
        worker,
        places: Slab::new(),
        doors: Vec::new(),
        read: SocketSet::new(),
        write: SocketSet::new(),
        ready: Vec::new(),
    };
    table.read.insert(&bell);
    let mut mail = Mail::default();
    loop {
        table.worker.begin_turn(&mut mail);
        mail.sockets.drain(..).for_each(|socket| table.welcome(socket));
        mail.listeners.drain(..).for_each(|listener| table.doors.push(Door::new(listener)));
        mail.sessions.drain(..).for_each(|session| table.find(&session));
        if table.worker.is_done() {
            return Ok(());
        }
        let reopen = table.doors();
        let write = Some(&mut table.write).filter(|set| !set.is_empty());
        let selected = select(Some(&mut table.read), write, None, table.worker.patience(reopen));
        table.worker.waited(0);
        match selected {
            Ok(_) => {}
            // Closed by another thread: which one it is lies in the mail, or soon will.
            Err(error) if error.code() == codes::WSAENOTSOCK => continue,
            Err(error) => return Err(error),
        }
        if table.read.is_ready(&bell) {
            let _ = bell.try_recv(&mut [0; 64]);
        }
        table.pass();
    }
}

/// Has the socket in the set, or not.
fn keep(set: &mut SocketSet, socket: &Socket, wanted: bool) {
    if !wanted {
        set.remove(socket);
    } else {
        set.insert(socket);
    }
}

impl Table {
    fn welcome(&mut self, socket: Socket) {
        if let Some(watched) = Watched::welcome(&self.worker, socket) {
            let session = watched.session.clone();
            let key = self.places.insert(watched);
            session.set_place(key);
            self.look(key);
        }
    }

    fn find(&mut self, session: &Session) {
        let key = session.place();
        if self.places.get(key).is_some_and(|watched| watched.session.id() == session.id()) {
            self.look(key);
        }
    }

    fn look(&mut self, key: usize) {
        let watched = &mut self.places[key];
        let over = watched.look(&self.worker);
        keep(&mut self.read, &watched.socket, !over && watched.reads());
        keep(&mut self.write, &watched.socket, !over && watched.writes());
        if over {
            let gone = self.places.remove(key);
            self.worker.over(&gone.session);
        }
    }

    /// Has those listeners in the set that are accepted on; says when the next one will be.
    fn doors(&mut self) -> Option<Instant> {
        if self.worker.is_draining() {
            for door in self.doors.drain(..) {
                self.read.remove(&door.listener);
            }
        }
        let mut next = None;
        for door in &mut self.doors {
            next = next.into_iter().chain(door.reopen(&self.worker)).min();
            keep(&mut self.read, &door.listener, door.is_open());
        }
        next
    }

    /// Does what can be done.
    fn pass(&mut self) {
        for door in &mut self.doors {
            if self.read.is_ready(&door.listener) {
                door.acceptable(&self.worker);
            }
        }
        let mut ready = mem::take(&mut self.ready);
        ready.extend(self.places.iter_mut().filter_map(|(key, watched)| {
            let (read, write) = (self.read.is_ready(&watched.socket), self.write.is_ready(&watched.socket));
            if write {
                watched.writable();
            }
            if read {
                watched.readable(&self.worker);
            }
            (read || write).then_some(key)
        }));
        ready.drain(..).for_each(|key| self.look(key));
        self.ready = ready;
    }
}
