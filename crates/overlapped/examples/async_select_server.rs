//! A complete echo server with network events as messages: `cargo run --example async_select_server`. A line on the standard
//! input that says `quit` is a message too.

use overlapped::messages::{Message, MessageQueue};
use overlapped::network::NetworkEvents;
use overlapped::{Result, Socket, SocketId};
use std::collections::HashMap;
use std::io::BufRead;

struct Client {
    socket: Socket,
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

/// Sends and receives what can be; whether the client is still there.
fn serve(client: &mut Client) -> Result<bool> {
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
    let queue = MessageQueue::<String>::new();
    let poster = queue.poster();
    std::thread::spawn(move || {
        std::io::stdin().lock().lines().map_while(|line| line.ok()).try_for_each(|line| poster.post(line))
    });

    // What is accepted has the same selection.
    let events = NetworkEvents::READ | NetworkEvents::WRITE | NetworkEvents::CLOSE;
    listener.select_messages(&queue, events | NetworkEvents::ACCEPT)?;
    let mut clients: HashMap<SocketId, Client> = HashMap::new();
    loop {
        match queue.get()? {
            Message::Network(message) if message.event() == NetworkEvents::ACCEPT => match listener.try_accept() {
                Ok(socket) => {
                    println!("client connected");
                    clients.insert(socket.id(), Client { socket, echo: Vec::new() });
                }
                Err(error) if error.is_would_block() => {}
                Err(error) => return Err(error),
            },
            Message::Network(message) => {
                // One that was closed may have had messages left.
                let Some(client) = clients.get_mut(&message.socket()) else { continue };
                let left = serve(client);
                if !matches!(left, Ok(true)) {
                    println!("client {}", left.map_or_else(|error| format!("lost: {error}"), |_| "left".into()));
                    clients.remove(&message.socket());
                }
            }
            Message::Posted(line) if line == "quit" => queue.quit(0)?,
            Message::Posted(line) => println!("{} clients ({line}?)", clients.len()),
            Message::Quit(code) => std::process::exit(code),
            _ => {}
        }
    }
}
