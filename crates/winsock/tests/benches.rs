//! The programs of `benches/`, which nobody else builds: what they are to measure they do, on each driver.

#![cfg(target_os = "linux")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

fn build(name: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(name);
    support::build(&source, &["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas"])
}

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// More clients than one thread of the event model has, each with more than fits into the server's buffer.
fn echoes(model: &str, driver: &str) {
    let mut command = Command::new(build("echo_server.cpp"));
    command.args([model, "0", "100"]).env("OVERLAPPED_DRIVER", driver).env_remove("LD_LIBRARY_PATH");
    let mut server = Server(command.stdout(Stdio::piped()).spawn().expect("the server starts"));
    let mut port = String::new();
    BufReader::new(server.0.stdout.take().expect("it was asked for")).read_line(&mut port).expect("the port");
    let port: u16 = port.trim().parse().expect("a number");
    let mut clients: Vec<_> = (0..70u8)
        .map(|number| {
            let client = TcpStream::connect(("127.0.0.1", port)).expect("the server accepts");
            (client, (0..1000u16).map(|place| number.wrapping_mul(31) ^ place as u8).collect::<Vec<_>>())
        })
        .collect();
    for (client, bytes) in &mut clients {
        client.write_all(bytes).expect("the server receives");
        client.shutdown(Shutdown::Write).expect("a connection");
    }
    for (mut client, bytes) in clients {
        let mut back = Vec::new();
        client.read_to_end(&mut back).expect("the server sends, and closes");
        assert!(back == bytes, "{model} on {driver}: {} of {} bytes came back", back.len(), bytes.len());
    }
}

/// What it tells of, in its order.
fn rows() -> Vec<String> {
    let mut rows = vec!["an alertable wait for nothing".to_owned()];
    for count in [10, 60, 1000] {
        for ready in [1, count] {
            rows.extend(["copied", "anew"].map(|set| format!("select, {ready} of {count} ready, set {set}")));
        }
    }
    for (model, threads, most) in [("routine", [1, 1, 1], 500), ("event", [1, 1, 8], 60), ("port", [1, 1, 1], 500)] {
        let counts = [1, 60, 500];
        rows.extend(counts.iter().zip(threads).map(|(count, on)| format!("{model}, there and back, {count} on {on}")));
        rows.push(format!("{model}, 1 of 1"));
        for count in [60, 500].into_iter().filter(|count| *count <= most) {
            rows.extend([1, count].map(|ready| format!("{model}, {ready} of {count}")));
        }
    }
    rows
}

/// Each figure is a median between the lowest and the highest round.
fn tells_every_claim(driver: &str) {
    let program = build("claims.cpp");
    // Two thousand sockets.
    let script = "ulimit -Sn \"$(ulimit -Hn)\"; exec \"$0\" 0.1";
    let args = ["-c", script, program.to_str().expect("a path of text")];
    let output = support::run(Path::new("/bin/sh"), &args, &[("OVERLAPPED_DRIVER", driver)]);
    let text = support::text(&output);
    assert!(output.status.success(), "{driver}: {}\n{text}", output.status);
    let number = |word: &str| word.parse::<u64>().expect("a number");
    let told = text.lines().map(|line| {
        let figures = line.strip_suffix(')').and_then(|line| line.split_once(" ns ("));
        let (front, range) = figures.unwrap_or_else(|| panic!("{line}"));
        let (name, median) = front.rsplit_once(' ').expect("a name");
        let (lowest, highest) = range.split_once(" to ").expect("two ends");
        let [lowest, median, highest] = [lowest, median, highest].map(number);
        assert!(0 < lowest && lowest <= median && median <= highest, "{line}");
        name.trim_end().to_owned()
    });
    assert_eq!(told.collect::<Vec<_>>(), rows());
}

macro_rules! on {
    ($($driver:ident)*) => {
        $(mod $driver {
            #[test]
            fn the_echo_server_sends_back_what_it_receives() {
                for model in ["event", "routine", "port"] {
                    super::echoes(model, stringify!($driver));
                }
            }

            #[test]
            fn every_claim_has_its_figure() {
                super::tells_every_claim(stringify!($driver));
            }
        })*
    };
}

on! { uring epoll }
