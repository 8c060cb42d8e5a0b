//! Who loads a server: so many sessions in one thread. Between two slices nothing is on its way, so what a server has used is
//! known exactly. Every byte that comes is compared with what was sent. Its calls are those of the C library too: a load that is
//! faster sleeps more, and waking it costs the server.

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub(crate) struct Load {
    epoll: OwnedFd,
    sessions: Vec<Session>,
    events: Vec<Event>,
    buffer: Vec<u8>,
    /// What all sessions say and hear, again and again, and as much of it once more as one call may send or receive.
    stream: Vec<u8>,
    size: usize,
}

struct Session {
    socket: TcpStream,
    /// Bytes that it may say and has not said.
    owed: usize,
    /// Where it is in the stream.
    said: usize,
    heard: usize,
}

/// After so many bytes the stream begins again.
const PERIOD: usize = 1 << 16;
/// The most that one call sends or receives.
const CALL: usize = 1 << 17;

impl Load {
    pub(crate) fn new(address: SocketAddr, sessions: usize, size: usize) -> Self {
        let epoll = epoll::create(CreateFlags::CLOEXEC).expect("an epoll");
        let session = |place: usize| {
            let socket = TcpStream::connect(address).expect("a connection");
            socket.set_nodelay(true).expect("an option of a socket");
            socket.set_nonblocking(true).expect("a mode of a socket");
            let flags = EventFlags::IN | EventFlags::OUT | EventFlags::ET;
            epoll::add(&epoll, &socket, EventData::new_u64(place as u64), flags).expect("a registration");
            Session { socket, owed: 0, said: 0, heard: 0 }
        };
        let sessions = (0..sessions).map(session).collect();
        // 251 is prime: no two places of a message look alike.
        let stream = (0..PERIOD + CALL).map(|at| (at % PERIOD % 251) as u8).collect();
        Self { epoll, sessions, events: Vec::with_capacity(1024), buffer: vec![0; CALL], stream, size }
    }

    /// Waits and takes what has come; `each` answers how many messages a session says that has heard so many.
    fn turn(&mut self, mut each: impl FnMut(usize) -> usize) {
        self.events.clear();
        epoll::wait(&self.epoll, spare_capacity(&mut self.events), None).expect("a wait");
        for event in &self.events {
            let (place, flags) = (event.data.u64() as usize, event.flags);
            let session = &mut self.sessions[place];
            if flags.contains(EventFlags::IN) {
                let messages = session.hear(&mut self.buffer, &self.stream, self.size);
                session.owed += each(messages) * self.size;
            }
            session.say(&self.stream);
        }
    }

    fn start(&mut self, place: usize, messages: usize) {
        self.sessions[place].owed += messages * self.size;
        self.sessions[place].say(&self.stream);
    }

    /// Says `depth` messages in each session and one more for each that comes back, for that time; how many came back.
    pub(crate) fn echo(&mut self, depth: usize, time: Duration) -> usize {
        let end = Instant::now() + time;
        let (mut on_the_way, mut back) = (self.sessions.len() * depth, 0);
        (0..self.sessions.len()).for_each(|place| self.start(place, depth));
        while on_the_way > 0 {
            let more = Instant::now() < end;
            self.turn(|messages| {
                back += messages;
                if !more {
                    on_the_way -= messages;
                }
                if more { messages } else { 0 }
            });
        }
        back
    }

    /// The first session says one message, which all get; how many that are.
    pub(crate) fn speak(&mut self) -> usize {
        let mut delivered = 0;
        self.start(0, 1);
        while delivered < self.sessions.len() {
            self.turn(|messages| {
                delivered += messages;
                0
            });
        }
        delivered
    }
}

impl Session {
    /// Takes what is there; how many messages are whole with it.
    fn hear(&mut self, buffer: &mut [u8], stream: &[u8], size: usize) -> usize {
        let before = self.heard / size;
        loop {
            let bytes = match self.socket.read(buffer) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("an answer: {error}"),
            };
            assert_ne!(bytes, 0, "the server has closed a session");
            let at = self.heard % PERIOD;
            assert!(buffer[..bytes] == stream[at..at + bytes], "the server says something else");
            self.heard += bytes;
            // Less than there was room for is all that there was.
            if bytes < buffer.len() {
                break;
            }
        }
        self.heard / size - before
    }

    /// Sends what it owes, as far as the socket takes it.
    fn say(&mut self, stream: &[u8]) {
        while self.owed > 0 {
            let at = self.said % PERIOD;
            match self.socket.write(&stream[at..at + self.owed.min(CALL)]) {
                Ok(bytes) => {
                    self.said += bytes;
                    self.owed -= bytes;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("a server that reads: {error}"),
            }
        }
    }
}
