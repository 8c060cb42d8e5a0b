//! Messages that go out before the turn ends, among those that do not: each peer gets all of them, in order.

use super::clients::{Seen, client, connect, narrow, next_but_messages, serve, until};
use overlapped::server::{Handler, Message, Model, Overflow, Reason, Sent, Server, Session};
use std::io::{Read, Write};
use std::net::TcpStream;

on_every_model!(
    large_and_small_ones_to_the_slow_and_the_fast_come_in_order,
    a_peer_that_is_gone_ends_its_own_session_only,
);

const ROUNDS: usize = 2;

/// How long the things are that are said in answer to a message: what the system has room for, and far more.
const SAID: [usize; 6] = [4_000_000, 4, 40_000, 100, 9_000, 4];

/// The next so many bytes of what everybody hears; each thing that is said has a byte of its own.
fn text(number: usize) -> Vec<u8> {
    vec![number as u8; SAID[number % SAID.len()]]
}

/// Says it to everybody, in every way there is.
struct Herald(usize);

impl Handler for Herald {
    fn received(&mut self, session: &Session, _message: Message<'_>) {
        let server = session.server();
        for _ in SAID {
            let text = text(self.0);
            let to =
                |send: &dyn Fn(&Session) -> Sent| server.sessions().iter().filter(|to| send(to).is_queued()).count();
            let sent = match self.0 % 3 {
                0 => to(&|other| other.send_copy(2, &text)),
                1 => server.broadcast((2, text)),
                _ => to(&|other| other.send((2, text.clone()))),
            };
            assert_eq!(sent, 3);
            self.0 += 1;
        }
    }
}

fn large_and_small_ones_to_the_slow_and_the_fast_come_in_order(model: Model) {
    for threads in [1, 2] {
        let server = Server::builder("127.0.0.1:0").model(model).threads(threads);
        let server = server.queue_limit(usize::MAX, Overflow::Close).start(|| Herald(0)).expect("a server");
        let mut clients = [narrow, client, client].map(|client| client(server.address()));
        until(&server.handle(), |counters| counters.sessions == 3);
        for round in 0..ROUNDS {
            clients[1].write_all(b"?").unwrap();
            // The first reads when the others have all: till then the system takes but a part of what it gets.
            for client in [1, 2, 0] {
                for number in round * SAID.len()..(round + 1) * SAID.len() {
                    let expected = text(number);
                    let mut heard = vec![0; expected.len()];
                    clients[client].read_exact(&mut heard).unwrap();
                    assert!(heard == expected, "{number} at client {client}");
                }
            }
        }
        let messages = (3 * ROUNDS * SAID.len()) as u64;
        let counters = until(&server.handle(), |counters| counters.messages_out == messages);
        assert_eq!(counters.bytes_out, (3 * ROUNDS * SAID.iter().sum::<usize>()) as u64);
        assert_eq!((counters.queued, counters.dropped, counters.unsent), (0, 0, 0));
    }
}

fn a_peer_that_is_gone_ends_its_own_session_only(model: Model) {
    let say = |session: &Session, message: Message<'_>| {
        session.server().broadcast_except(session.id(), message.to_vec());
    };
    let (server, told) = serve(model, say, |server| server.threads(1));
    let [mut speaker, mut listener, gone] = [(); 3].map(|()| connect(&server, &told));
    super::support::reset(gone.0);
    let mut heard = [0; 2];
    for number in 0..100u8 {
        exchange_with(&mut speaker.0, &mut listener.0, &[number, 1], &mut heard);
    }
    let ended = next_but_messages(&told);
    let Seen::Closed(id, Reason::Failed(_) | Reason::Ended) = &ended else { panic!("{ended:?}") };
    assert_eq!(*id, gone.1.id());
    assert_eq!(gone.1.send("too late"), Sent::Closed);
    until(&server.handle(), |counters| counters.sessions == 2);
    exchange_with(&mut speaker.0, &mut listener.0, b"on", &mut heard);
}

/// What the one says the other hears.
fn exchange_with(speaker: &mut TcpStream, listener: &mut TcpStream, text: &[u8], heard: &mut [u8]) {
    speaker.write_all(text).unwrap();
    listener.read_exact(heard).unwrap();
    assert_eq!(heard, text);
}
