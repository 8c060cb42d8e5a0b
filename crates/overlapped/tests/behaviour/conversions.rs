//! From and to `std::net`, and the descriptor in between.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use overlapped::{Event, Overlapped, Socket, Waited, wait};

use super::support::{self, Conn, Log, Talk};

fn std_pair() -> (TcpStream, TcpStream) {
    let door = TcpListener::bind(support::loopback()).unwrap();
    let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    (door.accept().unwrap().0, peer)
}

#[test]
fn a_stream_there_and_back() {
    let _watch = support::driver();
    let (stream, mut peer) = std_pair();
    let addresses = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
    let socket = Socket::from(stream);
    assert_eq!((socket.local_addr().unwrap(), socket.peer_addr().unwrap()), addresses);
    peer.write_all(b"through").unwrap();
    let (conn, done) = Conn::new(&socket, 3).recv_event(&Event::manual()).finish();
    assert_eq!(done.unwrap().bytes, 3);
    let log = Log::default();
    Talk::of("s", &socket, b"abc".to_vec(), &log).send(.., support::sent);
    assert_eq!(log.wait(1), ["s+3"]);
    drop(conn);

    let mut stream = TcpStream::try_from(socket).expect("nothing pending, nobody else");
    let mut rest = [0; 4];
    stream.read_exact(&mut rest).unwrap();
    assert_eq!(&rest, b"ough");
    stream.write_all(b"def").unwrap();
    let mut got = [0; 6];
    peer.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"abcdef");
    // It blocks again as streams do, whatever the library needed in between.
    let writer = thread::spawn(move || {
        thread::sleep(std::time::Duration::from_millis(20));
        peer.write_all(b"late").unwrap();
    });
    stream.read_exact(&mut rest).unwrap();
    assert_eq!(&rest, b"late");
    writer.join().unwrap();
}

#[test]
fn a_stream_that_does_not_block_pends_all_the_same() {
    let _watch = support::driver();
    let (stream, mut peer) = std_pair();
    stream.set_nonblocking(true).unwrap();
    let socket = Socket::from(stream);
    let (event, log) = (Event::manual(), Log::default());
    let receive = Conn::new(&socket, 8).recv_event(&event);
    assert!(!receive.poll());
    peer.write_all(b"event").unwrap();
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::outcome(receive.finish()), ":event");
    Talk::new("r", &socket, 8, &log).recv(support::logged);
    peer.write_all(b"routine").unwrap();
    assert_eq!(log.wait(1), ["r:routine"]);
    let reader = thread::spawn(move || peer.read_exact(&mut vec![0; 4 << 20]).unwrap());
    Talk::of("s", &socket, vec![1; 4 << 20], &log).send(.., support::sent);
    assert_eq!(log.wait(1), [format!("s+{}", 4 << 20)]);
    reader.join().unwrap();

    let door = TcpListener::bind(support::loopback()).unwrap();
    door.set_nonblocking(true).unwrap();
    let at = door.local_addr().unwrap();
    let accept = Overlapped::new(Socket::from(door)).accept_event(&event, |l| l);
    assert!(!accept.poll());
    let _client = TcpStream::connect(at).unwrap();
    accept.finish().1.unwrap();
}

#[test]
fn a_listener_there_and_back() {
    let _watch = support::driver();
    let door = TcpListener::bind(support::loopback()).unwrap();
    let at = door.local_addr().unwrap();
    let listener = Socket::from(door);
    assert_eq!(listener.local_addr().unwrap(), at);
    let first = TcpStream::connect(at).unwrap();
    let (listener, accepted) = Overlapped::new(listener).accept_event(&Event::manual(), |l| l).finish();
    assert_eq!(accepted.unwrap().peer_addr().unwrap(), first.local_addr().unwrap());
    let door = TcpListener::try_from(listener.into_inner()).expect("nothing pending, nobody else");
    let later = thread::spawn(move || {
        thread::sleep(std::time::Duration::from_millis(20));
        TcpStream::connect(at).unwrap()
    });
    let (_, from) = door.accept().unwrap();
    assert_eq!(later.join().unwrap().local_addr().unwrap(), from);
}

#[test]
fn a_shared_socket_comes_back_and_works() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let clone = socket.clone();
    let Err(socket) = TcpStream::try_from(socket) else { panic!("a clone is alive") };
    let Err(socket) = TcpListener::try_from(socket) else { panic!("a clone is alive") };
    drop(clone);
    peer.write_all(b"still").unwrap();
    let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
    assert_eq!(support::outcome(receive.finish()), ":still");
    assert!(TcpStream::try_from(socket).is_ok());
}

