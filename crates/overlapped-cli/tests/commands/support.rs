//! Running the command: on a driver and a model, with its lines as they come, and ended in any case.

use crate::system::{self, Way};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
#[cfg(not(windows))]
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Far longer than anything takes: what is not there by then never comes.
pub(crate) const WATCHDOG: Duration = Duration::from_secs(60);

/// A driver and a model, each a test of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct On {
    pub(crate) driver: &'static str,
    pub(crate) model: &'static str,
}

/// Makes a test of each function for a driver and every model.
macro_rules! on {
    ($driver:ident $names:tt) => {
        mod $driver {
            $crate::support::on_model!($driver select "select" $names);
            $crate::support::on_model!($driver event_select "event-select" $names);
            $crate::support::on_model!($driver async_select "async-select" $names);
            $crate::support::on_model!($driver event "event" $names);
            $crate::support::on_model!($driver callback "callback" $names);
            $crate::support::on_model!($driver port "port" $names);
        }
    };
}
pub(crate) use on;

macro_rules! on_model {
    ($driver:ident $module:ident $model:literal [$($name:ident)*]) => {
        mod $module {
            $(
                #[test]
                fn $name() {
                    let on = $crate::support::On { driver: stringify!($driver), model: $model };
                    if on.is_here() {
                        super::super::$name(on);
                    }
                }
            )*
        }
    };
}
pub(crate) use on_model;

impl On {
    /// For what is the same everywhere.
    pub(crate) const ANY: Self = Self { driver: if cfg!(windows) { "winsock" } else { "epoll" }, model: "callback" };

    /// Where the system itself forbids io_uring there is nothing to test; that is loud, and a failure where it is
    /// asked to be.
    pub(crate) fn is_here(self) -> bool {
        if self.driver != "uring" || std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_some() {
            return true;
        }
        let info = Run::new(&["info"]).driver(self.driver).output();
        if !info.status.success() {
            let _ = writeln!(std::io::stderr(), "\nSKIPPED on uring: {}", info.errors.trim());
        }
        info.status.success()
    }

    /// A server on a free port.
    pub(crate) fn serve(self, mode: &str, more: &[&str]) -> Server {
        let mut arguments = vec!["serve", "127.0.0.1:0", "--model", self.model, "--mode", mode];
        arguments.extend(more);
        Server::start(Run::new(&arguments).driver(self.driver))
    }

    pub(crate) fn client(self, to: SocketAddr, more: &[&str]) -> Output {
        let to = to.to_string();
        let mut arguments = vec!["client", &to, "--model", self.model];
        arguments.extend(more);
        Run::new(&arguments).driver(self.driver).output()
    }
}

/// A command to be run.
pub(crate) struct Run(Command);

/// How it ended.
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) said: String,
    pub(crate) errors: String,
}

impl Run {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        Self::of(env!("CARGO_BIN_EXE_overlapped"), arguments)
    }

    pub(crate) fn of(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env_remove("OVERLAPPED_DRIVER").env_remove("OVERLAPPED_MASK");
        Self(command)
    }

    pub(crate) fn driver(self, driver: &str) -> Self {
        self.variable("OVERLAPPED_DRIVER", driver)
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    #[cfg(not(windows))]
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    #[cfg(not(windows))]
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    pub(crate) fn start(self) -> Running {
        self.start_and_read(usize::MAX)
    }

    /// Nobody reads more than so many lines of its standard output.
    pub(crate) fn start_and_read(mut self, lines: usize) -> Running {
        let mut child = system::start(&mut self.0).expect("the command starts");
        let said = Lines::of(child.stdout.take().expect("a pipe"), lines);
        let errors = Lines::of(child.stderr.take().expect("a pipe"), usize::MAX);
        Running { child, said, errors }
    }

    /// Runs it to its end.
    pub(crate) fn output(self) -> Output {
        self.start().output()
    }
}

/// A running command; it does not outlive the test.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) said: Lines,
    pub(crate) errors: Lines,
}

