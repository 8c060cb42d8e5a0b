//! A chat room: one message to 500 sessions, and what each delivery costs the server, of a loop of `send(2)`.

use super::bar::Run;
use super::child::Served;
use super::compare::compare;
use std::time::Duration;

const BUFFER: usize = 1000;

pub(crate) fn bars(run: &mut Run<'_>) {
    let driver = run.driver;
    let models = ["callback", "port"];
    run.bars(&models.map(|model| (format!("broadcast.{model}.500"), 1.05)), |cycles| {
        let mut servers = vec![Served::reference("raw_room", BUFFER)];
        servers.extend(models.map(|model| Served::start(driver, &format!("room:{model}"), BUFFER)));
        compare(servers, 500, 100, cycles, |load| load.room(Duration::from_millis(200)))
    });
}
