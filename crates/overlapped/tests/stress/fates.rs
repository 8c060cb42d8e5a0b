//! Receives on a silent connection, until something happens to it.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use overlapped::{Socket, codes};

use super::deed::{Awaited, Deed, Hand};
use super::receives::Receives;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    /// All are cancelled.
    Cancelled,
    /// Our end is closed.
    Closed,
    /// The peer sends so much.
    Told(usize),
    /// The peer goes.
    Ended,
    /// The peer resets the connection.
    Reset,
}

pub(super) struct Silence {
    socket: Socket,
    receives: Receives,
    fate: Fate,
    /// It has been asked for, and then done.
    asked: bool,
    done: Arc<AtomicBool>,
    /// The thread has ended, and so nothing need be pending.
    left: Arc<AtomicBool>,
    peer: Option<TcpStream>,
    heard: usize,
}

impl Silence {
    pub(super) fn begin(hand: &mut Hand) -> Box<dyn Deed> {
        let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
        let socket = Socket::from(door.accept().unwrap().0);
        let mut receives = Receives::new(&socket);
        receives.last = hand.dice.percent(50);
        for _ in 0..hand.dice.between(1, 3) {
            receives.issue(hand, 100);
        }
        let fate = match hand.dice.below(5) {
            0 => Fate::Cancelled,
            1 => Fate::Closed,
            2 => Fate::Told(hand.dice.between(1, 100)),
            3 => Fate::Ended,
            _ => Fate::Reset,
        };
        let (done, left, peer) = (Arc::default(), Arc::default(), Some(peer));
        Box::new(Self { socket, receives, fate, asked: false, done, left, peer, heard: 0 })
    }

    fn ask(&mut self, hand: &mut Hand) {
        self.asked = true;
        self.receives.expect_aborts();
        let (fate, done, left) = (self.fate, Arc::clone(&self.done), Arc::clone(&self.left));
        let (socket, mut peer) = (self.socket.clone(), self.peer.take().expect("asked once"));
        // In the end the peer goes.
        let act = move || {
            done.store(true, SeqCst);
            match fate {
                Fate::Cancelled => assert!(socket.cancel().is_ok() || left.load(SeqCst), "they are pending"),
                Fate::Closed => socket.close(),
                Fate::Told(bytes) => peer.write_all(&vec![7; bytes]).unwrap(),
                Fate::Ended => {}
                Fate::Reset => socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap(),
            }
            drop(peer);
        };
        if hand.dice.percent(70) {
            hand.round.service.ask(move |_| act());
        } else {
            act();
        }
    }
}

impl Deed for Silence {
    fn go_on(&mut self, hand: &mut Hand) -> bool {
        for (arrival, _) in self.receives.collect(hand) {
            assert!(self.done.load(SeqCst), "nothing has happened: {:?}: {}", arrival.result, self.state());
            match (arrival.result, self.fate) {
                (Ok(bytes), Fate::Told(told)) if !bytes.is_empty() => {
                    self.heard += bytes.len();
                    assert!(bytes.iter().all(|byte| *byte == 7) && self.heard <= told, "{}", self.state());
                }
                (Ok(bytes), _) => assert!(bytes.is_empty(), "{bytes:?} of nobody: {}", self.state()),
                (Err(codes::WSA_OPERATION_ABORTED), Fate::Cancelled | Fate::Closed) => {}
                (Err(codes::WSAECONNRESET | codes::WSAECONNABORTED), Fate::Reset | Fate::Cancelled | Fate::Closed) => {}
                (Err(code), _) => panic!("impossible: {code}: {}", self.state()),
            }
        }
        if !self.asked {
            self.ask(hand);
        }
        let over = self.receives.len() == 0;
        if let (true, Fate::Told(told)) = (over, self.fate) {
            assert_eq!(self.heard, told, "bytes are lost");
        }
        over
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
        self.left.store(true, SeqCst);
        self.receives.leave(hand);
    }

    fn state(&self) -> String {
        let (asked, done) = (self.asked, self.done.load(SeqCst));
        format!(
            "silence, {:?}, asked {asked}, done {done}, heard {}, [{}]",
            self.fate,
            self.heard,
            self.receives.state()
        )
    }
}
