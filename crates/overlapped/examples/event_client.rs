//! A complete client with event objects: `cargo run --example event_client`.

use overlapped::{Event, Overlapped, Session, Socket};
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

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7777".into());
    let address = address.to_socket_addrs()?.next().ok_or("the name has no address")?;
    let mut buffer = [0; 100];
    buffer[..11].copy_from_slice(b"Hello World");

    let event = Event::manual();
    let server = Overlapped::new(Server { socket: Socket::tcp(&address)?, buffer });
    // `finish` waits for the completion and asks for the result.
    let (mut server, done) = server.connect_event(address, &event, |server| &server.socket).finish();
    done?;
    println!("connected");
    loop {
        let (session, done) = server.send_event(.., &event).finish();
        println!("sent {} bytes", done?.bytes);
        let (session, done) = session.recv_event(&event).finish();
        match done?.bytes {
            0 => return Ok(()),
            bytes => println!("received {bytes} bytes"),
        }
        server = session;
        std::thread::sleep(Duration::from_secs(1));
    }
}
