//! Cancelling: one of a queue, all of a socket, from any thread; no data is lost.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use overlapped::{Event, Issued, OperationId, Overlapped, Socket, Waited, alertable, wait};

use super::support::{self, Conn, Log, Talk};

const NOW: Option<Duration> = Some(Duration::ZERO);

fn id(issued: Issued) -> OperationId {
    match issued {
        Issued::Pending(id) => id,
        Issued::Completed => panic!("there is nothing it could have completed with"),
    }
}

#[test]
fn nothing_pending_is_1168() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    assert_eq!(support::code(&socket.cancel()), 1168);
    let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
    let first = id(receive.issued());
    peer.write_all(b"x").unwrap();
    assert_eq!(support::outcome(receive.finish()), ":x");
    assert_eq!(support::code(&socket.cancel()), 1168);
    assert_eq!(support::code(&socket.cancel_operation(first)), 1168);
}

#[test]
fn the_second_of_three_events() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let events = [(); 3].map(|()| Event::manual());
    let [a, b, c] = events.each_ref().map(|event| Conn::new(&socket, 2).recv_event(event));
    let second = id(b.issued());
    socket.cancel_operation(second).unwrap();
    assert_eq!(wait::one(&events[1], None).unwrap(), Waited::Object(0));
    assert_eq!(support::code(&socket.cancel_operation(second)), 1168);
    assert_eq!(support::outcome(b.finish()), "!995");
    assert!(!a.poll() && !c.poll() && !events[0].is_set() && !events[2].is_set());
    peer.write_all(b"1122").unwrap();
    assert_eq!(support::outcome(a.finish()), ":11");
    assert_eq!(support::outcome(c.finish()), ":22");
}

#[test]
fn each_of_three_routines() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let names = ["a", "b", "c"];
    for cancelled in 0..3 {
        let issued = names.map(|name| id(Talk::new(name, &socket, 2, &log).recv(support::logged)));
        if cancelled == 0 {
            // Not yet submitted in one round, in the kernel in the others.
            assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
        }
        socket.cancel_operation(issued[cancelled]).unwrap();
        assert_eq!(log.len(), 0, "its routine waits for an alertable wait");
        assert_eq!(log.wait(1), [format!("{}!995", names[cancelled])]);
        assert_eq!(support::code(&socket.cancel_operation(issued[cancelled])), 1168);
        peer.write_all(b"1122").unwrap();
        let others = names.iter().filter(|name| **name != names[cancelled]);
        let expected: Vec<_> = others.zip(["11", "22"]).map(|(name, data)| format!("{name}:{data}")).collect();
        assert_eq!(log.wait(2), expected);
    }
}

#[test]
fn all_of_a_socket_in_order() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    for name in ["a", "b", "c"] {
        Talk::new(name, &socket, 8, &log).recv(support::logged);
    }
    socket.cancel().unwrap();
    assert_eq!(log.wait(3), ["a!995", "b!995", "c!995"]);
    assert_eq!(support::code(&socket.cancel()), 1168);
    let receives = [(); 3].map(|()| Conn::new(&socket, 8).recv_event(&Event::manual()));
    socket.cancel().unwrap();
    for receive in receives {
        assert_eq!(support::outcome(receive.finish()), "!995");
    }
    assert_eq!(support::code(&socket.cancel()), 1168);
    peer.write_all(b"kept").unwrap();
    Talk::new("d", &socket, 8, &log).recv(support::logged);
    assert_eq!(log.wait(1), ["d:kept"]);
}

#[test]
fn both_directions_at_once() {
    let _watch = support::driver();
    let (socket, _peer) = support::narrow_pair();
    let log = Log::default();
    Talk::new("r", &socket, 8, &log).recv(support::logged);
    Talk::of("s", &socket, vec![1; 4 << 20], &log).send(.., support::sent);
    Talk::of("t", &socket, vec![1; 5], &log).send(.., support::sent);
    socket.cancel().unwrap();
    let mut entries = log.wait(3);
    entries.sort();
    assert_eq!(entries, ["r!995", "s!995", "t!995"]);
    assert_eq!(socket.queued_bytes(), 0);
}

#[test]
fn an_id_means_one_operation_even_if_its_memory_is_used_again() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    fn again(talk: Overlapped<Talk>, done: overlapped::Result<overlapped::Completion>) {
        talk.log.add(format!("{}", done.unwrap().bytes));
        talk.recv(support::logged);
    }
    let first = id(Talk::new("r", &socket, 8, &log).recv(again));
    peer.write_all(b"x").unwrap();
    assert_eq!(log.wait(1), ["1"]);
    assert_eq!(support::code(&socket.cancel_operation(first)), 1168);
    peer.write_all(b"second").unwrap();
    assert_eq!(log.wait(1), ["r:second"]);
}

#[test]
fn an_id_of_another_socket_is_1168() {
    let _watch = support::driver();
    let ((socket, mut peer), (other, _other_peer)) = (support::pair(), support::pair());
    let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
    assert_eq!(support::code(&other.cancel_operation(id(receive.issued()))), 1168);
    peer.write_all(b"mine").unwrap();
    assert_eq!(support::outcome(receive.finish()), ":mine");
}

