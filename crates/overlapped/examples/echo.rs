//! An echo server on any model: `cargo run -p overlapped --example echo -- event`.

use overlapped::server::{Handler, Message, Server, Session};

struct Echo;

impl Handler for Echo {
    fn received(&mut self, session: &Session, message: Message<'_>) {
        session.send_copy(message.id(), &message);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = std::env::args().nth(1).unwrap_or_else(|| "callback".into()).parse()?;
    let server = Server::builder("127.0.0.1:7777").model(model).start(|| Echo)?;
    println!("echoing at {} on the model {model}", server.address());
    server.join()?;
    Ok(())
}
