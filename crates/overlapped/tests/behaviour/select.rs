//! What `select` finds: sets of any length, states of a socket, operations that come first, and how other threads end it.

use std::io::Write;
use std::net::UdpSocket;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use overlapped::readiness::{SocketSet, select};
use overlapped::{Event, Shutdown, Socket};

use super::support::{self, Conn, Log, Talk};

const NOW: Option<Duration> = Some(Duration::ZERO);
const SHORT: Option<Duration> = Some(Duration::from_millis(50));

fn set(sockets: &[&Socket]) -> SocketSet {
    let mut set = SocketSet::new();
    for socket in sockets {
        assert!(set.insert(socket));
    }
    set
}

fn readable(socket: &Socket, time: Option<Duration>) -> bool {
    select(Some(&mut set(&[socket])), None, None, time).unwrap() == 1
}

fn writable(socket: &Socket, time: Option<Duration>) -> bool {
    select(None, Some(&mut set(&[socket])), None, time).unwrap() == 1
}

fn exceptional(socket: &Socket, time: Option<Duration>) -> bool {
    select(None, None, Some(&mut set(&[socket])), time).unwrap() == 1
}

#[test]
fn a_set_longer_than_the_classic_one() {
    let _watch = support::driver();
    let pairs: Vec<_> = (0..200).map(|_| Socket::pair().unwrap()).collect();
    let mut read = SocketSet::new();
    for (socket, _) in &pairs {
        read.insert(socket);
    }
    assert_eq!(select(Some(&mut read), None, None, NOW).unwrap(), 0);
    for (before, (socket, peer)) in pairs.iter().rev().step_by(7).enumerate() {
        peer.try_send(b"x").unwrap();
        while select(Some(&mut read), None, None, None).unwrap() == before {}
        assert!(read.is_ready(socket));
        assert_eq!(read.ready().count(), before + 1);
    }
    let mut write = SocketSet::new();
    for (_, peer) in &pairs {
        write.insert(peer);
    }
    let ready = read.ready().count();
    assert_eq!(select(Some(&mut read), Some(&mut write), None, None).unwrap(), ready + 200);
}

#[test]
fn a_set_forgets_what_it_was_told() {
    let _watch = support::driver();
    let (socket, peer) = Socket::pair().unwrap();
    let (other, _other_peer) = Socket::pair().unwrap();
    peer.try_send(b"x").unwrap();
    let mut read = set(&[&other, &socket]);
    assert_eq!(select(Some(&mut read), None, None, None).unwrap(), 1);
    assert!(read.remove(&other) && !read.remove(&other));
    assert!(read.is_ready(&socket) && !read.is_ready(&other));
    socket.try_recv(&mut [0; 8]).unwrap();
    assert_eq!(select(Some(&mut read), None, None, SHORT).unwrap(), 0);
    assert!(!read.is_ready(&socket));
    peer.try_send(b"x").unwrap();
    assert_eq!(select(Some(&mut read), None, None, None).unwrap(), 1);
    other.close();
    read.insert(&other);
    assert_eq!(support::code(&select(Some(&mut read), None, None, None)), 10038);
    assert_eq!(read.ready().count(), 0, "an error tells of none");
    read.clear();
    assert!(read.is_empty() && !read.contains(&socket) && !read.is_ready(&socket));
}

#[test]
fn a_socket_that_is_not_connected_is_never_ready() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let socket = Socket::tcp(&at).unwrap();
    for socket in [&socket, &listener] {
        assert!(!readable(socket, SHORT) && !writable(socket, SHORT) && !exceptional(socket, SHORT));
    }
    // Until it connects, which another thread may begin.
    let connecting = thread::spawn({
        let socket = socket.clone();
        move || {
            thread::sleep(Duration::from_millis(20));
            socket.try_connect(at)
        }
    });
    assert!(writable(&socket, None));
    assert_eq!(support::code(&connecting.join().unwrap()), 10035);
    assert!(readable(&listener, None));
}

#[test]
fn a_failed_connect_stays_an_exception() {
    let _watch = support::driver();
    let nobody = Socket::tcp(&support::loopback()).unwrap();
    nobody.bind(support::loopback()).unwrap();
    let client = Socket::tcp(&support::loopback()).unwrap();
    assert_eq!(support::code(&client.try_connect(nobody.local_addr().unwrap())), 10035);
    assert!(exceptional(&client, None));
    assert!(client.take_error().unwrap().is_some());
    assert!(exceptional(&client, None), "the state is no error that is told once");
    assert!(!readable(&client, SHORT) && !writable(&client, SHORT));
}

#[test]
fn a_call_that_would_be_refused_is_ready() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    assert!(writable(&socket, None) && !readable(&socket, NOW));
    socket.shutdown(Shutdown::Both).unwrap();
    assert!(readable(&socket, None) && writable(&socket, None));
    drop(peer);
    let (socket, peer) = support::pair();
    support::reset(peer);
    assert!(readable(&socket, None));
    while socket.try_recv(&mut [0; 8]).is_err_and(|error| error.is_would_block()) {}
    assert!(readable(&socket, None), "each receive is told of it");
}

