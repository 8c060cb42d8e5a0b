//! Many sessions at once.

use super::clients::{LONG, client, echo, serve, until};
use super::support;
use overlapped::server::Model;
use std::io::{Read, Write};

on_every_model!(a_thousand_sessions);

fn a_thousand_sessions(model: Model) {
    let many = if support::is_wine() { 200 } else { 1000 };
    support::crowd();
    let (server, _told) = serve(model, echo, |server| server.acceptors(2));
    let handle = server.handle();
    let mut clients: Vec<_> = (0..many).map(|_| client(server.address())).collect();
    until(&handle, |counters| counters.sessions == many);
    for round in 0..3_u8 {
        for (number, client) in (0_u32..).zip(&mut clients) {
            client.write_all(&[&[round][..], &number.to_le_bytes()].concat()).unwrap();
        }
        for (number, client) in (0_u32..).zip(&mut clients) {
            let mut answer = [0; 5];
            client.read_exact(&mut answer).unwrap();
            assert_eq!(answer, *[&[round][..], &number.to_le_bytes()].concat());
        }
    }
    assert_eq!(handle.broadcast("all"), many as usize);
    for client in &mut clients {
        let mut news = [0; 3];
        client.read_exact(&mut news).unwrap();
        assert_eq!(&news, b"all");
    }
    drop(clients);
    let counters = until(&handle, |counters| counters.sessions == 0);
    assert_eq!((counters.accepted, counters.ended["ended"]), (many, many));
    assert_eq!(server.drain(LONG).unwrap().sessions, 0);
}
