//! The servers under load, each in a process of its own: what the child does that was started for `SHAPE:SERVER:BUFFER`.

mod bare_echo;
mod bare_room;
mod library;

use super::super::support::pinned;
use overlapped::server::Model;

/// Serves until its parent ends it.
pub(crate) fn serve(job: &str) {
    pinned::pin(0);
    let parts: Vec<_> = job.split(':').collect();
    let [shape, server, buffer] = parts[..] else { panic!("not SHAPE:SERVER:BUFFER: {job}") };
    let buffer = buffer.parse().expect("the size of a buffer");
    match (shape, server) {
        ("echo", "epoll") => bare_echo::serve(buffer),
        ("room", "epoll") => bare_room::serve(buffer),
        _ => {
            let (model, threads) = server.split_once('x').unwrap_or((server, "1"));
            let model: Model = model.parse().expect("a model");
            library::serve(shape, model, threads.parse().expect("a number of threads"), buffer);
        }
    }
}
