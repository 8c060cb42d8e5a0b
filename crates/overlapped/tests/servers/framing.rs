//! What is no message ends its session, and no other.

use super::clients::{Seen, connect, echo, exchange, next_but_messages, read_all, serve};
use overlapped::server::{FrameError, Framing, Model, Reason, Sent};
use std::io::Write;
use std::net::Shutdown;

on_every_model!(a_bad_packet_ends_its_session_alone, a_packet_that_is_too_large_is_not_sent);

fn a_bad_packet_ends_its_session_alone(model: Model) {
    let framing = Framing::packets().max(1000);
    let (server, told) = serve(model, echo, |server| server.framing(framing));
    let (mut other, _) = connect(&server, &told);
    let bad: [(&[u8], FrameError); 3] = [
        (b"\x03\0\x01\0", FrameError::TooShort { size: 3 }),
        (b"\xe9\x03\x01\0", FrameError::TooLong { size: 1001, most: 1000 }),
        (b"\x09\0\x01\0half", FrameError::Truncated { bytes: 8 }),
    ];
    for (bytes, error) in bad {
        let (mut client, session) = connect(&server, &told);
        client.write_all(b"\x06\0\x01\0ok").unwrap();
        client.write_all(bytes).unwrap();
        if matches!(error, FrameError::Truncated { .. }) {
            client.shutdown(Shutdown::Write).unwrap();
        }
        assert_eq!(read_all(&mut client), b"\x06\0\x01\0ok", "what came before is answered");
        drop(client);
        assert_eq!(next_but_messages(&told), Seen::Closed(session.id(), Reason::Malformed(error)));
        exchange(&mut other, b"\x06\0\x02\0hi");
    }
    assert_eq!(server.handle().counters().ended["malformed"], 3);
}

fn a_packet_that_is_too_large_is_not_sent(model: Model) {
    let (server, told) = serve(model, echo, |server| server.framing(Framing::packets().max(100)));
    let (mut client, session) = connect(&server, &told);
    assert_eq!(session.send(vec![0; 97]), Sent::TooLong);
    exchange(&mut client, b"\x06\0\x02\0hi");
}
