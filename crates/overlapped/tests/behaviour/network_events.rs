//! Network events beside everything else: other threads, other objects, operations, the end of a thread or of a socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use overlapped::messages::{Message, MessageQueue};
use overlapped::network::NetworkEvents;
use overlapped::{Event, Semaphore, Socket, Waitable, Waited, alertable, codes, wait};

use crate::behaviour::support::{self, Conn, Log, Talk, code};

const READING: NetworkEvents = NetworkEvents::READ.union(NetworkEvents::CLOSE);

fn selected(events: NetworkEvents) -> (Socket, TcpStream, Event) {
    let ((socket, peer), event) = (support::pair(), Event::manual());
    socket.select_events(&event, events).unwrap();
    (socket, peer, event)
}

fn enumerated(socket: &Socket, event: &Event) -> NetworkEvents {
    assert_eq!(wait::one(event, None).unwrap(), Waited::Object(0));
    socket.network_events(Some(event)).unwrap().events()
}

#[test]
fn more_sockets_than_a_wait_of_windows_takes_beside_other_objects() {
    let _watch = support::driver();
    let sessions: Vec<_> = (0..100).map(|_| selected(READING)).collect();
    let stop = Semaphore::new(0, 1).unwrap();
    let objects: Vec<&dyn Waitable> =
        sessions.iter().map(|(_, _, event)| event as &dyn Waitable).chain([&stop as &dyn Waitable]).collect();
    for index in [99, 0, 64, 63] {
        let (socket, peer, event) = &sessions[index];
        (&mut &*peer).write_all(b"x").unwrap();
        assert_eq!(wait::any(&objects, None).unwrap(), Waited::Object(index));
        assert_eq!(socket.network_events(Some(event)).unwrap().events(), NetworkEvents::READ);
        assert_eq!(socket.try_recv(&mut [0; 8]).unwrap(), 1);
    }
    stop.release(1).unwrap();
    assert_eq!(wait::any(&objects, None).unwrap(), Waited::Object(100));
}

#[test]
fn one_selects_and_another_waits() {
    let _watch = support::driver();
    let ((socket, mut peer), event) = (support::pair(), Event::manual());
    let (told, tell) = mpsc::channel();
    let waiter = thread::spawn({
        let (socket, event) = (socket.clone(), event.clone());
        move || {
            told.send(()).unwrap();
            let events = enumerated(&socket, &event);
            (events, socket.try_recv(&mut [0; 8]).unwrap())
        }
    });
    tell.recv().unwrap();
    // Whether it blocks already or not.
    thread::spawn(move || socket.select_events(&event, READING).unwrap()).join().unwrap();
    peer.write_all(b"abc").unwrap();
    assert_eq!(waiter.join().unwrap(), (NetworkEvents::READ, 3));
}

#[test]
fn the_thread_that_selected_ends() {
    let _watch = support::driver();
    let (socket, mut peer, event) = thread::spawn(|| {
        let (socket, mut peer, event) = selected(READING);
        // The watch is with the kernel, and is taken up again.
        peer.write_all(b"first").unwrap();
        assert_eq!(enumerated(&socket, &event), NetworkEvents::READ);
        assert_eq!(socket.try_recv(&mut [0; 8]).unwrap(), 5);
        assert_eq!(wait::one(&event, Some(Duration::from_millis(1))).unwrap(), Waited::TimedOut);
        (socket, peer, event)
    })
    .join()
    .unwrap();
    peer.write_all(b"second").unwrap();
    assert_eq!(enumerated(&socket, &event), NetworkEvents::READ);
}

#[test]
fn the_last_owner_goes() {
    let _watch = support::driver();
    let (socket, mut peer, event) = selected(NetworkEvents::ALL);
    // Windows records on its own time.
    assert_eq!(enumerated(&socket, &event), NetworkEvents::WRITE);
    drop(socket);
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0, "the peer learns of it though nobody waits");
    assert!(!event.is_set());

    let (listener, at) = support::listener(support::loopback().ip());
    listener.select_events(&event, NetworkEvents::ACCEPT).unwrap();
    drop(listener);
    nobody_listens(at);
}

fn nobody_listens(at: SocketAddr) {
    assert!(TcpStream::connect(at).is_err(), "somebody listens at {at}");
}

