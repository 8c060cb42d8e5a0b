//! Completion ports: what becomes a packet, in which order, and how a port ends.

use std::io::{Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use overlapped::{
    Completion, Datagram, Event, IssuedTo, Overlapped, Port, Result, Scatter, Session, Socket, Waited, alertable, wait,
};

use super::support::{self, Conn, Drops, code};

enum Packet {
    Accepted(Result<Socket>),
    Connected(Overlapped<Socket>, Result<()>),
    Received(Overlapped<Conn>, Result<Completion>),
    Sent(Result<Completion>),
    Told(u32),
}

fn next<P: Send + 'static>(port: &Port<P>) -> P {
    port.get(None).expect("the port is open").expect("it waits for ever")
}

/// The text that a receive brought, or its code.
fn text(packet: Packet) -> String {
    match packet {
        Packet::Received(conn, Ok(done)) => String::from_utf8_lossy(&conn.buffer[..done.bytes]).into_owned(),
        Packet::Received(_, Err(error)) => format!("!{}", error.code()),
        Packet::Told(number) => number.to_string(),
        _ => panic!("another packet"),
    }
}

#[test]
fn accepts_connects_receives_and_sends_are_packets() {
    let _watch = support::driver();
    let port = Port::new(1);
    for ip in support::families() {
        let (listener, at) = support::listener(ip);
        let issued =
            Overlapped::new(listener).accept_port(&port, |listener| listener, |_, client| Packet::Accepted(client));
        assert!(issued.is_pending());
        let socket = Socket::tcp(&at).unwrap();
        Overlapped::new(socket).connect_port(at, &port, |socket| socket, Packet::Connected);
        let (mut ours, mut theirs) = (None, None);
        while ours.is_none() || theirs.is_none() {
            match next(&port) {
                Packet::Accepted(socket) => theirs = Some(socket.unwrap()),
                Packet::Connected(socket, done) => {
                    done.unwrap();
                    ours = Some(socket.into_inner());
                }
                _ => panic!("another packet"),
            }
        }
        let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
        Conn::new(&theirs, 16).recv_port(&port, Packet::Received);
        let mut hello = Conn::new(&ours, 5);
        hello.buffer.copy_from_slice(b"hello");
        let IssuedTo::Queued = hello.send_port(.., &port, |_, done| Packet::Sent(done)) else { panic!("it fits") };
        let mut received = false;
        for _ in 0..2 {
            match next(&port) {
                Packet::Sent(done) => assert_eq!(done.unwrap().bytes, 5),
                packet => {
                    assert_eq!(text(packet), "hello");
                    received = true;
                }
            }
        }
        assert!(received);
    }
    assert!(port.get(Some(Duration::ZERO)).unwrap().is_none());
}

#[test]
fn datagrams_and_several_buffers_are_packets() {
    let _watch = support::driver();
    type Block = Overlapped<(Socket, [u8; 8], [u8; 8])>;
    let port: Port<(Block, Result<Datagram>)> = Port::new(1);
    let socket = Socket::udp(support::loopback()).unwrap();
    let at = socket.local_addr().unwrap();
    Overlapped::new((socket, [0; 8], [0; 8])).recv_from_port_with(
        &port,
        |(socket, first, second)| Scatter::new(socket).buffer(first).buffer(second),
        |block, done| (block, done),
    );
    let peer = std::net::UdpSocket::bind(support::loopback()).unwrap();
    peer.send_to(b"0123456789", at).unwrap();
    let (block, done) = next(&port);
    let done = done.unwrap();
    assert_eq!((done.bytes, done.from), (10, peer.local_addr().unwrap()));
    assert_eq!((&block.1, &block.2[..2]), (b"01234567", &b"89"[..]));
}

#[test]
fn packets_come_in_the_order_in_which_they_were_queued() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (first, mut first_peer) = support::pair();
    let (second, mut second_peer) = support::pair();
    for socket in [&first, &second] {
        Conn::new(socket, 16).recv_port(&port, Packet::Received);
    }
    port.post(Packet::Told(1)).ok().unwrap();
    port.post(Packet::Told(2)).ok().unwrap();
    assert_eq!(text(next(&port)), "1");
    second_peer.write_all(b"second").unwrap();
    assert_eq!(text(next(&port)), "2");
    assert_eq!(text(next(&port)), "second");
    first_peer.write_all(b"first").unwrap();
    assert_eq!(text(next(&port)), "first");
}

