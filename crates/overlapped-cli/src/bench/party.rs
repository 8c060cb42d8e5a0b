//! A server and those that load it, for one number of sessions. They are idle except in their slices.

use super::beside::Beside;
use super::load::{Order, Reply, Slice};
use super::loader::{Failure, Loader};
use super::plan::{Candidate, Plan};
use super::report::Shape;
use super::server::Server;
use super::stop::Stop;
use crate::platform;
use crate::problem::Problem;
use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

pub(super) struct Party {
    sessions: usize,
    /// Ended after the loaders, which would complain.
    loaders: Vec<Loader>,
    /// More than one if the sessions are more than a process can have.
    servers: Vec<Server>,
    /// What else works for them.
    beside: Vec<Beside>,
    /// Resident memory of the servers before there were sessions.
    before: Option<u64>,
    keeps_sessions: bool,
}

/// When a server ends that has listened.
const WHEN: &str = "during the run";

/// A slice, and what it has cost.
pub(super) struct Measured {
    pub(super) slices: Vec<Slice>,
    /// Processor time of the servers, and of what works for them.
    pub(super) used: Option<Duration>,
}

impl Party {
    /// Of fewer sessions the memory is not told: what the server needs anyhow would be all of it.
    const MANY: usize = 10;

    /// Starts everybody, and opens the sessions.
    pub(super) fn start(plan: &Plan, candidate: &Candidate, sessions: usize, stop: &Stop) -> Result<Self, Problem> {
        let keeps_sessions = plan.settings.shape != Shape::Churn;
        let (loaders, servers, beside) = (Vec::new(), Vec::new(), candidate.beside.clone());
        let mut party = Self { sessions, loaders, servers, beside, before: None, keeps_sessions };
        let parts = plan.parts(sessions);
        let alone = matches!(candidate.kind, super::plan::Kind::Running(..));
        for part in 0..parts {
            if part == 0 || !alone {
                party.servers.push(Server::start(plan, candidate, stop)?);
            }
            let to = party.servers.last().expect("the first was started").address;
            party.loaders.push(Loader::start(&plan.job(sessions, part, to), &plan.pins)?);
        }
        party.replies(stop, |reply| matches!(reply, Reply::Ready).then_some(()))?;
        party.settle(&party.processes()?);
        party.before = party.memory();
        party.loaders.iter_mut().for_each(|loader| loader.order(Order::Connect));
        party.replies(stop, |reply| matches!(reply, Reply::Connected).then_some(()))?;
        party.settle(&party.processes()?);
        Ok(party)
    }

    pub(super) fn slice(&mut self, seconds: f64, stop: &Stop) -> Result<Measured, Problem> {
        let processes = self.processes()?;
        let before = processor_time(&processes);
        self.loaders.iter_mut().for_each(|loader| loader.order(Order::Slice(seconds)));
        let slices = self.replies(stop, |reply| if let Reply::Slice(slice) = reply { Some(slice) } else { None })?;
        self.settle(&processes);
        let used = processor_time(&processes).zip(before).map(|(after, before)| after.saturating_sub(before));
        match self.ended() {
            Some(problem) => Err(problem),
            None => Ok(Measured { slices, used }),
        }
    }

    /// One answer of each loader.
    fn replies<A>(&mut self, stop: &Stop, expected: impl Fn(Reply) -> Option<A>) -> Result<Vec<A>, Problem> {
        let mut answers = Vec::new();
        for loader in &mut self.loaders {
            match loader.reply(stop) {
                Ok(reply) => answers.extend(expected(reply)),
                Err(Failure::Other(problem)) => return Err(problem),
                Err(Failure::Server(why)) => {
                    return Err(self.servers.iter_mut().find_map(|server| server.ended(WHEN)).unwrap_or_else(|| {
                        let complaint = self.servers.iter().map(Server::complaint).find(|text| !text.is_empty());
                        Problem::failed(format!("{why}{}", complaint.unwrap_or_default()))
                    }));
                }
            }
        }
        Ok(answers)
    }

    /// Why it cannot be measured any more, if a server has ended: in the shape churn nobody else might tell.
    fn ended(&mut self) -> Option<Problem> {
        self.servers.iter_mut().find_map(|server| server.has_ended().then(|| server.ended(WHEN)).flatten())
    }

    /// Waits until the servers have nothing more to do: what they have used is exact then.
    fn settle(&self, processes: &BTreeSet<u32>) {
        let mut before = processor_time(processes);
        for _ in 0..100 {
            thread::sleep(Duration::from_millis(2));
            let now = processor_time(processes);
            if now == before {
                break;
            }
            before = now;
        }
    }

    /// Whose processor time counts, each once. None if nothing is known of a server.
    fn processes(&self) -> Result<BTreeSet<u32>, Problem> {
        let Some(mut all) = self.servers.iter().map(Server::process).collect::<Option<BTreeSet<_>>>() else {
            return Ok(BTreeSet::new());
        };
        for beside in &self.beside {
            all.extend(beside.processes()?);
        }
        Ok(all)
    }

    /// Whether everybody who was started runs ahead of other work.
    pub(super) fn is_raised(&self) -> bool {
        self.servers.iter().all(Server::is_raised) && self.loaders.iter().all(Loader::is_raised)
    }

    fn memory(&self) -> Option<u64> {
        self.servers.iter().map(Server::resident_memory).sum()
    }

    /// Bytes of resident memory for each session, above what the server had before.
    pub(super) fn memory_per_session(&self) -> Option<f64> {
        let grown = self.memory()?.saturating_sub(self.before?);
        (self.keeps_sessions && self.sessions >= Self::MANY).then(|| grown as f64 / self.sessions as f64)
    }
}

/// Of all of them; none if it is not known of one, or there is none.
fn processor_time(processes: &BTreeSet<u32>) -> Option<Duration> {
    if processes.is_empty() {
        return None;
    }
    processes.iter().map(|&process| platform::processor_time(process)).sum()
}
