//! The one allocation: any size, any alignment, and nothing moves while the kernel writes.

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use overlapped::{Event, Overlapped, Pending, Session, Socket};

use super::support;

#[repr(align(128))]
struct Aligned {
    buffer: [u8; 300],
    socket: Socket,
}

impl Session for Aligned {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

#[test]
fn a_session_keeps_its_alignment_and_its_place() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let aligned = Overlapped::new(Aligned { buffer: [0; 300], socket });
    let place = &raw const *aligned;
    assert_eq!(place.addr() % 128, 0);
    let receive = aligned.recv_event(&Event::manual());
    peer.write_all(&[7; 300]).unwrap();
    support::delivered(&peer);
    let (aligned, done) = receive.finish();
    assert_eq!(&raw const *aligned, place);
    let bytes = done.unwrap().bytes;
    assert!(bytes > 0 && aligned.buffer[..bytes].iter().all(|byte| *byte == 7));
    let inner = aligned.into_inner();
    assert_eq!((&raw const inner).addr() % 128, 0);
}

#[test]
fn a_session_can_be_changed_between_its_operations() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let mut conn = support::Conn::new(&socket, 1);
    for size in [1, 10, 1000, 100_000] {
        conn.buffer = vec![size as u8; size];
        let (back, done) = conn.send_event(.., &Event::manual()).finish();
        assert_eq!(done.unwrap().bytes, size);
        let mut got = vec![0; size];
        peer.read_exact(&mut got).unwrap();
        assert_eq!(got, back.buffer);
        conn = back;
    }
}

#[test]
fn nothing_is_needed_beside_the_socket() {
    let _watch = support::driver();
    assert_eq!(*Overlapped::new(()), ());
    assert_eq!(Overlapped::new(String::from("x")).into_inner(), "x");
    let (socket, mut peer) = support::pair();
    static GREETING: &[u8] = b"from elsewhere";
    let send = Overlapped::new(socket).send_event_with(&Event::manual(), |socket| (socket, GREETING));
    assert_eq!(send.finish().1.unwrap().bytes, GREETING.len());
    let mut got = [0; 14];
    peer.read_exact(&mut got).unwrap();
    assert_eq!(&got, GREETING);
}

#[test]
fn a_forgotten_operation_is_sound() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    // As good as forgotten, since nothing of a static is ever dropped; and no leak to a leak detector.
    static FORGOTTEN: Mutex<Vec<Pending<support::Conn>>> = Mutex::new(Vec::new());
    FORGOTTEN.lock().unwrap().push(support::Conn::new(&socket, 4).recv_event(&Event::manual()));
    peer.write_all(b"lostkept").unwrap();
    let receive = support::Conn::new(&socket, 8).recv_event(&Event::manual());
    assert_eq!(support::outcome(receive.finish()), ":kept");
}

#[test]
fn a_panic_before_the_issue_drops_the_session_and_leaves_nothing_pending() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (drops, log) = (support::Drops::default(), support::Log::default());
    let session = || Overlapped::new((socket.clone(), drops.token()));
    let issues: [&dyn Fn(); 4] = [
        &|| _ = session().recv_with(|_| panic!("in parts"), |_, _| {}),
        &|| drop(session().recv_event_with(&Event::manual(), |_| panic!("in parts"))),
        &|| _ = support::Talk::new("", &socket, 8, &log).send(4..9, support::sent),
        &|| drop(support::Conn::new(&socket, 8).send_event(9.., &Event::manual())),
    ];
    for issue in issues {
        assert!(catch_unwind(AssertUnwindSafe(issue)).is_err());
    }
    assert_eq!(drops.count(), 2);
    assert_eq!(support::code(&socket.cancel()), 1168);
    peer.write_all(b"fine").unwrap();
    support::Talk::new("r", &socket, 8, &log).recv(support::logged);
    assert_eq!(log.wait(1), ["r:fine"]);
}

#[test]
fn a_session_swapped_inside_parts_stays_whole() {
    let _watch = support::driver();
    /// Gives one socket away in the same breath as the buffer: the operation must hold what it was given.
    struct Swapping {
        sockets: Vec<Socket>,
        buffer: Vec<u8>,
    }
    impl Session for Swapping {
        fn parts(&mut self) -> (&Socket, &mut [u8]) {
            self.sockets.truncate(1);
            self.buffer = vec![0; 8];
            (&self.sockets[0], &mut self.buffer)
        }
    }
    let (socket, mut peer) = support::pair();
    let (other, mut other_peer) = support::pair();
    let swapping = Overlapped::new(Swapping { sockets: vec![socket, other], buffer: vec![] });
    let receive = swapping.recv_event(&Event::manual());
    assert!(support::ended(&mut other_peer));
    peer.write_all(b"whole").unwrap();
    let (swapping, done) = receive.finish();
    assert_eq!(&swapping.buffer[..done.unwrap().bytes], b"whole");
}
