//! Many threads mix all that the library has, at random from a seed, while a model says what must come of it.
//!
//! The run is one round after the other, each from a seed of its own. In a round threads do *deeds*, things that must
//! come to an end by themselves, and wait for them in all ways, mostly for ever. So a wake-up that is lost leaves a
//! thread waiting, and sooner or later the whole round: the watchdog tells. The order in which things happen is not
//! determined, what each thread tries is: a failure prints the seed of its round, to be tried again.
//!
//! `OVERLAPPED_STRESS_SEED` gives the seed of the first round, `OVERLAPPED_STRESS_SECONDS` says how long rounds are
//! begun, `OVERLAPPED_STRESS_PATIENCE` after how many seconds without any progress the process is ended.

mod apcs;
mod connects;
mod datagrams;
mod deed;
mod dice;
mod doors;
mod fates;
mod links;
mod model;
mod plain;
mod port;
mod receives;
mod round;
mod sends;
mod server;
mod service;
mod tokens;
mod waits;
mod wakes;
mod watchdog;
mod worker;

use std::io::Write;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use overlapped::driver::{self, Choice};

pub(crate) fn run(choice: Choice) {
    match driver::choose(choice) {
        Err(refused) if choice == Choice::Uring && std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_none() => {
            return say(&format!("\nSKIPPED: this system refuses io_uring ({refused})\n"));
        }
        chosen => drop(chosen.expect("the driver of this target")),
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_nanos() as u64;
    let first = number("OVERLAPPED_STRESS_SEED").unwrap_or(now % 1_000_000_000);
    let time = Duration::from_secs(number("OVERLAPPED_STRESS_SECONDS").unwrap_or(3));
    let patience = Duration::from_secs(number("OVERLAPPED_STRESS_PATIENCE").unwrap_or(30));
    say(&format!("\nstress on {choice}: seed {first}, {time:?}\n"));
    let watchdog = watchdog::Watchdog::start(patience);
    let began = Instant::now();
    let mut rounds = 0;
    while rounds == 0 || began.elapsed() < time {
        watchdog::begin_round(first.wrapping_add(rounds));
        round::play(first.wrapping_add(rounds));
        rounds += 1;
    }
    drop(watchdog);
    say(&format!("stress on {choice}: {rounds} rounds, {}\n", model::report()));
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Past the capture of the test harness, which would swallow the words of a process that ends.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
