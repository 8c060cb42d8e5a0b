//! Several buffers in one operation: filled in order, sent in order, as one.

use std::io::{Read, Write};
use std::thread;

use overlapped::{Completion, Event, Gather, Overlapped, Result, Scatter, Socket, wait};

use super::support::{self, Conn, Log, Talk};

struct Parts {
    socket: Socket,
    buffers: Vec<Vec<u8>>,
    log: Log,
}

fn parts(socket: &Socket, lengths: &[usize], log: &Log) -> Overlapped<Parts> {
    let buffers = lengths.iter().map(|&length| vec![b'-'; length]).collect();
    Overlapped::new(Parts { socket: socket.clone(), buffers, log: log.clone() })
}

fn texts(socket: &Socket, texts: &[&str], log: &Log) -> Overlapped<Parts> {
    let buffers = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    Overlapped::new(Parts { socket: socket.clone(), buffers, log: log.clone() })
}

fn scatter(parts: &mut Parts) -> Scatter<'_> {
    parts.buffers.iter_mut().fold(Scatter::new(&parts.socket), |scatter, buffer| scatter.buffer(buffer))
}

fn gather(parts: &Parts) -> Gather<'_> {
    parts.buffers.iter().fold(Gather::new(&parts.socket), |gather, buffer| gather.buffer(buffer))
}

fn logged(parts: Overlapped<Parts>, done: Result<Completion>) {
    let buffers: Vec<_> = parts.buffers.iter().map(|buffer| String::from_utf8_lossy(buffer)).collect();
    parts.log.add(format!(
        "{} {}",
        support::code(&done) as usize + done.map_or(0, |done| done.bytes),
        buffers.join("|")
    ));
}

#[test]
fn a_receive_fills_them_in_order() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    parts(&socket, &[2, 0, 8], &log).recv_scatter(scatter, logged);
    peer.write_all(b"hello!!").unwrap();
    assert_eq!(log.wait(1), ["7 he||llo!!---"]);
    // With the data there already, and more of it than fits.
    peer.write_all(b"0123456789").unwrap();
    support::delivered(&peer);
    parts(&socket, &[3, 3], &log).recv_scatter(scatter, logged);
    parts(&socket, &[3, 3], &log).recv_scatter(scatter, logged);
    assert_eq!(log.wait(2), ["6 012|345", "4 678|9--"]);
}

#[test]
fn a_send_takes_them_in_order() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    texts(&socket, &["ab", "", "cde", "f"], &log).send_gather(gather, logged);
    assert_eq!(log.wait(1), ["6 ab||cde|f"]);
    let mut read = [0; 6];
    peer.read_exact(&mut read).unwrap();
    assert_eq!(&read, b"abcdef");
}

#[test]
fn with_an_event() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let pending = Overlapped::new((socket.clone(), [0; 2], [0; 10]))
        .recv_scatter_event(&event, |(socket, first, second)| Scatter::new(socket).buffer(first).buffer(second));
    peer.write_all(b"hello").unwrap();
    wait::one(&event, None).unwrap();
    let (session, done) = pending.finish();
    assert_eq!((done.unwrap().bytes, &session.1, &session.2[..3]), (5, b"he", &b"llo"[..]));
    let (_, done) = Overlapped::new((socket, *b"to", *b"gether"))
        .send_gather_event(&event, |(socket, first, second)| Gather::new(socket).buffer(first).buffer(second))
        .finish();
    assert_eq!(done.unwrap().bytes, 8);
    let mut read = [0; 8];
    peer.read_exact(&mut read).unwrap();
    assert_eq!(&read, b"together");
}

#[test]
fn more_than_eight_and_more_than_the_kernel_takes_at_once() {
    let _watch = support::driver();
    for count in [9, 100, 3000] {
        let (socket, mut peer) = support::pair();
        let reader = thread::spawn(move || {
            let mut read = vec![0; 3 * count];
            peer.read_exact(&mut read).unwrap();
            read
        });
        let log = Log::default();
        let session = Parts { socket, buffers: vec![b"xyz".to_vec(); count], log: log.clone() };
        Overlapped::new(session).send_gather(gather, |parts, done| parts.log.add(done.unwrap().bytes.to_string()));
        assert_eq!(log.wait(1), [(3 * count).to_string()]);
        assert!(reader.join().unwrap() == b"xyz".repeat(count), "{count} buffers");
    }
}

#[test]
fn a_receive_into_many() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let issued = parts(&socket, &[1; 20], &log);
    issued.recv_scatter(|parts| scatter(parts).wait_all(), logged);
    peer.write_all(b"abcdefghij").unwrap();
    peer.write_all(b"klmnopqrst").unwrap();
    assert_eq!(log.wait(1), ["20 a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t"]);
}

