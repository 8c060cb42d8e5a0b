//! A kernel that fails, shortens, delays, reorders and gives back, from a seed; and what a program must see of it.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use overlapped::driver::scripted::{self, Script, SendNow, Started, Work};
use overlapped::{
    Completion, Event, Gather, Overlapped, Pending, Result, Scatter, Session, Socket, Waited, alertable, codes,
};

use super::NOW;

/// How many seeds there are.
const SEEDS: u64 = if cfg!(miri) { 6 } else { 3000 };
/// What a program does with one of them.
const STEPS: usize = if cfg!(miri) { 25 } else { 80 };

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

/// One operation of the program, in the order of issue.
#[derive(Default)]
struct Issued {
    length: usize,
    cancelled: bool,
    /// The bytes, or the code of the error. Of a send only their number says something.
    outcome: Option<std::result::Result<Vec<u8>, i32>>,
}

/// A direction of a socket: what the program has issued.
type Lane = Arc<Mutex<Vec<Issued>>>;

struct Part {
    socket: Socket,
    buffer: Vec<u8>,
    lane: Lane,
    index: usize,
    /// How many of all parts live.
    alive: Arc<AtomicUsize>,
}

impl Session for Part {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, SeqCst);
    }
}

fn tell(part: &Part, done: Result<Completion>) {
    let outcome = done.map(|done| part.buffer[..done.bytes].to_vec()).map_err(|error| error.code());
    let before = part.lane.lock().unwrap()[part.index].outcome.replace(outcome);
    assert!(before.is_none(), "told twice");
}

fn told(part: Overlapped<Part>, done: Result<Completion>) {
    tell(&part, done);
}

/// Half of it, and the rest, until both are full.
fn whole(part: &mut Part) -> Scatter<'_> {
    let half = part.buffer.len() / 2;
    let (first, second) = part.buffer.split_at_mut(half);
    Scatter::new(&part.socket).buffer(first).buffer(second).wait_all()
}

fn gather(part: &Part) -> Gather<'_> {
    let (first, second) = part.buffer.split_at(part.buffer.len() / 3);
    Gather::new(&part.socket).buffer(first).buffer(&[]).buffer(second)
}

/// A socket, and what the kernel has done to it.
struct Line {
    socket: Socket,
    number: i32,
    receives: Lane,
    sends: Lane,
    /// Whether its receives are for everything; it is not reset then.
    whole: bool,
    /// The bytes that have come.
    received: usize,
    /// What ended it, and how many receives had been told before.
    reset: Option<usize>,
}

/// The byte at a place of what comes.
fn pattern(place: usize) -> u8 {
    (place % 251) as u8
}

struct World<'a> {
    random: Random,
    script: &'a Script,
    lines: Vec<Line>,
    pending: Vec<Pending<Part>>,
    alive: Arc<AtomicUsize>,
    /// Nothing fails any more.
    kind: bool,
}

