//! A thread that leads hands to the kernel what others have issued. When it ends that goes on, also where the kernel gives it
//! back, as Windows does: nothing is told to the program, and nothing is lost from the socket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use overlapped::{Event, Overlapped, Shutdown, Waited, wait};

use super::support::{self, Conn};

const ROUNDS: u8 = 40;

/// A thread that leads for a moment, and ends.
fn lead_and_end() {
    let never = Event::manual();
    let waiter = thread::spawn(move || wait::one(&never, Some(Duration::from_millis(1))).unwrap());
    assert_eq!(waiter.join().unwrap(), Waited::TimedOut);
}

#[test]
fn receives() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let mut conn = Conn::new(&socket, 8);
    for round in 0..ROUNDS {
        let receive = conn.recv_event(&Event::manual());
        for _ in 0..=round % 3 {
            lead_and_end();
        }
        assert!(!receive.poll(), "nothing has come");
        peer.write_all(&[round; 3]).unwrap();
        let (back, done) = receive.finish();
        assert_eq!(&back.buffer[..done.unwrap().bytes], [round; 3]);
        conn = back;
    }
}

/// The data comes while the thread ends.
#[test]
fn receives_that_complete_meanwhile() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (to_writer, rounds) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            while let Ok(round) = rounds.recv() {
                peer.write_all(&[round]).unwrap();
            }
        });
        let mut conn = Conn::new(&socket, 8);
        for round in 0..ROUNDS {
            let receive = conn.recv_event(&Event::manual());
            let never = Event::manual();
            let leader = scope.spawn(move || wait::one(&never, Some(Duration::from_micros(300))).unwrap());
            to_writer.send(round).unwrap();
            leader.join().unwrap();
            let (back, done) = receive.finish();
            assert_eq!(&back.buffer[..done.unwrap().bytes], [round]);
            conn = back;
        }
        drop(to_writer);
    });
}

#[test]
fn accepts_and_connects() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let mut listener = Overlapped::new(listener);
    for _ in 0..ROUNDS {
        let accept = listener.accept_event(&Event::manual(), |listener| listener);
        lead_and_end();
        assert!(!accept.poll(), "nobody has come");
        let socket = Overlapped::new(overlapped::Socket::tcp(&at).unwrap());
        let connect = socket.connect_event(at, &Event::manual(), |socket| socket);
        lead_and_end();
        let (client, done) = connect.finish();
        done.unwrap();
        let (back, accepted) = accept.finish();
        assert_eq!(accepted.unwrap().peer_addr().unwrap(), client.local_addr().unwrap());
        listener = back;
    }
}

fn read_all(mut peer: TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    all
}

#[test]
fn the_rest_of_sends() {
    let _watch = support::driver();
    for round in 0..5 {
        let (socket, peer) = support::narrow_pair();
        let bytes: Vec<u8> = (0..400_000u32).map(|place| (place / 7) as u8).collect();
        let send = Conn::of(&socket, bytes.clone()).send_event(.., &Event::manual());
        socket.give(bytes.clone()).unwrap();
        assert!(!send.poll(), "nobody reads");
        for _ in 0..=round % 3 {
            lead_and_end();
        }
        let reader = thread::spawn(move || read_all(peer));
        assert_eq!(send.finish().1.unwrap().bytes, bytes.len());
        socket.shutdown(Shutdown::Send).unwrap();
        assert!(reader.join().unwrap() == [&bytes[..], &bytes].concat());
    }
}

/// Many leaders one after the other while much is in flight.
#[test]
fn a_crowd() {
    let _watch = support::driver();
    let mut pairs: Vec<_> = (0..50).map(|_| support::pair()).collect();
    let receives: Vec<_> = pairs.iter().map(|(socket, _)| Conn::new(socket, 8).recv_event(&Event::manual())).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10).for_each(|_| lead_and_end()));
        }
        for (index, (_, peer)) in pairs.iter_mut().enumerate() {
            peer.write_all(&[index as u8]).unwrap();
            thread::yield_now();
        }
    });
    for (index, receive) in receives.into_iter().enumerate() {
        let (conn, done) = receive.finish();
        assert_eq!(&conn.buffer[..done.unwrap().bytes], [index as u8]);
    }
}
