//! Sends, by delivery: bytes are handed over, the completion is delivered, and the peer takes them.

use super::super::support::rounds::Case;
use super::super::support::sockets::{SIZE, pairs};
use super::Group;
use overlapped::{Completion, Event, Overlapped, Port, Result, Session, Socket, alertable};
use rustix::net::{SendFlags, send};
use std::cell::Cell;
use std::io::Read;
use std::net::TcpStream;

struct Sender {
    socket: Socket,
    buffer: [u8; SIZE],
}

impl Session for Sender {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn pair() -> (TcpStream, TcpStream) {
    let (mut ours, mut theirs) = pairs(1);
    (ours.remove(0), theirs.remove(0))
}

fn sender() -> (Overlapped<Sender>, TcpStream) {
    let (ours, theirs) = pair();
    (Overlapped::new(Sender { socket: ours.into(), buffer: [7; SIZE] }), theirs)
}

fn take(peer: &mut TcpStream) {
    peer.read_exact(&mut [0; SIZE]).expect("what was sent");
}

pub(crate) fn group() -> Group {
    vec![
        Case::new("bare/send", bare()),
        Case::new("send/give", given()).against(0),
        Case::new("send/routine", by_routine()).against(0),
        Case::new("send/event", by_event()).against(0),
        Case::new("send/port", by_port()).against(0),
    ]
}

fn bare() -> impl FnMut(usize) {
    let (ours, mut theirs) = pair();
    move |times| {
        for _ in 0..times {
            send(&ours, &[7; SIZE], SendFlags::NOSIGNAL | SendFlags::DONTWAIT).expect("room for a message");
            take(&mut theirs);
        }
    }
}

fn given() -> impl FnMut(usize) {
    let (ours, mut theirs) = pair();
    let socket = Socket::from(ours);
    move |times| {
        for _ in 0..times {
            socket.give_copy(&[7; SIZE]).expect("room for a message");
            take(&mut theirs);
        }
    }
}

thread_local! {
    /// What the routine brings back.
    static SENT: Cell<Option<Overlapped<Sender>>> = const { Cell::new(None) };
}

fn by_routine() -> impl FnMut(usize) {
    fn sent(sender: Overlapped<Sender>, done: Result<Completion>) {
        done.expect("room for a message");
        SENT.set(Some(sender));
    }
    let (sender, mut theirs) = sender();
    let mut sender = Some(sender);
    move |times| {
        for _ in 0..times {
            sender.take().expect("it has come back").send(.., sent);
            while sender.is_none() {
                alertable::sleep(None).expect("an alertable wait");
                sender = SENT.take();
            }
            take(&mut theirs);
        }
    }
}

fn by_event() -> impl FnMut(usize) {
    let (sender, mut theirs) = sender();
    let mut sender = Some(sender);
    let event = Event::manual();
    move |times| {
        for _ in 0..times {
            let (back, done) = sender.take().expect("it has come back").send_event(.., &event).finish();
            done.expect("room for a message");
            sender = Some(back);
            take(&mut theirs);
        }
    }
}

fn by_port() -> impl FnMut(usize) {
    let (sender, mut theirs) = sender();
    let mut sender = Some(sender);
    let port = Port::new(1);
    move |times| {
        for _ in 0..times {
            sender.take().expect("it has come back").send_port(.., &port, |sender, done| (sender, done));
            let (back, done) = port.get(None).expect("a wait").expect("a packet");
            done.expect("room for a message");
            sender = Some(back);
            take(&mut theirs);
        }
    }
}
