//! A complete client with completion routines: `cargo run --example callback_client`.

use overlapped::{Completion, Overlapped, Result, Session, Socket, alertable};
use std::error::Error;
use std::net::ToSocketAddrs;
use std::time::Duration;

struct Server {
    socket: Socket,
    buffer: [u8; 100],
}

impl Session for Server {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn connected(server: Overlapped<Server>, done: Result<()>) {
    match done {
        Ok(()) => {
            println!("connected");
            server.send(.., sent);
        }
        Err(error) => fail(&error),
    }
}

fn sent(server: Overlapped<Server>, done: Result<Completion>) {
    match done {
        Ok(done) => {
            println!("sent {} bytes", done.bytes);
            server.recv(received);
        }
        Err(error) => fail(&error),
    }
}

fn received(server: Overlapped<Server>, done: Result<Completion>) {
    match done {
        Ok(done) if done.bytes > 0 => {
            println!("received {} bytes", done.bytes);
            std::thread::sleep(Duration::from_secs(1));
            server.send(.., sent);
        }
        Ok(_) => std::process::exit(0),
        Err(error) => fail(&error),
    }
}

fn fail(error: &overlapped::Error) {
    eprintln!("{error}");
    std::process::exit(1);
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7777".into());
    let address = address.to_socket_addrs()?.next().ok_or("the name has no address")?;
    let mut buffer = [0; 100];
    buffer[..11].copy_from_slice(b"Hello World");
    let server = Overlapped::new(Server { socket: Socket::tcp(&address)?, buffer });
    server.connect(address, |server| &server.socket, connected);
    loop {
        alertable::sleep(None)?;
    }
}
