//! A pending operation as a value: poll, wait, finish, cancel, drop; on whichever thread.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Event, Issued, Overlapped, Pending, Session, Socket, Waited, wait};

use super::support::{self, Conn, Drops, Token};

struct Counted {
    socket: Socket,
    buffer: [u8; 64],
    _token: Token,
}

impl Counted {
    fn of(socket: &Socket, drops: &Drops) -> Overlapped<Counted> {
        Overlapped::new(Counted { socket: socket.clone(), buffer: [0; 64], _token: drops.token() })
    }
}

impl Session for Counted {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

#[test]
fn before_and_after_the_completion() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
    assert!(matches!(receive.issued(), Issued::Pending(_)));
    assert!(!receive.poll());
    assert!(!receive.wait(Some(Duration::ZERO)));
    assert!(!receive.wait(Some(Duration::from_millis(10))));
    let Err(receive) = receive.try_finish() else { panic!("nothing was sent yet") };
    peer.write_all(b"now").unwrap();
    assert!(receive.wait(None));
    assert!(receive.poll() && receive.poll());
    assert!(receive.wait(Some(Duration::ZERO)));
    let Ok(done) = receive.try_finish() else { panic!("poll said it was completed") };
    assert_eq!(support::outcome(done), ":now");
}

#[test]
fn poll_alone_sees_the_completion_in_the_end() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
    peer.write_all(b"polled").unwrap();
    while !receive.poll() {
        thread::yield_now();
    }
    assert_eq!(support::outcome(receive.finish()), ":polled");

    let mut receive = Conn::new(&socket, 8).recv_event(&Event::manual());
    peer.write_all(b"tried").unwrap();
    let done = loop {
        match receive.try_finish() {
            Ok(done) => break done,
            Err(again) => receive = again,
        }
    };
    assert_eq!(support::outcome(done), ":tried");
}

#[test]
fn waiting_for_the_operation_does_not_consume_its_event() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::auto();
    let receive = Conn::new(&socket, 8).recv_event(&event);
    peer.write_all(b"x").unwrap();
    assert!(receive.wait(None));
    assert_eq!(support::outcome(receive.finish()), ":x");
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
}

#[test]
fn another_thread_finishes_what_this_one_issued() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    for round in 0..100 {
        let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
        let finisher = thread::spawn(move || support::outcome(receive.finish()));
        if round % 2 == 0 {
            thread::yield_now();
        }
        peer.write_all(b"over").unwrap();
        assert_eq!(finisher.join().unwrap(), ":over");
    }
}

#[test]
fn a_cancelled_operation_ends_with_995_and_loses_no_data() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let receive = Conn::new(&socket, 8).recv_event(&event);
    receive.cancel().unwrap();
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::code(&receive.cancel()), 1168);
    let (conn, done) = receive.finish();
    assert!(done.unwrap_err().is_aborted());
    peer.write_all(b"kept").unwrap();
    assert_eq!(support::outcome(conn.recv_event(&event).finish()), ":kept");
}

#[test]
fn cancelling_after_the_completion_is_1168_and_keeps_the_result() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
    peer.write_all(b"done").unwrap();
    assert!(receive.wait(None));
    assert_eq!(support::code(&receive.cancel()), 1168);
    assert_eq!(support::outcome(receive.finish()), ":done");
}

#[test]
fn dropping_cancels_frees_once_and_loses_no_data() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let drops = Drops::default();
    drop(Counted::of(&socket, &drops).recv_event(&Event::manual()));
    drops.wait(1);
    peer.write_all(b"kept").unwrap();
    let next = Conn::new(&socket, 8).recv_event(&Event::manual());
    assert_eq!(support::outcome(next.finish()), ":kept");

    // Completed and never asked for.
    let receive = Counted::of(&socket, &drops).recv_event(&Event::manual());
    peer.write_all(b"unread").unwrap();
    assert!(receive.wait(None));
    drop(receive);
    drops.wait(2);

    // The head and the middle of a queue.
    let mut queue: Vec<_> = (0..3).map(|_| Counted::of(&socket, &drops).recv_event(&Event::manual())).collect();
    drop(queue.remove(0));
    drop(queue.remove(0));
    drops.wait(4);
    peer.write_all(b"last").unwrap();
    let (counted, done) = queue.remove(0).finish();
    assert_eq!(&counted.buffer[..done.unwrap().bytes], b"last");
    drop(counted);
    assert_eq!(drops.count(), 5);
}