#[test]
fn a_full_socket_is_writable_when_the_peer_reads() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    while writable(&socket, SHORT) {
        while socket.try_send(&[0; 10_000]).is_ok() {}
    }
    let reader = thread::spawn(move || std::io::copy(&mut peer, &mut std::io::sink()));
    assert!(writable(&socket, None));
    socket.close();
    let _ = reader.join().unwrap();
}

#[test]
fn operations_come_first() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (issued, is_issued) = mpsc::channel();
    let (finish, may_finish) = mpsc::channel();
    let other = thread::spawn({
        let socket = socket.clone();
        move || {
            let log = Log::default();
            Talk::new("r", &socket, 3, &log).recv(support::logged);
            issued.send(()).unwrap();
            may_finish.recv().unwrap();
            log.wait(1)
        }
    });
    is_issued.recv().unwrap();
    peer.write_all(b"onetwo").unwrap();
    assert!(!readable(&socket, SHORT));
    // Once the other thread has waited for its own there is something for this one.
    finish.send(()).unwrap();
    assert!(readable(&socket, None));
    assert_eq!(other.join().unwrap(), ["r:one"]);
    let mut buffer = [0; 8];
    assert_eq!((socket.try_recv(&mut buffer).unwrap(), &buffer[..3]), (3, &b"two"[..]));

    let (socket, mut peer) = support::narrow_pair();
    assert!(socket.give(vec![0; 1 << 20]).unwrap().is_pending());
    assert!(!writable(&socket, SHORT));
    let reader = thread::spawn(move || std::io::copy(&mut peer, &mut std::io::sink()));
    assert!(writable(&socket, None));
    assert_eq!(socket.queued_bytes(), 0);
    socket.close();
    let _ = reader.join().unwrap();
}

#[test]
fn datagrams_and_streams_in_one_set() {
    let _watch = support::driver();
    let (stream, _peer) = support::pair();
    let datagrams = Socket::udp(support::loopback()).unwrap();
    let mut read = set(&[&stream, &datagrams]);
    let mut write = set(&[&stream, &datagrams]);
    assert_eq!(select(Some(&mut read), Some(&mut write), None, NOW).unwrap(), 2);
    UdpSocket::bind(support::loopback()).unwrap().send_to(b"x", datagrams.local_addr().unwrap()).unwrap();
    assert_eq!(select(Some(&mut read), None, None, None).unwrap(), 1);
    assert!(read.is_ready(&datagrams));
    assert_eq!(datagrams.try_recv(&mut [0; 8]).unwrap(), 1);
}

#[test]
fn another_thread_ends_a_wait() {
    let _watch = support::driver();
    let (stop, stopper) = Socket::pair().unwrap();
    let (idle, _peer) = support::pair();
    for round in 0..100 {
        let waiting = thread::spawn({
            let (stop, idle) = (stop.clone(), idle.clone());
            move || {
                let mut read = set(&[&idle, &stop]);
                assert_eq!(select(Some(&mut read), None, None, None).unwrap(), 1);
                assert!(read.is_ready(&stop));
                stop.try_recv(&mut [0; 100]).unwrap()
            }
        });
        if round % 2 == 0 {
            thread::yield_now();
        }
        stopper.try_send(b"!").unwrap();
        assert_eq!(waiting.join().unwrap(), 1);
    }
}

#[test]
fn a_receive_after_a_reset_that_was_told_of_fails_at_once() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    support::reset(peer);
    assert!(readable(&socket, None));
    if support::is_wine() {
        // It asks its system why, which thereby forgets it, and takes what is left for the end of the stream.
        return;
    }
    let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
    assert!(!receive.issued().is_pending());
    assert_eq!(support::outcome(receive.finish()), "!10054");
    assert_eq!(support::code(&socket.try_recv(&mut [0; 8])), 10054, "each time");
}

#[test]
fn another_threads_close_ends_a_wait() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let waiting = thread::spawn({
        let socket = socket.clone();
        move || select(Some(&mut set(&[&socket])), None, None, None)
    });
    thread::sleep(Duration::from_millis(20));
    socket.close();
    let ended = waiting.join().unwrap();
    assert!(support::code(&ended) == 10038 || ended.is_ok_and(|ready| ready == 1));
}

#[test]
fn several_threads_wait_for_one_socket() {
    let _watch = support::driver();
    let (socket, peer) = Socket::pair().unwrap();
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let socket = socket.clone();
            thread::spawn(move || readable(&socket, None))
        })
        .collect();
    peer.try_send(b"x").unwrap();
    for waiting in waiting {
        assert!(waiting.join().unwrap());
    }
}
