//! A complete echo server with network events on event objects: `cargo run --example event_select_server`.

use overlapped::network::NetworkEvents;
use overlapped::{Event, Result, Socket, Waitable, Waited, wait};

struct Client {
    socket: Socket,
    event: Event,
    /// What was received and could not be sent yet.
    echo: Vec<u8>,
}

/// Sends what there is; whether everything has gone.
fn flush(client: &mut Client) -> Result<bool> {
    while !client.echo.is_empty() {
        match client.socket.try_send(&client.echo) {
            Ok(sent) => drop(client.echo.drain(..sent)),
            // `WRITE` comes when there is room again.
            Err(error) if error.is_would_block() => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// Does what the recorded network events ask for; whether the client is still there.
fn serve(client: &mut Client) -> Result<bool> {
    client.socket.network_events(Some(&client.event))?;
    // Whatever was recorded: what has room to be sent is sent, and only then more is received.
    let mut buffer = [0; 1000];
    while flush(client)? {
        match client.socket.try_recv(&mut buffer) {
            Ok(0) => return Ok(false),
            Ok(received) => client.echo.extend_from_slice(&buffer[..received]),
            // `READ` comes with the next data.
            Err(error) if error.is_would_block() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

fn main() -> Result<()> {
    let listener = Socket::listen(std::env::args().nth(1).unwrap_or("127.0.0.1:7777".into()))?;
    println!("listening on {}", listener.local_addr()?);
    let connected = Event::manual();
    listener.select_events(&connected, NetworkEvents::ACCEPT)?;
    // One event for each client. There is no limit of 64.
    let mut clients: Vec<Client> = Vec::new();
    loop {
        let mut events: Vec<&dyn Waitable> = vec![&connected];
        events.extend(clients.iter().map(|client| &client.event as &dyn Waitable));
        match wait::any(&events, None)? {
            Waited::Object(0) => {
                listener.network_events(Some(&connected))?;
                let socket = match listener.try_accept() {
                    Err(error) if error.is_would_block() => continue,
                    accepted => accepted?,
                };
                println!("client connected");
                let event = Event::manual();
                socket.select_events(&event, NetworkEvents::READ | NetworkEvents::WRITE | NetworkEvents::CLOSE)?;
                clients.push(Client { socket, event, echo: Vec::new() });
            }
            Waited::Object(index) => match serve(&mut clients[index - 1]) {
                Ok(true) => {}
                left => {
                    println!("client {}", left.map_or_else(|error| format!("lost: {error}"), |_| "left".into()));
                    clients.swap_remove(index - 1);
                }
            },
            _ => unreachable!("a plain wait without a timeout ends with an object"),
        }
    }
}
