//! A thread that ends takes its operations along: 995 for its events, and nothing is lost from a socket.

use std::io::{Read, Write};
use std::thread;

use overlapped::{Event, Overlapped, Socket, Waited, wait};

use super::support::{self, Conn, Drops, Log, Talk};

#[test]
fn its_receives_end_with_995_and_the_data_goes_to_the_next() {
    let _watch = support::driver();
    let mut ends: Vec<_> = (0..8).map(|_| support::pair()).collect();
    let sockets: Vec<Socket> = ends.iter().map(|(socket, _)| socket.clone()).collect();
    let pending = thread::spawn(move || {
        let issue = |socket| {
            let event = Event::manual();
            (Conn::new(socket, 16).recv_event(&event), event)
        };
        // Two on each socket: one in the kernel, one behind it.
        sockets.iter().chain(&sockets).map(issue).collect::<Vec<_>>()
    });
    for (receive, event) in pending.join().unwrap() {
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        assert_eq!(support::outcome(receive.finish()), "!995");
    }
    for (socket, peer) in &mut ends {
        peer.write_all(b"after").unwrap();
        let receive = Conn::new(socket, 16).recv_event(&Event::manual());
        assert_eq!(support::outcome(receive.finish()), ":after");
    }
}

#[test]
fn while_the_data_arrives_nothing_is_lost_or_seen_twice() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    for round in 0..200u8 {
        let issuer = thread::spawn({
            let socket = socket.clone();
            move || Conn::new(&socket, 16).recv_event(&Event::manual())
        });
        peer.write_all(&[round]).unwrap();
        let (conn, done) = issuer.join().unwrap().finish();
        let conn = match done {
            Ok(done) => {
                assert_eq!(done.bytes, 1);
                conn
            }
            Err(error) => {
                assert_eq!(error.code(), 995);
                let (conn, done) = conn.recv_event(&Event::manual()).finish();
                assert_eq!(done.unwrap().bytes, 1);
                conn
            }
        };
        assert_eq!(conn.buffer[0], round);
    }
}

#[test]
fn many_end_at_once_beside_each_other() {
    let _watch = support::driver();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let (socket, mut peer) = support::pair();
                for round in 0..60u8 {
                    let issue = {
                        let socket = socket.clone();
                        move || [(); 2].map(|()| Conn::new(&socket, 1).recv_event(&Event::manual()))
                    };
                    let receives = thread::spawn(issue).join().unwrap();
                    assert_eq!(receives.map(|receive| support::outcome(receive.finish())), ["!995", "!995"]);
                    peer.write_all(&[round]).unwrap();
                    let (conn, done) = Conn::new(&socket, 8).recv_event(&Event::manual()).finish();
                    assert_eq!((done.unwrap().bytes, conn.buffer[0]), (1, round));
                }
            });
        }
    });
}

#[test]
fn a_waiter_on_another_thread_is_told() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let event = Event::auto();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| wait::one(&event, None).unwrap());
        // The thread ends with the operation in flight, and here it is only finished.
        let receive = scope.spawn(|| Conn::new(&socket, 8).recv_event(&event)).join().unwrap();
        assert_eq!(waiter.join().unwrap(), Waited::Object(0));
        assert_eq!(support::outcome(receive.finish()), "!995");
    });
}

#[test]
fn its_accept_and_its_send_end_too() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let (socket, mut peer) = support::narrow_pair();
    let (accept, send) = thread::spawn({
        let (listener, socket) = (listener.clone(), socket.clone());
        move || {
            let accept = Overlapped::new(listener).accept_event(&Event::manual(), |l| l);
            (accept, Conn::of(&socket, vec![1; 4 << 20]).send_event(.., &Event::manual()))
        }
    })
    .join()
    .unwrap();
    assert_eq!(support::code(&accept.finish().1), 995);
    assert_eq!(support::code(&send.finish().1), 995);
    assert_eq!(socket.queued_bytes(), 0);
    drop(socket);
    // What the kernel had taken arrives, then the end.
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert!(all.len() < 4 << 20);

    let client = std::net::TcpStream::connect(at).unwrap();
    let accepted = Overlapped::new(listener).accept_event(&Event::manual(), |l| l).finish().1.unwrap();
    assert_eq!(accepted.peer_addr().unwrap(), client.local_addr().unwrap());
}

/// One is with the thread's own driver, the other with the one that all share; each socket is found through both.
#[test]
fn a_receive_and_a_send_that_waits_on_one_socket_both_end() {
    let _watch = support::driver();
    let drops = Drops::default();
    let (socket, peer) = support::narrow_pair();
    let ends = thread::spawn({
        let tokens = [drops.token(), drops.token()];
        move || {
            let [receives, sends] = tokens.map(|token| Overlapped::new((socket.clone(), vec![0; 8 << 20], token)));
            receives.recv_with(|(socket, buffer, _)| (socket, buffer), |_, _| unreachable!("its thread has ended"));
            sends.send_with(|(socket, buffer, _)| (socket, buffer), |_, _| unreachable!("its thread has ended"));
        }
    });
    ends.join().unwrap();
    drops.wait(2);
    drop(peer);
}

#[test]
fn what_it_gave_is_sent_all_the_same() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    thread::spawn(move || {
        socket.give(vec![1; 2 << 20]).unwrap();
        assert!(socket.queued_bytes() > 0);
        socket.shutdown(overlapped::Shutdown::Send).unwrap();
    })
    .join()
    .unwrap();
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), 2 << 20);
}

#[test]
fn operations_of_other_threads_on_the_same_socket_stay() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let first = Conn::new(&socket, 2).recv_event(&Event::manual());
    let middle = thread::spawn({
        let socket = socket.clone();
        move || Conn::new(&socket, 2).recv_event(&Event::manual())
    });
    let middle = middle.join().unwrap();
    let last = Conn::new(&socket, 2).recv_event(&Event::manual());
    assert_eq!(support::outcome(middle.finish()), "!995");
    assert!(!first.poll() && !last.poll());
    peer.write_all(b"1122").unwrap();
    assert_eq!(support::outcome(first.finish()), ":11");
    assert_eq!(support::outcome(last.finish()), ":22");
}

/// What is before it belongs to a thread that goes on, and is with that thread's own driver.
#[test]
fn one_behind_a_routine_of_another_thread_ends_too() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 2, &log).recv(support::logged);
    let behind = thread::spawn({
        let socket = socket.clone();
        move || Conn::new(&socket, 2).recv_event(&Event::manual())
    });
    let behind = behind.join().unwrap();
    peer.write_all(b"1122").unwrap();
    assert_eq!(log.wait(1), ["r:11"]);
    assert_eq!(support::outcome(behind.finish()), "!995");
    assert_eq!(support::outcome(Conn::new(&socket, 2).recv_event(&Event::manual()).finish()), ":22");
}
