//! A datagram server: answers everybody who sends to it, and once a second tells all of them how many they are.
//!
//! `cargo run --example datagram_server`, and from elsewhere `nc -u 127.0.0.1 7777`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use overlapped::{Datagram, Overlapped, Result, Session, Socket, Timer, Waited, alertable};

/// Who was heard, and when last. Routines stay on their thread, so they may share it with the loop.
type Players = Rc<RefCell<HashMap<SocketAddr, Instant>>>;

/// One socket for everybody, so one buffer.
struct Port {
    socket: Socket,
    buffer: [u8; 1500],
    players: Players,
}

impl Session for Port {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn arrived(port: Overlapped<Port>, done: Result<Datagram>) {
    match done {
        Ok(datagram) => {
            println!("{}: {} bytes", datagram.from, datagram.bytes);
            port.players.borrow_mut().insert(datagram.from, Instant::now());
            port.send_to(..datagram.bytes, datagram.from, |port, _done| {
                port.recv_from(arrived);
            });
        }
        // One that is too long costs itself, not the server.
        Err(error) => {
            eprintln!("{error}");
            port.recv_from(arrived);
        }
    }
}

/// The same bytes to everybody who was heard of lately, without a copy for each.
fn tell(socket: &Socket, players: &Players) {
    players.borrow_mut().retain(|_, last| last.elapsed() < Duration::from_secs(30));
    let world: std::sync::Arc<[u8]> = format!("{} players\n", players.borrow().len()).into_bytes().into();
    for &player in players.borrow().keys() {
        // Sent and forgotten: no operation of our own to wait for.
        let _ = socket.give_to(world.clone(), player);
    }
}

fn main() -> Result<()> {
    let socket = Socket::udp("127.0.0.1:7777")?;
    println!("listening on {}", socket.local_addr()?);
    let players = Players::default();
    Overlapped::new(Port { socket: socket.clone(), buffer: [0; 1500], players: players.clone() }).recv_from(arrived);
    let tick = Timer::auto();
    tick.set(Duration::from_secs(1), Some(Duration::from_secs(1)));
    loop {
        // Datagrams and the clock in one wait.
        if alertable::one(&tick, None)? == Waited::Object(0) {
            tell(&socket, &players);
        }
    }
}
