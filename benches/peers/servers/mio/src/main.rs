//! Echo server on mio, one thread: `mio ADDRESS BUFFER`.

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use slab::Slab;
use std::env;
use std::io::{self, ErrorKind, Read, Write};
use std::ops::Range;

const LISTENER: Token = Token(usize::MAX);

struct Session {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// What was received and not yet sent back.
    unsent: Range<usize>,
}

impl Session {
    /// Reads and writes until the socket would block: mio promises no further event before that. Tells whether the peer is
    /// still there.
    fn ready(&mut self) -> io::Result<bool> {
        loop {
            while !self.unsent.is_empty() {
                match self.stream.write(&self.buffer[self.unsent.clone()]) {
                    Ok(sent) => self.unsent.start += sent,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            match self.stream.read(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(received) => self.unsent = 0..received,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, size] = &arguments[..] else { panic!("usage: mio ADDRESS BUFFER") };
    let size = size.parse().expect("a number");
    let mut listener = TcpListener::bind(address.parse().expect("an address"))?;
    println!("listening on {}", listener.local_addr()?);

    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut sessions = Slab::new();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    loop {
        if let Err(error) = poll.poll(&mut events, None) {
            if error.kind() == ErrorKind::Interrupted {
                continue;
            }
            return Err(error);
        }
        for event in &events {
            match event.token() {
                LISTENER => accept(&poll, &listener, &mut sessions, size)?,
                Token(key) => {
                    let over = sessions.get_mut(key).is_some_and(|session| !matches!(session.ready(), Ok(true)));
                    if over {
                        sessions.remove(key);
                    }
                }
            }
        }
    }
}

fn accept(poll: &Poll, listener: &TcpListener, sessions: &mut Slab<Session>, size: usize) -> io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        stream.set_nodelay(true)?;
        let place = sessions.vacant_entry();
        poll.registry().register(&mut stream, Token(place.key()), Interest::READABLE | Interest::WRITABLE)?;
        place.insert(Session { stream, buffer: vec![0; size], unsent: 0..0 });
    }
}
