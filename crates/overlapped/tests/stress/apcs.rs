//! APCs from thread to thread: each that was queued runs once, on its thread, in the order of its sender, or is
//! dropped with that thread.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use overlapped::alertable::Thread;

use super::deed::{Hand, Round};
use super::dice::Dice;
use super::model::{DROPPED, QUEUED, RAN, Value, count};
use super::tokens;
use super::waits::{How, Running};

thread_local! {
    /// How many came of each sender.
    static HEARD: RefCell<HashMap<u64, u64>> = RefCell::default();
}

/// What an APC carries: it is dropped when that has run, or with it.
struct Letter {
    ran: bool,
    _value: Value,
}

impl Drop for Letter {
    fn drop(&mut self) {
        count(if self.ran { &RAN } else { &DROPPED });
    }
}

/// Queues an APC; whether the thread had not ended.
pub(super) fn queue(to: &Thread, apc: impl FnOnce() + Send + 'static) -> bool {
    let mut letter = Letter { ran: false, _value: Value::new() };
    // Before: it may run before this goes on.
    count(&QUEUED);
    let queued = to.queue(move || {
        let _running = Running::enter();
        letter.ran = true;
        apc();
        drop(letter);
    });
    // One that was refused has been dropped.
    queued.is_ok()
}

/// What a thread has sent to others.
pub(super) struct Sender {
    number: u64,
    sent: HashMap<u64, u64>,
}

impl Sender {
    pub(super) fn new(number: u64) -> Self {
        Self { number, sent: HashMap::new() }
    }

    /// Sends some to one of the others, or to itself.
    pub(super) fn send(&mut self, hand: &mut Hand) {
        let chosen = {
            let crowd = hand.round.crowd.lock().unwrap();
            if crowd.is_empty() {
                // In a quiet round the first may be here before it is known.
                return;
            }
            let chosen = &crowd[hand.dice.below(crowd.len())];
            (chosen.0, chosen.1.clone())
        };
        let (to, thread) = chosen;
        for _ in 0..hand.dice.between(1, 3) {
            let sent = self.sent.entry(to).or_default();
            let (from, serial) = (self.number, *sent);
            let (round, dice) = (Arc::clone(&hand.round), hand.dice.others());
            let queued = queue(&thread, move || {
                let heard = HEARD.with_borrow_mut(|heard| {
                    let heard = heard.entry(from).or_default();
                    *heard += 1;
                    *heard - 1
                });
                assert_eq!(heard, serial, "APCs of one sender run in their order");
                act(&round, dice);
            });
            if !queued {
                return;
            }
            *sent += 1;
        }
    }
}

fn act(round: &Arc<Round>, mut dice: Dice) {
    match dice.below(5) {
        0 => {
            // What is queued behind runs in here.
            let _ = How { alertable: true, timeout: Some(dice.short()) }.sleep();
        }
        1 => tokens::play(&round.tokens, &mut dice, false),
        2 => {
            let crowd = round.crowd.lock().unwrap();
            let thread = crowd[dice.below(crowd.len())].1.clone();
            drop(crowd);
            queue(&thread, || {});
        }
        _ => {}
    }
}
