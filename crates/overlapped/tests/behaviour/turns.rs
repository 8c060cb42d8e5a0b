//! Routines and events in turns on one socket, while threads end, cancel, drop and close at any moment.

use std::io::Write;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Event, Overlapped, Result, Scatter, Session, Socket, Waited, alertable, wait};

use super::support::{self, Conn, Log, Talk, logged};

/// As many as there are blocks, and one.
type Owners = Arc<()>;

struct Turn {
    socket: Socket,
    buffer: [u8; 4],
    rest: [u8; 4],
    _owner: Owners,
}

impl Session for Turn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn turn(socket: &Socket, owners: &Owners) -> Overlapped<Turn> {
    Overlapped::new(Turn { socket: socket.clone(), buffer: [0; 4], rest: [0; 4], _owner: owners.clone() })
}

fn both(turn: &mut Turn) -> Scatter<'_> {
    Scatter::new(&turn.socket).buffer(&mut turn.buffer).buffer(&mut turn.rest).wait_all()
}

fn again(turn: Overlapped<Turn>, done: Result<Completion>) {
    if done.is_ok_and(|done| done.bytes > 0) {
        turn.recv(again);
    }
}

/// Numbers that differ from round to round.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % end
    }

    fn pause(&mut self) -> Duration {
        Duration::from_micros(self.below(200))
    }
}

/// By routine, on a thread that may end before all have come.
fn routines(socket: &Socket, owners: &Owners, dice: &mut Dice) {
    for _ in 0..dice.below(8) {
        match dice.below(3) {
            0 => turn(socket, owners).recv_scatter(both, again),
            _ => turn(socket, owners).recv(again),
        };
        alertable::sleep(Some(dice.pause())).unwrap();
    }
}

/// By event; some are dropped or left to another thread.
fn events(socket: &Socket, owners: &Owners, dice: &mut Dice) {
    let event = Event::auto();
    let mut pending = Vec::new();
    for _ in 0..dice.below(8) {
        pending.push(match dice.below(3) {
            0 => turn(socket, owners).recv_scatter_event(&event, both),
            _ => turn(socket, owners).recv_event(&event),
        });
        match dice.below(5) {
            0 => drop(pending.swap_remove(dice.below(pending.len() as u64) as usize)),
            1 => drop(pending[0].cancel()),
            2 => drop(socket.cancel()),
            _ => drop(pending[0].wait(Some(dice.pause()))),
        }
    }
    if dice.below(2) == 0 {
        socket.close();
        pending.into_iter().for_each(|pending| drop(pending.finish()));
    }
}

#[test]
fn everything_comes_back_once_whatever_happens_meanwhile() {
    let _watch = support::driver();
    for round in 0..200 {
        let owners = Owners::default();
        let (socket, mut peer) = support::pair();
        thread::scope(|scope| {
            for thread in 0..4 {
                let mut dice = Dice(round * 4 + thread);
                let (socket, owners) = (&socket, &owners);
                scope.spawn(move || {
                    if thread < 2 { routines(socket, owners, &mut dice) } else { events(socket, owners, &mut dice) }
                });
            }
            let mut dice = Dice(round);
            for _ in 0..30 {
                let _ = peer.write_all(&[b'x'; 7][..dice.below(8) as usize]);
                thread::sleep(dice.pause() / 4);
            }
        });
        socket.close();
        while Arc::strong_count(&owners) > 1 {
            thread::yield_now();
        }
    }
}

/// The receive on the event is behind one that only this thread can cancel, which does so in whatever wait.
#[test]
fn an_event_behind_a_routine_is_told_of_a_cancel_by_another_thread() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let log = Log::default();
    Talk::new("routine", &socket, 8, &log).recv(logged);
    let event = Event::manual();
    let pending = Conn::new(&socket, 8).recv_event(&event);
    // The first is in the kernel then, and not just about to be.
    assert_eq!(wait::one(&event, Some(Duration::from_millis(1))).unwrap(), Waited::TimedOut);
    let canceller = thread::spawn({
        let socket = socket.clone();
        move || socket.cancel().unwrap()
    });
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::outcome(pending.finish()), "!995");
    canceller.join().unwrap();
    assert_eq!(log.len(), 0, "no alertable wait has been");
    assert_eq!(log.wait(1), ["routine!995"]);
}
