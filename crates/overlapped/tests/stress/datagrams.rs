//! Datagrams to a port, few enough not to be lost: each comes once and whole.

use std::net::SocketAddr;

use overlapped::{Socket, codes};

use super::deed::{Awaited, Deed, Hand};
use super::model::{DATAGRAMS, count};
use super::receives::Receives;

pub(super) struct Port {
    /// In all datagrams to it: what the service still sends to one that has gone may come to another of the same number.
    key: u64,
    socket: Socket,
    address: SocketAddr,
    receives: Receives,
    /// Those that are on their way.
    expected: Vec<u8>,
    rounds: usize,
}

/// The datagram with a number.
fn datagram(key: u64, number: u8) -> Vec<u8> {
    let mut bytes = key.to_le_bytes().to_vec();
    bytes.resize(9 + usize::from(number) * 3, number);
    bytes
}

impl Port {
    pub(super) fn begin(hand: &mut Hand) -> Box<dyn Deed> {
        let socket = Socket::udp("127.0.0.1:0").expect("a free port");
        let (address, receives) = (socket.local_addr().unwrap(), Receives::new(&socket));
        Box::new(Self {
            key: hand.dice.roll(),
            socket,
            address,
            receives,
            expected: Vec::new(),
            rounds: hand.dice.between(1, 4),
        })
    }

    fn send(&mut self, hand: &mut Hand) {
        for number in 0..hand.dice.between(1, 6) as u8 {
            self.expected.push(number);
            let (address, bytes) = (self.address, datagram(self.key, number));
            match hand.dice.below(3) {
                0 => drop(self.socket.give_to(bytes, address).expect("a datagram goes")),
                1 => hand.round.service.ask(move |_| {
                    let other = Socket::udp("127.0.0.1:0").expect("a free port");
                    let _ = other.give_to(bytes, address).expect("a datagram goes");
                }),
                _ => hand.round.service.ask(move |_| {
                    let other = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
                    assert_eq!(other.send_to(&bytes, address).unwrap(), bytes.len());
                }),
            }
        }
    }
}

impl Deed for Port {
    fn go_on(&mut self, hand: &mut Hand) -> bool {
        for (arrival, may_abort) in self.receives.collect(hand) {
            match arrival.result {
                Ok(bytes) => {
                    if !bytes.starts_with(&self.key.to_le_bytes()) {
                        continue;
                    }
                    let number = *bytes.last().expect("none is empty");
                    assert_eq!(bytes, datagram(self.key, number), "a datagram comes whole");
                    let place = self.expected.iter().position(|expected| *expected == number);
                    self.expected.remove(place.expect("a datagram comes once"));
                    count(&DATAGRAMS);
                }
                Err(codes::WSA_OPERATION_ABORTED) => assert!(may_abort, "nobody has cancelled it"),
                Err(code) => panic!("impossible: {code}"),
            }
        }
        if self.expected.is_empty() {
            if self.rounds == 0 {
                // The rest comes back by this; nobody waits for it.
                self.receives.abandon();
                self.socket.close();
                return true;
            }
            self.rounds -= 1;
            self.send(hand);
        }
        while self.receives.len() < 2 {
            self.receives.issue(hand, 100);
        }
        if hand.dice.percent(10) {
            self.receives.cancel_one(hand);
        }
        false
    }

    fn awaited(&self) -> Awaited {
        self.receives.awaited()
    }

    fn came(&mut self) {
        self.receives.came();
    }

    fn wait_within(&mut self) -> bool {
        self.receives.wait_within()
    }

    fn leave(mut self: Box<Self>, hand: &mut Hand) {
        self.receives.leave(hand);
    }

    fn state(&self) -> String {
        format!("port, expects {:?}, [{}]", self.expected, self.receives.state())
    }
}