#[test]
fn what_fails_is_a_packet_with_its_error() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (socket, peer) = support::pair();
    let issued = Conn::new(&socket, 16).recv_port(&port, Packet::Received);
    let IssuedTo::Pending(id) = issued else { panic!("nothing has come") };
    socket.cancel_operation(id).unwrap();
    assert_eq!(text(next(&port)), "!995");
    Conn::new(&socket, 16).recv_port(&port, Packet::Received);
    support::reset(peer);
    assert_eq!(text(next(&port)), "!10054");
    // What is known at once is a packet too.
    assert!(matches!(Conn::new(&socket, 16).recv_port(&port, Packet::Received), IssuedTo::Queued));
    assert_eq!(text(next(&port)), "!10054");
    socket.close();
    Conn::new(&socket, 16).recv_port(&port, Packet::Received);
    assert_eq!(text(next(&port)), "!10038");
}

#[test]
fn several_packets_are_taken_at_once() {
    let _watch = support::driver();
    let port = Port::new(1);
    let mut packets = Vec::new();
    assert_eq!(port.get_many(&mut packets, 8, Some(Duration::from_millis(1))).unwrap(), 0);
    for number in 0..5 {
        port.post(number).unwrap();
    }
    assert_eq!(port.get_many(&mut packets, 3, None).unwrap(), 3);
    assert_eq!(port.queued(), 2);
    assert_eq!(port.get_many(&mut packets, 8, None).unwrap(), 2);
    assert_eq!(packets, [0, 1, 2, 3, 4]);
    assert_eq!(code(&port.get_many(&mut packets, 0, None)), 87);
}

#[test]
fn a_socket_that_skips_packets_gives_success_at_once_and_nothing_else() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (socket, mut peer) = support::pair();
    socket.skip_packets_on_success(true);
    let mut hello = Conn::new(&socket, 5);
    hello.buffer.copy_from_slice(b"hello");
    let Some(Packet::Sent(done)) = hello.send_port(.., &port, |_, done| Packet::Sent(done)).skipped() else {
        panic!("it fits")
    };
    assert_eq!(done.unwrap().bytes, 5);
    let mut read = [0; 5];
    peer.read_exact(&mut read).unwrap();
    assert_eq!(&read, b"hello");
    // One that pends makes a packet, and so does one that fails.
    assert!(Conn::new(&socket, 16).recv_port(&port, Packet::Received).is_pending());
    peer.write_all(b"later").unwrap();
    assert_eq!(text(next(&port)), "later");
    socket.close();
    assert!(Conn::new(&socket, 16).recv_port(&port, Packet::Received).skipped().is_none());
    assert_eq!(text(next(&port)), "!10038");
    assert!(port.get(Some(Duration::ZERO)).unwrap().is_none());
}

#[test]
fn an_operation_goes_on_after_its_thread() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (socket, mut peer) = support::pair();
    thread::spawn({
        let (port, socket) = (port.clone(), socket.clone());
        move || {
            // One in the kernel, one behind it.
            Conn::new(&socket, 5).recv_port(&port, Packet::Received);
            Conn::new(&socket, 5).recv_port(&port, Packet::Received);
            assert!(port.get(Some(Duration::ZERO)).unwrap().is_none());
        }
    })
    .join()
    .unwrap();
    assert!(port.get(Some(Duration::from_millis(20))).unwrap().is_none());
    peer.write_all(b"aliveagain").unwrap();
    assert_eq!(text(next(&port)), "alive");
    assert_eq!(text(next(&port)), "again");
}