/// Another thread has found out what happened, and is about to tell it.
#[test]
fn the_last_owner_goes_while_another_thread_tells() {
    let _watch = support::driver();
    let over = Event::manual();
    let telling = thread::spawn({
        let over = over.clone();
        move || wait::one(&over, None).unwrap()
    });
    let queue = MessageQueue::<()>::new();
    for round in 0..200 {
        let (socket, mut peer, event) = selected(READING);
        if round % 2 == 1 {
            socket.select_messages(&queue, READING).unwrap();
        }
        peer.write_all(b"x").unwrap();
        drop(socket);
        let is_set = |object: &dyn Waitable| wait::one(object, Some(Duration::ZERO)).unwrap() == Waited::Object(0);
        let told = (is_set(&event), is_set(&queue));
        // The descriptor closes when that thread has let go.
        let _ = peer.read(&mut [0; 8]);
        assert_eq!((is_set(&event), is_set(&queue)), told, "in round {round}");
        while queue.try_get().is_some() {}
    }
    over.set();
    telling.join().unwrap();
}

/// A thread that watches for the sockets of others keeps none of them open.
#[test]
fn a_listener_that_goes_lets_its_port_go_at_once() {
    let _watch = support::driver();
    let over = Event::manual();
    let watching = thread::spawn({
        let over = over.clone();
        move || wait::one(&over, None).unwrap()
    });
    let event = Event::manual();
    for _ in 0..200 {
        // An address of its own: nobody else is given the port.
        let (listener, at) = support::listener([127, 0, 0, 3].into());
        listener.select_events(&event, NetworkEvents::ACCEPT).unwrap();
        drop(listener);
        nobody_listens(at);
    }
    over.set();
    watching.join().unwrap();
}

/// The thread that had given the watch to the kernel sleeps, or computes: the socket closes all the same.
#[test]
fn the_last_owner_goes_while_the_thread_that_watched_is_busy() {
    let _watch = support::driver();
    for computes in [false, true] {
        let (socket, mut peer) = support::pair();
        let (over, give) = (Arc::new(AtomicBool::new(false)), mpsc::channel());
        let watching = thread::spawn({
            let over = Arc::clone(&over);
            move || {
                let event = Event::manual();
                socket.select_events(&event, READING).unwrap();
                let moment = Some(Duration::from_millis(1));
                assert_eq!(wait::one(&event, moment).unwrap(), Waited::TimedOut);
                give.0.send(socket).unwrap();
                while !over.load(SeqCst) {
                    if computes {
                        std::hint::spin_loop();
                    } else {
                        thread::park();
                    }
                }
            }
        });
        drop(give.1.recv().unwrap());
        assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
        over.store(true, SeqCst);
        watching.thread().unpark();
        watching.join().unwrap();
    }
}

#[test]
fn a_selected_socket_becomes_one_of_the_standard_library() {
    let _watch = support::driver();
    let (socket, mut peer, event) = selected(NetworkEvents::ALL);
    let mut stream = TcpStream::try_from(socket).unwrap();
    event.reset();
    peer.write_all(b"x").unwrap();
    stream.read_exact(&mut [0; 1]).unwrap();
    assert!(!event.is_set());

    // One that cannot become one stays selected.
    let (socket, mut peer, event) = selected(READING);
    let receive = Conn::new(&socket, 1).recv_event(&Event::manual());
    let socket = TcpStream::try_from(socket).unwrap_err();
    peer.write_all(b"xy").unwrap();
    assert_eq!(receive.finish().1.unwrap().bytes, 1);
    assert_eq!(enumerated(&socket, &event), NetworkEvents::READ);
}

