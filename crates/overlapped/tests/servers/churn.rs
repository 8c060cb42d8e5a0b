//! Clients that come and go in every way while all of them are sent to: each session ends once, and none is left.

use super::clients::{LONG, client, echo, exchange, serve, until};
use super::support;
use overlapped::server::{Handle, Model, Overflow};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

on_every_model!(every_session_ends_once, counters_miss_nobody);

const CLIENTS: u64 = 2;
const EACH: u64 = 120;

fn come_and_go(seed: u64, address: SocketAddr) {
    for visit in 0..EACH {
        let mut client = client(address);
        match (seed + visit) % 6 {
            // Gone before it was there.
            0 => support::reset(client),
            1 => drop(client),
            // Says something and leaves without waiting, in peace or not.
            2 => drop(client.write_all(&[1; 3000])),
            3 => {
                let _ = client.write_all(&[1; 3000]);
                support::reset(client);
            }
            // Reads until the end, which another thread may bring about sooner.
            4 => {
                let _ = client.write_all(&[1; 3000]);
                let _ = client.shutdown(Shutdown::Write);
                let _ = client.read_to_end(&mut Vec::new());
            }
            // Never reads, and is there for a while.
            _ => {
                let _ = client.write_all(&[1; 30_000]);
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// Sends to all, and ends one now and then.
fn disturb(handle: &Handle, over: &AtomicBool) {
    let mut round = 0;
    while !over.load(Ordering::SeqCst) {
        round += 1;
        handle.broadcast(vec![2; 500]);
        let sessions = handle.sessions();
        if let Some(session) = sessions.get(round % sessions.len().max(3)) {
            session.join("some");
            match round % 7 {
                0 => session.abort("disturbed"),
                1 => session.close("disturbed"),
                _ => {
                    session.send_copy(0, b"hello");
                }
            }
        }
        handle.send_to_group("some", "members");
        thread::sleep(Duration::from_millis(1));
    }
}

fn every_session_ends_once(model: Model) {
    let build = |server: overlapped::server::Builder| {
        server.threads(2).acceptors(2).queue_limit(20_000, Overflow::Close).linger(Duration::from_millis(200))
    };
    let (server, _told) = serve(model, echo, build);
    let (address, handle, over) = (server.address(), server.handle(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| disturb(&handle, &over));
        let clients: Vec<_> = (0..CLIENTS).map(|seed| scope.spawn(move || come_and_go(seed, address))).collect();
        clients.into_iter().for_each(|client| client.join().unwrap());
        over.store(true, Ordering::SeqCst);
    });
    exchange(&mut client(address), b"still here");
    until(&handle, |counters| counters.sessions == 0);
    assert!(handle.group("some").is_empty());
    assert_eq!(server.drain(LONG).unwrap().cut, 0);
    let counters = handle.counters();
    assert_eq!(counters.ended.values().sum::<u64>(), counters.accepted, "{counters:?}");
    assert_eq!((counters.queued, counters.panics), (0, 0));
}

/// A watcher that looks all the time never sees a session that is neither here nor ended, or both.
fn counters_miss_nobody(model: Model) {
    let (server, _told) = serve(model, echo, |server| server.acceptors(2));
    let handle = server.handle();
    let address = server.address();
    let rounds = if support::is_wine() { 20 } else { 200 };
    let clients = thread::spawn(move || {
        for _ in 0..rounds {
            exchange(&mut client(address), b"in and out");
        }
    });
    loop {
        let counters = handle.counters();
        let ended: u64 = counters.ended.values().sum();
        assert_eq!(counters.accepted, counters.sessions + ended, "{counters:?}");
        if ended == rounds {
            break;
        }
    }
    clients.join().unwrap();
    assert_eq!(handle.counters().sessions, 0);
}
