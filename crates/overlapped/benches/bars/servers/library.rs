//! The library's own server, with a handler for each shape.

use overlapped::server::{Handler, Message, Model, Packet, Server, Session};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Sends it back.
struct Echo;

impl Handler for Echo {
    fn received(&mut self, session: &Session, message: Message<'_>) {
        session.send_copy(message.id(), &message);
    }
}

/// Sends it to all.
struct Room;

impl Handler for Room {
    fn received(&mut self, session: &Session, message: Message<'_>) {
        session.server().broadcast(Packet::new(0, Arc::<[u8]>::from(&*message)));
    }
}

/// Says how many sessions there are, whenever those are a thousand more.
struct Counted(Arc<AtomicUsize>);

impl Handler for Counted {
    fn connected(&mut self, _: &Session) {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        if count % 1000 == 0 {
            println!("sessions {count}");
        }
    }

    fn received(&mut self, session: &Session, message: Message<'_>) {
        session.send_copy(message.id(), &message);
    }
}

pub(super) fn serve(shape: &str, model: Model, threads: usize, buffer: usize) {
    let builder = Server::builder("127.0.0.1:0").model(model).threads(threads).buffer(buffer);
    let server = match shape {
        "echo" => builder.start(|| Echo),
        "room" => builder.start(|| Room),
        "idle" => {
            let count = Arc::<AtomicUsize>::default();
            builder.start(move || Counted(count.clone()))
        }
        _ => panic!("no server is of the shape {shape}"),
    };
    let server = server.expect("a server");
    println!("listening on {}", server.address());
    // Until the parent ends this process.
    server.join().expect("a server that goes on");
}
