//! The library's own server, with a handler for each shape, in a process of its own: what the child does that was started
//! for `SHAPE:MODEL:BUFFER`, where `portx4` is the model port with four threads.

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

/// Serves until its parent ends it.
pub(crate) fn serve(job: &str) {
    let parts: Vec<_> = job.split(':').collect();
    let [shape, server, buffer] = parts[..] else { panic!("not SHAPE:MODEL:BUFFER: {job}") };
    let (model, threads) = server.split_once('x').unwrap_or((server, "1"));
    let model: Model = model.parse().expect("a model");
    let threads = threads.parse().expect("a number of threads");
    let buffer = buffer.parse().expect("the size of a buffer");
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
    server.join().expect("a server that goes on");
}
