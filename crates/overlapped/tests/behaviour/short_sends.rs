//! Sends that the system takes in parts, cut at whatever place: each is whole, in order, and tells its whole length.

use std::io::Read;
use std::thread;

use overlapped::{Completion, Event, Gather, Overlapped, Result, Socket};

use super::support::{self, Conn, Log};

const LONGEST: usize = 500;

fn bytes(from: usize, count: usize) -> Vec<u8> {
    (from..from + count).map(|place| (place % 251) as u8).collect()
}

struct Parts {
    socket: Socket,
    bytes: Vec<u8>,
    log: Log,
}

fn logged(parts: Overlapped<Parts>, done: Result<Completion>) {
    assert_eq!(done.unwrap().bytes, parts.bytes.len());
    parts.log.add("sent");
}

fn cut(parts: &Parts) -> Gather<'_> {
    let (first, second) = parts.bytes.split_at(parts.bytes.len() / 3);
    Gather::new(&parts.socket).buffer(first).buffer(&[]).buffer(second)
}

#[test]
fn of_every_length_and_every_kind() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let log = Log::default();
    let (mut sent, mut events) = (0, Vec::new());
    for length in 1..=LONGEST {
        // So that there is always a send before it that waits.
        for length in [length, 600] {
            let message = bytes(sent, length);
            sent += length;
            let parts = |bytes| Overlapped::new(Parts { socket: socket.clone(), bytes, log: log.clone() });
            match length % 5 {
                0 => {
                    socket.give(message).unwrap();
                }
                1 => events.push((length, Conn::of(&socket, message).send_event(.., &Event::manual()))),
                2 => {
                    parts(message).send_with(|parts| (&parts.socket, &parts.bytes), logged);
                }
                3 => {
                    parts(message).send_gather(cut, logged);
                }
                _ => {
                    socket.give_copy(&message).unwrap();
                }
            }
        }
    }
    assert!(socket.queued_bytes() > 0, "nobody reads yet");
    let reader = thread::spawn(move || {
        let (mut all, mut part) = (Vec::new(), vec![0; 1000]);
        // In parts of each length too, as long as there are so many.
        for length in (1..1000).cycle() {
            match peer.read(&mut part[..length]).unwrap() {
                0 => return all,
                bytes => all.extend_from_slice(&part[..bytes]),
            }
        }
        unreachable!("the lengths go on");
    });
    for (length, send) in events {
        assert_eq!(send.finish().1.unwrap().bytes, length);
    }
    log.wait(LONGEST / 5 * 2);
    socket.shutdown(overlapped::Shutdown::Send).unwrap();
    let read = reader.join().unwrap();
    assert!(read == bytes(0, sent), "{} of {sent}", read.len());
}
