//! A thread that does deeds, and waits for them in all ways.

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use overlapped::alertable;
use overlapped::{Socket, Waitable, Waited};

use super::apcs::Sender;
use super::datagrams::Port;
use super::deed::{Awaited, Deed, Hand, Round};
use super::dice::Dice;
use super::doors::Door;
use super::fates::Silence;
use super::links::Link;
use super::model::{DEEDS, THREADS, count, thread_ends};
use super::receives::Receives;
use super::tokens;
use super::waits::{How, begin_thread};
use super::wakes::{Ticks, Wake};
use super::watchdog;

/// What a worker has before it.
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) steps: usize,
    /// How many deeds at a time.
    pub(super) breadth: usize,
    /// Ends amid everything.
    pub(super) abrupt: bool,
}

/// Starts one.
pub(super) fn start(round: &Arc<Round>, plan: Plan, dice: Dice) -> (alertable::Thread, JoinHandle<()>) {
    let number = round.number();
    let shared = Arc::clone(round);
    let run = move || {
        begin_thread(plan.name.clone());
        let hand = Hand { round: shared, dice };
        Worker { hand, sender: Sender::new(number), deeds: Vec::new() }.run(&plan);
        thread_ends();
        watchdog::at(|| "has ended".into());
    };
    let (thread, handle) = alertable::spawn(run).expect("a thread");
    count(&THREADS);
    round.join(&thread);
    (thread, handle)
}

/// A receive with a routine that never comes: with it the thread waits where its routines are.
struct Burden {
    _peer: TcpStream,
}

impl Burden {
    fn take() -> Self {
        let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
        Receives::new(&Socket::from(door.accept().unwrap().0)).issue_with_routine(10);
        Self { _peer: peer }
    }
}

struct Worker {
    hand: Hand,
    sender: Sender,
    deeds: Vec<Box<dyn Deed>>,
}

impl Worker {
    fn run(mut self, plan: &Plan) {
        let _burden = self.hand.dice.percent(40).then(Burden::take);
        for _ in 0..plan.steps {
            self.step(plan.breadth);
            watchdog::progress();
        }
        if plan.abrupt {
            for deed in std::mem::take(&mut self.deeds) {
                deed.leave(&mut self.hand);
            }
            if self.hand.dice.percent(50) {
                tokens::abandon(&self.hand.round.tokens, &mut self.hand.dice);
            }
            return;
        }
        while !self.deeds.is_empty() {
            self.wait(None);
        }
    }

    fn step(&mut self, breadth: usize) {
        match self.hand.dice.below(100) {
            0..=34 if self.deeds.len() < breadth => self.begin(),
            35..=49 => tokens::play(&self.hand.round.tokens, &mut self.hand.dice, true),
            50..=57 => self.sender.send(&mut self.hand),
            58 => tokens::release_of_another(&self.hand.round.tokens),
            59..=63 => {
                let how = How { alertable: true, timeout: Some(self.hand.dice.short()) };
                watchdog::at(|| "sleeps".into());
                let _ = how.sleep();
                self.go_on();
            }
            64..=74 => {
                let time = self.hand.dice.short();
                let how = How { alertable: self.hand.dice.percent(50), timeout: Some(time) };
                self.wait(Some(how));
            }
            _ => self.wait(None),
        }
    }

    fn begin(&mut self) {
        watchdog::at(|| "begins a deed".into());
        let begin = match self.hand.dice.below(12) {
            0..=3 => Link::begin,
            4 | 5 => Wake::begin,
            6 | 7 => Silence::begin,
            8 => Door::begin,
            9 => Port::begin,
            10 => Ticks::begin,
            _ => Wake::begin,
        };
        let mut deed = begin(&mut self.hand);
        if deed.go_on(&mut self.hand) {
            count(&DEEDS);
        } else {
            self.deeds.push(deed);
        }
    }

    fn go_on(&mut self) {
        let mut place = 0;
        while place < self.deeds.len() {
            if self.deeds[place].go_on(&mut self.hand) {
                drop(self.deeds.remove(place));
                count(&DEEDS);
                watchdog::progress();
            } else {
                place += 1;
            }
        }
    }

    /// Waits once; for ever, for what is sure to come, if it is not said how.
    fn wait(&mut self, how: Option<How>) {
        self.go_on();
        if self.deeds.is_empty() {
            return;
        }
        let chosen = self.hand.dice.below(self.deeds.len());
        if how.is_none() && self.hand.dice.percent(12) {
            watchdog::at(|| format!("waits within: {}", self.state()));
            if self.deeds[chosen].wait_within() {
                return self.go_on();
            }
        }
        let awaited: Vec<_> = self.deeds.iter().map(|deed| deed.awaited()).collect();
        // The chosen one first: it is what this waits for, the others come or not.
        let mut places = self.hand.dice.some_of(self.deeds.len());
        places.retain(|place| *place != chosen);
        places.insert(0, chosen);
        let by_routine = matches!(awaited[chosen], Awaited::Routine);
        let mut objects: Vec<(usize, &dyn Waitable)> = Vec::new();
        for place in places {
            if let Awaited::Object(object) = &awaited[place] {
                objects.insert(self.hand.dice.below(objects.len() + 1), (place, &**object));
            }
        }
        if by_routine && self.hand.dice.percent(40) {
            objects.clear();
        }
        if !by_routine && self.hand.dice.percent(30) {
            objects.retain(|(place, _)| *place == chosen);
        }
        let how = how.unwrap_or(How { alertable: by_routine || self.hand.dice.percent(40), timeout: None });
        let all = self.hand.dice.percent(25);
        let (places, objects): (Vec<_>, Vec<_>) = objects.into_iter().unzip();
        watchdog::at(|| {
            let (kind, time) = (if how.alertable { "alertably" } else { "plainly" }, how.timeout);
            format!("waits {kind} {time:?} for {} {places:?}: {}", if all { "all" } else { "any" }, self.state())
        });
        let waited = match objects[..] {
            [] => How { alertable: true, ..how }.sleep(),
            [object] if self.hand.dice.percent(70) => how.one(object),
            _ if all => how.all(&objects),
            _ => how.any(&objects),
        };
        match waited {
            Waited::Object(_) if all => places.iter().for_each(|place| self.deeds[*place].came()),
            Waited::Object(index) => self.deeds[places[index]].came(),
            _ => {}
        }
        self.go_on();
    }

    fn state(&self) -> String {
        self.deeds.iter().map(|deed| deed.state()).collect::<Vec<_>>().join("; ")
    }
}