impl World<'_> {
    fn part(&self, line: &Line, lane: &Lane, fill: impl Fn(usize) -> Vec<u8>) -> Overlapped<Part> {
        let mut issued = lane.lock().unwrap();
        let buffer = fill(issued.len());
        issued.push(Issued { length: buffer.len(), ..Issued::default() });
        self.alive.fetch_add(1, SeqCst);
        let (index, alive) = (issued.len() - 1, Arc::clone(&self.alive));
        Overlapped::new(Part { socket: line.socket.clone(), buffer, lane: Arc::clone(lane), index, alive })
    }

    /// The program does something.
    fn act(&mut self) {
        let length = 1 + self.random.below(9);
        let line = self.random.below(self.lines.len());
        let line = &self.lines[line];
        match self.random.below(9) {
            0..=2 => {
                let part = self.part(line, &line.receives, |_| vec![0; length]);
                if line.whole {
                    part.recv_scatter(whole, told)
                } else {
                    part.recv(told)
                };
            }
            3..=4 => {
                let part = self.part(line, &line.receives, |_| vec![0; length]);
                let event = Event::manual();
                let pending = if line.whole { part.recv_scatter_event(&event, whole) } else { part.recv_event(&event) };
                self.pending.push(pending);
            }
            5 => drop(self.part(line, &line.sends, |index| vec![index as u8; length]).send(.., told)),
            6 => {
                let part = self.part(line, &line.sends, |index| vec![index as u8; length]);
                let _ = part.send_gather(gather, told);
            }
            7 => {
                let part = self.part(line, &line.sends, |index| vec![index as u8; length]);
                self.pending.push(part.send_event(.., &Event::manual()));
            }
            _ if self.random.chance(3) => {
                for lane in [&line.receives, &line.sends] {
                    for issued in lane.lock().unwrap().iter_mut() {
                        issued.cancelled = true;
                    }
                }
                let _ = line.socket.cancel();
            }
            _ if !self.pending.is_empty() => {
                let index = self.random.below(self.pending.len());
                let pending = &self.pending[index];
                if pending.cancel().is_ok() {
                    // Whichever it was: the program may be told so of the line's operations.
                    for lane in self.lines.iter().flat_map(|line| [&line.receives, &line.sends]) {
                        lane.lock().unwrap().iter_mut().for_each(|issued| issued.cancelled = true);
                    }
                }
            }
            _ => {}
        }
    }

    /// The kernel does something, to any of what it has.
    fn answer(&mut self) {
        let started = self.script.started();
        if started.is_empty() {
            return;
        }
        let operation = started[self.random.below(started.len())];
        let fault = if self.kind { 9 } else { self.random.below(12) };
        match fault {
            // Of itself: nothing of it is told.
            0 => self.script.fail(operation, codes::WSA_OPERATION_ABORTED),
            1 => self.script.fail(operation, codes::WSAEINTR),
            2 => self.script.fail(operation, codes::WSAEWOULDBLOCK),
            3 if self.random.chance(2) => self.script.fail(operation, codes::WSAENOBUFS),
            4 if self.random.chance(12) => self.reset(operation),
            _ => self.succeed(operation),
        }
    }

    fn reset(&mut self, operation: Started) {
        let line = self.lines.iter_mut().find(|line| line.number == operation.socket).unwrap();
        if operation.work == Work::Receive && !line.whole {
            line.reset.get_or_insert(line.received);
            self.script.fail(operation, codes::WSAECONNRESET);
        } else {
            self.succeed(operation);
        }
    }

    fn succeed(&mut self, operation: Started) {
        let line = self.lines.iter_mut().find(|line| line.number == operation.socket).unwrap();
        let most = operation.length;
        match operation.work {
            Work::Receive if line.reset.is_some() => self.script.fail(operation, codes::WSAECONNRESET),
            Work::Receive => {
                let count = 1 + self.random.below(most);
                let bytes: Vec<u8> = (line.received..line.received + count).map(pattern).collect();
                line.received += count;
                self.script.receive(operation, &bytes);
            }
            Work::Send => {
                let count = if self.kind { most } else { self.random.below(most + 1) };
                self.script.sent(operation, count);
            }
            other => panic!("{other:?}"),
        }
    }

    fn collect(&mut self) {
        let _ = alertable::sleep(NOW).unwrap();
        for pending in std::mem::take(&mut self.pending) {
            match pending.try_finish() {
                Ok((part, done)) => tell(&part, done),
                Err(pending) => self.pending.push(pending),
            }
        }
    }

    fn is_over(&self) -> bool {
        self.lines.iter().flat_map(|line| [&line.receives, &line.sends]).all(|lane| {
            let issued = lane.lock().unwrap();
            issued.iter().all(|issued| issued.outcome.is_some())
        })
    }

    /// What the program was told fits what the kernel did.
    fn check(&self) {
        for line in &self.lines {
            let mut got = Vec::new();
            for issued in line.receives.lock().unwrap().iter() {
                match issued.outcome.as_ref().unwrap() {
                    Ok(bytes) => got.extend_from_slice(bytes),
                    Err(codes::WSA_OPERATION_ABORTED) => assert!(issued.cancelled),
                    Err(codes::WSAECONNRESET) => assert!(line.reset.is_some()),
                    Err(code) => assert_eq!(*code, codes::WSAENOBUFS),
                }
            }
            assert!(got == (0..line.received).map(pattern).collect::<Vec<_>>(), "{} of {}", got.len(), line.received);
            let sent = self.script.sent_by(line.number);
            let mut rest = &sent[..];
            for (index, issued) in line.sends.lock().unwrap().iter().enumerate() {
                let run = rest.iter().take_while(|byte| **byte == index as u8).count();
                match issued.outcome.as_ref().unwrap() {
                    Ok(bytes) => assert_eq!((bytes.len(), run), (issued.length, issued.length)),
                    Err(codes::WSA_OPERATION_ABORTED) => assert!(issued.cancelled && run <= issued.length),
                    Err(code) => assert!(*code == codes::WSAENOBUFS && run <= issued.length),
                }
                rest = &rest[run..];
            }
            assert!(rest.is_empty(), "bytes of no send, or out of order");
            assert_eq!(line.socket.queued_bytes(), 0);
        }
    }
}

