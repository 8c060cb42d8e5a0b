//! Whether a peer is an echo server: `check NAME COMMAND…` starts the command, talks to it, and ends it.
//!
//! What it must do: say where it listens; send back 100 kB that come in odd pieces, and the same for two clients at once; go
//! on when a client resets its connection; end on SIGTERM.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

const BYTES: usize = 100_000;
/// Nothing here takes that long; a peer that does not answer must not hold the check up.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [name, command @ ..] = &arguments[..] else { panic!("usage: check NAME COMMAND…") };
    match check(command) {
        Ok(()) => {
            println!("{name}: ok");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{name}: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn check(command: &[String]) -> Result<(), String> {
    let [program, arguments @ ..] = command else { return Err("no command".to_owned()) };
    let started = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut server = Server(started.map_err(|error| format!("{program} does not start: {error}"))?);
    let address = server.address()?;

    exchange(address, 1).map_err(|error| format!("one client: {error}"))?;
    let others = [2, 3].map(|seed| thread::spawn(move || exchange(address, seed)));
    for other in others {
        let outcome = other.join().map_err(|_| "a client panicked".to_owned())?;
        outcome.map_err(|error| format!("two clients at once: {error}"))?;
    }
    for unread in [1, BYTES] {
        reset(address, unread).map_err(|error| format!("a client that resets: {error}"))?;
    }
    exchange(address, 4).map_err(|error| format!("after a client has reset: {error}"))?;
    server.ends()
}

/// The peer as a process, which does not outlive the check.
struct Server(Child);

impl Server {
    /// What it says first: `listening on ADDRESS`.
    fn address(&mut self) -> Result<SocketAddr, String> {
        let mut line = String::new();
        let output = self.0.stdout.as_mut().expect("a pipe");
        BufReader::new(output).read_line(&mut line).map_err(|error| error.to_string())?;
        let address = line.trim().strip_prefix("listening on ").and_then(|address| address.parse().ok());
        address.ok_or_else(|| format!("it does not say where it listens, but {line:?}"))
    }

    fn ends(&mut self) -> Result<(), String> {
        let signalled = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        if !signalled.is_ok_and(|status| status.success()) {
            return Err("it has ended before SIGTERM".to_owned());
        }
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if self.0.try_wait().map_err(|error| error.to_string())?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err("SIGTERM does not end it".to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends bytes in pieces of odd lengths while it reads them back, and compares; then the server must see the end.
fn exchange(address: SocketAddr, seed: u64) -> io::Result<()> {
    let mut stream = connect(address)?;
    let mut random = Random(seed);
    let sent: Vec<u8> = (0..BYTES).map(|_| random.below(256) as u8).collect();
    let mut writing = stream.try_clone()?;
    let copy = sent.clone();
    let writer = thread::spawn(move || -> io::Result<()> {
        let mut rest = &copy[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at((1 + random.below(3_000)).min(rest.len()));
            writing.write_all(piece)?;
            rest = after;
        }
        writing.shutdown(Shutdown::Write)
    });
    let mut received = Vec::new();
    let outcome = stream.read_to_end(&mut received);
    writer.join().map_err(|_| io::Error::other("the writer panicked"))??;
    outcome?;
    if received == sent {
        return Ok(());
    }
    let differs = received.iter().zip(&sent).take_while(|(one, other)| one == other).count();
    Err(io::Error::other(format!("{} of {BYTES} bytes came back, right up to byte {differs}", received.len())))
}

/// A connection that is closed while bytes lie unread: Linux answers the server with a reset.
fn reset(address: SocketAddr, bytes: usize) -> io::Result<()> {
    let mut stream = connect(address)?;
    stream.write_all(&vec![1; bytes])?;
    if stream.peek(&mut [0])? == 0 {
        return Err(io::Error::other("the server has closed it"));
    }
    Ok(())
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The same numbers in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % limit) as usize
    }
}
