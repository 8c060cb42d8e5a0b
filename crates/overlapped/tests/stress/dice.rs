//! What is random: all of it follows from one number.

use std::thread;
use std::time::Duration;

/// SplitMix64.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound as u64) as usize
    }

    pub(super) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// Independent dice, for another thread.
    pub(super) fn others(&mut self) -> Self {
        Self(self.roll())
    }

    /// A time that a wait may take at most; never for ever.
    pub(super) fn short(&mut self) -> Duration {
        if self.percent(40) { Duration::ZERO } else { Duration::from_micros(self.below(2000) as u64) }
    }

    /// Some of `count` things in any order, at least one.
    pub(super) fn some_of(&mut self, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..count).collect();
        for place in (1..count).rev() {
            all.swap(place, self.below(place + 1));
        }
        all.truncate(self.between(1, count));
        all
    }

    /// Lets the others go first, or not.
    pub(super) fn pause(&mut self) {
        match self.below(6) {
            0 => thread::yield_now(),
            1 => thread::sleep(Duration::from_micros(self.below(300) as u64)),
            2 => (0..self.below(2000)).for_each(|_| std::hint::spin_loop()),
            _ => {}
        }
    }
}
