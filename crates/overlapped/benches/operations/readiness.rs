//! Readiness: sockets that are asked, and network events that are told.

use super::super::support::rounds::Case;
use super::super::support::sockets::{SIZE, pairs};
use super::{Group, bare_receives};
use overlapped::network::NetworkEvents;
use overlapped::readiness::{Events, PollEntry, SocketSet, poll, select};
use overlapped::{Event, Socket, wait};
use rustix::event::{PollFd, PollFlags};
use std::io::Write;
use std::net::TcpStream;

/// So many sockets, some of which have something to read; the cost of a call for each of those.
pub(crate) fn asked(count: usize, ready: usize) -> Group {
    let (ours, mut theirs) = pairs(count);
    for peer in &mut theirs[count - ready..] {
        peer.write_all(&[7; SIZE]).expect("room for a message");
    }
    let copies: Vec<_> = ours.iter().map(|socket| socket.try_clone().expect("a descriptor")).collect();
    let sockets: Vec<Socket> = ours.into_iter().map(Socket::from).collect();
    let bare = move |times: usize| {
        let mut asked: Vec<_> = copies.iter().map(|socket| PollFd::new(socket, PollFlags::IN)).collect();
        for _ in 0..times.div_ceil(ready) {
            assert_eq!(rustix::event::poll(&mut asked, None), Ok(ready));
        }
    };
    let mut set = SocketSet::new();
    let mut entries = Vec::new();
    for socket in &sockets {
        set.insert(socket);
        entries.push(PollEntry::new(socket, Events::READ));
    }
    let selected = move |times: usize| {
        let _open = &theirs;
        for _ in 0..times.div_ceil(ready) {
            assert_eq!(select(Some(&mut set), None, None, None), Ok(ready));
        }
    };
    let polled = move |times: usize| {
        for _ in 0..times.div_ceil(ready) {
            assert_eq!(poll(&mut entries, None), Ok(ready));
        }
    };
    // As a program does that says anew, for each call, what it asks for.
    let registered = move |times: usize| {
        for _ in 0..times.div_ceil(ready) {
            let mut set = SocketSet::new();
            for socket in &sockets {
                set.insert(socket);
            }
            assert_eq!(select(Some(&mut set), None, None, None), Ok(ready));
        }
    };
    let name = |what: &str| format!("{what}/{ready} of {count}");
    vec![
        Case::new(name("bare/poll"), bare).batch(ready),
        Case::new(name("ready/select"), selected).against(0).batch(ready),
        Case::new(name("ready/select, set anew"), registered).against(0).batch(ready),
        Case::new(name("ready/poll"), polled).against(0).batch(ready),
    ]
}

/// A message to each of so many sockets, whose network events one event tells of.
pub(crate) fn told(count: usize) -> Group {
    let mut group = bare_receives(count);
    let (ours, mut theirs): (Vec<TcpStream>, _) = pairs(count);
    let sockets: Vec<Socket> = ours.into_iter().map(Socket::from).collect();
    let event = Event::manual();
    for socket in &sockets {
        socket.select_events(&event, NetworkEvents::READ | NetworkEvents::CLOSE).expect("network events");
    }
    let mut buffer = [0; 1000];
    let case = Case::new(format!("ready/event-select/{count}"), move |times| {
        for _ in 0..times.div_ceil(count) {
            for peer in &mut theirs {
                peer.write_all(&[7; SIZE]).expect("room for a message");
            }
            let mut received = 0;
            while received < count {
                wait::one(&event, None).expect("a wait");
                event.reset();
                for socket in &sockets {
                    if socket.network_events(None).expect("what happened").contains(NetworkEvents::READ) {
                        received += socket.try_recv(&mut buffer).expect("a message") / SIZE;
                    }
                }
            }
        }
    });
    group.push(case.against(0).batch(count));
    group
}