#[test]
fn dropping_while_the_data_arrives_frees_each_session_once() {
    let _watch = support::driver();
    const ROUNDS: usize = 500;
    let (socket, mut peer) = support::pair();
    let drops = Drops::default();
    let writer = thread::spawn(move || {
        for _ in 0..ROUNDS {
            peer.write_all(b"x").unwrap();
            thread::yield_now();
        }
        peer
    });
    for round in 0..ROUNDS {
        let receive = Counted::of(&socket, &drops).recv_event(&Event::auto());
        match round % 3 {
            0 => drop(receive),
            1 => drop(receive.cancel()),
            _ => drop(receive.try_finish()),
        }
    }
    drops.wait(ROUNDS);
    writer.join().unwrap();
}

#[test]
fn a_dropped_accept_gives_nothing_away() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let event = Event::manual();
    // Dropped before a client comes: the next accept gets it.
    drop(Overlapped::new(listener.clone()).accept_event(&event, |l| l));
    let mut peer = TcpStream::connect(at).unwrap();
    let accepted = Overlapped::new(listener.clone()).accept_event(&event, |l| l).finish().1.unwrap();
    assert_eq!(accepted.peer_addr().unwrap(), peer.local_addr().unwrap());
    drop(accepted);
    assert!(support::ended(&mut peer));

    // Dropped with a client taken: its connection ends instead of hanging.
    let accept = Overlapped::new(listener.clone()).accept_event(&event, |l| l);
    let mut peer = TcpStream::connect(at).unwrap();
    assert!(accept.wait(None));
    drop(accept);
    assert!(support::ended(&mut peer));
}

#[test]
fn a_dropped_send_leaves_the_socket_usable_for_its_end() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    drop(Conn::of(&socket, vec![1; 4 << 20]).send_event(.., &Event::manual()));
    while socket.queued_bytes() > 0 {
        thread::yield_now();
    }
    drop(socket);
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert!(all.len() < 4 << 20 && all.iter().all(|byte| *byte == 1));
}

/// A session whose drop uses the library, on whichever thread the kernel's last word is heard.
struct Busy(Conn, Event);

impl Session for Busy {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        self.0.parts()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let event = Event::manual();
        let _ = self.0.socket.give(b"last words");
        let again = Conn::new(&self.0.socket, 8).recv_event(&event);
        let _ = wait::one(&event, Some(Duration::from_millis(1)));
        drop(again);
        self.1.set();
    }
}

#[test]
fn the_drop_of_a_dropped_operations_session_may_use_the_library() {
    let _watch = support::driver();
    for _ in 0..50 {
        let (socket, peer) = support::pair();
        let dropped = Event::manual();
        let conn = Conn::new(&socket, 8).into_inner();
        drop(Overlapped::new(Busy(conn, dropped.clone())).recv_event(&Event::manual()));
        assert_eq!(wait::one(&dropped, None).unwrap(), Waited::Object(0));
        drop(socket);
        assert_eq!(std::io::read_to_string(peer).unwrap(), "last words");
    }
}

#[test]
fn a_dropped_operations_session_goes_although_whoever_reaps_it_waits_on() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let (other, _other_peer) = support::pair();
    let (end, drops) = (Event::manual(), Drops::default());
    thread::scope(|scope| {
        scope.spawn(|| {
            let _in_flight = Conn::new(&other, 8).recv_event(&Event::manual());
            assert_eq!(wait::one(&end, None).unwrap(), Waited::Object(0));
        });
        // Time for the thread to be deep in its wait; earlier must work as well.
        thread::sleep(Duration::from_millis(20));
        for count in 1..=100 {
            drop(Counted::of(&socket, &drops).recv_event(&Event::manual()));
            drops.wait(count);
        }
        end.set();
    });
}

#[test]
fn it_is_send_with_its_session() {
    fn assert_send<T: Send>() {}
    assert_send::<Pending<Conn, Completion>>();
    assert_send::<Pending<Socket, Socket>>();
}
