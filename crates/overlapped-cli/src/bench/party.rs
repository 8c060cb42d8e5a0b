//! A server and those that load it, for one number of sessions. They are idle except in their slices.

use super::load::{Order, Reply, Slice};
use super::loader::{Failure, Loader};
use super::plan::{Candidate, Plan};
use super::report::Shape;
use super::server::Server;
use super::stop::Stop;
use crate::problem::Problem;
use std::thread;
use std::time::Duration;

pub(super) struct Party {
    name: String,
    sessions: usize,
    /// Ended after the loaders, which would complain.
    loaders: Vec<Loader>,
    /// More than one if the sessions are more than a process can have.
    servers: Vec<Server>,
    /// Resident memory of the servers before there were sessions.
    before: Option<u64>,
    keeps_sessions: bool,
}

/// A slice, and what it has cost.
pub(super) struct Measured {
    pub(super) slices: Vec<Slice>,
    /// Processor time of the servers.
    pub(super) used: Option<Duration>,
}

impl Party {
    /// Of fewer sessions the memory is not told: what the server needs anyhow would be all of it.
    const MANY: usize = 10;

    /// Starts everybody, and opens the sessions.
    pub(super) fn start(plan: &Plan, candidate: &Candidate, sessions: usize, stop: &Stop) -> Result<Self, Problem> {
        let name = candidate.name.clone();
        let keeps_sessions = plan.settings.shape != Shape::Churn;
        let (loaders, servers) = (Vec::new(), Vec::new());
        let mut party = Self { name, sessions, loaders, servers, before: None, keeps_sessions };
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
        party.settle();
        party.before = party.memory();
        party.loaders.iter_mut().for_each(|loader| loader.order(Order::Connect));
        party.replies(stop, |reply| matches!(reply, Reply::Connected).then_some(()))?;
        party.settle();
        Ok(party)
    }

    pub(super) fn slice(&mut self, seconds: f64, stop: &Stop) -> Result<Measured, Problem> {
        let before = self.processor_time();
        self.loaders.iter_mut().for_each(|loader| loader.order(Order::Slice(seconds)));
        let slices = self.replies(stop, |reply| if let Reply::Slice(slice) = reply { Some(slice) } else { None })?;
        self.settle();
        let used = self.processor_time().zip(before).map(|(after, before)| after.saturating_sub(before));
        Ok(Measured { slices, used })
    }

    /// One answer of each loader.
    fn replies<A>(&mut self, stop: &Stop, expected: impl Fn(Reply) -> Option<A>) -> Result<Vec<A>, Problem> {
        let mut answers = Vec::new();
        for loader in &mut self.loaders {
            match loader.reply(stop) {
                Ok(reply) => answers.extend(expected(reply)),
                Err(Failure::Other(problem)) => return Err(problem),
                Err(Failure::Server(why)) => {
                    return Err(self
                        .servers
                        .iter_mut()
                        .find_map(|server| server.ended("during the run"))
                        .unwrap_or_else(|| {
                            let complaint = self.servers.iter().map(Server::complaint).find(|text| !text.is_empty());
                            Problem::failed(format!("{}: {why}{}", self.name, complaint.unwrap_or_default()))
                        }));
                }
            }
        }
        Ok(answers)
    }

    /// Waits until the servers have nothing more to do: what they have used is exact then.
    fn settle(&self) {
        let mut before = self.processor_time();
        for _ in 0..100 {
            thread::sleep(Duration::from_millis(2));
            let now = self.processor_time();
            if now == before {
                break;
            }
            before = now;
        }
    }

    fn processor_time(&self) -> Option<Duration> {
        self.servers.iter().map(Server::processor_time).sum()
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
