//! An echo server with a completion port, written as the model is: workers that take packets, whatever socket they are of.
//!
//! Proactor: an operation is issued first, and the packet says that it is done. What it costs is a thread's worth of care: any
//! worker may have any session, so `Client` must be `Send`. What limits it is the concurrency value.
//!
//!     cargo run --release --example port_server -- 127.0.0.1:7777 4

use overlapped::{Completion, Overlapped, Port, Result, Session, Socket};
use std::error::Error;
use std::thread;

struct Client {
    socket: Socket,
    buffer: Vec<u8>,
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

/// What the workers take. Each variant is the function that makes it.
enum Packet {
    Accepted(Overlapped<Socket>, Result<Socket>),
    Received(Overlapped<Client>, Result<Completion>),
}

fn work(port: &Port<Packet>, buffer: usize) -> Result<()> {
    while let Some(packet) = port.get(None)? {
        match packet {
            Packet::Accepted(listener, client) => {
                match client {
                    Ok(socket) => {
                        let _ = socket.set_nodelay(true);
                        Overlapped::new(Client { socket, buffer: vec![0; buffer] }).recv_port(port, Packet::Received);
                    }
                    Err(error) => eprintln!("{error}"),
                }
                listener.accept_port(port, |listener| listener, Packet::Accepted);
            }
            Packet::Received(client, Ok(done)) if done.bytes > 0 => {
                if client.socket.give_copy(&client.buffer[..done.bytes]).is_ok() {
                    client.recv_port(port, Packet::Received);
                }
            }
            Packet::Received(..) => {} // gone: dropping the session closes the socket
        }
    }
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:7777".into());
    let workers: usize = arguments.next().map_or(Ok(4), |workers| workers.parse())?;
    let buffer: usize = arguments.next().map_or(Ok(1000), |bytes| bytes.parse())?;
    let listener = Socket::listen(&*address)?;
    println!("listening on {}", listener.local_addr()?);
    let port = Port::new(0);
    Overlapped::new(listener).accept_port(&port, |listener| listener, Packet::Accepted);
    thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(|| work(&port, buffer));
        }
        work(&port, buffer)
    })?;
    Ok(())
}
