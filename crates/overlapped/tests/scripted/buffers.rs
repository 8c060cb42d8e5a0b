//! Several buffers in one operation, and receives of everything.

use std::time::Duration;

use overlapped::driver::scripted::{self, SendNow, Work};
use overlapped::{Gather, Scatter, Waited, alertable};

use super::{Client, NOW, Stage, received, sent};

/// Splits the buffer into halves.
fn halves(client: &mut Client) -> Scatter<'_> {
    let (first, second) = client.buffer.split_at_mut(3);
    Scatter::new(&client.socket).buffer(first).buffer(second)
}

fn gathered(client: &Client) -> Gather<'_> {
    let (first, second) = client.buffer.split_at(3);
    Gather::new(&client.socket).buffer(first).buffer(&[]).buffer(second)
}

#[test]
fn a_gathered_send_is_continued_at_every_length() {
    for first in 1..8 {
        scripted::run(|script| {
            let stage = Stage::default();
            script.send_now(SendNow::Bytes(first - 1));
            let socket = script.socket();
            let number = script.number(&socket);
            assert!(stage.client(1, &socket, "abcdefgh").send_gather(gathered, sent).is_pending());
            script.send_now(SendNow::Bytes(0));
            let rest = script.wait_for(1)[0];
            assert_eq!(rest.length, 9 - first);
            script.sent(rest, 1);
            while script.sent_by(number).len() < 8 {
                let _ = alertable::sleep(Some(Duration::from_millis(1))).unwrap();
                if let [rest] = script.started()[..] {
                    script.sent(rest, rest.length);
                }
            }
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
            assert_eq!(script.sent_by(number), b"abcdefgh");
            assert_eq!(stage.told(), ["1 sent \"abcdefgh\""]);
        });
    }
}

#[test]
fn a_receive_of_everything_goes_on_at_every_length() {
    for first in 1..6 {
        scripted::run(|script| {
            let stage = Stage::default();
            let _ =
                stage.client(1, &script.socket(), "......").recv_scatter(|client| halves(client).wait_all(), received);
            let receive = script.started()[0];
            assert_eq!((receive.work, receive.length), (Work::Receive, 6));
            script.receive(receive, &b"abcdef"[..first]);
            assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
            let rest = script.started()[0];
            assert_eq!(rest.length, 6 - first);
            script.receive(rest, &b"abcdef"[first..]);
            assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
            assert_eq!(stage.told(), ["1 received \"abcdef\""]);
        });
    }
}

#[test]
fn a_receive_of_everything_keeps_what_it_has() {
    for cancel in [true, false] {
        scripted::run(|script| {
            let stage = Stage::default();
            let socket = script.socket();
            let _ = stage.client(1, &socket, "......").recv_scatter(|client| halves(client).wait_all(), received);
            script.receive(script.started()[0], b"abcd");
            assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
            if cancel {
                socket.cancel().unwrap();
            } else {
                script.receive(script.started()[0], b"");
            }
            assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
            assert_eq!(stage.told(), ["1 received \"abcd\""]);
        });
    }
}
