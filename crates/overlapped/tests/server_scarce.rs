//! A server without a free descriptor waits until there is one, and serves those who are there.
#![cfg(target_os = "linux")]

use overlapped::driver::{self, Choice};
use overlapped::server::{Handler, Message, Model, Server, Session};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

struct Echo;

impl Handler for Echo {
    fn received(&mut self, session: &Session, message: Message<'_>) {
        session.send_copy(message.id(), &message);
    }
}

fn exchange(client: &mut TcpStream) {
    client.write_all(b"hello").expect("the server reads");
    let mut answer = [0; 5];
    client.read_exact(&mut answer).expect("an echo");
    assert_eq!(&answer, b"hello");
}

/// The limit is the process's, and the driver too: the parent runs this program once more for the other.
#[test]
fn a_full_descriptor_table_holds_up_new_clients_only() {
    let choice = std::env::var("SCARCE_ON").unwrap_or_else(|_| {
        let child = Command::new(std::env::current_exe().expect("this program")).env("SCARCE_ON", "epoll").status();
        assert!(child.expect("this program runs again").success(), "on epoll");
        "uring".into()
    });
    if let Err(error) = driver::choose(choice.parse::<Choice>().expect("a driver")) {
        assert!(std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_none(), "{error}");
        return println!("passed by: {error}");
    }
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(128), maximum }).expect("a lower limit");
    for model in Model::ALL {
        let server = Server::builder("127.0.0.1:0").model(model).start(|| Echo).expect("a server");
        let mut first = TcpStream::connect(server.address()).expect("it listens");
        exchange(&mut first);
        let mut filled: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        filled.pop();
        let mut second = TcpStream::connect(server.address()).expect("the system takes it");
        while server.handle().counters().accept_errors == 0 {
            thread::yield_now();
        }
        exchange(&mut first);
        drop(filled);
        exchange(&mut second);
        let counters = server.handle().counters();
        assert_eq!((counters.sessions, counters.accepted, counters.refused), (2, 2, 0), "{model}");
        drop((first, second));
        server.drain(Duration::from_secs(60)).expect("all threads end well");
    }
}
