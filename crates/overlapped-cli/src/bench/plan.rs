//! What a run does, as the user has asked for it: who is measured, and under which load.

use super::beside::Beside;
use super::load::Job;
use super::report::{Settings, Shape};
use crate::args::{Bench, Models};
use crate::platform;
use crate::problem::Problem;
use overlapped::driver::Choice;
use overlapped::server::Model;
use std::net::SocketAddr;

/// A server that is measured.
pub(super) struct Candidate {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// What works for it in other processes.
    pub(super) beside: Vec<Beside>,
}

impl Candidate {
    fn new(name: &str, kind: Kind) -> Self {
        Self { name: name.into(), kind, beside: Vec::new() }
    }
}

pub(super) enum Kind {
    /// One of this library.
    Ours(Model),
    /// Started by a command, in words with `{port}` and `{buffer}`.
    Foreign(Vec<String>),
    /// Runs already, perhaps on this machine.
    Running(SocketAddr, Option<u32>),
}

pub(super) struct Plan {
    pub(super) candidates: Vec<Candidate>,
    /// Numbers of sessions, one after the other.
    pub(super) sessions: Vec<usize>,
    pub(super) settings: Settings,
    /// Of the servers of this library.
    pub(super) driver: Option<Choice>,
    pub(super) pins: Pins,
    /// How many sessions a process can have.
    room: usize,
}

/// Which processors are whose; none where the system chooses.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pins {
    pub(super) servers: Vec<usize>,
    pub(super) load: Vec<usize>,
}

impl Pins {
    /// The first ones are the servers', as many as they have threads; the next one is the load's.
    fn choose(processors: &[usize], threads: usize) -> Self {
        match processors.len() {
            0 | 1 => Self::default(),
            all => {
                let (servers, rest) = processors.split_at(threads.min(all - 1));
                Self { servers: servers.to_vec(), load: vec![rest[0]] }
            }
        }
    }
}

impl Plan {
    /// What a process needs besides the sessions: standard streams, rings, a listener.
    const RESERVE: usize = 64;
    /// The most that may be on the way on a session.
    const ON_THE_WAY: usize = 64 << 20;

    pub(super) fn of(asked: &Bench) -> Result<Self, Problem> {
        let candidates = candidates(asked)?;
        let unknown = |name: &&String| candidates.iter().all(|candidate| candidate.name != **name);
        if let Some(name) = asked.reference.as_ref().filter(unknown) {
            let names: Vec<_> = candidates.iter().map(|candidate| &*candidate.name).collect();
            let names = names.join(", ");
            return Err(Problem::usage(format!("--reference {name} is not measured in this run; there are {names}")));
        }
        let shape = asked.shape;
        if asked.rate.is_some() && !matches!(shape, Shape::Echo | Shape::Idle) {
            return Err(Problem::usage("--rate is for the shapes echo and idle"));
        }
        if shape == Shape::Churn && asked.depth.is_some_and(|depth| depth > 1) {
            return Err(Problem::usage("--depth is not for the shape churn: a connection exchanges one message"));
        }
        let depth = asked.depth.unwrap_or(if asked.rate.is_some() { 256 } else { 1 });
        if depth.saturating_mul(asked.size) > Self::ON_THE_WAY {
            return Err(Problem::usage(format!(
                "--depth {depth} messages of --size {} bytes are more than 64M",
                asked.size
            )));
        }
        if let Some(rate) = asked.rate.filter(|rate| rate * asked.seconds < 1.0) {
            let Bench { seconds, .. } = asked;
            return Err(Problem::usage(format!("--rate {rate} is less than one message in --seconds {seconds}")));
        }
        let active = match (shape, asked.active) {
            (Shape::Idle, None) => Some(1),
            (Shape::Idle | Shape::Broadcast, active) => active,
            (Shape::Echo | Shape::Churn, None) => None,
            _ => {
                return Err(Problem::usage(
                    "--active is for the shapes idle and broadcast: in the others all sessions talk",
                ));
            }
        };
        let threads = asked.threads.into();
        let room = match platform::limits().and_then(|limits| limits.open_files.hard) {
            Some(most) => {
                usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(Self::RESERVE + 4 * threads).max(1)
            }
            None => usize::MAX,
        };
        let settings = Settings {
            shape,
            sizes: asked.size,
            depth,
            rate: asked.rate,
            active,
            rounds: asked.rounds.into(),
            seconds: asked.seconds,
            threads,
            reference: asked.reference.clone(),
        };
        let sessions = match (&asked.sessions[..], shape) {
            ([], Shape::Echo) => vec![1, 100],
            ([], Shape::Broadcast) => vec![100],
            ([], Shape::Idle) => vec![1000],
            ([], Shape::Churn) => vec![10],
            (asked, _) => asked.to_vec(),
        };
        let processors = if asked.no_pin { Vec::new() } else { platform::processors() };
        let pins = Pins::choose(&processors, threads);
        let plan = Self { candidates, sessions, settings, driver: asked.driver, pins, room };
        plan.sessions.iter().try_for_each(|&sessions| plan.check(sessions))?;
        Ok(plan)
    }

    fn check(&self, sessions: usize) -> Result<(), Problem> {
        let Settings { shape, active, .. } = self.settings;
        if shape == Shape::Broadcast && sessions < 2 {
            return Err(Problem::usage("the shape broadcast is a talk: it needs 2 --sessions or more"));
        }
        if let Some(active) = active.filter(|&active| active > sessions) {
            return Err(Problem::usage(format!("--active {active} is more than the {sessions} of --sessions")));
        }
        // In the shape idle they may be spread over processes.
        if shape != Shape::Idle && sessions > self.room {
            return Err(Problem::usage(format!(
                "--sessions {sessions} are more than the {} that a process can have here: raise the hard limit of open files \
                 (ulimit -Hn), or use the shape idle, which spreads them over processes",
                self.room
            )));
        }
        Ok(())
    }