#[test]
fn from_another_thread_and_the_routine_runs_on_the_issuing_one() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    for round in 0..30 {
        let log = Log::default();
        let first = id(Talk::new("r", &socket, 8, &log).recv(support::logged));
        let other = socket.clone();
        let cancel = thread::spawn(move || match round % 2 {
            0 => other.cancel(),
            _ => other.cancel_operation(first),
        });
        assert_eq!(log.wait(1), ["r!995"]);
        cancel.join().unwrap().unwrap();
    }
    let log = Log::default();
    Talk::new("r", &socket, 8, &log).recv(support::logged);
    // Cancelled while its thread is in no wait of any kind: the routine waits for one.
    let other = socket.clone();
    thread::spawn(move || other.cancel().unwrap()).join().unwrap();
    assert_eq!(log.len(), 0);
    assert_eq!(log.wait(1), ["r!995"]);
    peer.write_all(b"kept").unwrap();
    assert_eq!(support::outcome(Conn::new(&socket, 8).recv_event(&Event::manual()).finish()), ":kept");
}

#[test]
fn data_that_comes_after_a_cancel_goes_to_the_next_receive() {
    let _watch = support::driver();
    for (submitted, by_another) in [(true, true), (true, false), (false, true), (false, false)] {
        let (socket, mut peer) = support::pair();
        let log = Log::default();
        Talk::new("first", &socket, 8, &log).recv(support::logged);
        if submitted {
            assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
        }
        let other = socket.clone();
        match by_another {
            true => thread::spawn(move || other.cancel().unwrap()).join().unwrap(),
            false => other.cancel().unwrap(),
        }
        peer.write_all(b"late").unwrap();
        support::delivered(&peer);
        assert_eq!(log.wait(1), ["first!995"], "submitted: {submitted}, by another thread: {by_another}");
        Talk::new("next", &socket, 8, &log).recv(support::logged);
        assert_eq!(log.wait(1), ["next:late"]);
    }
}

#[test]
fn racing_with_the_data_each_byte_is_delivered_once() {
    let _watch = support::driver();
    const BYTES: usize = 2000;
    let (socket, mut peer) = support::pair();
    let writer = thread::spawn(move || {
        for number in 0..BYTES {
            peer.write_all(&[number as u8]).unwrap();
        }
    });
    let (done, stop) = mpsc::channel::<()>();
    let canceller = thread::spawn({
        let socket = socket.clone();
        move || {
            while stop.try_recv() == Err(mpsc::TryRecvError::Empty) {
                let _ = socket.cancel();
                thread::yield_now();
            }
        }
    });
    let mut got = Vec::new();
    let event = Event::auto();
    let log = Log::default();
    while got.len() < BYTES {
        let (conn, result) = Conn::new(&socket, 3).recv_event(&event).finish();
        match result {
            Ok(done) => got.extend_from_slice(&conn.buffer[..done.bytes]),
            Err(error) => assert!(error.is_aborted(), "{error}"),
        }
        Talk::new("", &socket, 0, &log).recv_with(
            |talk| {
                talk.buffer.resize(3, 0);
                (&talk.socket, &mut talk.buffer)
            },
            |talk, result| talk.log.add(bytes_as_chars(&talk.buffer, result)),
        );
        if got.len() < BYTES {
            let entry = log.wait(1).remove(0);
            got.extend(entry.chars().map(|char| char as u8));
        }
    }
    drop(done);
    canceller.join().unwrap();
    writer.join().unwrap();
    assert!(got.iter().copied().eq((0..BYTES).map(|number| number as u8)));
}

/// Bytes as characters, none for a cancelled receive.
fn bytes_as_chars(buffer: &[u8], result: overlapped::Result<overlapped::Completion>) -> String {
    match result {
        Ok(done) => buffer[..done.bytes].iter().map(|byte| char::from(*byte)).collect(),
        Err(error) => {
            assert!(error.is_aborted(), "{error}");
            String::new()
        }
    }
}

#[test]
fn an_accept_and_a_connect_that_hangs() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let accept = Overlapped::new(listener.clone()).accept_event(&Event::manual(), |l| l);
    listener.cancel().unwrap();
    assert_eq!(support::code(&accept.finish().1), 995);
    let accept = Overlapped::new(listener.clone()).accept_event(&Event::manual(), |l| l);
    let _client = std::net::TcpStream::connect(at).unwrap();
    accept.finish().1.unwrap();

    // Nobody accepts, and the queue holds one: the connects behind it stay on their way.
    let full = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    full.bind(&support::loopback().into()).unwrap();
    full.listen(0).unwrap();
    let at: SocketAddr = full.local_addr().unwrap().as_socket().unwrap();
    let connects: Vec<_> = (0..4)
        .map(|_| {
            let socket = Socket::tcp(&at).unwrap();
            (Overlapped::new(socket.clone()).connect_event(at, &Event::manual(), |s| s), socket)
        })
        .collect();
    let (last, socket) = connects.last().unwrap();
    assert!(!last.wait(Some(Duration::from_millis(50))));
    socket.cancel().unwrap();
    assert!(last.wait(None));
    let (last, _) = { connects }.pop().unwrap();
    assert_eq!(support::code(&last.finish().1), 995);
}
