//! Values that hold what they should not: themselves, their own operation, a thread; and those that hold nothing.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};

use overlapped::{Completion, Event, Overlapped, Pending, Result, Session, Socket, Waited, alertable, wait};

use crate::behaviour::support::{self, Conn, Drops, Token};

/// Another socket and other memory at each issue.
struct Fickle {
    sockets: [Socket; 2],
    buffers: [Vec<u8>; 2],
    asked: usize,
}

impl Session for Fickle {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        let side = self.asked % 2;
        self.asked += 1;
        self.buffers[1 - side] = Vec::new();
        self.buffers[side] = vec![b'.'; 8 * self.asked];
        (&self.sockets[side], &mut self.buffers[side])
    }
}

#[test]
fn parts_are_asked_once_for_each_issue() {
    let _watch = support::driver();
    let (mut peers, mut sockets) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let (socket, peer) = support::pair();
        sockets.push(socket);
        peers.push(peer);
    }
    let sockets = sockets.try_into().unwrap();
    let mut fickle = Overlapped::new(Fickle { sockets, buffers: [vec![], vec![]], asked: 0 });
    for round in 0..10 {
        let pending = fickle.recv_event(&Event::manual());
        for peer in &mut peers {
            peer.write_all(&[b'0' + round as u8; 3]).unwrap();
        }
        let (back, done) = pending.finish();
        assert_eq!(back.asked, 2 * round + 1);
        let received = &back.buffers[0][..done.unwrap().bytes];
        assert!(received.len() % 3 == 0 && received.iter().all(|byte| *byte == b'0' + round as u8));
        // A send of what there is.
        let (back, done) = back.send_event(2..4, &Event::manual()).finish();
        assert_eq!((back.asked, done.unwrap().bytes), (2 * round + 2, 2));
        let mut two = [0; 2];
        peers[1].read_exact(&mut two).unwrap();
        assert_eq!(&two, b"..");
        fickle = back;
    }
}

/// Holds others of its kind: idle ones, and operations.
struct Link {
    socket: Socket,
    buffer: [u8; 8],
    next: Option<Overlapped<Link>>,
    pending: Option<Pending<Link>>,
    _token: Token,
}

impl Session for Link {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn link(socket: &Socket, drops: &Drops) -> Overlapped<Link> {
    Overlapped::new(Link { socket: socket.clone(), buffer: [0; 8], next: None, pending: None, _token: drops.token() })
}

#[test]
fn two_blocks_that_hold_each_other_in_turn() {
    let _watch = support::driver();
    fn turn(mut one: Overlapped<Link>, done: Result<Completion>) {
        if done.unwrap().bytes > 0 {
            let mut other = one.next.take().unwrap();
            other.next = Some(one);
            other.recv(turn);
        }
    }
    let ((socket, mut peer), drops) = (support::pair(), Drops::default());
    let mut first = link(&socket, &drops);
    first.next = Some(link(&socket, &drops));
    first.recv(turn);
    for _ in 0..20 {
        peer.write_all(b"x").unwrap();
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        assert_eq!(drops.count(), 0);
    }
    drop(peer);
    support::run_until(|| drops.count() > 0);
    assert_eq!(drops.count(), 2);
}

#[test]
fn operations_that_own_the_operations_before_them() {
    let _watch = support::driver();
    for way in 0..4 {
        let drops = Drops::default();
        let (socket, mut peer) = support::pair();
        let mut last = link(&socket, &drops).recv_event(&Event::manual());
        for _ in 1..20 {
            let mut next = link(&socket, &drops);
            next.pending = Some(last);
            last = next.recv_event(&Event::manual());
        }
        match way {
            0 => drop(last),
            1 => {
                socket.close();
                drop(last.finish());
            }
            2 => {
                last.cancel().unwrap();
                let (mut link, done) = last.finish();
                assert!(done.unwrap_err().is_aborted());
                peer.write_all(b"x").unwrap();
                drop(link.pending.take());
            }
            // By another thread, and with the data.
            _ => thread::scope(|scope| {
                scope.spawn(|| drop(last));
                let _ = peer.write_all(&[1; 100]);
            }),
        }
        drops.wait(20);
    }
}

/// Its operation's own `Pending` lies where the operation owns it.
struct Own {
    conn: Conn,
    _pending: Arc<Mutex<Option<Pending<Own>>>>,
    _token: Token,
}

#[test]
fn an_operation_that_owns_itself() {
    let _watch = support::driver();
    for way in 0..3 {
        let drops = Drops::default();
        let (socket, mut peer) = support::pair();
        let place = Arc::new(Mutex::new(None));
        let conn = Conn::new(&socket, 8).into_inner();
        let own = Overlapped::new(Own { conn, _pending: Arc::clone(&place), _token: drops.token() });
        let pending = own.recv_event_with(&Event::manual(), |own| (&own.conn.socket, &mut own.conn.buffer));
        *place.lock().unwrap() = Some(pending);
        match way {
            0 => {}
            1 => peer.write_all(b"x").unwrap(),
            _ => socket.close(),
        }
        assert_eq!(drops.count(), 0);
        let pending = place.lock().unwrap().take();
        drop(pending);
        drops.wait(1);
        assert_eq!(Arc::strong_count(&place), 1);
    }
}

/// Waits in its drop for a thread that needs the library to go on.
struct Joins {
    conn: Conn,
    go: Event,
    thread: Option<JoinHandle<()>>,
    _token: Token,
}

impl Session for Joins {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        self.conn.parts()
    }
}

