//! A complete echo server with event objects: `cargo run --example event_server`.

use overlapped::{Event, Overlapped, Pending, Result, Session, Socket, Waitable, Waited, wait};

struct Client {
    socket: Socket,
    buffer: [u8; 1000],
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn main() -> Result<()> {
    let listener = Socket::listen(std::env::args().nth(1).unwrap_or("127.0.0.1:7777".into()))?;
    println!("listening on {}", listener.local_addr()?);

    let connected = Event::manual();
    let mut accept = Overlapped::new(listener).accept_event(&connected, |listener| listener);
    // One event and one pending receive for each client. There is no limit of 64.
    let mut clients: Vec<(Event, Pending<Client>)> = Vec::new();
    loop {
        let mut events: Vec<&dyn Waitable> = vec![&connected];
        events.extend(clients.iter().map(|(event, _)| event as &dyn Waitable));
        match wait::any(&events, None)? {
            Waited::Object(0) => {
                let (listener, client) = accept.finish();
                accept = listener.accept_event(&connected, |listener| listener);
                let socket = client?;
                println!("client connected");
                let event = Event::manual();
                let pending = Overlapped::new(Client { socket, buffer: [0; 1000] }).recv_event(&event);
                clients.push((event, pending));
            }
            Waited::Object(index) => {
                let (event, pending) = clients.swap_remove(index - 1);
                let (client, done) = pending.finish();
                match done {
                    Ok(done) if done.bytes > 0 => {
                        println!("received {} bytes", done.bytes);
                        if let Err(error) = client.socket.give_copy(&client.buffer[..done.bytes]) {
                            println!("client lost: {error}");
                            continue;
                        }
                        clients.push((event.clone(), client.recv_event(&event)));
                    }
                    Ok(_) => println!("client left"),
                    Err(error) => println!("client lost: {error}"),
                }
            }
            _ => unreachable!("a plain wait without a timeout ends with an object"),
        }
    }
}
