//! The load: a process for the sessions with one server, a file for each shape. It is asked for slices one after the other, and does
//! nothing in between; a process of its own has its own limit of descriptors.

mod addresses;
mod broadcast;
mod churn;
mod closed;
mod idle;
mod open;
mod protocol;
mod sessions;
mod talk;

pub(super) use protocol::{Job, Order, Reply, Slice};

use super::report::Shape;
use crate::output::say;
use crate::platform;
use crate::problem::Problem;
use broadcast::Broadcast;
use churn::Churn;
use closed::Closed;
use open::Open;
use sessions::Outcome;
use std::io::{BufRead, stdin};
use std::process;
use std::time::{Duration, Instant};
use talk::Talk;

/// Sessions that can load a server.
trait Generator {
    /// Loads it for so long; at the end no message is on the way.
    fn slice(&mut self, length: Duration) -> Outcome<Slice>;
}

/// Measures a slice.
struct Watch {
    begin: Instant,
    used: Option<Duration>,
}

impl Watch {
    fn start() -> Self {
        Self { used: platform::processor_time(process::id()), begin: Instant::now() }
    }

    /// The times of a slice whose last answer came then.
    fn stop(self, last: Instant) -> Slice {
        let used = platform::processor_time(process::id());
        let busy = used.zip(self.used).map(|(after, before)| after.saturating_sub(before).as_secs_f64());
        Slice { seconds: (last - self.begin).as_secs_f64(), busy, ..Slice::default() }
    }
}

/// What the bench starts: does a job that it reads, and tells what comes of it.
pub(crate) fn run() -> Result<(), Problem> {
    platform::raise_open_files();
    let mut lines = stdin().lock().lines().map_while(Result::ok);
    let odd = |error: serde_json::Error| Problem::usage(format!("this is for `overlapped bench` itself: {error}"));
    let Some(job) = lines.next() else { return Ok(()) };
    let job: Job = serde_json::from_str(&job).map_err(odd)?;
    let failed = |reply: &Outcome<Reply>| reply.is_err();
    let mut generator = None;
    let mut reply = probe(&job).map(|()| Reply::Ready);
    loop {
        let over = failed(&reply);
        tell(&reply.unwrap_or_else(Reply::Failed))?;
        if over {
            return Ok(());
        }
        let Some(order) = lines.next() else { return Ok(()) };
        reply = match (serde_json::from_str(&order).map_err(odd)?, &mut generator) {
            (Order::Slice(seconds), Some(generator)) => {
                let generator: &mut Box<dyn Generator> = generator;
                generator.slice(Duration::from_secs_f64(seconds)).map(Reply::Slice)
            }
            (Order::Slice(_), None) => Err("there are no sessions yet".into()),
            (Order::Connect, _) => connect(&job).map(|sessions| {
                generator = Some(sessions);
                Reply::Connected
            }),
        };
    }
}

fn tell(reply: &Reply) -> Result<(), Problem> {
    let line = serde_json::to_string(reply).map_err(|error| Problem::failed(format!("cannot write JSON: {error}")))?;
    say!("{line}");
    Ok(())
}

/// Whether the server answers rightly at all; after that it has touched what it needs for any session.
fn probe(job: &Job) -> Outcome<()> {
    match job.shape {
        Shape::Broadcast => Broadcast::new(&Job { sessions: 2, active: 1, ..job.clone() }).map(drop),
        _ => {
            let one = Job { sessions: 1, active: 1, depth: 1, ..job.clone() };
            let mut talk = Talk::new(&one);
            talk.connect(&one)?;
            Closed::new(talk, &one).slice(Duration::ZERO).map(drop)
        }
    }
}

fn connect(job: &Job) -> Outcome<Box<dyn Generator>> {
    match job.shape {
        Shape::Broadcast => Ok(Box::new(Broadcast::new(job)?)),
        Shape::Churn => Ok(Box::new(Churn::new(job))),
        Shape::Echo | Shape::Idle => {
            let mut talk = Talk::new(job);
            talk.connect(job)?;
            idle::connect(&mut talk, job)?;
            Ok(match job.rate {
                None => Box::new(Closed::new(talk, job)),
                Some(rate) => Box::new(Open::new(talk, job, rate)),
            })
        }
    }
}