#[test]
fn a_closed_port_tells_its_waiters_and_drops_the_rest() {
    let _watch = support::driver();
    let port: Port<Packet> = Port::new(2);
    let drops = Drops::default();
    let (socket, mut peer) = support::pair();
    let pending = Overlapped::new((socket, [0; 16], drops.token()));
    pending.recv_port_with(&port, |(socket, buffer, _)| (socket, buffer), |_, _| Packet::Told(0));
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let port = port.clone();
            thread::spawn(move || code(&port.get(None)))
        })
        .collect();
    while port.waiting() < 3 {
        thread::yield_now();
    }
    port.close();
    for waiter in waiters {
        assert_eq!(waiter.join().unwrap(), 735);
    }
    assert_eq!(drops.count(), 1);
    assert!(support::ended(&mut peer), "the session owned the socket");
    assert_eq!(code(&port.get(Some(Duration::ZERO))), 735);
    assert!(matches!(port.post(Packet::Told(7)), Err(Packet::Told(7))));
    // An operation to it is dropped with its session.
    let (socket, mut peer) = support::pair();
    let late = Overlapped::new((socket, [0; 16], drops.token()));
    late.recv_port_with(&port, |(socket, buffer, _)| (socket, buffer), |_, _| Packet::Told(0));
    assert_eq!(drops.count(), 2);
    assert!(support::ended(&mut peer));
    port.close();
}

#[test]
fn the_last_handle_closes_the_port() {
    let _watch = support::driver();
    let port: Port<Packet> = Port::new(1);
    let (socket, mut peer) = support::pair();
    let (queued, mut queued_peer) = support::pair();
    Conn::new(&socket, 16).recv_port(&port, Packet::Received);
    Conn::new(&queued, 16).recv_port(&port, Packet::Received);
    queued_peer.write_all(b"x").unwrap();
    drop((socket, queued));
    let other = port.clone();
    drop(port);
    other.post(Packet::Told(1)).ok().unwrap();
    assert_eq!(text(next(&other)).len(), 1);
    drop(other);
    assert!(support::ended(&mut peer) && support::ended(&mut queued_peer));
}

#[test]
fn a_routine_and_a_port_or_two_ports_do_not_share_a_direction() {
    let _watch = support::driver();
    let (port, other) = (Port::new(1), Port::new(1));
    let (socket, mut peer) = support::pair();
    Conn::new(&socket, 16).recv_port(&port, Packet::Received);
    Conn::new(&socket, 16).recv_port(&other, Packet::Received);
    assert_eq!(text(next(&other)), "!10022");
    Conn::new(&socket, 16).recv(|_, done| assert_eq!(code(&done), 10022));
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    // Behind it an event takes its turn.
    let event = Event::manual();
    let behind = Conn::new(&socket, 16).recv_event(&event);
    peer.write_all(b"first").unwrap();
    assert_eq!(text(next(&port)), "first");
    peer.write_all(b"second").unwrap();
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::outcome(behind.finish()), ":second");
    // When nothing is pending any more another port may take over, and then a routine.
    Conn::new(&socket, 16).recv_port(&other, Packet::Received);
    peer.write_all(b"third").unwrap();
    assert_eq!(text(next(&other)), "third");
    Conn::new(&socket, 16).recv(|_, done| assert_eq!(done.unwrap().bytes, 6));
    peer.write_all(b"fourth").unwrap();
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
}

#[test]
fn an_event_before_a_packet_takes_its_turn() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let before = Conn::new(&socket, 5).recv_event(&event);
    Conn::new(&socket, 6).recv_port(&port, Packet::Received);
    peer.write_all(b"firstsecond").unwrap();
    // Nobody waits for the event, and the packet comes all the same.
    assert_eq!(text(next(&port)), "second");
    assert_eq!(support::outcome(before.finish()), ":first");
}

#[test]
fn an_alertable_take_runs_routines_and_a_plain_one_does_not() {
    let _watch = support::driver();
    let port: Port<u32> = Port::new(1);
    let mut packets = Vec::new();
    let (ran, runs) = mpsc::channel();
    alertable::current().queue(move || ran.send("an APC").unwrap()).unwrap();
    assert_eq!(port.get(Some(Duration::from_millis(5))).unwrap(), None);
    assert!(runs.try_recv().is_err());
    // A packet that is there wins.
    port.post(1).unwrap();
    assert_eq!(port.get_many_alertable(&mut packets, 8, None).unwrap(), Waited::Object(0));
    assert_eq!(port.get_many_alertable(&mut packets, 8, None).unwrap(), Waited::Routines);
    assert_eq!(runs.recv().unwrap(), "an APC");
    assert_eq!(port.get_many_alertable(&mut packets, 8, Some(Duration::ZERO)).unwrap(), Waited::TimedOut);
    assert_eq!(packets, [1]);
}

