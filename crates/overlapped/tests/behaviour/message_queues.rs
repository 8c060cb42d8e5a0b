//! Queues of messages beside everything else: their values, their end, sockets of several threads.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use overlapped::messages::{Message, MessageQueue};
use overlapped::network::NetworkEvents;
use overlapped::{Error, Event, Socket, Waitable, Waited, codes, wait};

use crate::behaviour::support::{self, Drops, code};

const READING: NetworkEvents = NetworkEvents::READ.union(NetworkEvents::CLOSE);

#[test]
fn what_is_left_in_a_queue_goes_with_it() {
    let _watch = support::driver();
    let drops = Drops::default();
    let queue = MessageQueue::new();
    let poster = queue.poster();
    (0..3).for_each(|_| poster.post(drops.token()).unwrap());
    drop(queue.get().unwrap());
    assert_eq!(drops.count(), 1);
    drop(queue);
    assert_eq!(drops.count(), 3);
    assert_eq!(code(&poster.post(drops.token())), codes::ERROR_INVALID_THREAD_ID);
    assert_eq!(drops.count(), 4);
}

/// A value may come back to its queue when it is dropped.
#[test]
fn a_value_that_posts_in_its_drop() {
    struct Again(overlapped::messages::Poster<Again>, std::sync::mpsc::Sender<i32>);
    impl Drop for Again {
        fn drop(&mut self) {
            let _ = self.1.send(code(&self.0.quit(1)));
        }
    }
    let _watch = support::driver();
    let queue = MessageQueue::new();
    let (tell, told) = std::sync::mpsc::channel();
    queue.post(Again(queue.poster(), tell)).unwrap();
    drop(queue);
    assert_eq!(told.recv().unwrap(), codes::ERROR_INVALID_THREAD_ID);
}

#[test]
fn quitting_comes_behind_all_that_was_posted() {
    let _watch = support::driver();
    let queue = MessageQueue::new();
    queue.quit(1).unwrap();
    queue.post(1).unwrap();
    queue.quit(2).unwrap();
    let taken = [queue.get(), queue.get()].map(Result::unwrap);
    assert_eq!(taken, [Message::Posted(1), Message::Quit(2)]);
    assert_eq!(queue.try_get(), None);
}

#[test]
fn a_queue_that_ends_before_its_socket() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (queue, other) = (MessageQueue::<()>::new(), MessageQueue::<()>::new());
    socket.select_messages(&queue, READING).unwrap();
    drop(queue);
    peer.write_all(b"x").unwrap();
    support::delivered(&peer);
    assert_eq!(wait::one(&other, Some(std::time::Duration::from_millis(10))).unwrap(), Waited::TimedOut);
    socket.select_messages(&other, READING).unwrap();
    let Message::Network(message) = other.get().unwrap() else { panic!("nothing was posted") };
    assert_eq!((message.socket(), message.event()), (socket.id(), NetworkEvents::READ));
}

/// A message of a socket that was closed meanwhile names it still, and no other.
#[test]
fn a_socket_that_ends_before_its_messages() {
    let _watch = support::driver();
    let queue = MessageQueue::<()>::new();
    let (socket, mut peer) = support::pair();
    socket.select_messages(&queue, READING).unwrap();
    peer.write_all(b"x").unwrap();
    assert_eq!(wait::one(&queue, None).unwrap(), Waited::Object(0));
    let id = socket.id();
    drop(socket);
    let (next, _peer) = support::pair();
    assert_ne!(next.id(), id);
    let Some(Message::Network(message)) = queue.try_get() else { panic!("nothing was posted") };
    assert_eq!(message.socket(), id);
    assert_eq!(queue.try_get(), None);
}

/// Each thread has its queue and its sockets, gets messages of the others, and all wait at once.
#[test]
fn an_echo_on_several_threads() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 50;
    let _watch = support::driver();
    let mut peers = Vec::new();
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (socket, peer) = support::pair();
            peers.push(peer);
            thread::spawn(move || {
                let queue = MessageQueue::<()>::new();
                socket.select_messages(&queue, READING).unwrap();
                let mut buffer = [0; 64];
                loop {
                    let Message::Network(message) = queue.get().unwrap() else { panic!("nothing else was posted") };
                    match socket.try_recv(&mut buffer) {
                        Ok(0) => return,
                        Ok(bytes) => assert_eq!(socket.try_send(&buffer[..bytes]).unwrap(), bytes),
                        Err(error) => assert!(Error::is_would_block(&error), "{message:?}: {error}"),
                    }
                }
            })
        })
        .collect();
    for round in 0..ROUNDS {
        for peer in &mut peers {
            peer.write_all(&[round as u8; 3]).unwrap();
        }
        for peer in &mut peers {
            let mut echo = [0; 3];
            peer.read_exact(&mut echo).unwrap();
            assert_eq!(echo, [round as u8; 3]);
        }
    }
    drop(peers);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn a_listener_told_by_messages_and_its_sessions_by_events() {
    let _watch = support::driver();
    let queue = MessageQueue::<()>::new();
    let (listener, at) = support::listener(support::loopback().ip());
    listener.select_messages(&queue, NetworkEvents::ACCEPT).unwrap();
    let mut sessions: Vec<(Socket, Event)> = Vec::new();
    let mut clients: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(at).unwrap()).collect();
    while sessions.len() < clients.len() {
        queue.get().unwrap();
        while let Ok(socket) = listener.try_accept() {
            let event = Event::manual();
            socket.select_events(&event, READING).unwrap();
            sessions.push((socket, event));
        }
    }
    clients[1].write_all(b"x").unwrap();
    let objects: Vec<&dyn Waitable> = sessions.iter().map(|(_, event)| event as &dyn Waitable).collect();
    assert_eq!(wait::any(&objects, None).unwrap(), Waited::Object(1));
}
