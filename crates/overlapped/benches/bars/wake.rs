//! Wake-ups: from the call of one thread to the return of the wait of another, beside a futex.
//!
//! Two threads take turns; half of a turn is one wake-up. Each turn is timed, and the lower quartile counts: in the others,
//! on a busy machine, some other program was in the way. In the variants named `busy` the waiting threads have a receive in
//! flight, so they sleep in the driver and not in a futex of the library.

use super::super::support::bare::futex::Word;
use super::super::support::clock::Clock;
use super::super::support::pinned;
use super::super::support::rounds::{Case, interleave};
use super::super::support::sockets::{Silent, pairs};
use super::super::support::spread::Spread;
use super::bar::Run;
use overlapped::alertable::{self, Thread};
use overlapped::{Completion, Event, Overlapped, Pending, Port, Result, wait};
use std::net::TcpStream;
use std::sync::{Arc, mpsc};
use std::thread;

/// One side of the game.
trait Side: Send {
    fn wake_other(&self);
    fn wait(&self);
    /// What makes the thread one that has something in flight.
    fn begin(&self, _silent: Silent) -> Option<Pending<Silent>> {
        None
    }
}

fn ended<T>(_: T, _: Result<Completion>) {}

impl Side for (Arc<Word>, Arc<Word>) {
    fn wake_other(&self) {
        self.1.wake();
    }

    fn wait(&self) {
        self.0.wait();
    }
}

impl Side for (Event, Event) {
    fn wake_other(&self) {
        self.1.set();
    }

    fn wait(&self) {
        wait::one(&self.0, None).expect("a wait");
    }

    fn begin(&self, silent: Silent) -> Option<Pending<Silent>> {
        Some(Overlapped::new(silent).recv_event(&Event::manual()))
    }
}

impl Side for (Port<()>, Port<()>) {
    fn wake_other(&self) {
        self.1.post(()).expect("an open port");
    }

    fn wait(&self) {
        self.0.get(None).expect("a wait");
    }

    fn begin(&self, silent: Silent) -> Option<Pending<Silent>> {
        Overlapped::new(silent).recv_port(&self.0, ended);
        None
    }
}

impl Side for Thread {
    fn wake_other(&self) {
        self.queue(|| ()).expect("a living thread");
    }

    fn wait(&self) {
        alertable::sleep(None).expect("an alertable wait");
    }

    fn begin(&self, silent: Silent) -> Option<Pending<Silent>> {
        Overlapped::new(silent).recv(ended);
        None
    }
}

/// Plays so many turns, and says how long one wake-up took.
fn play<S: Side + 'static>(turns: usize, cores: [usize; 2], busy: bool, sides: fn(Thread, Thread) -> (S, S)) -> f64 {
    const WARM: usize = 20;
    let (give, take) = mpsc::channel();
    let (told, tell) = mpsc::channel::<(S, TcpStream)>();
    let (mut ours, theirs) = pairs(2);
    let peer = ours.pop().expect("one of two");
    let silent = |stream: TcpStream| Silent { socket: stream.into(), buffer: [0; 16] };
    let other = thread::spawn(move || {
        pinned::pin(cores[1]);
        give.send(alertable::current()).expect("the other side");
        let (side, stream) = tell.recv().expect("the other side");
        let _pending = busy.then(|| side.begin(silent(stream)));
        for _ in 0..turns + WARM {
            side.wait();
            side.wake_other();
        }
    });
    let this = thread::spawn(move || {
        pinned::pin(cores[0]);
        let (mine, its) = sides(alertable::current(), take.recv().expect("the other side"));
        let stream = ours.pop().expect("one of two");
        let _pending = busy.then(|| mine.begin(silent(stream)));
        told.send((its, peer)).expect("the other side");
        let turn = |_| {
            mine.wake_other();
            mine.wait();
        };
        (0..WARM).for_each(turn);
        let timed = |nth| {
            let began = Clock::Wall.now();
            turn(nth);
            Clock::Wall.now() - began
        };
        let mut times: Vec<_> = (0..turns).map(timed).collect();
        times.sort_by(f64::total_cmp);
        times[turns / 4] / 2.0 * turns as f64
    });
    let took = this.join().expect("one side");
    other.join().expect("the other side");
    drop(theirs);
    took
}

/// The same of both sides.
type Both<T> = (T, T);

fn words(_: Thread, _: Thread) -> Both<Both<Arc<Word>>> {
    let (one, two) = (Arc::<Word>::default(), Arc::<Word>::default());
    ((one.clone(), two.clone()), (two, one))
}

fn events(_: Thread, _: Thread) -> Both<Both<Event>> {
    let (one, two) = (Event::auto(), Event::auto());
    ((one.clone(), two.clone()), (two, one))
}

fn ports(_: Thread, _: Thread) -> Both<Both<Port<()>>> {
    let (one, two) = (Port::new(1), Port::new(1));
    ((one.clone(), two.clone()), (two, one))
}

/// Each side keeps the thread that it wakes.
fn threads(this: Thread, other: Thread) -> Both<Thread> {
    (other, this)
}

pub(crate) fn bars(run: &mut Run<'_>) {
    for (place, cores, limit) in [("across", [0, 1], 1.3), ("one core", [0, 0], 2.0)] {
        let name = |what: &str| (format!("wake.{what}.{}", place.replace(' ', "-")), limit);
        let bars = ["apc", "packet", "event", "apc-busy", "packet-busy", "event-busy"].map(name);
        run.bars(&bars, |cycles| {
            let mut cases = vec![Case::timed("futex", |turns| play(turns, cores, false, words))];
            for busy in [false, true] {
                cases.push(Case::timed("apc", move |turns| play(turns, cores, busy, threads)).against(0));
                cases.push(Case::timed("packet", move |turns| play(turns, cores, busy, ports)).against(0));
                cases.push(Case::timed("event", move |turns| play(turns, cores, busy, events)).against(0));
            }
            let costs = interleave(&mut cases, cycles);
            println!("# futex {place}: {} ns", costs[0].nanoseconds);
            costs[1..].iter().map(|cost| cost.ratio.unwrap_or(Spread::of(&[]))).collect()
        });
    }
}
