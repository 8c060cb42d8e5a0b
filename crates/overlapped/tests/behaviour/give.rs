//! Fire-and-forget sends: from any thread, counted to the byte while they wait, aborted by a close.

use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use overlapped::{Event, Issued, Shutdown, Socket, Waited, wait};

use super::support::{self, Conn};

/// Shared bytes: their count of owners tells how many sends still hold them.
fn parcel(size: usize) -> Arc<[u8]> {
    vec![1; size].into()
}

fn held(parcel: &Arc<[u8]>) -> usize {
    Arc::strong_count(parcel) - 1
}

fn wait_until_let_go(parcel: &Arc<[u8]>) {
    while held(parcel) > 0 {
        thread::yield_now();
    }
}

/// The queue of a socket whose peer does not read, once the kernel takes no more.
fn settled(socket: &Socket) -> usize {
    let mut before = socket.queued_bytes();
    loop {
        thread::sleep(Duration::from_millis(100));
        let now = socket.queued_bytes();
        if now == before {
            return now;
        }
        before = now;
    }
}

#[test]
fn small_ones_leave_at_once() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    assert!(matches!(socket.give(b"given ").unwrap(), Issued::Completed));
    assert!(matches!(socket.give_copy(b"copied").unwrap(), Issued::Completed));
    assert_eq!(socket.queued_bytes(), 0);
    let mut got = [0; 12];
    peer.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"given copied");
}

#[test]
fn what_waits_is_counted_to_the_byte_and_arrives() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    const FIRST: usize = 1 << 20;
    assert!(matches!(socket.give(vec![1; FIRST]).unwrap(), Issued::Pending(_)));
    let waiting = settled(&socket);
    assert!(waiting > 0 && waiting < FIRST);
    for step in 1..=10 {
        socket.give_copy(&[2; 777]).unwrap();
        assert_eq!(socket.queued_bytes(), waiting + step * 777);
    }
    socket.shutdown(Shutdown::Send).unwrap();
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), FIRST + 7770);
    assert!(all[..FIRST].iter().all(|byte| *byte == 1) && all[FIRST..].iter().all(|byte| *byte == 2));
    assert_eq!(socket.queued_bytes(), 0);
}

#[test]
fn a_copy_is_independent_of_what_was_copied() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let mut bytes = vec![1; 1 << 20];
    socket.give_copy(&bytes).unwrap();
    bytes.fill(2);
    drop(bytes);
    socket.shutdown(Shutdown::Send).unwrap();
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert!(all.len() == 1 << 20 && all.iter().all(|byte| *byte == 1));
}

#[test]
fn each_parcel_is_let_go_once_when_it_is_sent() {
    let _watch = support::driver();
    let (socket, peer) = support::narrow_pair();
    let small = parcel(100);
    socket.give(Arc::clone(&small)).unwrap();
    assert_eq!(held(&small), 0, "sent at once");
    let big = parcel(200_000);
    for count in 1..=5 {
        socket.give(Arc::clone(&big)).unwrap();
        assert_eq!(held(&big), count);
    }
    let reader = thread::spawn(move || (&peer).read_exact(&mut vec![0; 1_000_100]).unwrap());
    wait_until_let_go(&big);
    reader.join().unwrap();
}

#[test]
fn a_close_aborts_what_waits_and_keeps_what_the_kernel_took() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let parcel = parcel(100_000);
    for _ in 0..20 {
        socket.give(Arc::clone(&parcel)).unwrap();
    }
    let waiting = settled(&socket);
    assert!(held(&parcel) > 10);
    socket.close();
    wait_until_let_go(&parcel);
    assert_eq!(socket.queued_bytes(), 0);
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), 2_000_000 - waiting);
}

#[test]
fn a_refused_parcel_is_let_go() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let parcel = parcel(1);
    socket.close();
    assert_eq!(support::code(&socket.give(Arc::clone(&parcel))), 10038);
    assert_eq!(held(&parcel), 0);
}

#[test]
fn a_peer_that_resets_ends_them() {
    let _watch = support::driver();
    let (socket, peer) = support::narrow_pair();
    let parcel = parcel(100_000);
    for _ in 0..10 {
        socket.give(Arc::clone(&parcel)).unwrap();
    }
    support::reset(peer);
    wait_until_let_go(&parcel);
    while socket.queued_bytes() > 0 {
        thread::yield_now();
    }
    while socket.give(b"x").is_ok() {}
    assert_eq!(support::code(&socket.give(b"x")), 10054);
}

#[test]
fn many_threads_give_whole_messages() {
    let _watch = support::driver();
    const THREADS: u8 = 4;
    const EACH: usize = 300;
    let (socket, mut peer) = support::narrow_pair();
    let reader = thread::spawn(move || {
        let mut counts = [0; THREADS as usize];
        let mut message = [0; 100];
        while peer.read_exact(&mut message).is_ok() {
            assert!(message.iter().all(|byte| *byte == message[0]), "two messages were mixed");
            counts[usize::from(message[0])] += 1;
        }
        counts
    });
    thread::scope(|scope| {
        for from in 0..THREADS {
            let socket = &socket;
            scope.spawn(move || {
                for _ in 0..EACH {
                    socket.give_copy(&[from; 100]).unwrap();
                }
            });
        }
    });
    socket.shutdown(Shutdown::Send).unwrap();
    assert_eq!(reader.join().unwrap(), [EACH; THREADS as usize]);
}

#[test]
fn a_thread_that_uses_nothing_else_may_give() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let giver = thread::spawn(move || {
        socket.give(vec![3; 500_000]).unwrap();
        socket
    });
    let mut got = vec![0; 500_000];
    peer.read_exact(&mut got).unwrap();
    assert!(got.iter().all(|byte| *byte == 3));
    drop(giver.join().unwrap());
}

#[test]
fn the_stream_ends_with_the_last_parcel_whoever_waits_meanwhile() {
    let _watch = support::driver();
    let (other, _other_peer) = support::pair();
    let end = Event::manual();
    thread::scope(|scope| {
        scope.spawn(|| {
            let _in_flight = Conn::new(&other, 8).recv_event(&Event::manual());
            assert_eq!(wait::one(&end, None).unwrap(), Waited::Object(0));
        });
        thread::sleep(Duration::from_millis(20));
        let (socket, mut peer) = support::narrow_pair();
        socket.give(vec![5; 1 << 20]).unwrap();
        drop(socket);
        let mut all = Vec::new();
        peer.read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), 1 << 20);
        end.set();
    });
}

#[test]
fn the_last_handle_dropped_does_not_lose_what_waits() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    socket.give(vec![4; 1 << 20]).unwrap();
    drop(socket);
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), 1 << 20);
}

/// A stream has one peer, so the address says nothing, and every byte goes once.
#[test]
fn an_address_makes_no_difference_to_a_stream() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let bytes: Vec<u8> = (0..2u32 << 20).map(|index| (index / 251) as u8).collect();
    assert!(socket.give_to(bytes.clone(), peer.local_addr().unwrap()).unwrap().is_pending());
    assert!(socket.queued_bytes() < bytes.len());
    socket.shutdown(Shutdown::Send).unwrap();
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert!(all == bytes, "{} instead of {}", all.len(), bytes.len());
}