fn run(seed: u64) {
    let alive = Arc::new(AtomicUsize::new(0));
    scripted::run(|script| {
        let mut random = Random((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let lines = (0..1 + random.below(3)).map(|_| {
            let socket = script.socket();
            let number = script.number(&socket);
            let (receives, sends) = (Lane::default(), Lane::default());
            Line { socket, number, receives, sends, whole: random.chance(3), received: 0, reset: None }
        });
        let lines = lines.collect();
        if random.chance(2) {
            script.hold_cancels();
        }
        let mut world = World { random, script, lines, pending: Vec::new(), alive: Arc::clone(&alive), kind: false };
        for _ in 0..STEPS {
            if world.random.chance(4) {
                let bytes = world.random.below(12);
                script.send_now(if world.random.chance(2) { SendNow::Bytes(bytes) } else { SendNow::Everything });
            }
            match world.random.below(5) {
                0 | 1 => world.act(),
                2 | 3 => world.answer(),
                _ => world.collect(),
            }
        }
        world.kind = true;
        while !world.is_over() {
            world.answer();
            world.collect();
        }
        world.check();
    });
    assert_eq!(alive.load(SeqCst), 0, "a session is left");
}

#[test]
fn whatever_the_kernel_does_each_operation_is_told_once_and_no_byte_is_lost() {
    for seed in 0..SEEDS {
        let result = std::panic::catch_unwind(|| run(seed));
        assert!(result.is_ok(), "seed {seed}");
    }
}

/// Each way to cut a number of bytes into sends that take at least one.
#[test]
fn a_send_is_whole_however_it_is_cut() {
    let most = if cfg!(miri) { 4 } else { 9 };
    for length in 1..=most {
        for cuts in 0..1u32 << (length - 1) {
            for several in [false, true] {
                scripted::run(|script| cut(script, length, cuts, several));
            }
        }
    }
}

fn cut(script: &Script, length: usize, cuts: u32, several: bool) {
    let socket = script.socket();
    let lane = Lane::default();
    lane.lock().unwrap().push(Issued::default());
    let buffer: Vec<u8> = (0..length).map(pattern).collect();
    // One more than lives, for the part that is dropped.
    let alive = Arc::new(AtomicUsize::new(1));
    let part = Part { socket: socket.clone(), buffer: buffer.clone(), lane: Arc::clone(&lane), index: 0, alive };
    let mut pieces = Vec::new();
    let mut piece = 0;
    for place in 0..length {
        piece += 1;
        if place + 1 == length || cuts & 1 << place != 0 {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    // The first at once, the others by the driver.
    script.send_now(SendNow::Bytes(pieces[0]));
    let part = Overlapped::new(part);
    let issued = if several { part.send_gather(gather, told) } else { part.send(.., told) };
    assert_eq!(issued.is_pending(), pieces.len() > 1);
    for piece in &pieces[1..] {
        let operation = script.wait_for(1)[0];
        script.sent(operation, *piece);
    }
    while lane.lock().unwrap()[0].outcome.is_none() {
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    }
    assert_eq!(script.sent_by(script.number(&socket)), buffer);
}
