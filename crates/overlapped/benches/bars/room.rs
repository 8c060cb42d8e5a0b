//! A chat room: one message to 500 sessions, and what each delivery costs the server, of a loop of `send(2)`.

use super::bar::Run;
use super::child::Served;
use super::compare::compare;
use super::load::Load;
use std::time::{Duration, Instant};

const BUFFER: usize = 1000;
const SLICE: Duration = Duration::from_millis(200);
/// After a silence (of 200 ms, a retransmission timeout) so many messages of a connection are acknowledged at once, in the
/// server's time, and cost twice as much as the others: they would be half of a slice, or none of it, as slices lie.
const AT_ONCE: usize = 16;

pub(crate) fn bars(run: &mut Run<'_>) {
    let driver = run.driver;
    let models = ["callback", "port"];
    run.bars(&models.map(|model| (format!("broadcast.{model}.500"), 1.05)), |cycles| {
        let mut servers = vec![Served::reference("raw_room", BUFFER)];
        servers.extend(models.map(|model| Served::start(driver, &format!("room:{model}"), BUFFER)));
        compare(servers, 500, 100, cycles, start, speak)
    });
}

fn start(load: &mut Load) {
    for _ in 0..=AT_ONCE {
        load.speak();
    }
}

fn speak(load: &mut Load) -> usize {
    let end = Instant::now() + SLICE;
    let mut delivered = 0;
    while Instant::now() < end {
        delivered += load.speak();
    }
    delivered
}
