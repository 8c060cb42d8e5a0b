//! A datagram server: answers everybody who sends to it, and every second tells the world to all of them.
//!
//! `cargo run --example datagram_server`, and from elsewhere `nc -u 127.0.0.1 7777`.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use overlapped::{Datagram, Overlapped, Result, Session, Socket, alertable};

/// The port of the server: one socket for everybody, so one buffer, and a list of who has been heard.
struct Port {
    socket: Socket,
    buffer: [u8; 1500],
    heard: HashMap<SocketAddr, Instant>,
    told: Instant,
}

impl Session for Port {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn arrived(mut port: Overlapped<Port>, done: Result<Datagram>) {
    match done {
        Ok(datagram) => {
            println!("{}: {} bytes", datagram.from, datagram.bytes);
            port.heard.insert(datagram.from, Instant::now());
            // Sent and forgotten: no operation of our own to wait for.
            let _ = port.socket.give_to(port.buffer[..datagram.bytes].to_vec(), datagram.from);
        }
        // WSAEMSGSIZE and the like cost one datagram, not the server.
        Err(error) => eprintln!("{error}"),
    }
    if port.told.elapsed() >= Duration::from_secs(1) {
        tell(&mut port);
    }
    port.recv_from(arrived);
}

/// The same bytes to everybody who was heard of lately, without a copy for each.
fn tell(port: &mut Port) {
    port.told = Instant::now();
    port.heard.retain(|_, last| last.elapsed() < Duration::from_secs(30));
    let world: std::sync::Arc<[u8]> = format!("{} players\n", port.heard.len()).into_bytes().into();
    for &player in port.heard.keys() {
        let _ = port.socket.give_to(world.clone(), player);
    }
}

fn main() -> Result<()> {
    let socket = Socket::udp("127.0.0.1:7777")?;
    println!("listening on {}", socket.local_addr()?);
    Overlapped::new(Port { socket, buffer: [0; 1500], heard: HashMap::new(), told: Instant::now() }).recv_from(arrived);
    loop {
        alertable::sleep(None)?;
    }
}
