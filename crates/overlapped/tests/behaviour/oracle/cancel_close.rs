//! Cancelling, closing and shutting down with operations pending, and the codes of that (`05_cancel_close`).

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use overlapped::{Event, Issued, Overlapped, Shutdown, Socket, Waited, alertable, wait};

use super::super::support::{self, Conn, Log, Talk};
use super::{LONG, NOW, arrived};

/// A receive of so many bytes.
fn receive(socket: &Socket, size: usize, event: &Event) -> overlapped::Pending<Conn> {
    Conn::new(socket, size).recv_event(event)
}

/// As the probe asks for a result: waits for the event, then takes what is there.
fn outcome(receive: overlapped::Pending<Conn>, event: &Event) -> String {
    assert_eq!(wait::one(event, LONG).unwrap(), Waited::Object(0));
    support::outcome(receive.try_finish().expect("its event says so"))
}

#[test]
fn nothing_pending() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let error = socket.cancel().unwrap_err();
    assert_eq!((error.code(), error.name()), (1168, "ERROR_NOT_FOUND"));
}

#[test]
fn the_second_of_three_and_then_all() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let events = [(); 3].map(|()| Event::manual());
    let [a, b, d] = events.each_ref().map(|event| receive(&socket, 2, event));
    let Issued::Pending(second) = b.issued() else { panic!("there is no data") };
    assert_eq!(support::code(&socket.cancel_operation(second)), 0);
    assert_eq!(outcome(b, &events[1]), "!995");
    assert!(events[1].is_set());
    assert!(!a.poll() && !d.poll(), "the others are still pending");
    assert_eq!(support::code(&socket.cancel_operation(second)), 1168);
    peer.write_all(b"1122").unwrap();
    assert_eq!(outcome(a, &events[0]), ":11");
    assert_eq!(outcome(d, &events[2]), ":22");

    let [a, b] = [&events[0], &events[1]].map(|event| receive(&socket, 16, event));
    assert_eq!(support::code(&socket.cancel()), 0);
    assert_eq!([outcome(a, &events[0]), outcome(b, &events[1])], ["!995", "!995"]);
    peer.write_all(b"kept").unwrap();
    support::delivered(&peer);
    assert_eq!(outcome(receive(&socket, 16, &events[0]), &events[0]), ":kept");
}

#[test]
fn from_another_thread() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let event = Event::manual();
    let receive = receive(&socket, 16, &event);
    let Issued::Pending(id) = receive.issued() else { panic!("there is no data") };
    assert_eq!(thread::spawn(move || support::code(&socket.cancel_operation(id))).join().unwrap(), 0);
    assert_eq!(outcome(receive, &event), "!995");
}

#[test]
fn the_issuing_thread_exits() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let event = Event::manual();
    let issuer = event.clone();
    let receive = thread::spawn(move || receive(&socket, 16, &issuer)).join().unwrap();
    assert_eq!(outcome(receive, &event), "!995");
}

#[test]
fn with_a_routine() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let log = Log::default();
    let Issued::Pending(id) = Talk::new("r", &socket, 16, &log).recv(support::logged) else {
        panic!("there is no data")
    };
    socket.cancel_operation(id).unwrap();
    assert_eq!(log.len(), 0);
    assert_eq!(alertable::sleep(LONG).unwrap(), Waited::Routines);
    // An error instead of a completion: there are no bytes beside it.
    assert_eq!(log.take(), ["r!995"]);
}

/// The receives that pend on one socket are of one kind, so there is a connection for each.
#[test]
fn close_with_receives_pending() {
    let _watch = support::driver();
    let ((first, _first_peer), (second, _second_peer)) = (support::pair(), support::pair());
    let (events, log) = ([Event::manual(), Event::manual()], Log::default());
    let on_events = events.each_ref().map(|event| receive(&first, 16, event));
    Talk::new("r", &second, 16, &log).recv(support::logged);
    first.close();
    second.close();
    for (receive, event) in on_events.into_iter().zip(&events) {
        assert_eq!(outcome(receive, event), "!995");
    }
    assert_eq!(alertable::sleep(LONG).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["r!995"], "called once");
    assert_eq!(outcome(receive(&first, 16, &events[0]), &events[0]), "!10038");
}

