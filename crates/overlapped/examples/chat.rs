//! A chat server: lines of text, names, rooms.
//!
//! ```sh
//! cargo run -p overlapped --example chat -- 127.0.0.1:7777 port
//! nc 127.0.0.1 7777
//! ```
//!
//! `/name NAME` and `/room ROOM` change who and where one is, `/who` lists the room, everything else is said there.

use overlapped::server::{Handler, Message, Model, Overflow, Reason, Server, Session};
use std::time::Duration;

/// One who chats.
struct Guest {
    name: String,
    room: String,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
}

impl Guest {
    const LONGEST: usize = 1000;

    fn enter(&mut self, session: &Session, room: &str) {
        if !self.room.is_empty() {
            self.say(session, "has left the room");
            session.leave(&self.room);
        }
        self.room = room.to_owned();
        session.join(room);
        self.say(session, "has come into the room");
        session.send(format!("you are in {room}\n"));
    }

    /// To all others in the room.
    fn say(&self, session: &Session, text: &str) {
        session.server().send_to_group_except(&self.room, session.id(), format!("{}: {text}\n", self.name));
    }

    fn answer(&mut self, session: &Session, line: &str) {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("/name", name) if !name.is_empty() => {
                self.say(session, &format!("is now called {name}"));
                self.name = name.to_owned();
            }
            ("/room", room) if !room.is_empty() => self.enter(session, room),
            ("/who", _) => {
                let here = session.server().group(&self.room).len();
                session.send(format!("{here} in {}\n", self.room));
            }
            _ => self.say(session, line),
        }
    }
}

impl Handler for Guest {
    fn connected(&mut self, session: &Session) {
        self.name = format!("guest {}", session.id());
        self.enter(session, "lobby");
    }

    fn received(&mut self, session: &Session, message: Message<'_>) {
        self.line.extend_from_slice(&message);
        while let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.line.drain(..=end).collect();
            self.answer(session, String::from_utf8_lossy(&line).trim());
        }
        if self.line.len() > Self::LONGEST {
            session.close("a line that is too long");
        }
    }

    fn closed(&mut self, session: &Session, reason: &Reason) {
        self.say(session, &format!("has gone: {reason}"));
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:7777".into());
    let model: Model = arguments.next().unwrap_or_else(|| "callback".into()).parse()?;
    let server = Server::builder(&address[..])
        .model(model)
        .threads(2)
        .max_sessions_per_address(100)
        .idle_timeout(Duration::from_secs(600))
        .queue_limit(64 << 10, Overflow::Close) // who does not read for so long has gone
        .start(|| Guest { name: String::new(), room: String::new(), line: Vec::new() })?;
    println!("chatting at {} on the model {model}", server.address());
    server.join()?;
    Ok(())
}
