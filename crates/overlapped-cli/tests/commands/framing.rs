//! `--framing`: packets instead of a stream of bytes.

use crate::broadcast::meet_with;
use crate::support::{On, echo, expect, expect_end, pattern};
use crate::system::on_all;
use overlapped::server::Framing;
use std::io::Write;
use std::net::TcpStream;

on_all!(echo_of_packets, broadcast_of_packets, a_malformed_packet_ends_that_client_only, packets_of_a_client);

fn packet(id: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Framing::packets().encode(id, payload, &mut bytes).expect("it fits");
    bytes
}

fn echo_of_packets(on: On) {
    let server = on.serve("echo", &["--framing", "packet", "--buffer", "100"]);
    let mut client = server.connect();
    let packets = [packet(1, &pattern(0, 0, 5000)), packet(2, b""), packet(3, b"three")].concat();
    // Cut where no packet is.
    for part in packets.chunks(1777) {
        client.write_all(part).expect("the server reads");
    }
    expect(&mut client, &packets);
    // One that is not whole is not sent back.
    client.write_all(&packet(4, b"whole")[..5]).expect("the server reads");
    let output = server.stop();
    expect_end(&mut client);
    assert!(output.summary().starts_with("served 1 client: 3 messages, 5022 bytes received, 5017 bytes sent; "));
}

fn broadcast_of_packets(on: On) {
    let server = on.serve("broadcast", &["--framing", "packet", "--threads", "2"]);
    let mut clients: Vec<_> = (0..3).map(|_| server.connect()).collect();
    let [call, done] = [1, 2].map(|id| packet(id, b"").try_into().expect("a header"));
    meet_with(&mut clients, &call, &done);
    let [mut one, mut two, mut listener] = <[TcpStream; 3]>::try_from(clients).expect("three");
    // Half of a packet holds up nobody, and mixes with nothing.
    let (first, second) = (packet(7, b"from one"), packet(8, b"from two"));
    one.write_all(&first[..7]).expect("the server reads");
    two.write_all(&second).expect("the server reads");
    expect(&mut listener, &second);
    expect(&mut one, &second);
    one.write_all(&first[7..]).expect("the server reads");
    expect(&mut listener, &first);
    expect(&mut two, &first);
    server.stop();
}

fn a_malformed_packet_ends_that_client_only(on: On) {
    let server = on.serve("echo", &["--framing", "packet", "--max-packet", "100"]);
    let mut good = server.connect();
    echo(&mut good, &packet(1, &[1; 96]));
    for malformed in [&b"\x03\0\0\0"[..], b"\x65\0\0\0"] {
        let mut bad = server.connect();
        echo(&mut bad, &packet(2, b"well"));
        bad.write_all(malformed).expect("the server reads");
        expect_end(&mut bad);
    }
    echo(&mut good, &packet(3, b"still here"));
    drop(good);
    let output = server.stop();
    assert!(
        output.summary().ends_with("; 2 closed because they sent no packets; errors: none"),
        "{}",
        output.summary()
    );
}

fn packets_of_a_client(on: On) {
    let framing = ["--framing", "u32be-id-all"];
    let server = on.serve("echo", &framing);
    let more = ["--id", "7", "--size", "5000", "--count", "3", "--every", "0"];
    let output = on.client(server.address, &[&framing[..], &more].concat());
    assert_eq!(output.summary(), "sent 3 messages: 15018 bytes sent, 15018 bytes received", "{}", output.errors);
    for what in ["sent", "received"] {
        let line = format!("{what} 5000 bytes with id 7: \"Hello World\"");
        assert_eq!(output.said.lines().filter(|said| **said == line).count(), 3, "{}", output.said);
    }
    server.stop();

    let server = on.serve("print", &framing);
    let output = on.client(server.address, &[&framing[..], &["--id", "8", "--message", "hi", "--count", "1"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    server.running.said.wait_for("client 1 received 2 bytes with id 8: \"hi\"");
    server.stop();
}