impl Running {
    pub(crate) fn ask(&mut self, way: Way) {
        system::ask(&mut self.child, way);
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    /// Waits for its end.
    pub(crate) fn output(mut self) -> Output {
        let deadline = Instant::now() + WATCHDOG;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(Instant::now() < deadline, "the command does not end; it said:\n{}", self.said.so_far());
            thread::sleep(Duration::from_millis(5));
        };
        Output { status, said: self.said.all(), errors: self.errors.all() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a command writes, line by line.
pub(crate) struct Lines {
    so_far: Arc<Mutex<String>>,
    news: Receiver<String>,
    reader: Option<JoinHandle<()>>,
}

impl Lines {
    fn of(pipe: impl Read + Send + 'static, lines: usize) -> Self {
        let so_far = Arc::<Mutex<String>>::default();
        let (tell, news) = channel();
        let all = Arc::clone(&so_far);
        let reader = thread::spawn(move || {
            for line in BufReader::new(pipe).lines().take(lines).map_while(Result::ok) {
                let mut all = all.lock().unwrap();
                all.push_str(&line);
                all.push('\n');
                let _ = tell.send(line);
            }
        });
        Self { so_far, news, reader: Some(reader) }
    }

    /// Waits for a line that contains the text, skipping others.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let deadline = Instant::now() + WATCHDOG;
        loop {
            match self.news.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("no line with `{text}` in:\n{}", self.so_far())
                }
            }
        }
    }

    pub(crate) fn so_far(&self) -> String {
        self.so_far.lock().unwrap().clone()
    }

    /// Everything, once the command has ended.
    fn all(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader of a pipe");
        }
        self.so_far()
    }
}

/// A running server and where it listens.
pub(crate) struct Server {
    pub(crate) running: Running,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(run: Run) -> Self {
        let running = run.start();
        let line = running.said.wait_for("listening on ");
        let address = line.strip_prefix("listening on ").and_then(|address| address.parse().ok());
        Self { running, address: address.unwrap_or_else(|| panic!("no address: {line}")) }
    }

    /// A connected client whose reads and writes end by themselves.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("the server accepts");
        stream.set_read_timeout(Some(WATCHDOG)).expect("a timeout");
        stream.set_write_timeout(Some(WATCHDOG)).expect("a timeout");
        stream.set_nodelay(true).expect("an option");
        stream
    }

    /// Stops it, and expects that it ends well.
    pub(crate) fn stop(self) -> Output {
        self.stop_by(system::WAYS[0])
    }

    pub(crate) fn stop_by(mut self, way: Way) -> Output {
        self.running.ask(way);
        let output = self.running.output();
        assert_eq!(output.status.code(), Some(0), "stdout:\n{}stderr:\n{}", output.said, output.errors);
        output
    }
}

impl Output {
    /// The last line a server or client says.
    pub(crate) fn summary(&self) -> &str {
        self.said.lines().last().unwrap_or("")
    }

    /// The number behind the words in the last line; 0 if they are not there.
    pub(crate) fn number(&self, behind: &str) -> usize {
        let digits = self.summary().split(behind).nth(1).unwrap_or("0").split(|c: char| !c.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("{}", self.summary()))
    }

    /// The only line of standard error, of a command that failed with the code.
    pub(crate) fn failure(&self, code: i32) -> &str {
        assert_eq!(self.status.code(), Some(code), "stdout:\n{}stderr:\n{}", self.said, self.errors);
        let lines: Vec<_> = self.errors.lines().collect();
        assert_eq!(lines.len(), 1, "one line, not:\n{}", self.errors);
        assert!(lines[0].starts_with("error: "), "{}", lines[0]);
        lines[0]
    }
}

/// Sends and reads the same back.
pub(crate) fn echo(stream: &mut TcpStream, message: &[u8]) {
    stream.write_all(message).expect("the server reads");
    expect(stream, message);
}

/// Reads exactly these bytes.
pub(crate) fn expect(stream: &mut TcpStream, bytes: &[u8]) {
    let mut got = vec![0; bytes.len()];
    stream.read_exact(&mut got).expect("what was sent comes");
    assert!(got == bytes, "other bytes came than were sent");
}

/// The server has closed: the stream ends, or is reset.
pub(crate) fn expect_end(stream: &mut TcpStream) {
    let mut rest = [0; 1000];
    match stream.read(&mut rest) {
        Ok(0) => {}
        Ok(count) => panic!("{count} bytes where the end was expected"),
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted), "{error}")
        }
    }
}

/// Ends a connection by a reset.
pub(crate) fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("an option");
    drop(stream);
}

/// Bytes that are different for every client and round.
pub(crate) fn pattern(client: usize, round: usize, length: usize) -> Vec<u8> {
    let seed = (client * 31 + round * 7 + 1) as u64;
    (0..length as u64).map(|place| ((seed * 2_654_435_761 + place * 40_503) >> 8) as u8).collect()
}
