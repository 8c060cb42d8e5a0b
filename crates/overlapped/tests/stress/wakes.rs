//! Objects and APCs that another thread is asked for, or that come with time.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use overlapped::alertable::{self, Thread};
use overlapped::{Event, Reset, Semaphore, Timer};

use super::apcs;
use super::deed::{Awaited, Deed, Hand};
use super::model::{THREADS, TICKS, Value, count, thread_ends};
use super::waits::{Running, begin_thread};
use super::watchdog;

/// What the other thread signals.
enum Sign {
    Event(Event),
    Semaphore(Semaphore),
    Timer(Timer),
    Apc,
    End(Thread),
}

pub(super) struct Wake {
    sign: Sign,
    given: Arc<AtomicBool>,
    /// It has come, as far as it is seen by a wait.
    came: bool,
}

impl Wake {
    pub(super) fn begin(hand: &mut Hand) -> Box<dyn Deed> {
        let given = Arc::new(AtomicBool::new(false));
        let gives = Arc::clone(&given);
        let dice = &mut hand.dice;
        let sign = match dice.below(6) {
            0 | 1 => {
                let event = Event::new(if dice.percent(50) { Reset::Auto } else { Reset::Manual }, false);
                let set = event.clone();
                hand.round.service.ask(move |_| {
                    gives.store(true, SeqCst);
                    set.set();
                });
                Sign::Event(event)
            }
            2 => {
                let semaphore = Semaphore::new(0, 1).unwrap();
                let released = semaphore.clone();
                hand.round.service.ask(move |_| {
                    gives.store(true, SeqCst);
                    assert_eq!(released.release(1), Ok(0));
                });
                Sign::Semaphore(semaphore)
            }
            3 => {
                let timer = Timer::new(if dice.percent(50) { Reset::Auto } else { Reset::Manual });
                if dice.percent(50) {
                    timer.set(Duration::from_secs(100_000), None);
                }
                let (set, after) = (timer.clone(), dice.short());
                hand.round.service.ask(move |_| {
                    gives.store(true, SeqCst);
                    set.set(after, None);
                });
                Sign::Timer(timer)
            }
            4 => {
                let me = alertable::current();
                hand.round.service.ask(move |_| {
                    // A thread that has ended meanwhile is no concern.
                    apcs::queue(&me, move || gives.store(true, SeqCst));
                });
                Sign::Apc
            }
            _ => Sign::End(short_life(hand, gives)),
        };
        Box::new(Self { sign, given, came: false })
    }
}

/// A thread that ends soon; what is queued to it before it begins runs first.
fn short_life(hand: &mut Hand, gives: Arc<AtomicBool>) -> Thread {
    let (begun, queues) = (Arc::new(AtomicBool::new(false)), hand.dice.percent(50));
    let (first, mut dice) = (Arc::clone(&begun), hand.dice.others());
    let suspended = alertable::suspended(move || {
        begin_thread("short life".into());
        assert_eq!(first.load(SeqCst), queues, "what was queued first runs first");
        dice.pause();
        gives.store(true, SeqCst);
        thread_ends();
        watchdog::at(|| "has ended".into());
    });
    if queues {
        let queued = suspended.thread().queue(move || {
            drop(Running::enter());
            begun.store(true, SeqCst);
        });
        queued.expect("it has not ended");
    }
    let (thread, _) = suspended.resume().expect("a thread");
    count(&THREADS);
    thread
}

impl Deed for Wake {
    fn go_on(&mut self, _: &mut Hand) -> bool {
        match &self.sign {
            Sign::Apc => self.given.load(SeqCst),
            _ => self.came,
        }
    }

    fn awaited(&self) -> Awaited {
        match &self.sign {
            Sign::Event(event) => Awaited::Object(Box::new(event.clone())),
            Sign::Semaphore(semaphore) => Awaited::Object(Box::new(semaphore.clone())),
            Sign::Timer(timer) => Awaited::Object(Box::new(timer.clone())),
            Sign::End(thread) => Awaited::Object(Box::new(thread.clone())),
            Sign::Apc => Awaited::Routine,
        }
    }

    fn came(&mut self) {
        assert!(self.given.load(SeqCst), "a wait is satisfied by what nobody has signalled");
        self.came = true;
    }

    fn leave(self: Box<Self>, _: &mut Hand) {}

    fn state(&self) -> String {
        let sign = match &self.sign {
            Sign::Event(event) => format!("{event:?}"),
            Sign::Semaphore(semaphore) => format!("{semaphore:?}"),
            Sign::Timer(timer) => format!("{timer:?}"),
            Sign::Apc => "an APC".into(),
            Sign::End(_) => "the end of a thread".into(),
        };
        format!("wake by {sign}, given {}, came {}", self.given.load(SeqCst), self.came)
    }
}

/// A timer with a routine: so many calls, none early.
pub(super) struct Ticks {
    timer: Timer,
    calls: Rc<Cell<usize>>,
    wanted: usize,
}

impl Ticks {
    pub(super) fn begin(hand: &mut Hand) -> Box<dyn Deed> {
        let calls = Rc::new(Cell::new(0));
        let due = Duration::from_micros(hand.dice.below(3000) as u64);
        let (period, wanted) = if hand.dice.percent(50) {
            (Some(Duration::from_micros(hand.dice.between(1000, 4000) as u64)), hand.dice.between(1, 4))
        } else {
            (None, 1)
        };
        let timer = if hand.dice.percent(50) { Timer::auto() } else { Timer::manual() };
        let (value, counted, began) = (Value::new(), Rc::clone(&calls), Instant::now());
        let set = timer.set_with(due, period, move || {
            let _running = Running::enter();
            let _held = &value;
            let earliest = due + period.unwrap_or_default() * counted.get() as u32;
            assert!(began.elapsed() >= earliest, "a timer calls too early");
            counted.set(counted.get() + 1);
            count(&TICKS);
        });
        set.expect("the thread has not ended");
        Box::new(Self { timer, calls, wanted })
    }
}

impl Deed for Ticks {
    fn go_on(&mut self, _: &mut Hand) -> bool {
        self.calls.get() >= self.wanted
    }

    fn awaited(&self) -> Awaited {
        Awaited::Routine
    }

    fn came(&mut self) {}

    fn leave(self: Box<Self>, _: &mut Hand) {}

    fn state(&self) -> String {
        format!("ticks of {:?}, {} of {}", self.timer, self.calls.get(), self.wanted)
    }
}
