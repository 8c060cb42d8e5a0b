//! The servers of a run: started, waited for, and ended with it.

use super::plan::{Candidate, Kind, Plan};
use super::report::Shape;
use super::stop::Stop;
use crate::platform;
use crate::problem::Problem;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, process};

/// How long one may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(20);

/// A running server.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    /// None if it runs elsewhere.
    process: Option<u32>,
    /// None if it was there before the run.
    child: Option<Child>,
    complaint: Arc<Mutex<String>>,
}

impl Server {
    pub(super) fn start(plan: &Plan, candidate: &Candidate, stop: &Stop) -> Result<Self, Problem> {
        match &candidate.kind {
            Kind::Ours(model) => {
                let program = env::current_exe()
                    .map_err(|error| Problem::failed(format!("cannot find this program, to start it: {error}")))?;
                let mode = if plan.settings.shape == Shape::Broadcast { "broadcast" } else { "echo" };
                let mut command = Command::new(program);
                command.args(["serve", "127.0.0.1:0", "--model", model.name(), "--mode", mode]);
                command.args(["--buffer", &plan.buffer().to_string(), "--threads", &plan.settings.threads.to_string()]);
                // What is said in one turn may wait for somebody who is about to read it.
                let said = plan.settings.sizes * plan.settings.depth;
                command.args(["--queue", &said.saturating_mul(2).max(1 << 20).to_string()]);
                if let Some(driver) = plan.driver {
                    command.args(["--driver", &driver.to_string()]);
                }
                let mut server = Self::spawn(plan, command.stdout(Stdio::piped()))?;
                server.address = server.told(stop)?;
                Ok(server)
            }
            Kind::Foreign(words) => {
                let port = free_port()?;
                let (port_text, buffer) = (port.to_string(), plan.buffer().to_string());
                let words: Vec<_> =
                    words.iter().map(|word| word.replace("{port}", &port_text).replace("{buffer}", &buffer)).collect();
                let mut command = Command::new(&words[0]);
                let mut server = Self::spawn(plan, command.args(&words[1..]).stdout(Stdio::null()))?;
                server.address.set_port(port);
                server.wait_until_it_listens(stop)?;
                Ok(server)
            }
            Kind::Running(address, process) => {
                Ok(Self { address: *address, process: *process, child: None, complaint: Arc::default() })
            }
        }
    }

    fn spawn(plan: &Plan, command: &mut Command) -> Result<Self, Problem> {
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = platform::start(command, &plan.pins.servers).map_err(|error| {
            Problem::failed(format!("cannot start {}: {error}", command.get_program().to_string_lossy()))
        })?;
        let complaint = child.stderr.take().map(last_line).unwrap_or_default();
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        Ok(Self { address, process: Some(child.id()), child: Some(child), complaint })
    }

    /// Where a server of this library says that it listens.
    fn told(&mut self, stop: &Stop) -> Result<SocketAddr, Problem> {
        let said = self.child.as_mut().and_then(|child| child.stdout.take()).map(first_line);
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            stop.check()?;
            match said.as_ref().map(|said| said.recv_timeout(GLANCE)) {
                Some(Ok(line)) => {
                    let address = line.strip_prefix("listening on ").and_then(|address| address.parse().ok());
                    return address.ok_or_else(|| Problem::failed(format!("the server says `{line}`")));
                }
                Some(Err(RecvTimeoutError::Timeout)) => {}
                _ => return Err(self.ended("before it listened").unwrap_or_else(|| self.does_not_listen())),
            }
        }
        Err(self.does_not_listen())
    }

    fn wait_until_it_listens(&mut self, stop: &Stop) -> Result<(), Problem> {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            stop.check()?;
            if self.has_ended() {
                break;
            }
            if TcpStream::connect_timeout(&self.address, PATIENCE).is_ok() {
                return Ok(());
            }
            thread::sleep(GLANCE);
        }
        Err(self.ended("before it listened").unwrap_or_else(|| self.does_not_listen()))
    }

    fn does_not_listen(&self) -> Problem {
        let complaint = self.complaint();
        Problem::failed(format!("the server does not listen on {} after {PATIENCE:?}{complaint}", self.address))
    }

    pub(super) fn has_ended(&mut self) -> bool {
        match &mut self.child {
            Some(child) => !matches!(child.try_wait(), Ok(None)),
            None => self.process.is_some_and(|process| platform::processor_time(process).is_none()),
        }
    }

    /// What to say if it has ended. One that is just ending gets the time for it: its connections are the first to go.
    pub(super) fn ended(&mut self, when: &str) -> Option<Problem> {
        let begin = Instant::now();
        loop {
            match self.child.as_mut().map(Child::try_wait) {
                Some(Ok(Some(status))) => {
                    self.hear_out();
                    let complaint = self.complaint();
                    return Some(Problem::failed(format!("the server has ended {when} ({status}){complaint}")));
                }
                Some(Ok(None)) if begin.elapsed() < Duration::from_millis(300) => thread::sleep(GLANCE),
                None if self.has_ended() => return Some(Problem::failed(format!("the server has ended {when}"))),
                _ => return None,
            }
        }
    }

    /// Waits until what it wrote before its end has been read. A process of its own that goes on may hold the pipe.
    fn hear_out(&self) {
        let begin = Instant::now();
        while Arc::strong_count(&self.complaint) > 1 && begin.elapsed() < Duration::from_secs(2) {
            thread::sleep(GLANCE);
        }
    }

    /// The last that it has written to its standard error, to be appended to a message.
    pub(super) fn complaint(&self) -> String {
        let line = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
        if line.is_empty() { String::new() } else { format!("; it says: {line}") }
    }

    pub(super) fn process(&self) -> Option<u32> {
        self.process
    }

    /// One that was there before the run is as it was.
    pub(super) fn is_raised(&self) -> bool {
        self.child.as_ref().is_none_or(|child| platform::is_raised(child.id()))
    }

    pub(super) fn resident_memory(&self) -> Option<u64> {
        self.process.and_then(platform::resident_memory)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            platform::end(child);
        }
    }
}

/// The last line of what a process complains of; all is read, so that it never waits for a reader. The reader has a share of
/// it until the end of the pipe.
fn last_line(pipe: ChildStderr) -> Arc<Mutex<String>> {
    let last = Arc::<Mutex<String>>::default();
    let kept = Arc::clone(&last);
    thread::spawn(move || {
        for line in lines(pipe).filter(|line| !line.trim().is_empty()) {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = line;
        }
    });
    last
}

/// The first line; the others are read and forgotten.
fn first_line(pipe: ChildStdout) -> Receiver<String> {
    let (tell, first) = channel();
    thread::spawn(move || lines(pipe).for_each(|line| drop(tell.send(line))));
    first
}

fn lines(pipe: impl Read) -> impl Iterator<Item = String> {
    let mut pipe = BufReader::new(pipe);
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        match pipe.read_until(b'\n', &mut line) {
            Ok(1..) => Some(String::from_utf8_lossy(&line).trim_end().into()),
            _ => None,
        }
    })
}

/// A port that nobody uses, and that no connection is given by chance: systems take those from the upper half.
fn free_port() -> Result<u16, Problem> {
    const PORTS: std::ops::Range<u16> = 12_000..32_000;
    static TRIED: std::sync::atomic::AtomicU16 = std::sync::atomic::AtomicU16::new(0);
    for _ in PORTS {
        let place = TRIED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let port = PORTS.start + (process::id() as u16).wrapping_mul(61).wrapping_add(place) % PORTS.len() as u16;
        if TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Problem::failed("every port is in use"))
}
