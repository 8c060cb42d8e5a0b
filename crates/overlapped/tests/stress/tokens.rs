//! Objects that are taken and given back: what is taken is taken by one, and nothing is lost.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::time::Duration;

use overlapped::{Event, MutexObject, Semaphore, Signal, Timer, Waitable, Waited, codes};

use super::dice::Dice;
use super::model::{ABANDONED, TAKEN, count};
use super::waits::How;
use super::watchdog;

enum Thing {
    Mutex(MutexObject),
    Semaphore(Semaphore),
    Auto(Event),
}

pub(super) struct Token {
    thing: Thing,
    places: usize,
    held: AtomicUsize,
    /// An owner has ended with it, and nobody has been told yet. Belongs to whoever owns the mutex.
    abandoned: AtomicBool,
    /// Raised in two steps by whoever has the only place.
    guarded: AtomicU64,
}

impl Token {
    fn new(thing: Thing, places: usize) -> Self {
        Self { thing, places, held: AtomicUsize::new(0), abandoned: AtomicBool::new(false), guarded: AtomicU64::new(0) }
    }

    pub(super) fn some(dice: &mut Dice) -> Vec<Self> {
        let made = |dice: &mut Dice| match dice.below(3) {
            0 => Self::new(Thing::Mutex(MutexObject::new()), 1),
            1 => {
                let places = dice.between(1, 3) as u32;
                Self::new(Thing::Semaphore(Semaphore::new(places, places).unwrap()), places as usize)
            }
            _ => Self::new(Thing::Auto(Event::new(overlapped::Reset::Auto, true)), 1),
        };
        (0..dice.between(1, 4)).map(|_| made(dice)).collect()
    }

    fn object(&self) -> &dyn Waitable {
        match &self.thing {
            Thing::Mutex(mutex) => mutex,
            Thing::Semaphore(semaphore) => semaphore,
            Thing::Auto(event) => event,
        }
    }

    fn signal(&self) -> &dyn Signal {
        match &self.thing {
            Thing::Mutex(mutex) => mutex,
            Thing::Semaphore(semaphore) => semaphore,
            Thing::Auto(event) => event,
        }
    }

    /// A wait has taken it; returns whether an owner had abandoned it.
    fn took(&self) -> bool {
        let held = self.held.fetch_add(1, SeqCst);
        assert!(held < self.places, "{} have what only {} can have", held + 1, self.places);
        count(&TAKEN);
        self.abandoned.swap(false, SeqCst)
    }

    fn leave(&self) {
        if self.places == 1 {
            let seen = self.guarded.load(SeqCst);
            std::hint::black_box(seen);
            self.guarded.store(seen + 1, SeqCst);
            assert_eq!(self.guarded.load(SeqCst), seen + 1, "two are where only one may be");
        }
        self.held.fetch_sub(1, SeqCst);
    }

    fn give_back(&self) {
        self.leave();
        match &self.thing {
            Thing::Mutex(mutex) => mutex.release().expect("it is this thread's"),
            Thing::Semaphore(semaphore) => drop(semaphore.release(1).expect("it was taken")),
            Thing::Auto(event) => event.set(),
        }
    }
}

/// Takes one or several and gives them back. With `patient` the wait may be one for ever.
pub(super) fn play(tokens: &[Token], dice: &mut Dice, patient: bool) {
    let timeout = if patient && dice.percent(60) { None } else { Some(dice.short()) };
    let how = How { alertable: patient && dice.percent(50), timeout };
    let held = take(tokens, dice, how);
    watchdog::at(|| format!("holds tokens {held:?}"));
    dice.pause();
    if let [first] = held[..] {
        return hold_one(tokens, first, dice, patient);
    }
    for place in held {
        tokens[place].give_back();
    }
}

/// The places of what was taken.
fn take(tokens: &[Token], dice: &mut Dice, how: How) -> Vec<usize> {
    let places = dice.some_of(tokens.len());
    let mut objects: Vec<_> = places.iter().map(|place| tokens[*place].object()).collect();
    let all = dice.percent(35);
    watchdog::at(|| format!("takes {} of tokens {places:?} {:?}", if all { "all" } else { "any" }, how.timeout));
    let timer = Timer::auto();
    loop {
        if all {
            return match how.all(&objects) {
                Waited::Routines => continue,
                Waited::TimedOut => Vec::new(),
                waited => {
                    let abandoned = places.iter().filter(|place| tokens[**place].took()).count() > 0;
                    assert_eq!(waited, if abandoned { Waited::Abandoned(0) } else { Waited::Object(0) });
                    places
                }
            };
        }
        if objects.len() == places.len() && dice.percent(15) {
            timer.set(Duration::from_micros(dice.below(1000) as u64), None);
            objects.push(&timer);
        }
        let waited = if objects.len() == 1 { how.one(objects[0]) } else { how.any(&objects) };
        return match waited {
            Waited::Routines => continue,
            Waited::TimedOut => Vec::new(),
            Waited::Object(index) if index == places.len() => Vec::new(),
            Waited::Object(index) => {
                assert!(!tokens[places[index]].took(), "abandoned, and nobody was told");
                vec![places[index]]
            }
            Waited::Abandoned(index) => {
                assert!(tokens[places[index]].took(), "nobody has abandoned it");
                vec![places[index]]
            }
            waited => panic!("{waited:?}"),
        };
    }
}

fn hold_one(tokens: &[Token], first: usize, dice: &mut Dice, patient: bool) {
    let token = &tokens[first];
    if let Thing::Mutex(mutex) = &token.thing {
        if dice.percent(30) {
            let how = How { alertable: false, timeout: if dice.percent(50) { None } else { Some(dice.short()) } };
            assert_eq!(how.one(mutex), Waited::Object(0), "it is this thread's already");
            mutex.release().unwrap();
        }
    }
    let second = dice.below(tokens.len());
    if second == first || dice.percent(50) {
        return token.give_back();
    }
    let how = How { alertable: patient && dice.percent(50), timeout: if patient { None } else { Some(dice.short()) } };
    let other = &tokens[second];
    watchdog::at(|| format!("gives token {first} back and takes {second} {:?}", how.timeout));
    token.leave();
    let mut waited = how.signal_and_wait(token.signal(), other.object());
    while waited == Waited::Routines && how.timeout.is_none() {
        waited = how.one(other.object());
    }
    match waited {
        Waited::Object(0) => assert!(!other.took(), "abandoned, and nobody was told"),
        Waited::Abandoned(0) => assert!(other.took(), "nobody has abandoned it"),
        _ => return,
    }
    other.give_back();
}

/// A mutex that is not this thread's cannot be released by it.
pub(super) fn release_of_another(tokens: &[Token]) {
    for token in tokens {
        if let Thing::Mutex(mutex) = &token.thing {
            assert_eq!(mutex.release().unwrap_err().code(), codes::ERROR_NOT_OWNER);
        }
    }
}

/// The thread ends as the owner of what it takes here.
pub(super) fn abandon(tokens: &[Token], dice: &mut Dice) {
    let mutexes: Vec<_> = tokens.iter().filter(|token| matches!(token.thing, Thing::Mutex(_))).collect();
    if mutexes.is_empty() {
        return;
    }
    let token = mutexes[dice.below(mutexes.len())];
    let how = How { alertable: false, timeout: None };
    watchdog::at(|| "takes a mutex to its end".into());
    let waited = how.one(token.object());
    assert_eq!(waited, if token.took() { Waited::Abandoned(0) } else { Waited::Object(0) });
    token.abandoned.store(true, SeqCst);
    token.leave();
    count(&ABANDONED);
}
