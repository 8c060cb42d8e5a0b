//! Network events, by several threads on one hub.

use super::{check_with_kernel, spawn};
use crate::messages::{Message, MessageQueue};
use crate::network::NetworkEvents;
use crate::{Event, Waited, wait};

const READING: NetworkEvents = NetworkEvents::READ.union(NetworkEvents::CLOSE);

/// Whoever waits for the event finds out, whichever thread selects, and whenever.
#[test]
fn what_one_selects_another_is_told() {
    check_with_kernel(|script| {
        let (socket, event) = (script.socket(), Event::manual());
        script.hold(script.number(&socket), NetworkEvents::READ);
        let waiters = [(); 2].map(|()| {
            let (socket, event) = (socket.clone(), event.clone());
            spawn(script, move |_| {
                assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
                socket.network_events(None).unwrap().contains(NetworkEvents::READ)
            })
        });
        socket.select_events(&event, READING).unwrap();
        let told = waiters.map(|waiter| waiter.join().unwrap());
        assert!(told[0] != told[1], "one takes the record");
    });
}

/// What comes after the watch has begun becomes a message, also if the watch ends for nothing before.
#[test]
fn data_that_comes_later_becomes_a_message() {
    check_with_kernel(|script| {
        let (socket, queue) = (script.socket(), MessageQueue::<()>::new());
        socket.select_messages(&queue, READING).unwrap();
        let comes = spawn(script, {
            let number = script.number(&socket);
            move |script| script.hold(number, NetworkEvents::READ)
        });
        assert!(matches!(queue.get().unwrap(), Message::Network(message) if message.socket() == socket.id()));
        comes.join().unwrap();
    });
}

/// The last owner may go while the watch completes and is settled elsewhere.
#[test]
fn a_socket_goes_while_its_watch_completes() {
    check_with_kernel(|script| {
        let (event, stop) = (Event::manual(), Event::manual());
        let leader = spawn(script, {
            let stop = stop.clone();
            move |_| assert_eq!(wait::one(&stop, None).unwrap(), Waited::Object(0))
        });
        for _ in 0..2 {
            let socket = script.socket();
            socket.select_events(&event, READING).unwrap();
            let other = spawn(script, {
                let socket = socket.clone();
                move |_| drop(socket)
            });
            drop(socket);
            other.join().unwrap();
        }
        stop.set();
        leader.join().unwrap();
        assert!(!event.is_set());
    });
}

/// Once the last owner has gone nothing is told any more, also by a thread that has found out before.
#[test]
fn nothing_is_told_of_a_socket_that_has_gone() {
    check_with_kernel(|script| {
        let stop = Event::manual();
        let leader = spawn(script, {
            let stop = stop.clone();
            move |_| assert_eq!(wait::one(&stop, None).unwrap(), Waited::Object(0))
        });
        let mut events = Vec::new();
        for _ in 0..10 {
            let (socket, event) = (script.socket(), Event::manual());
            socket.select_events(&event, READING).unwrap();
            script.hold(script.number(&socket), NetworkEvents::READ);
            drop(socket);
            let told = event.is_set();
            events.push((event, told));
        }
        stop.set();
        leader.join().unwrap();
        assert!(events.into_iter().all(|(event, told)| event.is_set() == told));
    });
}
