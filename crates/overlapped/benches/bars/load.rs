//! Who loads a server: so many sessions in one thread, on the second core. Between two slices nothing is on its way, so what
//! a server has used is known exactly.

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::net::{RecvFlags, recv};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub(crate) struct Load {
    epoll: OwnedFd,
    sessions: Vec<Session>,
    events: Vec<Event>,
    buffer: Vec<u8>,
    message: Vec<u8>,
}

struct Session {
    socket: TcpStream,
    /// Bytes of a message of which the rest has not come yet.
    part: usize,
}

impl Load {
    pub(crate) fn new(address: SocketAddr, sessions: usize, size: usize) -> Self {
        let epoll = epoll::create(CreateFlags::CLOEXEC).expect("an epoll");
        let session = |place: usize| {
            let socket = TcpStream::connect(address).expect("a connection");
            socket.set_nodelay(true).expect("an option of a socket");
            epoll::add(&epoll, &socket, EventData::new_u64(place as u64), EventFlags::IN).expect("a registration");
            Session { socket, part: 0 }
        };
        let sessions = (0..sessions).map(session).collect();
        Self { epoll, sessions, events: Vec::with_capacity(256), buffer: vec![0; 1 << 16], message: vec![7; size] }
    }

    fn say(&mut self, place: usize) {
        // Blocks where the server does not read: what is on its way is little.
        self.sessions[place].socket.write_all(&self.message).expect("a server that reads");
    }

    /// Waits and takes what has come; `each` is told the session of each whole message.
    fn turn(&mut self, mut each: impl FnMut(&mut Self, usize)) {
        self.events.clear();
        epoll::wait(&self.epoll, spare_capacity(&mut self.events), None).expect("a wait");
        for at in 0..self.events.len() {
            let place = self.events[at].data.u64() as usize;
            let session = &mut self.sessions[place];
            let (bytes, _) = recv(&session.socket, &mut self.buffer[..], RecvFlags::DONTWAIT).expect("an answer");
            assert_ne!(bytes, 0, "the server has closed a session");
            let whole = session.part + bytes;
            session.part = whole % self.message.len();
            for _ in 0..whole / self.message.len() {
                each(self, place);
            }
        }
    }

    /// Says `depth` messages in each session and one more for each that comes back, for that time; how many came back.
    pub(crate) fn echo(&mut self, depth: usize, time: Duration) -> usize {
        let end = Instant::now() + time;
        let (mut on_the_way, mut back) = (0, 0);
        for place in 0..self.sessions.len() {
            for _ in 0..depth {
                self.say(place);
                on_the_way += 1;
            }
        }
        while on_the_way > 0 {
            let more = Instant::now() < end;
            self.turn(|this, place| {
                back += 1;
                if more {
                    this.say(place);
                } else {
                    on_the_way -= 1;
                }
            });
        }
        back
    }

    /// The first session says one message after the other, each when all have the one before; how many were delivered.
    pub(crate) fn room(&mut self, time: Duration) -> usize {
        let end = Instant::now() + time;
        let mut delivered = 0;
        while Instant::now() < end {
            self.say(0);
            let goal = delivered + self.sessions.len();
            while delivered < goal {
                self.turn(|_, _| delivered += 1);
            }
        }
        delivered
    }
}
