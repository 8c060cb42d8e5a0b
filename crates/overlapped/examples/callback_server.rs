//! A complete echo server with completion routines: `cargo run --example callback_server`.

use overlapped::{Completion, Overlapped, Result, Session, Socket, alertable};

/// The session and its receive buffer; `Overlapped` puts the operation's header in front.
struct Client {
    socket: Socket,
    buffer: [u8; 1000],
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn accepted(listener: Overlapped<Socket>, client: Result<Socket>) {
    match client {
        Ok(socket) => {
            println!("client connected");
            Overlapped::new(Client { socket, buffer: [0; 1000] }).recv(received);
        }
        Err(error) => eprintln!("{error}"),
    }
    listener.accept(|listener| listener, accepted);
}

fn received(client: Overlapped<Client>, done: Result<Completion>) {
    match done {
        Ok(done) if done.bytes > 0 => {
            println!("received {} bytes", done.bytes);
            client.send(..done.bytes, sent);
        }
        // Dropping the session closes its socket.
        Ok(_) => println!("client left"),
        Err(error) => println!("client lost: {error}"),
    }
}

fn sent(client: Overlapped<Client>, done: Result<Completion>) {
    if done.is_ok() {
        client.recv(received);
    }
}

fn main() -> Result<()> {
    let listener = Socket::listen(std::env::args().nth(1).unwrap_or("127.0.0.1:7777".into()))?;
    println!("listening on {}", listener.local_addr()?);
    Overlapped::new(listener).accept(|listener| listener, accepted);
    loop {
        // Routines run here and nowhere else; one wait runs all that are queued.
        alertable::sleep(None)?;
    }
}
