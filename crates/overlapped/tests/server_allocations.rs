//! A server in its steady state allocates nothing, on any model: not for a message, not for a wait.

use overlapped::driver::{self, Choice};
use overlapped::server::{Handler, Message, Model, Server, Session};
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The system's allocator, which counts what all threads ask for.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands everything to the system's allocator; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Echo;

impl Handler for Echo {
    fn received(&mut self, session: &Session, message: Message<'_>) {
        session.send_copy(message.id(), &message);
    }
}

fn echo(clients: &mut [TcpStream], rounds: usize) {
    let mut answer = [0; 64];
    for _ in 0..rounds {
        clients.iter_mut().for_each(|client| client.write_all(&[7; 64]).expect("the server reads"));
        clients.iter_mut().for_each(|client| client.read_exact(&mut answer).expect("an echo"));
    }
}

/// The driver is the process's, and the parent runs this program once more for the other.
#[test]
fn a_server_in_its_steady_state_allocates_nothing() {
    let choice = std::env::var("ALLOCATIONS_ON").unwrap_or_else(|_| {
        if cfg!(windows) {
            return "winsock".into();
        }
        let child = std::process::Command::new(std::env::current_exe().expect("this program"))
            .env("ALLOCATIONS_ON", "epoll")
            .status()
            .expect("this program runs again");
        assert!(child.success(), "on epoll");
        "uring".into()
    });
    if let Err(error) = driver::choose(choice.parse::<Choice>().expect("a driver")) {
        assert!(std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_none(), "{error}");
        return println!("passed by: {error}");
    }
    for model in Model::ALL {
        let server = Server::builder("127.0.0.1:0").model(model).threads(2).idle_timeout(Duration::from_secs(600));
        let server = server.start(|| Echo).expect("a server");
        let mut clients: Vec<_> = (0..10).map(|_| TcpStream::connect(server.address()).expect("it listens")).collect();
        // What is kept grows to what the busiest moment wants, which may come late.
        let allocated = (0..50).map(|_| {
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            echo(&mut clients, 100);
            ALLOCATIONS.load(Ordering::Relaxed) - before
        });
        let allocated: Vec<_> = allocated.take_while(|allocated| *allocated > 0).collect();
        assert!(allocated.len() < 50, "allocations in each 1000 messages on {choice} with {model}: {allocated:?}");
        drop(clients);
        server.drain(Duration::from_secs(60)).expect("all threads end well");
    }
}
