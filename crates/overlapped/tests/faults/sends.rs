//! Sends that take long, owned by whom ever, and of several buffers.

use super::{bytes, conn, finish, pair, refused};
use overlapped::{Event, Gather, Overlapped, Result, Scatter, Socket, Waited, alertable, codes};
use std::cell::Cell;
use std::rc::Rc;
use std::thread;

const LONG: usize = 300_000;

/// More than the socket takes, owned by the library, on an event and with a routine, in order.
pub(super) fn long_sends() {
    // What fails in its middle ends its connection, as anywhere. Where that was the library's own, whoever comes next is told.
    while let Err(error) = long_sends_on(&pair(true)) {
        if error.code() != codes::WSAECONNRESET {
            refused(&error);
        }
    }
}

fn long_sends_on((ours, theirs): &(Socket, Socket)) -> Result<()> {
    let outcome = Rc::new(Cell::new(None));
    let event = Event::manual();
    let result = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut all = Vec::<u8>::new();
            loop {
                let (session, done) = conn(theirs, vec![0; 5000]).recv_event(&Event::manual()).finish();
                match done {
                    Ok(done) if done.bytes > 0 => all.extend_from_slice(&session.buffer[..done.bytes]),
                    Err(error) if error.code() != codes::WSAECONNRESET => refused(&error),
                    _ => return all,
                }
            }
        });
        let sent = (|| {
            ours.give(bytes(0, 0, LONG))?;
            let pending = conn(ours, bytes(0, LONG, LONG)).send_event(.., &event);
            let third = (conn(ours, bytes(0, 2 * LONG, LONG)), Rc::clone(&outcome));
            Overlapped::new(third)
                .send_with(|(conn, _)| (&conn.socket, &conn.buffer), |sent, done| sent.1.set(Some(done)));
            pending.finish().1?;
            loop {
                if let Some(done) = outcome.take() {
                    break done;
                }
                assert_eq!(alertable::sleep(None)?, Waited::Routines);
            }
        })();
        ours.close();
        (sent, reader.join().expect("the reader"))
    });
    result.0?;
    assert!(result.1 == bytes(0, 0, 3 * LONG), "{} bytes have come", result.1.len());
    Ok(())
}

/// Short sends of several buffers, and receives of everything into several.
pub(super) fn several_buffers() {
    while let Err(error) = several_buffers_on(pair(true)) {
        refused(&error);
    }
}

fn several_buffers_on((ours, theirs): (Socket, Socket)) -> Result<()> {
    let parts: Vec<Vec<u8>> = (0..9).map(|part| bytes(part, 0, 4000 + part)).collect();
    let whole = parts.concat();
    let (sent, read) = thread::scope(|scope| {
        let reader = scope.spawn(|| read_all(&theirs));
        let sent = Overlapped::new((ours, parts)).send_gather_event(&Event::manual(), |(socket, parts)| {
            parts.iter().fold(Gather::new(socket), |gather, part| gather.buffer(part))
        });
        let (session, sent) = sent.finish();
        session.0.close();
        (sent, reader.join().expect("the reader"))
    });
    assert_eq!(sent?.bytes, whole.len());
    assert!(read == whole, "{} bytes have come", read.len());
    Ok(())
}

/// What comes to the end of the stream, in pieces of three buffers each.
fn read_all(socket: &Socket) -> Vec<u8> {
    let mut all = Vec::new();
    let mut session = Overlapped::new((socket.clone(), [0; 3000], [0; 96], [0; 7000]));
    loop {
        let event = Event::manual();
        let (back, done) = finish(session, |session| {
            session.recv_scatter_event(&event, |(socket, first, second, third)| {
                Scatter::new(socket).buffer(first).buffer(second).buffer(third).wait_all()
            })
        });
        let (_, first, second, third) = &*back;
        all.extend_from_slice(&[&first[..], second, third].concat()[..done.bytes]);
        if done.bytes == 0 {
            return all;
        }
        session = back;
    }
}
