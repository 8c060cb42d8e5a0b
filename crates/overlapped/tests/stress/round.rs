//! One round: threads begin, do their deeds, end, and are replaced; then everything must have come to an end.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use overlapped::{Timer, Waitable, Waited};

use super::deed::Round;
use super::dice::Dice;
use super::model;
use super::server::Server;
use super::service::Service;
use super::tokens::Token;
use super::waits::{How, begin_thread};
use super::watchdog;
use super::worker::{self, Plan};

pub(super) fn play(seed: u64) {
    let mut dice = Dice::new(seed);
    begin_thread("the round".into());
    // Whoever waits for objects in the library drives it for all, and hides that somebody else should. In a quiet round
    // the workers are alone in that.
    let quiet = dice.percent(40);
    let routines = [0, 10, 50, 90, 100][dice.below(5)];
    let service = Service::new(quiet);
    let servers = (0..dice.between(1, 2)).map(|_| Server::new(quiet, dice.percent(25))).collect();
    let tokens = Token::some(&mut dice);
    let (crowd, serial) = (Mutex::default(), AtomicU64::new(0));
    let round = Arc::new(Round { routines, tokens, service, servers, crowd, serial });
    let mut helpers = Vec::new();
    for number in 0..dice.between(1, 3) {
        helpers.push(round.service.start(format!("service {number}"), dice.others()));
    }
    if !quiet {
        helpers.iter().for_each(|thread| round.join(thread));
    }
    for (number, server) in round.servers.iter().enumerate() {
        let started = server.start(format!("server {number}"), dice.others());
        started.iter().for_each(|thread| round.join(thread));
    }
    work(&round, quiet, &mut dice);
    watchdog::at(|| "stops the servers".into());
    for server in &round.servers {
        server.stop(How { alertable: dice.percent(50), timeout: None });
    }
    watchdog::at(|| "stops the service".into());
    round.service.stop(helpers.len());
    let objects: Vec<_> = helpers.iter().map(|thread| thread as &dyn Waitable).collect();
    while (How { alertable: dice.percent(50), timeout: None }).all(&objects) == Waited::Routines {}
    drop(round);
    drop(helpers);
    model::end_round();
}

/// The workers, and who comes after them.
fn work(round: &Arc<Round>, quiet: bool, dice: &mut Dice) {
    // Few threads with little to do show what many would hide: who is woken for nothing is awake.
    let (crowd, breadth) = match dice.below(10) {
        0..=5 => (dice.between(1, 3), dice.between(1, 2)),
        6..=8 => (dice.between(2, 5), dice.between(1, 5)),
        _ => (dice.between(6, 12), dice.between(2, 8)),
    };
    let (steps, mut spares) = (dice.between(3, 40), dice.below(crowd * 2));
    let mut number = 0;
    let mut more = |dice: &mut Dice| {
        number += 1;
        let abrupt = dice.percent(40);
        let plan = Plan { name: format!("worker {number}"), steps: dice.between(1, steps), breadth, abrupt };
        worker::start(round, plan, dice.others())
    };
    let mut workers: Vec<_> = (0..crowd).map(|_| more(dice)).collect();
    if quiet {
        watchdog::at(|| "joins the workers".into());
        workers.extend((0..spares).map(|_| more(dice)));
        return workers.into_iter().for_each(|(_, handle)| handle.join().expect("no worker panics"));
    }
    let tick = Timer::auto();
    if dice.percent(50) {
        let period = Duration::from_millis(dice.between(10, 60) as u64);
        tick.set(period, Some(period));
    }
    while !workers.is_empty() {
        watchdog::at(|| format!("waits for {} workers", workers.len()));
        let mut objects: Vec<_> = workers.iter().map(|(thread, _)| thread as &dyn Waitable).collect();
        objects.push(&tick);
        let how = How { alertable: dice.percent(50), timeout: None };
        match how.any(&objects) {
            Waited::Object(index) if index < workers.len() => {
                drop(workers.swap_remove(index));
                if spares > 0 {
                    spares -= 1;
                    workers.push(more(dice));
                }
            }
            Waited::Object(_) => {
                let place = dice.below(round.servers.len());
                watchdog::at(|| format!("replaces server {place}"));
                round.servers[place].stop(how);
                let started = round.servers[place].start(format!("another server {place}"), dice.others());
                started.iter().for_each(|thread| round.join(thread));
            }
            _ => {}
        }
    }
}
