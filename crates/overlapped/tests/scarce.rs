//! Few descriptors are left, from none to as many as anything needs: each call either succeeds or says so, nothing is
//! lost, and with descriptors there again everything goes on.
#![cfg(target_os = "linux")]

mod child;
#[path = "child/firsts.rs"]
mod firsts;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use firsts::{by_event, by_routine};
use overlapped::driver;
use overlapped::network::NetworkEvents;
use overlapped::{Error, Event, Overlapped, Result, Socket};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Takes all the descriptors but so many.
fn fill(free: usize) -> Vec<File> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(128), maximum }).unwrap();
    let mut filled: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    filled.truncate(filled.len() - free);
    filled
}

/// A listener with a client that waits, and three connections with data.
fn streams() -> (TcpListener, TcpStream, [(TcpStream, TcpStream); 3]) {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = door.local_addr().unwrap();
    let streams = [(); 3].map(|()| {
        let mut peer = TcpStream::connect(at).unwrap();
        peer.write_all(b"data").unwrap();
        (door.accept().unwrap().0, peer)
    });
    let waiting = TcpStream::connect(at).unwrap();
    (door, waiting, streams)
}

/// What does not succeed says that it wants descriptors.
fn or_wants<T>(result: Result<T>) -> Option<T> {
    result.inspect_err(wants).ok()
}

fn wants(error: &Error) {
    assert_eq!(error.code(), 10024, "{error}");
}

fn accept(listener: &Socket) -> Result<Socket> {
    Overlapped::new(listener.clone()).accept_event(&Event::manual(), |listener| listener).finish().1
}

fn connect(to: SocketAddr) -> Result<Socket> {
    let socket = Socket::tcp(&to)?;
    let (socket, done) = Overlapped::new(socket).connect_event(to, &Event::manual(), |socket| socket).finish();
    done.map(|()| socket.clone())
}

fn with_few(free: usize, chosen_before: bool) {
    let (door, waiting, pairs) = streams();
    if chosen_before {
        driver::report().unwrap();
    }
    let mut filled = Some(fill(free));
    if let Err(error) = driver::report() {
        assert!(!chosen_before);
        wants(&error);
        // Asked again, it answers anew.
        filled = None;
        driver::report().unwrap();
    }
    let mut peers = Vec::new();
    let ours = pairs.map(|(ours, peer)| {
        peers.push(peer);
        Socket::from(ours)
    });
    let (at, listener) = (door.local_addr().unwrap(), Socket::from(door));

    // Twice: what was refused must not have taken anything away.
    let (mut received, mut accepted) = ([None; 3], None);
    for few in [true, true, false] {
        if !few {
            filled = None;
        }
        let granted = |told| if few { or_wants(told) } else { Some(told.unwrap()) };
        received[0] = received[0].or_else(|| granted(by_routine(&ours[0])));
        received[1] = received[1].or_else(|| granted(by_event(&ours[1])));
        received[2] =
            received[2].or_else(|| granted(thread::scope(|s| s.spawn(|| by_routine(&ours[2])).join().unwrap())));
        for socket in &ours {
            socket.give(b"out").unwrap();
        }
        let sockets = [Socket::listen("127.0.0.1:0"), Socket::udp("127.0.0.1:0"), Socket::tcp(&at)];
        for error in sockets.into_iter().filter_map(Result::err) {
            wants(&error);
        }
        accepted = accepted.or_else(|| or_wants(accept(&listener)));
        drop(or_wants(connect(at)));
    }
    drop(filled);
    assert_eq!(received, [Some(4); 3]);
    let accepted = accepted.expect("with descriptors there again");
    assert_eq!(accepted.peer_addr().unwrap(), waiting.local_addr().unwrap());
    for mut peer in peers {
        peer.read_exact(&mut [0; 9]).unwrap();
    }
    child::exercise();
}

/// A listener that is selected while a client waits already needs no watch, but what is accepted on it will.
#[test]
fn what_can_be_selected_first_can_be_selected_after() {
    if child::role().is_some() {
        let (door, _waiting, pairs) = streams();
        let (listener, event) = (Socket::from(door), Event::manual());
        listener.select_events(&event, NetworkEvents::ACCEPT).unwrap();
        let filled = fill(0);
        for (ours, _peer) in pairs {
            Socket::from(ours).select_events(&event, NetworkEvents::READ | NetworkEvents::CLOSE).unwrap();
        }
        return drop(filled);
    }
    let drivers = if io_uring::IoUring::new(2).is_ok() { &["uring", "epoll"][..] } else { &["epoll"] };
    for driver in drivers {
        let mut command = child::command("what_can_be_selected_first_can_be_selected_after", "selects");
        child::run(command.env("OVERLAPPED_DRIVER", driver));
    }
}

#[test]
fn every_number_of_free_descriptors() {
    if let Some(role) = child::role() {
        let (free, before) = role.split_once(' ').unwrap();
        return with_few(free.parse().unwrap(), before == "before");
    }
    let drivers = if io_uring::IoUring::new(2).is_ok() { &["auto", "uring", "epoll"][..] } else { &["auto", "epoll"] };
    for driver in drivers {
        for free in 0..=8 {
            for before in ["before", "meanwhile"] {
                let mut command = child::command("every_number_of_free_descriptors", &format!("{free} {before}"));
                child::run(command.env("OVERLAPPED_DRIVER", driver));
            }
        }
    }
}