#[test]
fn a_send_that_does_not_fit_is_continued_across_them_and_not_overtaken() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let log = Log::default();
    let lengths = [100_000, 1, 0, 300_000, 7, 200_000];
    let mut expected = Vec::new();
    let mut big = parts(&socket, &lengths, &log);
    for (fill, buffer) in (0..).zip(&mut big.buffers) {
        buffer.fill(b'0' + fill);
        expected.extend_from_slice(buffer);
    }
    let issued = big.send_gather(gather, |parts, done| parts.log.add(format!("big {}", done.unwrap().bytes)));
    assert!(issued.is_pending());
    Talk::of("after", &socket, b"after".to_vec(), &log).send(.., support::sent);
    expected.extend_from_slice(b"after");
    let reader = thread::spawn(move || {
        let mut read = vec![0; 600_013];
        peer.read_exact(&mut read).unwrap();
        read
    });
    assert_eq!(log.wait(2), ["big 600008", "after+5"]);
    assert!(reader.join().unwrap() == expected, "every byte, in order");
}

#[test]
fn cancelled_and_closed() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    parts(&socket, &[2, 2], &log).recv_scatter(scatter, logged);
    socket.cancel().unwrap();
    assert_eq!(log.wait(1), ["995 --|--"]);
    parts(&socket, &[2, 2], &log).recv_scatter(scatter, logged);
    peer.write_all(b"kept").unwrap();
    assert_eq!(log.wait(1), ["4 ke|pt"]);
    parts(&socket, &[2, 2], &log).recv_scatter(scatter, logged);
    parts(&socket, &[2, 2], &log).recv_scatter(scatter, logged);
    socket.close();
    assert_eq!(log.wait(2), ["995 --|--", "995 --|--"]);
    parts(&socket, &[2, 2], &log).recv_scatter(scatter, logged);
    texts(&socket, &["a", "b"], &log).send_gather(gather, logged);
    assert_eq!(log.wait(2), ["10038 --|--", "10038 a|b"]);
}

#[test]
fn an_operation_in_flight_may_be_dropped_with_its_buffers() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let session = Overlapped::new((socket.clone(), vec![0; 1000], vec![0; 1000]));
    drop(
        session.recv_scatter_event(&event, |(socket, first, second)| Scatter::new(socket).buffer(first).buffer(second)),
    );
    peer.write_all(b"next").unwrap();
    assert_eq!(support::outcome(Conn::new(&socket, 10).recv_event(&event).finish()), ":next");
}

#[test]
fn datagrams_are_whole() {
    let _watch = support::driver();
    let (left, right) = (Socket::udp(support::loopback()).unwrap(), Socket::udp(support::loopback()).unwrap());
    let to = right.local_addr().unwrap();
    let event = Event::manual();
    let (_, sent) = Overlapped::new((left.clone(), *b"data", *b"gram"))
        .send_gather_event(&event, move |(socket, first, second)| {
            Gather::new(socket).buffer(first).buffer(second).to(to)
        })
        .finish();
    assert_eq!(sent.unwrap().bytes, 8);
    let (session, done) = Overlapped::new((right, [0; 3], [0; 10]))
        .recv_from_event_with(&event, |(socket, first, second)| Scatter::new(socket).buffer(first).buffer(second))
        .finish();
    let datagram = done.unwrap();
    assert_eq!((datagram.bytes, datagram.from), (8, left.local_addr().unwrap()));
    assert_eq!((&session.1, &session.2[..5]), (b"dat", &b"agram"[..]));
}

#[test]
fn nothing_to_send_and_no_room() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    texts(&socket, &["", ""], &log).send_gather(gather, logged);
    assert_eq!(log.wait(1), ["0 |"]);
    // No room: waits for data and leaves it.
    parts(&socket, &[0, 0], &log).recv_scatter(scatter, logged);
    peer.write_all(b"data").unwrap();
    assert_eq!(log.wait(1), ["0 |"]);
    parts(&socket, &[4], &log).recv_scatter(scatter, logged);
    assert_eq!(log.wait(1), ["4 data"]);
}

/// More of them than the system takes in one call.
#[test]
fn empty_buffers_before_a_full_one_are_no_end_of_stream() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let mut lengths = vec![0; 1500];
    lengths.push(4);
    let event = Event::manual();
    let buffers: Vec<Vec<u8>> = lengths.iter().map(|&length| vec![0; length]).collect();
    let receive = Overlapped::new((socket, buffers)).recv_scatter_event(&event, |(socket, buffers)| {
        buffers.iter_mut().fold(Scatter::new(socket), |scatter, buffer| scatter.buffer(buffer))
    });
    peer.write_all(b"data").unwrap();
    let (block, done) = receive.finish();
    assert_eq!((done.unwrap().bytes, &block.1[1500][..]), (4, &b"data"[..]));
}