#[test]
fn a_routine_takes_its_part_and_leaves_the_rest() {
    let _watch = support::driver();
    let (socket, mut peer, event) = selected(READING);
    let log = Log::default();
    Talk::new("r", &socket, 2, &log).recv(support::logged);
    peer.write_all(b"abcd").unwrap();
    assert_eq!(log.wait(1), ["r:ab"]);
    assert_eq!(enumerated(&socket, &event), NetworkEvents::READ);
    // Also a thread that has routines of its own finds out.
    let other = support::pair();
    Talk::new("o", &other.0, 2, &log).recv(support::logged);
    assert_eq!(socket.try_recv(&mut [0; 8]).unwrap(), 2);
    peer.write_all(b"e").unwrap();
    assert_eq!(alertable::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(socket.network_events(Some(&event)).unwrap().events(), NetworkEvents::READ);
}

#[test]
fn datagrams() {
    let _watch = support::driver();
    let (socket, peer) = (Socket::udp(support::loopback()).unwrap(), Socket::udp(support::loopback()).unwrap());
    let event = Event::auto();
    socket.select_events(&event, NetworkEvents::READ | NetworkEvents::WRITE).unwrap();
    assert_eq!(enumerated(&socket, &event), NetworkEvents::WRITE);
    for _ in 0..2 {
        peer.try_send_to(b"one", socket.local_addr().unwrap()).unwrap();
    }
    for _ in 0..2 {
        assert_eq!(enumerated(&socket, &event), NetworkEvents::READ);
        assert_eq!(socket.try_recv(&mut [0; 8]).unwrap(), 3);
    }
    assert_eq!(code(&socket.try_recv(&mut [0; 8])), codes::WSAEWOULDBLOCK);
}

#[test]
fn the_end_comes_behind_the_data() {
    let _watch = support::driver();
    let (socket, mut peer, event) = selected(READING);
    peer.write_all(b"last").unwrap();
    drop(peer);
    let mut seen = NetworkEvents::NONE;
    let mut data = Vec::new();
    while !seen.contains(NetworkEvents::CLOSE) {
        let events = enumerated(&socket, &event);
        seen |= events;
        while let Ok(bytes @ 1..) = socket.try_recv(&mut [0; 3]) {
            data.push(bytes);
        }
    }
    assert_eq!((seen, data.iter().sum::<usize>()), (READING, 4));
}

/// What a reset leaves of the socket: the code of the network event, and that of receives.
#[test]
fn after_a_reset_receives_say_so() {
    let _watch = support::driver();
    let (socket, peer, event) = selected(READING);
    support::reset(peer);
    assert_eq!(enumerated(&socket, &event), NetworkEvents::CLOSE);
    assert!(socket.network_events(None).unwrap().is_empty());
    if support::is_wine() {
        // It asks its system why, which thereby forgets it, and keeps it from the receives.
        return;
    }
    for _ in 0..2 {
        assert_eq!(code(&socket.try_recv(&mut [0; 8])), codes::WSAECONNRESET);
    }
}

#[test]
fn urgent_data() {
    let _watch = support::driver();
    let (socket, mut peer, event) = selected(NetworkEvents::READ | NetworkEvents::OOB);
    for _ in 0..2 {
        socket2::SockRef::from(&peer).send_out_of_band(b"!").unwrap();
        assert_eq!(enumerated(&socket, &event), NetworkEvents::OOB);
        peer.write_all(b"data").unwrap();
        assert_eq!(enumerated(&socket, &event), NetworkEvents::READ);
        assert_eq!(socket.try_recv(&mut [0; 8]).unwrap(), 4, "past the urgent byte");
        if cfg!(windows) {
            // There only a receive of the urgent byte makes the next one known.
            return;
        }
    }
}

/// What is selected changes all the time, by threads that know nothing of each other, and sockets come and go meanwhile.
#[test]
fn selections_that_change_all_the_time() {
    let _watch = support::driver();
    let (event, queue) = (Event::auto(), MessageQueue::<()>::new());
    let over = Arc::new(AtomicBool::new(false));
    let (socket, mut peer) = support::pair();
    let changing: Vec<_> = (0..2)
        .map(|_| {
            let (socket, event, poster, over) = (socket.clone(), event.clone(), queue.poster(), Arc::clone(&over));
            thread::spawn(move || {
                while !over.load(SeqCst) {
                    socket.select_messages(&poster, READING).unwrap();
                    socket.select_events(&event, NetworkEvents::ALL).unwrap();
                    socket.network_events(None).unwrap();
                    let _gone = selected(NetworkEvents::ALL);
                    socket.select_nothing().unwrap();
                }
            })
        })
        .collect();
    let mut buffer = [0; 64];
    for _ in 0..100 {
        peer.write_all(b"x").unwrap();
        while socket.try_recv(&mut buffer).is_err() {
            let _ = wait::any(&[&event, &queue], Some(Duration::from_millis(1))).unwrap();
            while queue.try_get().is_some() {}
        }
    }
    over.store(true, SeqCst);
    changing.into_iter().for_each(|thread| thread.join().unwrap());
    while queue.try_get().is_some() {}
    socket.select_messages(&queue, READING).unwrap();
    peer.write_all(b"x").unwrap();
    assert!(matches!(queue.get().unwrap(), Message::Network(message) if message.event() == NetworkEvents::READ));
}

/// What is recorded while the socket is selected again, by a thread that watches for it, is not lost with the former selection.
#[test]
fn what_comes_while_it_is_selected_again() {
    let _watch = support::driver();
    let (socket, mut peer, event) = selected(READING);
    let over = Event::manual();
    let watching = over.clone();
    let watching = thread::spawn(move || wait::one(&watching, None).unwrap());
    for round in 0..500 {
        peer.write_all(b"x").unwrap();
        socket.select_events(&event, if round % 2 == 0 { NetworkEvents::ALL } else { READING }).unwrap();
        while !enumerated(&socket, &event).contains(NetworkEvents::READ) {}
        assert_eq!(socket.try_recv(&mut [0; 8]).unwrap(), 1);
    }
    over.set();
    watching.join().unwrap();
}

/// A direction that was shut down has no network events, whatever comes there. (Windows is not told of the shutdown of receiving, so
/// it records what comes.)
#[cfg(not(windows))]
#[test]
fn a_direction_that_was_shut_down() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    socket.shutdown(overlapped::Shutdown::Both).unwrap();
    peer.write_all(b"for nobody").unwrap();
    let event = Event::manual();
    socket.select_events(&event, NetworkEvents::ALL).unwrap();
    drop(peer);
    let mut seen = NetworkEvents::NONE;
    while !seen.contains(NetworkEvents::CLOSE) {
        seen |= enumerated(&socket, &event);
        assert_eq!(code(&socket.try_recv(&mut [0; 8])), codes::WSAESHUTDOWN);
    }
    assert_eq!(seen, NetworkEvents::CLOSE);
}

