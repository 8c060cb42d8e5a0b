//! Connections to a server that sends everything back: each byte that is sent comes back, once and in its place.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use overlapped::{Event, Shutdown, Socket, codes};

use super::connects::Connect;
use super::deed::{Awaited, Deed, Hand};
use super::model::BYTES;
use super::receives::{Arrival, Receives};
use super::sends::Sends;

/// The byte at a place of a stream.
fn pattern(key: u64, place: u64) -> u8 {
    (place.wrapping_mul(0x9e37_79b9).wrapping_add(key) >> 7) as u8 ^ place as u8
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ending {
    /// Not yet.
    No,
    /// Sending is shut down: the end of the stream comes when all has come back.
    Shut,
    /// The socket is closed: what is pending comes back.
    Closed,
}

pub(super) struct Link {
    key: u64,
    server: usize,
    /// What the server told of its ends when this began.
    ends: u64,
    socket: Socket,
    connect: Option<Connect>,
    receives: Receives,
    sends: Sends,
    sent: u64,
    budget: u64,
    /// The next receive in order, and those that came before their turn.
    turn: u64,
    early: BTreeMap<u64, (Arrival, bool)>,
    got: u64,
    ending: Ending,
    /// The connection has ended for receives, by whomever.
    ended: bool,
    /// Another thread cancels everything, and sets the event then.
    cancelling: Option<(Event, Arc<AtomicBool>)>,
}

impl Link {
    pub(super) fn begin(hand: &mut Hand) -> Box<dyn Deed> {
        let server = hand.dice.below(hand.round.servers.len());
        let (ends, address) = (hand.round.servers[server].ends(), hand.round.servers[server].address);
        let (socket, connect) = if hand.dice.percent(50) {
            (Socket::from(TcpStream::connect(address).expect("the listener stays")), None)
        } else {
            let socket = Socket::tcp(&address).expect("a socket");
            let connect = Connect::begin(hand, &socket, address);
            (socket, Some(connect))
        };
        if hand.dice.percent(15) {
            socket.set_send_buffer(16 << 10).unwrap();
            socket.set_receive_buffer(16 << 10).unwrap();
        }
        let budget = match hand.dice.below(20) {
            0..=12 => hand.dice.between(1, 5000),
            13..=18 => hand.dice.between(5000, 60_000),
            _ => hand.dice.between(60_000, 400_000),
        } as u64;
        Box::new(Self {
            key: hand.dice.roll(),
            server,
            ends,
            receives: Receives::new(&socket),
            sends: Sends::new(&socket),
            socket,
            connect,
            sent: 0,
            budget,
            turn: 0,
            early: BTreeMap::new(),
            got: 0,
            ending: Ending::No,
            ended: false,
            cancelling: None,
        })
    }

    /// Whether the server may have ended the connection.
    fn may_break(&self, hand: &Hand) -> bool {
        self.ending == Ending::Closed || hand.round.servers[self.server].has_ended_since(self.ends)
    }

    fn take_in(&mut self, hand: &Hand, arrival: Arrival, may_abort: bool) {
        match arrival.result {
            Ok(bytes) if !bytes.is_empty() => {
                assert!(!self.ended, "{} bytes came behind the end", bytes.len());
                let wrong = (self.got..).zip(&bytes).find(|(place, byte)| **byte != pattern(self.key, *place));
                assert!(wrong.is_none(), "wrong byte at {wrong:?}: {}", self.state());
                self.got += bytes.len() as u64;
                BYTES.fetch_add(bytes.len() as u64, SeqCst);
                assert!(self.got <= self.sent, "more came back than was sent: {}", self.state());
            }
            Ok(_) => {
                let whole = self.ending == Ending::Shut && self.got == self.sent;
                assert!(whole || self.may_break(hand), "the stream ends too early: {}", self.state());
                self.ended = true;
            }
            Err(codes::WSA_OPERATION_ABORTED) => {
                assert!(may_abort || self.ending == Ending::Closed, "nobody has cancelled it: {}", self.state());
            }
            Err(codes::WSAENOTSOCK) => {
                assert_eq!(self.ending, Ending::Closed, "nobody has closed it: {}", self.state())
            }
            Err(codes::WSAECONNRESET | codes::WSAECONNABORTED) => {
                assert!(self.may_break(hand), "nobody has reset it: {}", self.state());
                self.ended = true;
            }
            Err(code) => panic!("impossible: {code}: {}", self.state()),
        }
    }

    fn end(&mut self, ending: Ending) {
        if self.ending != Ending::Closed {
            self.ending = ending;
            match ending {
                Ending::Shut => drop(self.socket.shutdown(Shutdown::Send)),
                Ending::Closed => self.socket.close(),
                Ending::No => {}
            }
        }
    }

    /// Sends and receives more, and does now and then what is out of the ordinary.
    fn more(&mut self, hand: &mut Hand) {
        let window = 150_000;
        while self.sent < self.budget && self.ending == Ending::No && self.sent - self.got < window {
            let most = (self.budget - self.sent).min(if hand.dice.percent(70) { 1500 } else { 60_000 });
            let length = hand.dice.between(1, most as usize) as u64;
            let bytes = (self.sent..self.sent + length).map(|place| pattern(self.key, place)).collect();
            self.sent += length;
            self.sends.send(hand, bytes);
            if hand.dice.percent(40) {
                break;
            }
        }
        if self.sent == self.budget && self.ending == Ending::No && hand.dice.percent(50) {
            self.end(Ending::Shut);
        }
        if self.sent == self.budget && self.got == self.sent && self.ending == Ending::No {
            self.end(if hand.dice.percent(50) { Ending::Shut } else { Ending::Closed });
        }
        let wanted = hand.dice.between(1, 3);
        while self.receives.len() < wanted && self.ending != Ending::Closed {
            let size = if hand.dice.percent(80) { hand.dice.between(1, 4000) } else { hand.dice.between(4000, 40_000) };
            self.receives.issue(hand, size);
        }
        match hand.dice.below(100) {
            0..=4 => self.receives.cancel_one(hand),
            5..=8 if self.sends.is_idle() => self.cancel_all(hand),
            9 => self.end(Ending::Closed),
            _ => {}
        }
    }

    /// No data is lost by that; but what is half sent would be, so nothing is.
    fn cancel_all(&mut self, hand: &mut Hand) {
        self.receives.expect_aborts();
        if hand.dice.percent(50) {
            // Nothing may be pending any more.
            let _ = self.socket.cancel();
            return;
        }
        let (answer, done) = (Event::manual(), Arc::new(AtomicBool::new(false)));
        self.cancelling = Some((answer.clone(), Arc::clone(&done)));
        let socket = self.socket.clone();
        hand.round.service.ask(move |_| {
            let _ = socket.cancel();
            done.store(true, SeqCst);
            answer.set();
        });
    }
}

impl Deed for Link {
    fn go_on(&mut self, hand: &mut Hand) -> bool {
        if let Some(connect) = &mut self.connect {
            if !connect.is_over() {
                return false;
            }
            self.connect = None;
        }
        for (arrival, may_abort) in self.receives.collect(hand) {
            self.early.insert(arrival.index, (arrival, may_abort));
        }
        while let Some((arrival, may_abort)) = self.early.remove(&self.turn) {
            self.turn += 1;
            self.take_in(hand, arrival, may_abort);
        }
        let broken = self.sends.collect();
        assert!(!broken || self.may_break(hand) || self.ended, "a send fails for nothing: {}", self.state());
        if self.cancelling.as_ref().is_some_and(|(_, done)| done.load(SeqCst)) {
            self.cancelling = None;
        }
        if self.cancelling.is_some() {
            return false;
        }
        if self.ended || broken {
            self.end(Ending::Closed);
        }
        if self.ending != Ending::Closed {
            self.more(hand);
            if self.got == self.budget && self.cancelling.is_none() && hand.dice.percent(5) {
                self.receives.abandon();
                self.sends.abandon();
                return true;
            }
        }
        self.ending == Ending::Closed && self.receives.len() == 0 && !self.sends.are_pending()
    }

    fn awaited(&self) -> Awaited {
        if let Some(connect) = &self.connect {
            return connect.awaited();
        }
        if let Some((answer, _)) = &self.cancelling {
            return Awaited::Object(Box::new(answer.clone()));
        }
        if self.receives.len() > 0 { self.receives.awaited() } else { self.sends.awaited() }
    }

    fn came(&mut self) {
        if let Some(connect) = &self.connect {
            return connect.came();
        }
        if let Some((_, done)) = &self.cancelling {
            return assert!(done.load(SeqCst), "an event is set by nobody");
        }
        if self.receives.len() > 0 { self.receives.came() } else { self.sends.came() }
    }

    fn wait_within(&mut self) -> bool {
        self.connect.is_none() && self.cancelling.is_none() && self.receives.len() > 0 && self.receives.wait_within()
    }

    fn leave(mut self: Box<Self>, hand: &mut Hand) {
        if let Some(connect) = self.connect.take() {
            connect.abandon();
        }
        self.receives.leave(hand);
        self.sends.abandon();
    }

    fn state(&self) -> String {
        format!(
            "link to server {}: sent {} of {}, got {}, {:?}, ended {}, connecting {}, cancelling {}, receives [{}], sends [{}]",
            self.server,
            self.sent,
            self.budget,
            self.got,
            self.ending,
            self.ended,
            self.connect.is_some(),
            self.cancelling.is_some(),
            self.receives.state(),
            self.sends.state(),
        )
    }
}