#[test]
fn not_connected_and_not_listening() {
    let _watch = support::driver();
    let socket = Socket::tcp(&support::loopback()).unwrap();
    let event = Event::manual();
    assert_eq!(outcome(receive(&socket, 16, &event), &event), "!10057");
    let send = Conn::of(&socket, vec![0; 16]).send_event(.., &event);
    assert_eq!(outcome(send, &event), "!10057");
    assert_eq!(support::code(&socket.shutdown(Shutdown::Send)), 10057);
    let accept = Overlapped::new(socket).accept_event(&event, |socket| socket);
    assert_eq!(support::code(&accept.finish().1), 10022);
}

#[test]
fn shutdown_with_a_receive_pending() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let pending = receive(&socket, 16, &event);
    assert_eq!(support::code(&socket.shutdown(Shutdown::Send)), 0);
    assert_eq!(peer.read(&mut [0; 16]).unwrap(), 0);
    peer.write_all(b"still").unwrap();
    assert_eq!(outcome(pending, &event), ":still");
    assert_eq!(support::code(&socket.give(b"x")), 10058);
    let send = Conn::of(&socket, b"x".to_vec()).send_event(.., &event);
    assert_eq!(outcome(send, &event), "!10058");

    let pending = receive(&socket, 16, &event);
    assert_eq!(support::code(&socket.shutdown(Shutdown::Receive)), 0);
    assert!(!pending.poll());
    let other = Event::manual();
    assert_eq!(outcome(receive(&socket, 16, &other), &other), "!10058");
    peer.write_all(b"late!").unwrap();
    assert_eq!(outcome(pending, &event), ":late!");
}

#[test]
fn the_peer_closes() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let event = Event::manual();
    let pending = receive(&socket, 16, &event);
    drop(peer);
    assert_eq!(outcome(pending, &event), ":");
    assert_eq!(outcome(receive(&socket, 16, &event), &event), ":");
}

#[test]
fn the_peer_resets() {
    let _watch = support::driver();
    let ((first, first_peer), (second, second_peer)) = (support::pair(), support::pair());
    let (event, log) = (Event::manual(), Log::default());
    let on_event = receive(&first, 16, &event);
    Talk::new("r", &second, 16, &log).recv(support::logged);
    support::reset(first_peer);
    support::reset(second_peer);
    assert_eq!(outcome(on_event, &event), "!10054");
    assert_eq!(alertable::sleep(LONG).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["r!10054"]);
    assert_eq!(support::code(&first.give(b"x")), 10054);
    assert_eq!(support::code(&second.give(b"x")), 10054);
}

#[test]
fn zero_byte_operations() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let pending = receive(&socket, 0, &event);
    thread::sleep(Duration::from_millis(30));
    assert!(!pending.poll());
    peer.write_all(b"data").unwrap();
    assert_eq!(wait::one(&event, LONG).unwrap(), Waited::Object(0));
    let (_, done) = pending.finish();
    assert_eq!(done.unwrap().bytes, 0);
    assert_eq!(outcome(receive(&socket, 16, &event), &event), ":data", "it is still there");
    let (_, done) = Conn::of(&socket, Vec::new()).send_event(.., &event).finish();
    assert_eq!(done.unwrap().bytes, 0);
    assert_eq!(wait::one(&event, NOW).unwrap(), Waited::Object(0));
}

#[test]
fn five_sends_arrive_in_the_order_of_their_issue() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let issue = |text: &str| Conn::of(&socket, text.into()).send_event(.., &event);
    let sends = ["a1", "b2", "c3", "d4", "e5"].map(issue);
    arrived(&peer, 10);
    let mut text = [0; 16];
    let read = peer.read(&mut text).unwrap();
    assert_eq!(&text[..read], b"a1b2c3d4e5");
    for send in sends {
        assert_eq!(send.finish().1.unwrap().bytes, 2);
    }
}
