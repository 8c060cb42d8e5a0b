//! Sessions on a completion port are nobody's own.

use super::clients::{LONG, client, exchange};
use super::support;
use overlapped::server::{Handler, Message, Model, Server, Session};
use std::io::{Read, Write};
use std::sync::{Arc, Barrier};

/// Echoes, but for a `b`, with which it blocks until the test comes too.
struct Blocking(Arc<Barrier>);

impl Handler for Blocking {
    fn received(&mut self, session: &Session, message: Message<'_>) {
        if message.starts_with(b"b") {
            // Not a wait of the library: the port has to find out.
            self.0.wait();
        }
        session.send_copy(message.id(), &message);
    }
}

#[test]
fn a_handler_that_blocks_holds_up_nobody_else() {
    let _watch = support::driver();
    for (threads, concurrency) in [(2, 2), (2, 1)] {
        let barrier = Arc::new(Barrier::new(2));
        let server = Server::builder("127.0.0.1:0").model(Model::Port).threads(threads).concurrency(concurrency);
        let server = server
            .start({
                let barrier = Arc::clone(&barrier);
                move || Blocking(Arc::clone(&barrier))
            })
            .unwrap();
        let mut others: Vec<_> = (0..8).map(|_| client(server.address())).collect();
        others.iter_mut().for_each(|other| exchange(other, b"hello"));
        let mut blocked = client(server.address());
        blocked.write_all(b"b").unwrap();
        for _ in 0..5 {
            others.iter_mut().for_each(|other| exchange(other, b"still served"));
            exchange(&mut client(server.address()), b"so are new ones");
        }
        barrier.wait();
        blocked.read_exact(&mut [0]).unwrap();
        drop((blocked, others));
        assert_eq!(server.drain(LONG).unwrap().cut, 0);
    }
}