    /// Bytes of a server's receive buffer: messages are received whole.
    pub(super) fn buffer(&self) -> usize {
        self.settings.sizes.max(1000)
    }

    /// How many processes so many sessions are spread over.
    pub(super) fn parts(&self, sessions: usize) -> usize {
        sessions.div_ceil(self.room)
    }

    /// The job of one of these parts, for the server that listens there.
    pub(super) fn job(&self, sessions: usize, part: usize, to: SocketAddr) -> Job {
        let parts = self.parts(sessions);
        let active = self.settings.active.unwrap_or(sessions);
        let share = |of: usize| of / parts + usize::from(part < of % parts);
        // Those that talk are spread too, and the rate with them.
        let rate = self.settings.rate.map(|rate| rate * share(active) as f64 / active as f64);
        Job {
            to,
            part,
            shape: self.settings.shape,
            sessions: share(sessions),
            active: share(active),
            size: self.settings.sizes,
            depth: self.settings.depth,
            rate,
            alone: !self.pins.load.is_empty() && parts == 1,
        }
    }
}

/// Who is measured, in the order in which they are shown.
fn candidates(asked: &Bench) -> Result<Vec<Candidate>, Problem> {
    let mut candidates = Vec::new();
    let nobody = asked.models.is_empty() && asked.servers.is_empty() && asked.connect.is_none();
    for model in if nobody { &[Models::All] } else { &asked.models[..] } {
        let models = match model {
            Models::All => &Model::ALL[..],
            Models::One(model) => std::slice::from_ref(model),
        };
        let ours = |&model: &Model| Candidate::new(&model.to_string(), Kind::Ours(model));
        candidates.extend(models.iter().map(ours));
    }
    for server in &asked.servers {
        let odd = |why: &str| Problem::usage(format!("--server '{server}': {why}"));
        let (name, command) = server.split_once('=').ok_or_else(|| odd("write NAME=COMMAND"))?;
        let words = words(command).ok_or_else(|| odd("a quotation mark is not closed"))?;
        if name.trim().is_empty() || words.is_empty() {
            return Err(odd("write NAME=COMMAND"));
        }
        if !words.iter().any(|word| word.contains("{port}")) {
            return Err(odd("the command needs {port}, which stands for the port to listen on"));
        }
        candidates.push(Candidate::new(name.trim(), Kind::Foreign(words)));
    }
    if let Some(address) = &asked.connect {
        if let Some(pid) = asked.pid.filter(|&pid| platform::processor_time(pid).is_none()) {
            return Err(Problem::usage(format!("--pid {pid}: there is no such process")));
        }
        let name = asked.name.clone().unwrap_or_else(|| address.to_string());
        let to = address.resolve()?[0];
        candidates.push(Candidate::new(&name, Kind::Running(to, asked.pid)));
    }
    for (place, candidate) in candidates.iter().enumerate() {
        if candidates[..place].iter().any(|other| other.name == candidate.name) {
            return Err(Problem::usage(format!("there are two servers with the name `{}`", candidate.name)));
        }
    }
    for beside in &asked.beside {
        let (name, process) = Beside::parse(beside)?;
        let odd = |why: String| Problem::usage(format!("--beside '{beside}': {why}"));
        let names = candidates.iter().map(|candidate| &*candidate.name).collect::<Vec<_>>().join(", ");
        match candidates.iter_mut().find(|candidate| candidate.name == name) {
            None => return Err(odd(format!("{name} is not measured in this run; there are {names}"))),
            Some(Candidate { kind: Kind::Running(_, None), .. }) => {
                return Err(odd("the process of that server itself is not known; --pid says which it is".into()));
            }
            Some(candidate) => candidate.beside.push(process),
        }
    }
    Ok(candidates)
}

/// A command in words: at spaces, but for what stands in quotation marks. Nothing else is special, so that paths of Windows are
/// just paths. None if a quotation mark is not closed.
fn words(command: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in command.chars() {
        match (quote, letter) {
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (Some(open), letter) if letter == open => quote = None,
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_in_words() {
        for (command, expected) in [
            ("server --port {port}", &["server", "--port", "{port}"][..]),
            ("  'my server' \"it's\" x\"y z\"  ", &["my server", "it's", "xy z"]),
            (r#"C:\bin\server.exe "" {port}"#, &[r"C:\bin\server.exe", "", "{port}"]),
            ("", &[]),
        ] {
            assert_eq!(words(command).as_deref().unwrap(), expected);
        }
        assert_eq!(words("sh -c 'exec"), None);
    }

    #[test]
    fn servers_and_load_do_not_share_a_processor() {
        for (processors, threads, servers, load) in [
            (&[0, 1][..], 1, &[0][..], &[1][..]),
            (&[2, 3, 4, 5], 1, &[2], &[3]),
            (&[2, 3, 4, 5], 2, &[2, 3], &[4]),
            (&[2, 3, 4, 5], 9, &[2, 3, 4], &[5]),
            (&[7], 1, &[], &[]),
            (&[], 1, &[], &[]),
        ] {
            assert_eq!(Pins::choose(processors, threads), Pins { servers: servers.to_vec(), load: load.to_vec() });
        }
    }
}
