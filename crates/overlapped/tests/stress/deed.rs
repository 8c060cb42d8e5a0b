//! What threads do: deeds, each of which comes to an end by itself, whatever its thread waits for otherwise.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use overlapped::Waitable;
use overlapped::alertable::Thread;

use super::dice::Dice;
use super::server::Server;
use super::service::Service;
use super::tokens::Token;

/// What the threads of a round share.
pub(super) struct Round {
    /// How many of a hundred operations have a routine: who has some waits where the others do not.
    pub(super) routines: usize,
    pub(super) tokens: Vec<Token>,
    pub(super) service: Arc<Service>,
    pub(super) servers: Vec<Server>,
    /// Who can be sent APCs, by the number that names a thread once.
    pub(super) crowd: Mutex<Vec<(u64, Thread)>>,
    pub(super) serial: AtomicU64,
}

impl Round {
    pub(super) fn number(&self) -> u64 {
        self.serial.fetch_add(1, SeqCst)
    }

    /// Others may queue APCs to the thread from now on, even when it has ended.
    pub(super) fn join(&self, thread: &Thread) {
        let number = self.number();
        self.crowd.lock().unwrap().push((number, thread.clone()));
    }
}

/// What a deed has at hand.
pub(super) struct Hand {
    pub(super) round: Arc<Round>,
    pub(super) dice: Dice,
}

impl Hand {
    /// Whether the next operation is to have a routine.
    pub(super) fn with_routine(&mut self) -> bool {
        self.dice.percent(self.round.routines)
    }
}

/// What a deed waits for next.
pub(super) enum Awaited {
    Object(Box<dyn Waitable>),
    /// Alertable waits only can bring it on.
    Routine,
}

pub(super) trait Deed {
    /// Goes on as far as it can without waiting; whether it is at its end.
    fn go_on(&mut self, hand: &mut Hand) -> bool;
    /// After that, if it is not at its end: this is sure to come.
    fn awaited(&self) -> Awaited;
    /// A wait has been satisfied by the object that was awaited.
    fn came(&mut self);
    /// The thread waits in the operation itself, which comes to an end; `false` if there is none.
    fn wait_within(&mut self) -> bool {
        false
    }
    /// The thread ends. What is pending is left to others, or to that end.
    fn leave(self: Box<Self>, hand: &mut Hand);
    fn state(&self) -> String;
}
