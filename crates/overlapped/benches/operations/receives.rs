//! Receives, by delivery: a message is sent, its receive completes, is delivered, and issued again.

use super::super::support::rounds::Case;
use super::super::support::sockets::{SIZE, pairs};
use super::{Group, bare_receives};
use overlapped::{
    Completion, Event, Overlapped, Pending, Port, Result, Session, Socket, Waitable, Waited, alertable, wait,
};
use std::cell::Cell;
use std::io::Write;
use std::net::TcpStream;

pub(crate) struct Peer {
    socket: Socket,
    buffer: [u8; 1000],
    place: usize,
}

impl Session for Peer {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

/// Sessions that receive, and who sends to them.
fn peers(count: usize) -> (Vec<Overlapped<Peer>>, Vec<TcpStream>) {
    let (ours, theirs) = pairs(count);
    let peer =
        |(place, socket): (usize, TcpStream)| Overlapped::new(Peer { socket: socket.into(), buffer: [0; 1000], place });
    (ours.into_iter().enumerate().map(peer).collect(), theirs)
}

fn tell(peers: &mut [TcpStream]) {
    for peer in peers {
        peer.write_all(&[7; SIZE]).expect("room for a message");
    }
}

pub(crate) fn group(count: usize) -> Group {
    let mut group = bare_receives(count);
    // What threads share goes by epoll on both drivers.
    let shared = group.len() - 1;
    group.push(Case::new(format!("recv/routine/{count}"), by_routine(count)).against(0).batch(count));
    group.push(Case::new(format!("recv/event/{count}"), by_event(count, count)).against(shared).batch(count));
    group.push(Case::new(format!("recv/port/{count}"), by_port(count)).against(shared).batch(count));
    group
}

/// One message to one of so many sockets, all of which are waited for.
pub(crate) fn events() -> Group {
    let mut group = bare_receives(1);
    let shared = group.len() - 1;
    for count in [1, 64, 500] {
        group.push(Case::new(format!("recv/event/1 of {count}"), by_event(count, 1)).against(shared));
    }
    group
}

thread_local! {
    static RECEIVED: Cell<usize> = const { Cell::new(0) };
}

fn received(peer: Overlapped<Peer>, done: Result<Completion>) {
    match done {
        Ok(done) if done.bytes > 0 => {
            RECEIVED.set(RECEIVED.get() + done.bytes / SIZE);
            peer.recv(received);
        }
        // The measurement is over, and the next one starts without this session.
        _ => {}
    }
}

fn by_routine(count: usize) -> impl FnMut(usize) {
    let (ours, mut theirs) = peers(count);
    for peer in ours {
        peer.recv(received);
    }
    move |times| {
        for _ in 0..times.div_ceil(count) {
            let goal = RECEIVED.get() + count;
            tell(&mut theirs);
            while RECEIVED.get() < goal {
                alertable::sleep(None).expect("an alertable wait");
            }
        }
    }
}

fn by_port(count: usize) -> impl FnMut(usize) {
    let port = Port::new(1);
    let packet = |peer: Overlapped<Peer>, done: Result<Completion>| (peer, done.expect("a message").bytes);
    let (ours, mut theirs) = peers(count);
    for peer in ours {
        peer.recv_port(&port, packet);
    }
    move |times| {
        for _ in 0..times.div_ceil(count) {
            tell(&mut theirs);
            let mut received = 0;
            while received < count {
                let (peer, bytes) = port.get(None).expect("a wait").expect("a packet");
                received += bytes / SIZE;
                peer.recv_port(&port, packet);
            }
        }
    }
}

/// An event for each of so many sockets, and one wait for all of them; so many get a message at once.
fn by_event(count: usize, told: usize) -> impl FnMut(usize) {
    let (ours, mut theirs) = peers(count);
    let events: Vec<_> = (0..count).map(|_| Event::manual()).collect();
    let mut pending: Vec<Option<Pending<Peer>>> =
        ours.into_iter().zip(&events).map(|(peer, event)| Some(peer.recv_event(event))).collect();
    let mut next = 0;
    move |times| {
        let objects: Vec<&dyn Waitable> = events.iter().map(|event| event as &dyn Waitable).collect();
        for _ in 0..times.div_ceil(told) {
            for _ in 0..told {
                tell(&mut theirs[next..=next]);
                next = (next + 1) % count;
            }
            let mut received = 0;
            while received < told {
                let Waited::Object(place) = wait::any(&objects, None).expect("a wait") else { continue };
                let (peer, done) = pending[place].take().expect("an operation with that event").finish();
                received += done.expect("a message").bytes / SIZE;
                let place = peer.place;
                pending[place] = Some(peer.recv_event(&events[place]));
            }
        }
    }
}
