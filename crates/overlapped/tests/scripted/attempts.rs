//! Calls that do not block, and waits for readiness, on the scripted driver.

use overlapped::driver::scripted::{self, SendNow};
use overlapped::readiness::{Events, PollEntry, SocketSet, poll, select};
use overlapped::{Event, Overlapped, Shutdown, codes};
use std::io::IoSlice;

#[test]
fn a_send_takes_what_the_system_takes_and_overtakes_nothing() {
    scripted::run(|script| {
        let socket = script.socket();
        script.send_now(SendNow::Bytes(6));
        assert_eq!(socket.try_send(b"four").unwrap(), 4);
        assert_eq!(socket.try_send_vectored(&[IoSlice::new(&[]), IoSlice::new(b"more")]).unwrap(), 2);
        assert!(socket.try_send(b"x").unwrap_err().is_would_block());
        assert!(socket.give(b"queued").unwrap().is_pending());
        script.send_now(SendNow::Everything);
        assert!(socket.try_send(b"x").unwrap_err().is_would_block(), "a send is queued");
        script.sent(script.started()[0], 6);
        while socket.queued_bytes() > 0 {
            // The helper thread carries what nobody waits for.
            std::thread::yield_now();
        }
        assert_eq!(socket.try_send(b"last").unwrap(), 4);
        assert_eq!(script.sent_by(script.number(&socket)), b"fourmoqueuedlast");
        script.send_now(SendNow::Fails(codes::WSAECONNRESET));
        assert!(socket.try_send(b"x").unwrap_err().is_reset());
        socket.shutdown(Shutdown::Send).unwrap();
        assert_eq!(socket.try_send(b"x").unwrap_err().code(), codes::WSAESHUTDOWN);
    });
}

#[test]
fn a_script_tells_no_readiness() {
    scripted::run(|script| {
        let socket = script.socket();
        assert!(socket.try_recv(&mut [0; 8]).unwrap_err().is_would_block());
        assert!(socket.try_accept().unwrap_err().is_would_block());
        let mut set = SocketSet::new();
        set.insert(&socket);
        assert_eq!(select(Some(&mut set), None, None, None).unwrap_err().code(), codes::WSAEOPNOTSUPP);
        let mut entries = [PollEntry::new(&socket, Events::READ)];
        assert_eq!(poll(&mut entries, None).unwrap_err().code(), codes::WSAEOPNOTSUPP);
        // Nor can two systems be asked at once.
        set.insert(&scripted::run(|other| other.socket()));
        assert_eq!(select(Some(&mut set), None, None, None).unwrap_err().code(), codes::WSAENOTSOCK);
    });
}

/// Nobody is told of it, and what came after it would follow a hole in the stream.
#[test]
fn a_given_send_that_fails_breaks_the_connection() {
    scripted::run(|script| {
        let socket = script.socket();
        script.send_now(SendNow::Bytes(2));
        assert!(socket.give(b"given").unwrap().is_pending());
        script.fail(script.wait_for(1)[0], codes::WSAENOBUFS);
        while socket.queued_bytes() > 0 {
            std::thread::yield_now();
        }
        let session = Overlapped::new((socket.clone(), [0; 8]));
        let receive = session.recv_event_with(&Event::manual(), |(socket, buffer)| (socket, buffer));
        script.receive(script.wait_for(1)[0], b"");
        assert_eq!(receive.finish().1.unwrap_err().code(), codes::WSAECONNRESET, "not an orderly end");
    });
}
