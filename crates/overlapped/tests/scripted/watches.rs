//! Watches for network events, which a kernel ends for all sorts of reasons.

use overlapped::driver::scripted::{self, Script, Started, Work};
use overlapped::messages::{Message, MessageQueue};
use overlapped::network::NetworkEvents;
use overlapped::{Event, Socket, Waited, codes, wait};

use super::NOW;

const READING: NetworkEvents = NetworkEvents::READ.union(NetworkEvents::CLOSE);

fn only_watch(script: &Script) -> Started {
    let [watch] = script.started()[..] else { panic!("{:?}", script.started()) };
    assert_eq!(watch.work, Work::Watch);
    watch
}

fn selected(script: &Script) -> (Socket, Event) {
    let (socket, event) = (script.socket(), Event::manual());
    socket.select_events(&event, READING).unwrap();
    (socket, event)
}

#[test]
fn a_watch_that_ends_for_nothing_is_started_again() {
    scripted::run(|script| {
        let (socket, event) = selected(script);
        // The thread that had started it has ended; the kernel was short of memory; nothing has come.
        for code in [codes::WSA_OPERATION_ABORTED, codes::WSAENOBUFS, 0] {
            let watch = only_watch(script);
            if code == 0 {
                script.ready(watch)
            } else {
                script.fail(watch, code)
            }
            assert_eq!(wait::one(&event, NOW).unwrap(), Waited::TimedOut);
        }
        script.hold(script.number(&socket), NetworkEvents::READ);
        script.ready(only_watch(script));
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        assert_eq!(socket.network_events(Some(&event)).unwrap().events(), NetworkEvents::READ);
        // For the end, which may come behind the data.
        only_watch(script);
    });
}

/// The record is right also if nobody has harvested what the kernel says.
#[test]
fn enumerating_looks_for_itself() {
    scripted::run(|script| {
        let (socket, event) = selected(script);
        script.hold(script.number(&socket), NetworkEvents::READ);
        assert_eq!(socket.network_events(None).unwrap().events(), NetworkEvents::READ);
        assert!(event.is_set());
        script.ready(only_watch(script));
        assert!(socket.network_events(Some(&event)).unwrap().is_empty());
    });
}

#[test]
fn a_watch_ends_with_its_socket_and_its_completion_is_for_nobody() {
    for close in [true, false] {
        scripted::run(|script| {
            script.hold_cancels();
            let (socket, event) = selected(script);
            let watch = only_watch(script);
            if close {
                socket.close();
            } else {
                drop(socket.clone());
                assert_eq!(script.cancel_requests(), [], "it has another owner");
                drop(socket);
            }
            assert_eq!(script.cancel_requests(), [watch]);
            script.ready(watch);
            assert_eq!(wait::one(&event, NOW).unwrap(), Waited::TimedOut);
            assert_eq!(script.started(), []);
        });
    }
}

/// What was watched for before is left to end; only what is missing is added.
#[test]
fn selecting_more_watches_for_more() {
    scripted::run(|script| {
        let (socket, queue) = (script.socket(), MessageQueue::<()>::new());
        socket.select_events(&Event::manual(), NetworkEvents::READ).unwrap();
        socket.select_messages(&queue, READING).unwrap();
        assert_eq!(script.started().len(), 2);
        socket.select_messages(&queue, NetworkEvents::CLOSE).unwrap();
        assert_eq!(script.started().len(), 2);
        script.hold(script.number(&socket), READING);
        for watch in script.started() {
            script.ready(watch);
        }
        // The end is not told before the data is taken.
        assert_eq!(queue.try_get(), None);
        script.hold(script.number(&socket), NetworkEvents::CLOSE);
        socket.select_messages(&queue, NetworkEvents::CLOSE).unwrap();
        let Some(Message::Network(message)) = queue.try_get() else { panic!("nothing was posted") };
        assert_eq!((message.socket(), message.event(), message.code()), (socket.id(), NetworkEvents::CLOSE, 0));
        assert_eq!(script.started(), []);
    });
}
