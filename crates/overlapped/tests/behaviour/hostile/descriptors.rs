//! Sockets made of descriptors that are none: every operation fails or is cancelled, and comes back.

use std::cell::Cell;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::process::{Command, Stdio};
use std::rc::Rc;

use overlapped::{Event, Overlapped, Socket, alertable};

use crate::behaviour::support::{self, Drops, Token};

type Conn = (Socket, [u8; 8], Token, Rc<Cell<usize>>);

fn descriptors() -> Vec<(&'static str, OwnedFd)> {
    let mut child = Command::new("true").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (reader, writer) = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
    child.wait().unwrap();
    let (stream, datagrams) = (UnixStream::pair().unwrap(), UnixDatagram::pair().unwrap());
    let path = std::env::temp_dir().join(format!("overlapped-{}-{}", std::process::id(), crate::DRIVER));
    let listener = UnixListener::bind(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    vec![
        ("a file", File::open("/proc/self/exe").unwrap().into()),
        ("a device", File::options().read(true).write(true).open("/dev/null").unwrap().into()),
        ("the reader of a pipe", reader.into()),
        ("the writer of a pipe", writer.into()),
        ("a local stream whose peer has gone", stream.0.into()),
        ("local datagrams", datagrams.0.into()),
        ("a local listener", listener.into()),
        ("a file that can be polled", File::open("/proc/self/mounts").unwrap().into()),
    ]
}

#[test]
fn operations_on_what_is_no_socket_come_back() {
    let _watch = support::driver();
    for (what, descriptor) in descriptors() {
        let (socket, drops, ran) = (Socket::from(descriptor), Drops::default(), Rc::new(Cell::new(0)));
        let conn = || -> Overlapped<Conn> { Overlapped::new((socket.clone(), [0; 8], drops.token(), Rc::clone(&ran))) };
        fn count<R>(conn: Overlapped<Conn>, _: R) {
            conn.3.set(conn.3.get() + 1);
        }
        let at = support::loopback();
        conn().recv_with(|conn| (&conn.0, &mut conn.1), count);
        conn().recv_with(|conn| (&conn.0, &mut []), count);
        conn().send_with(|conn| (&conn.0, &conn.1), count);
        conn().accept(|conn| &conn.0, count);
        conn().connect(at, |conn| &conn.0, count);
        let _ = socket.give(b"bytes");
        let (event, token) = (Event::auto(), drops.token());
        let by_event = Overlapped::new((socket.clone(), [0; 8], token));
        let pending = by_event.recv_event_with(&event, |conn| (&conn.0, &mut conn.1));
        let _ = alertable::sleep(Some(std::time::Duration::ZERO)).unwrap();
        socket.close();
        support::run_until(|| ran.get() == 5);
        assert!(pending.finish().1.is_err(), "{what}");
        assert_eq!(drops.count(), 6, "{what}");
    }
}
