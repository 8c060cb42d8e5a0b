//! A complete echo server with select: `cargo run --example select_server`.
//!
//! The program asks which sockets can be read or written without blocking, and then reads or writes (a reactor). It is
//! simple, needs one thread, and runs on every system. What limits it: the sets are filled, handed over and looked through
//! as a whole for each wait, so each message costs the more the more clients there are, and Winsock's set has room for 64
//! sockets.

use overlapped::readiness::{SocketSet, select};
use overlapped::{Result, Socket};

struct Client {
    socket: Socket,
    buffer: [u8; 1000],
    /// What was received into the buffer, and how much of it was sent back.
    received: usize,
    sent: usize,
}

impl Client {
    /// Receives, and sends it back before it receives again; an error ends the client.
    fn serve(&mut self, read: &SocketSet, write: &SocketSet) -> Result<bool> {
        if read.is_ready(&self.socket) {
            self.received = self.socket.try_recv(&mut self.buffer)?;
            self.sent = 0;
            if self.received == 0 {
                return Ok(false);
            }
            println!("received {} bytes", self.received);
        } else if write.is_ready(&self.socket) {
            // The system may take less than there is.
            self.sent += self.socket.try_send(&self.buffer[self.sent..self.received])?;
        }
        Ok(true)
    }
}

fn main() -> Result<()> {
    let listener = Socket::listen(std::env::args().nth(1).unwrap_or("127.0.0.1:7777".into()))?;
    println!("listening on {}", listener.local_addr()?);

    let mut clients: Vec<Client> = Vec::new();
    let (mut read, mut write) = (SocketSet::classic(), SocketSet::classic());
    loop {
        read.clear();
        write.clear();
        // One place is the listener's; who finds none waits until a client leaves.
        if clients.len() < 63 {
            read.insert(&listener);
        }
        for client in &clients {
            let set = if client.sent < client.received { &mut write } else { &mut read };
            set.insert(&client.socket);
        }
        select(Some(&mut read), Some(&mut write), None, None)?;
        if read.is_ready(&listener) {
            match listener.try_accept() {
                Ok(socket) => {
                    println!("client connected");
                    clients.push(Client { socket, buffer: [0; 1000], received: 0, sent: 0 });
                }
                // It left before it was accepted.
                Err(error) if error.is_would_block() => {}
                Err(error) => return Err(error),
            }
        }
        clients.retain_mut(|client| match client.serve(&read, &write) {
            Ok(true) => true,
            Err(error) if error.is_would_block() => true,
            Ok(false) => {
                println!("client left");
                false
            }
            Err(error) => {
                println!("client lost: {error}");
                false
            }
        });
    }
}