/// It blocks where its routines come, and is told of packets there all the same.
#[test]
fn a_thread_with_operations_of_its_own_waits_for_both() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (own, mut own_peer) = support::pair();
    let (shared, mut shared_peer) = support::pair();
    Conn::new(&shared, 16).recv_port(&port, Packet::Received);
    Conn::new(&own, 16).recv(|conn, done| {
        assert_eq!(&conn.buffer[..done.unwrap().bytes], b"own");
    });
    let (told, tell) = mpsc::channel();
    let waiting = thread::spawn({
        let port = port.clone();
        move || {
            while port.waiting() == 0 {
                thread::yield_now();
            }
            shared_peer.write_all(b"shared").unwrap();
            tell.recv().unwrap();
            own_peer.write_all(b"own").unwrap();
            (shared_peer, own_peer)
        }
    });
    let mut packets = Vec::new();
    let mut waited = Waited::TimedOut;
    while waited != Waited::Routines {
        waited = port.get_many_alertable(&mut packets, 8, None).unwrap();
        if waited == Waited::Object(0) {
            told.send(()).unwrap();
        }
    }
    assert_eq!(packets.len(), 1);
    assert_eq!(text(packets.remove(0)), "shared");
    waiting.join().unwrap();
}

/// The work is done by the functions that make the packets, on whichever thread takes them.
#[test]
fn a_port_of_nothing_runs_routines_on_its_workers() {
    let _watch = support::driver();
    fn received(mut conn: Overlapped<Echo>, done: Result<Completion>) {
        let Ok(Completion { bytes: 1.., .. }) = done else { return };
        let (socket, buffer) = conn.parts();
        socket.give_copy(&buffer[..done.unwrap().bytes]).unwrap();
        let port = conn.port.clone();
        conn.recv_port(&port, received);
    }
    struct Echo {
        socket: Socket,
        port: Port<()>,
        buffer: [u8; 64],
    }
    impl Session for Echo {
        fn parts(&mut self) -> (&Socket, &mut [u8]) {
            (&self.socket, &mut self.buffer)
        }
    }
    let port: Port<()> = Port::new(2);
    let workers: Vec<_> = (0..3)
        .map(|_| {
            let port = port.clone();
            thread::spawn(move || while port.get(None).is_ok() {})
        })
        .collect();
    let mut peers: Vec<_> = (0..8)
        .map(|_| {
            let (socket, peer) = support::pair();
            Overlapped::new(Echo { socket, port: port.clone(), buffer: [0; 64] }).recv_port(&port, received);
            peer
        })
        .collect();
    for round in 0..50u8 {
        for peer in &mut peers {
            peer.write_all(&[round; 9]).unwrap();
        }
        for peer in &mut peers {
            let mut read = [0; 9];
            peer.read_exact(&mut read).unwrap();
            assert_eq!(read, [round; 9]);
        }
    }
    port.close();
    for worker in workers {
        worker.join().unwrap();
    }
}

/// The rest of a send goes out whatever the workers do, and its packet comes then.
#[test]
fn a_send_that_does_not_fit_is_one_packet_with_every_byte() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (socket, mut peer) = support::narrow_pair();
    let mut big = Conn::new(&socket, 1 << 20);
    big.buffer.fill(7);
    assert!(big.send_port(.., &port, |_, done| Packet::Sent(done)).is_pending());
    let reader = thread::spawn(move || {
        let mut read = vec![0; 1 << 20];
        peer.read_exact(&mut read).unwrap();
        assert!(read.iter().all(|&byte| byte == 7));
    });
    // No worker drives anything meanwhile.
    reader.join().unwrap();
    let Packet::Sent(done) = next(&port) else { panic!("another packet") };
    assert_eq!(done.unwrap().bytes, 1 << 20);
}
