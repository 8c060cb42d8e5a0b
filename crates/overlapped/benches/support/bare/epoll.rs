//! Receives as a server on bare epoll makes them: registered once, by edges, and received until the socket is empty.

use super::super::sockets::{SIZE, pairs};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::net::{RecvFlags, recv};
use std::io::Write;
use std::net::TcpStream;
use std::os::fd::OwnedFd;

/// An epoll with the sockets that it watches.
pub(crate) struct Edges {
    epoll: OwnedFd,
    sockets: Vec<TcpStream>,
    events: Vec<Event>,
    buffer: Vec<u8>,
}

impl Edges {
    pub(crate) fn new(sockets: Vec<TcpStream>) -> Self {
        let epoll = epoll::create(CreateFlags::CLOEXEC).expect("an epoll");
        for (place, socket) in sockets.iter().enumerate() {
            socket.set_nonblocking(true).expect("a mode of a socket");
            let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
            epoll::add(&epoll, socket, EventData::new_u64(place as u64), flags).expect("a registration");
        }
        Self { epoll, sockets, events: Vec::with_capacity(1024), buffer: vec![0; 1000] }
    }

    /// Waits, and receives what has come; how many messages that were.
    pub(crate) fn turn(&mut self) -> usize {
        self.events.clear();
        epoll::wait(&self.epoll, spare_capacity(&mut self.events), None).expect("a wait");
        let mut received = 0;
        for event in &self.events {
            let socket = &self.sockets[event.data.u64() as usize];
            let flags = event.flags;
            if flags.contains(EventFlags::IN) {
                let (bytes, _) = recv(socket, &mut self.buffer[..], RecvFlags::empty()).expect("a message");
                received += bytes / SIZE;
            }
        }
        received
    }

    /// A wait that waits for nothing.
    pub(crate) fn look(&mut self) {
        self.events.clear();
        let now = rustix::event::Timespec::default();
        epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&now)).expect("a look");
    }
}

/// Receives a message on each of so many sockets, again and again.
pub(crate) fn receives(count: usize) -> impl FnMut(usize) {
    let (ours, mut theirs) = pairs(count);
    let mut edges = Edges::new(ours);
    move |times| {
        for _ in 0..times.div_ceil(count) {
            for peer in &mut theirs {
                peer.write_all(&[7; SIZE]).expect("room for a message");
            }
            let mut received = 0;
            while received < count {
                received += edges.turn();
            }
        }
    }
}
