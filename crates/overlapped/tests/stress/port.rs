//! A server on a completion port: its threads take, sleep where the port sees it and where not, end and are replaced, until the
//! port closes with everything in flight.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Event, IssuedTo, Overlapped, Port, Result, Socket, Waited, codes};

use super::dice::Dice;
use super::model::{THREADS, Ticket, Value, count};
use super::server::{Client, Door, code};
use super::waits::{How, begin_thread};
use super::watchdog;

enum Packet {
    Accepted(Overlapped<Door>, Result<Socket>),
    Received(Overlapped<Client>, Result<Completion>),
    Sent(Overlapped<Client>, Result<Completion>),
    /// Posted, to be dropped once.
    Told(#[expect(dead_code, reason = "it counts itself")] Value),
}

pub(super) fn serve(listener: Socket, stop: &Event, mut dice: Dice) {
    let port = Port::new(dice.below(3));
    let closes = Arc::new(AtomicBool::new(false));
    let door = Overlapped::new(Door { listener, ticket: Ticket::to_port(&closes) });
    door.accept_port(&port, |door| &door.listener, Packet::Accepted);
    thread::scope(|scope| {
        for _ in 0..=dice.below(3) {
            let (port, mut dice) = (port.clone(), dice.others());
            count(&THREADS);
            let closes = &closes;
            scope.spawn(move || {
                begin_thread("a worker of a port".into());
                watchdog::at(|| "takes packets".into());
                // Each time as another thread.
                while thread::scope(|scope| scope.spawn(|| work(&port, closes, &mut dice)).join().expect("no panic")) {}
                watchdog::at(|| "has ended".into());
            });
        }
        while dice.percent(90) {
            let _ = port.post(Packet::Told(Value::new()));
        }
        let how = How { alertable: dice.percent(50), timeout: None };
        while how.one(stop) == Waited::Routines {}
        closes.store(true, SeqCst);
        port.close();
    });
}

/// Whether it goes on.
fn work(port: &Port<Packet>, closes: &Arc<AtomicBool>, dice: &mut Dice) -> bool {
    let mut packets = Vec::new();
    while !dice.percent(2) {
        let timeout = dice.percent(30).then(|| Duration::from_micros(dice.below(1500) as u64));
        let most = 1 + dice.below(4);
        let taken = match dice.below(3) {
            0 => port.get(timeout).map(|packet| packets.extend(packet)),
            1 => port.get_many(&mut packets, most, timeout).map(drop),
            _ => port.get_many_alertable(&mut packets, most, timeout).map(drop),
        };
        if let Err(error) = taken {
            assert_eq!(error.code(), codes::ERROR_ABANDONED_WAIT_0, "{error}");
            return false;
        }
        while let Some(packet) = packets.pop() {
            packets.extend(handle(packet, port, closes).into_iter().filter_map(IssuedTo::skipped));
            match dice.below(100) {
                0 => thread::sleep(Duration::from_millis(2)),
                1 => drop(
                    How { alertable: dice.percent(50), timeout: Some(Duration::from_millis(1)) }.one(&Event::manual()),
                ),
                2 => drop(port.post(Packet::Told(Value::new()))),
                _ => {}
            }
        }
    }
    true
}

/// What it issued.
fn handle(packet: Packet, port: &Port<Packet>, closes: &Arc<AtomicBool>) -> Vec<IssuedTo<Packet>> {
    match packet {
        Packet::Accepted(mut door, client) => {
            door.ticket.complete(code(&client));
            let socket = client.expect("nobody cancels it");
            socket.skip_packets_on_success(socket.peer_addr().is_ok_and(|at| at.port() % 2 == 0));
            let client = Overlapped::new(Client { socket, buffer: [0; 3000], ticket: Ticket::to_port(closes) });
            door.ticket.issue();
            let received = client.recv_port(port, Packet::Received);
            vec![received, door.accept_port(port, |door| &door.listener, Packet::Accepted)]
        }
        Packet::Received(mut client, done) => {
            client.ticket.complete(code(&done));
            let Ok(Completion { bytes: bytes @ 1.., .. }) = done else { return Vec::new() };
            client.ticket.issue();
            if bytes % 2 == 0 {
                let _ = client.socket.give_copy(&client.buffer[..bytes]);
                return vec![client.recv_port(port, Packet::Received)];
            }
            vec![client.send_port(..bytes, port, Packet::Sent)]
        }
        Packet::Sent(mut client, done) => {
            client.ticket.complete(code(&done));
            if done.is_err() {
                return Vec::new();
            }
            client.ticket.issue();
            vec![client.recv_port(port, Packet::Received)]
        }
        Packet::Told(_) => Vec::new(),
    }
}