/// The peer has ended its own direction, but reads on.
#[test]
fn room_on_a_half_closed_connection() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let event = Event::manual();
    socket.select_events(&event, NetworkEvents::WRITE | NetworkEvents::CLOSE).unwrap();
    peer.shutdown(std::net::Shutdown::Write).unwrap();
    let mut seen = NetworkEvents::NONE;
    while !seen.contains(NetworkEvents::WRITE | NetworkEvents::CLOSE) {
        seen |= enumerated(&socket, &event);
    }
    for _ in 0..2 {
        let mut sent = 0;
        while let Ok(bytes) = socket.try_send(&[1; 4096]) {
            sent += bytes;
        }
        peer.read_exact(&mut vec![0; sent]).unwrap();
        assert_eq!(enumerated(&socket, &event), NetworkEvents::WRITE);
    }
}

/// Behind operations there is room when they have gone.
#[test]
fn room_behind_operations() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let event = Event::manual();
    socket.select_events(&event, NetworkEvents::WRITE).unwrap();
    assert_eq!(enumerated(&socket, &event), NetworkEvents::WRITE);
    const MUCH: usize = 4 << 20;
    socket.give(vec![1; MUCH]).unwrap();
    assert_eq!(code(&socket.try_send(b"behind")), codes::WSAEWOULDBLOCK);
    let reader = thread::spawn(move || peer.read_exact(&mut vec![0; MUCH + 6]).unwrap());
    // The operations may have filled what they have found; then it is told once more.
    let sent = loop {
        assert_eq!(enumerated(&socket, &event), NetworkEvents::WRITE);
        match socket.try_send(b"behind") {
            Err(error) if error.is_would_block() => {}
            sent => break sent,
        }
    };
    assert_eq!(sent.unwrap(), 6);
    reader.join().unwrap();
}

#[test]
fn a_listener_that_is_selected_before_it_listens() {
    let _watch = support::driver();
    let (socket, event) = (Socket::tcp(&support::loopback()).unwrap(), Event::manual());
    socket.bind(support::loopback()).unwrap();
    socket.select_events(&event, NetworkEvents::ACCEPT).unwrap();
    socket.start_listening().unwrap();
    let _client = TcpStream::connect(socket.local_addr().unwrap()).unwrap();
    assert_eq!(enumerated(&socket, &event), NetworkEvents::ACCEPT);
    socket.try_accept().unwrap();
}
