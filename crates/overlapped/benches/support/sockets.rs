//! Connected sockets, and enough descriptors for them.

use overlapped::{Session, Socket};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::{TcpListener, TcpStream};

/// The bytes of a message.
pub(crate) const SIZE: usize = 100;

/// Asks for as many descriptors as a process may have.
pub(crate) fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// Both ends of so many connections over loopback, without Nagle's delay.
pub(crate) fn pairs(count: usize) -> (Vec<TcpStream>, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    let pair = |_| {
        let theirs = TcpStream::connect(address).expect("a connection");
        let (ours, _) = listener.accept().expect("its other end");
        ours.set_nodelay(true).expect("an option of a socket");
        theirs.set_nodelay(true).expect("an option of a socket");
        (ours, theirs)
    };
    (0..count).map(pair).unzip()
}

/// A session whose peer says nothing.
pub(crate) struct Silent {
    pub(crate) socket: Socket,
    pub(crate) buffer: [u8; 16],
}

impl Session for Silent {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}