#[test]
fn a_socket_with_something_pending_comes_back_too() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    socket.give(vec![1; 1 << 20]).unwrap();
    let Err(socket) = TcpStream::try_from(socket) else { panic!("bytes wait to be sent") };
    let mut all = vec![0; 1 << 20];
    peer.read_exact(&mut all).unwrap();
    while socket.queued_bytes() > 0 {
        thread::yield_now();
    }
    let mut back = Err(socket);
    // The last send is told apart from a pending one a moment after its bytes have left.
    while let Err(socket) = back {
        thread::yield_now();
        back = TcpStream::try_from(socket);
    }
}

#[test]
fn threads_that_end_elsewhere_do_not_disturb_a_conversion() {
    let _watch = support::driver();
    let ending = AtomicBool::new(true);
    // Enough of it that a thread's end takes its time.
    let (crowd, _crowd_peer) = support::pair();
    let crowd = (0..200).map(|_| support::duplicate(&crowd));
    let _crowd: Vec<_> = crowd.map(|socket| Conn::new(&socket, 1).recv_event(&Event::manual())).collect();
    thread::scope(|scope| {
        scope.spawn(|| {
            while ending.load(Ordering::SeqCst) {
                // The end of a thread looks for operations of its own among those in flight.
                thread::spawn(|| drop(overlapped::alertable::current())).join().unwrap();
            }
        });
        let (mut stream, mut peer) = std_pair();
        let (mut kept, event) = (true, Event::manual());
        for _ in 0..if support::is_wine() { 1000 } else { 4000 } {
            let receive = Conn::new(&Socket::from(stream), 1).recv_event(&event);
            peer.write_all(b"x").unwrap();
            let socket = receive.finish().0.into_inner().socket;
            match TcpStream::try_from(socket) {
                Ok(back) => stream = back,
                Err(_) => {
                    kept = false;
                    break;
                }
            }
        }
        ending.store(false, Ordering::SeqCst);
        assert!(kept, "nothing was pending, and nobody else had it");
    });
}

#[test]
fn the_descriptor_can_be_borrowed() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let borrowed = socket2::SockRef::from(&socket).local_addr().unwrap();
    assert_eq!(borrowed.as_socket().unwrap(), socket.local_addr().unwrap());
    socket.set_nodelay(true).unwrap();
    assert!(socket2::SockRef::from(&socket).tcp_nodelay().unwrap());
    socket.set_nodelay(false).unwrap();
    assert!(!socket2::SockRef::from(&socket).tcp_nodelay().unwrap());
}

#[test]
fn a_socket_is_shared_between_threads() {
    fn assert_shared<T: Send + Sync + Clone>() {}
    assert_shared::<Socket>();
    assert_shared::<Event>();
    assert_shared::<overlapped::alertable::Thread>();
}

/// The mode belongs to all who have the descriptor, and an owner elsewhere may change it at any time.
#[cfg(target_os = "linux")]
#[test]
fn somebody_else_changes_the_mode_meanwhile() {
    use std::os::fd::AsFd;

    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (listener, at) = support::listener(support::loopback().ip());
    let other = TcpStream::from(socket.as_fd().try_clone_to_owned().unwrap());
    let other_door = TcpListener::from(listener.as_fd().try_clone_to_owned().unwrap());
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for on in [true, false] {
                    other.set_nonblocking(on).unwrap();
                    other_door.set_nonblocking(on).unwrap();
                }
            }
        });
        let log = Log::default();
        for _ in 0..100 {
            let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
            peer.write_all(b"event").unwrap();
            assert_eq!(support::outcome(receive.finish()), ":event");
            Talk::new("r", &socket, 8, &log).recv(support::logged);
            peer.write_all(b"routine").unwrap();
            assert_eq!(log.wait(1), ["r:routine"]);
            let accept = Overlapped::new(listener.clone()).accept_event(&Event::manual(), |l| l);
            assert!(!accept.poll(), "nobody has come, and it does not block");
            let client = TcpStream::connect(at).unwrap();
            assert_eq!(accept.finish().1.unwrap().peer_addr().unwrap(), client.local_addr().unwrap());
            Talk::of("s", &socket, vec![1; 300_000], &log).send(.., support::sent);
            peer.read_exact(&mut vec![0; 300_000]).unwrap();
            assert_eq!(log.wait(1), ["s+300000"]);
        }
        over.store(true, Ordering::Relaxed);
    });
}
