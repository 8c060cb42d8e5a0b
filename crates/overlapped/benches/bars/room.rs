//! A chat room: one message to 500 sessions, and what each delivery costs the server, of a loop of `send(2)`.

use super::bar::Run;
use super::echo::compare;
use std::time::Duration;

pub(crate) fn bars(run: &mut Run<'_>) {
    let driver = run.driver;
    let bars = ["callback", "port"].map(|model| (format!("broadcast.{model}.500"), 1.05));
    run.bars(&bars, |cycles| {
        let servers = ["room:epoll", "room:callback", "room:port"].map(|what| (what.to_owned(), 1000));
        compare(driver, &servers, 500, 100, cycles, |load| load.room(Duration::from_millis(100)))
    });
}
