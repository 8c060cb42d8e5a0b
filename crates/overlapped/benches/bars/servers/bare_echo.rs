//! The reference of all echo servers: bare epoll by edges, one thread, one buffer for each session; a receive and a send for
//! a message, and no other call but the wait that tells of many.

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::{AsFd, AsRawFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, SocketFlags, accept_with, recv, send};
use std::net::TcpListener;

struct Session {
    socket: OwnedFd,
    buffer: Box<[u8]>,
    /// What was received and not sent yet.
    rest: std::ops::Range<usize>,
}

enum Turn {
    Waits,
    Gone,
}

impl Session {
    /// Goes on until the socket has nothing more, or takes nothing more.
    fn turn(&mut self, flags: EventFlags) -> Turn {
        let last = flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        loop {
            if self.rest.is_empty() {
                match recv(&self.socket, &mut self.buffer[..], RecvFlags::empty()) {
                    Ok((0, _)) => return Turn::Gone,
                    Ok((bytes, _)) => self.rest = 0..bytes,
                    Err(Errno::AGAIN) => return Turn::Waits,
                    Err(_) => return Turn::Gone,
                }
            }
            match send(&self.socket, &self.buffer[self.rest.clone()], SendFlags::NOSIGNAL) {
                Ok(bytes) => self.rest.start += bytes,
                Err(Errno::AGAIN) => return Turn::Waits,
                Err(_) => return Turn::Gone,
            }
            // A receive that did not fill the buffer has emptied the socket: the next edge will tell.
            if self.rest.is_empty() && self.rest.end < self.buffer.len() && !last {
                return Turn::Waits;
            }
        }
    }
}

/// How many events one wait may bring.
pub(super) const EVENTS: usize = 1024;

/// A listener that is registered with a new epoll, and tells of itself.
pub(super) fn listen() -> (OwnedFd, OwnedFd) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    listener.set_nonblocking(true).expect("a mode of a socket");
    let listener = OwnedFd::from(listener);
    // What is accepted inherits it, and a crowd may come at once.
    rustix::net::sockopt::set_tcp_nodelay(&listener, true).expect("an option of a socket");
    rustix::net::listen(&listener, 4096).expect("a longer queue");
    let epoll = epoll::create(CreateFlags::CLOEXEC).expect("an epoll");
    let data = EventData::new_u64(listener.as_raw_fd() as u64);
    epoll::add(&epoll, &listener, data, EventFlags::IN).expect("a registration");
    let address = rustix::net::getsockname(&listener).expect("an address");
    let address: std::net::SocketAddr = address.try_into().expect("an address of the internet");
    println!("listening on {address}");
    (epoll, listener)
}

/// The next connection, if there is one.
pub(super) fn accept(listener: impl AsFd) -> Option<OwnedFd> {
    accept_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC).ok()
}

pub(super) fn serve(buffer: usize) {
    let (epoll, listener) = listen();
    let mut sessions: Vec<Option<Box<Session>>> = Vec::new();
    let mut events: Vec<Event> = Vec::with_capacity(EVENTS);
    loop {
        events.clear();
        // A signal ends a wait early.
        let _ = epoll::wait(&epoll, spare_capacity(&mut events), None);
        for event in &events {
            let (place, flags) = (event.data.u64() as usize, event.flags);
            if place == listener.as_raw_fd() as usize {
                while let Some(socket) = accept(&listener) {
                    let place = socket.as_raw_fd() as usize;
                    let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
                    epoll::add(&epoll, &socket, EventData::new_u64(place as u64), flags).expect("a registration");
                    if sessions.len() <= place {
                        sessions.resize_with(place + 1, || None);
                    }
                    sessions[place] = Some(Box::new(Session { socket, buffer: vec![0; buffer].into(), rest: 0..0 }));
                }
            } else if let Some(session) = &mut sessions[place] {
                if let Turn::Gone = session.turn(flags) {
                    sessions[place] = None;
                }
            }
        }
    }
}
