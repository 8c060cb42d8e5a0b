//! Network events as messages, and the queue that they come to (`11_asyncselect`).

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use overlapped::messages::{Message, MessageQueue};
use overlapped::network::NetworkEvents;
use overlapped::{Event, Socket, Waited, alertable, codes, wait};

use super::super::support::{self, code};
use super::{LONG, NOW, SHORT};

const READING: NetworkEvents = NetworkEvents::READ.union(NetworkEvents::CLOSE);
const TALKING: NetworkEvents = READING.union(NetworkEvents::WRITE);

type Queue = MessageQueue<()>;

/// The next message of a socket, and its error.
#[track_caller]
fn next(queue: &Queue, socket: &Socket) -> (NetworkEvents, i32) {
    match queue.get().unwrap() {
        Message::Network(message) => {
            assert_eq!(message.socket(), socket.id());
            assert_eq!(message.error().map_or(0, |error| error.code()), message.code());
            (message.event(), message.code())
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn expect_nothing(queue: &Queue) {
    assert_eq!(wait::one(queue, SHORT).unwrap(), Waited::TimedOut);
}

/// A socket that has told of its first `WRITE`, with its listener and a client.
fn accepted(queue: &Queue) -> (Socket, Socket, Socket) {
    let (listener, at) = support::listener(support::loopback().ip());
    let client = Socket::tcp(&at).unwrap();
    listener.select_messages(queue, TALKING | NetworkEvents::ACCEPT).unwrap();
    assert_eq!(code(&client.try_connect(at)), codes::WSAEWOULDBLOCK);
    assert_eq!(next(queue, &listener), (NetworkEvents::ACCEPT, 0));
    let socket = listener.try_accept().unwrap();
    assert_eq!(next(queue, &socket), (NetworkEvents::WRITE, 0));
    while code(&client.try_send(b"")) != 0 {
        thread::yield_now();
    }
    (socket, client, listener)
}

#[test]
fn messages_of_the_program() {
    let _watch = support::driver();
    let queue = MessageQueue::new();
    queue.post((5, 1, 2)).unwrap();
    queue.post((6, 3, 4)).unwrap();
    assert_eq!(queue.get().unwrap(), Message::Posted((5, 1, 2)), "first posted first");
    assert_eq!(queue.try_get(), Some(Message::Posted((6, 3, 4))));
    assert_eq!(queue.try_get(), None);
    queue.quit(3).unwrap();
    assert_eq!(queue.get().unwrap(), Message::Quit(3));
    assert_eq!(wait::one(&queue, NOW).unwrap(), Waited::TimedOut, "it is told once");

    let (poster, waiting) = (queue.poster(), Event::manual());
    let other = thread::spawn({
        let waiting = waiting.clone();
        move || {
            wait::one(&waiting, LONG).unwrap();
            thread::sleep(Duration::from_millis(50));
            poster.post((9, 7, 8)).unwrap();
            poster
        }
    });
    waiting.set();
    assert_eq!(queue.get().unwrap(), Message::Posted((9, 7, 8)));
    let poster = other.join().unwrap();
    drop(queue);
    assert_eq!(code(&poster.post((0, 0, 0))), codes::ERROR_INVALID_THREAD_ID);
    assert_eq!(code(&poster.quit(0)), codes::ERROR_INVALID_THREAD_ID);
}

#[test]
fn a_wait_for_messages_or_objects() {
    let _watch = support::driver();
    let (queue, events) = (Queue::new(), [Event::manual(), Event::manual()]);
    let wait = |timeout| wait::any(&[&events[0], &events[1], &queue], timeout).unwrap();
    assert_eq!(wait(SHORT), Waited::TimedOut);
    events[1].set();
    assert_eq!(wait(LONG), Waited::Object(1));
    events[1].reset();
    queue.post(()).unwrap();
    assert_eq!(wait(LONG), Waited::Object(2));
    assert!(queue.try_get().is_some());
    assert_eq!(wait(SHORT), Waited::TimedOut);
    let ran = Event::manual();
    alertable::current()
        .queue({
            let ran = ran.clone();
            move || ran.set()
        })
        .unwrap();
    assert_eq!(wait(SHORT), Waited::TimedOut);
    assert!(!ran.is_set(), "only an alertable wait runs it");
    assert_eq!(alertable::any(&[&events[0], &events[1], &queue], LONG).unwrap(), Waited::Routines);
    assert!(ran.is_set());
}

#[test]
fn accepting_and_connecting() {
    let _watch = support::driver();
    let queue = Queue::new();
    let (listener, at) = support::listener(support::loopback().ip());
    let client = Socket::tcp(&at).unwrap();
    listener.select_messages(&queue, TALKING | NetworkEvents::ACCEPT).unwrap();
    client.select_messages(&queue, TALKING | NetworkEvents::CONNECT).unwrap();
    assert_eq!(code(&client.try_connect(at)), codes::WSAEWOULDBLOCK);
    let mut came: Vec<_> = (0..3)
        .map(|_| match queue.get().unwrap() {
            Message::Network(message) => {
                (message.socket() == client.id(), format!("{:?}", message.event()), message.code())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    came.sort();
    let wanted = [(false, "ACCEPT"), (true, "CONNECT"), (true, "WRITE")];
    assert_eq!(came, wanted.map(|(of_the_client, event)| (of_the_client, event.to_owned(), 0)));
    expect_nothing(&queue);
    let socket = listener.try_accept().unwrap();
    assert_eq!(next(&queue, &socket), (NetworkEvents::WRITE, 0), "queue and mask are inherited");
    assert_eq!(code(&socket.try_recv(&mut [0; 64])), codes::WSAEWOULDBLOCK);
}

#[test]
fn reading() {
    let _watch = support::driver();
    let queue = Queue::new();
    let (socket, client, _listener) = accepted(&queue);
    let mut buffer = [0; 64];
    assert_eq!(client.try_send(b"abcd").unwrap(), 4);
    assert_eq!(next(&queue, &socket), (NetworkEvents::READ, 0));
    expect_nothing(&queue);
    assert_eq!(socket.try_recv(&mut buffer[..2]).unwrap(), 2);
    assert_eq!(next(&queue, &socket), (NetworkEvents::READ, 0), "partly read");
    assert_eq!(socket.try_recv(&mut buffer).unwrap(), 2);
    expect_nothing(&queue);
    assert_eq!(client.try_send(b"e").unwrap(), 1);
    assert_eq!(next(&queue, &socket), (NetworkEvents::READ, 0));
}

#[test]
fn selecting_again_and_with_an_event() {
    let _watch = support::driver();
    let queue = Queue::new();
    let (socket, client, _listener) = accepted(&queue);
    socket.select_messages(&queue, TALKING).unwrap();
    assert_eq!(next(&queue, &socket), (NetworkEvents::WRITE, 0), "it is told again");
    let event = Event::manual();
    socket.select_events(&event, NetworkEvents::READ).unwrap();
    assert_eq!(client.try_send(b"f").unwrap(), 1);
    assert_eq!(wait::one(&event, LONG).unwrap(), Waited::Object(0));
    expect_nothing(&queue);
    assert_eq!(socket.try_recv(&mut [0; 64]).unwrap(), 1);
    socket.select_messages(&queue, READING).unwrap();
    drop(client);
    assert_eq!(next(&queue, &socket), (NetworkEvents::CLOSE, 0));
    expect_nothing(&queue);
    assert_eq!(socket.try_recv(&mut [0; 64]).unwrap(), 0);
    socket.select_nothing().unwrap();
}

#[test]
fn a_refused_connect() {
    let _watch = support::driver();
    let queue = Queue::new();
    let (listener, at) = support::listener(support::loopback().ip());
    drop(listener);
    let client = Socket::tcp(&at).unwrap();
    client.select_messages(&queue, NetworkEvents::CONNECT).unwrap();
    assert_eq!(code(&client.try_connect(at)), codes::WSAEWOULDBLOCK);
    assert_eq!(next(&queue, &client), (NetworkEvents::CONNECT, codes::WSAECONNREFUSED));
}

#[test]
fn a_closed_socket() {
    let _watch = support::driver();
    let queue = Queue::new();
    let (socket, _peer) = support::pair();
    socket.close();
    assert_eq!(code(&socket.select_messages(&queue, READING)), codes::WSAENOTSOCK);
}

/// Whatever is there when the peer goes: an end that comes to a session that nobody waits for.
#[test]
fn the_peer_of_a_socket_that_is_selected_late() {
    let _watch = support::driver();
    let queue = Queue::new();
    let (socket, peer): (_, TcpStream) = support::pair();
    drop(peer);
    socket.select_messages(&queue, READING).unwrap();
    assert_eq!(next(&queue, &socket), (NetworkEvents::CLOSE, 0));
}