impl Drop for Joins {
    fn drop(&mut self) {
        self.go.set();
        self.thread.take().unwrap().join().unwrap();
    }
}

fn joins(socket: &Socket, drops: &Drops) -> Overlapped<Joins> {
    let go = Event::manual();
    let (gone, (other, mut peer)) = (go.clone(), support::pair());
    let thread = thread::spawn(move || {
        assert_eq!(wait::one(&gone, None).unwrap(), Waited::Object(0));
        let pending = Conn::new(&other, 8).recv_event(&Event::manual());
        let _ = Conn::new(&other, 8).recv_event(&Event::manual());
        peer.write_all(b"x").unwrap();
        assert_eq!(support::outcome(pending.finish()), ":x");
        Conn::new(&other, 8).recv(|_, _| {});
        other.close();
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    });
    let conn = Conn::new(socket, 8).into_inner();
    Overlapped::new(Joins { conn, go, thread: Some(thread), _token: drops.token() })
}

#[test]
fn a_drop_that_joins_a_thread() {
    let _watch = support::driver();
    let ((socket, mut peer), drops) = (support::pair(), Drops::default());
    drop(joins(&socket, &drops));
    peer.write_all(b"x").unwrap();
    joins(&socket, &drops).recv(|_, done| assert_eq!(done.unwrap().bytes, 1));
    support::run_until(|| drops.count() == 2);
    // Windows lets threads begin and end one at a time: at the end of one nobody can wait for another. And what nobody
    // wants may be dropped at the end of any.
    if cfg!(windows) {
        return;
    }
    drop(joins(&socket, &drops).recv_event(&Event::manual()));
    drops.wait(3);
    thread::spawn({
        let (socket, drops) = (socket.clone(), drops.clone());
        move || {
            joins(&socket, &drops).recv(|_, _| panic!("nothing runs at the end of a thread"));
            joins(&socket, &drops).send(.., |_, _| panic!("nothing runs at the end of a thread"));
        }
    })
    .join()
    .unwrap();
    assert_eq!(drops.count(), 5);
}

static SOCKET: OnceLock<Socket> = OnceLock::new();

#[repr(align(4096))]
struct Page {
    buffer: [u8; 4096],
}

#[derive(Debug, PartialEq)]
#[repr(align(4096))]
struct Nothing;

#[test]
fn pages_and_nothing_at_all() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let socket = SOCKET.get_or_init(|| socket);
    let page = Overlapped::new(Page { buffer: [0; 4096] });
    let place = &raw const *page;
    assert_eq!(place.addr() % 4096, 0);
    let pending = page.recv_event_with(&Event::manual(), |page| (socket_of_all(), &mut page.buffer));
    peer.write_all(&[9; 4096]).unwrap();
    let (page, done) = pending.finish();
    assert_eq!(&raw const *page, place);
    assert!(page.buffer[..done.unwrap().bytes].iter().all(|byte| *byte == 9));
    drop(page);
    // Of no size: what there is lies elsewhere.
    peer.write_all(b"x").unwrap();
    let nothing = Overlapped::new(Nothing);
    assert_eq!((&raw const *nothing).addr() % 4096, 0);
    let (nothing, done) = nothing.recv_event_with(&Event::manual(), |_| (socket_of_all(), &mut [])).finish();
    assert_eq!((&*nothing, done.unwrap().bytes), (&Nothing, 0));
    nothing.send_with(|_| (socket_of_all(), b"hello"), |_, done| assert_eq!(done.unwrap().bytes, 5));
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    drop(Overlapped::new(()).recv_event_with(&Event::manual(), |_| (socket_of_all(), &mut [])));
    let mut hello = [0; 5];
    peer.read_exact(&mut hello).unwrap();
    assert_eq!(&hello, b"hello");
    socket.close();
}

fn socket_of_all() -> &'static Socket {
    SOCKET.get().unwrap()
}
