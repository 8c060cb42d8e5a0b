//! Sends report every byte, go out in the order of issue, and none overtakes another.

use std::io::Read;
use std::thread;
use std::time::Duration;

use overlapped::{Event, Waited, alertable};

use super::support::{self, Conn, Log, Talk};

const BIG: usize = 8 << 20;

/// Reads all there is, slowly enough at first that the sends have to wait.
fn drain(mut peer: std::net::TcpStream) -> Vec<u8> {
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    for _ in 0..20 {
        let bytes = peer.read(&mut part).unwrap();
        all.extend_from_slice(&part[..bytes]);
        thread::sleep(Duration::from_millis(1));
    }
    peer.read_to_end(&mut all).unwrap();
    all
}

/// The runs of equal bytes in a stream.
fn runs(stream: &[u8]) -> Vec<(u8, usize)> {
    stream.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect()
}

#[test]
fn a_big_send_by_routine_reports_every_byte_and_the_next_does_not_overtake() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let log = Log::default();
    Talk::of("big", &socket, vec![1; BIG], &log).send(.., support::sent);
    Talk::of("tail", &socket, vec![2; 5], &log).send(.., support::sent);
    assert_eq!(alertable::sleep(Some(Duration::ZERO)).unwrap(), Waited::TimedOut, "nobody reads yet");
    assert!(socket.queued_bytes() > 0);
    let reader = thread::spawn(move || drain(peer));
    assert_eq!(log.wait(2), [format!("big+{BIG}"), "tail+5".into()]);
    assert_eq!(socket.queued_bytes(), 0);
    drop(socket);
    assert_eq!(runs(&reader.join().unwrap()), [(1, BIG), (2, 5)]);
}

#[test]
fn a_big_send_by_event_reports_every_byte() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let (event, tail) = (Event::manual(), Event::manual());
    let big = Conn::of(&socket, vec![1; BIG]).send_event(.., &event);
    let tail = Conn::of(&socket, vec![2; 5]).send_event(.., &tail);
    assert!(!big.poll() && !tail.poll());
    let reader = thread::spawn(move || drain(peer));
    assert_eq!(tail.finish().1.unwrap().bytes, 5);
    assert!(big.poll(), "the earlier send completed before");
    assert_eq!(big.finish().1.unwrap().bytes, BIG);
    drop(socket);
    assert_eq!(runs(&reader.join().unwrap()), [(1, BIG), (2, 5)]);
}

#[test]
fn a_send_by_routine_makes_progress_while_its_thread_is_elsewhere() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let log = Log::default();
    Talk::of("big", &socket, vec![1; BIG], &log).send(.., support::sent);
    socket.shutdown(overlapped::Shutdown::Send).unwrap();
    // Not one alertable wait until the peer has read it all.
    let all = thread::spawn(move || drain(peer)).join().unwrap();
    assert_eq!(runs(&all), [(1, BIG)]);
    assert_eq!(log.len(), 0);
    assert_eq!(log.wait(1), [format!("big+{BIG}")]);
}

#[test]
fn many_sends_complete_and_arrive_in_order() {
    let _watch = support::driver();
    let (socket, peer) = support::narrow_pair();
    let log = Log::default();
    for value in 1..=60 {
        Talk::of("s", &socket, vec![value; 1000 * usize::from(value)], &log).send(.., support::sent);
    }
    let reader = thread::spawn(move || drain(peer));
    let expected: Vec<_> = (1..=60).map(|value| format!("s+{}", value * 1000)).collect();
    assert_eq!(log.wait(60), expected);
    drop(socket);
    let expected: Vec<_> = (1..=60).map(|value| (value, 1000 * usize::from(value))).collect();
    assert_eq!(runs(&reader.join().unwrap()), expected);
}

#[test]
fn gives_and_sends_of_each_kind_keep_their_order() {
    let _watch = support::driver();
    let (socket, peer) = support::narrow_pair();
    let log = Log::default();
    let mut pending = Vec::new();
    let size = |value: u8| 1 + 700 * usize::from(value);
    for value in 1..=80 {
        let bytes = vec![value; size(value)];
        match value % 4 {
            0 => Talk::of("s", &socket, bytes, &log).send(.., support::sent),
            1 => socket.give(bytes).unwrap(),
            2 => socket.give_copy(&bytes).unwrap(),
            _ => {
                pending.push((size(value), Conn::of(&socket, bytes).send_event(.., &Event::manual())));
                continue;
            }
        };
    }
    let reader = thread::spawn(move || drain(peer));
    for (size, pending) in pending {
        assert_eq!(pending.finish().1.unwrap().bytes, size);
    }
    let expected: Vec<_> = (1..=20).map(|n| format!("s+{}", size(n * 4))).collect();
    assert_eq!(log.wait(20), expected);
    socket.shutdown(overlapped::Shutdown::Send).unwrap();
    let expected: Vec<_> = (1..=80).map(|value| (value, size(value))).collect();
    assert_eq!(runs(&reader.join().unwrap()), expected);
    assert_eq!(socket.queued_bytes(), 0);
}

#[test]
fn an_empty_send_completes_with_0_and_the_stream_shows_nothing() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let log = Log::default();
    Talk::of("s", &socket, vec![], &log).send(.., support::sent);
    assert_eq!(log.wait(1), ["s+0"]);
    let (_, done) = Conn::of(&socket, vec![1]).send_event(1.., &Event::manual()).finish();
    assert_eq!(done.unwrap().bytes, 0);
    socket.give(b"end").unwrap();
    drop(socket);
    assert_eq!(std::io::read_to_string(peer).unwrap(), "end");
}

#[test]
fn an_empty_receive_waits_for_data_and_leaves_it() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let event = Event::manual();
    let empty = Conn::new(&socket, 0).recv_event(&event);
    assert!(!empty.wait(Some(Duration::from_millis(20))));
    std::io::Write::write_all(&mut &peer, b"data").unwrap();
    assert_eq!(empty.finish().1.unwrap().bytes, 0);
    assert_eq!(support::outcome(Conn::new(&socket, 8).recv_event(&event).finish()), ":data");
}
