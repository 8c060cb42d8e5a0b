//! What the kernel does not know of yet, in the order of its issue.

use crate::driver::Key;
use io_uring::squeue::Entry;
use std::collections::VecDeque;

/// Entries for the ring that can be taken out again, however many there are.
#[derive(Default)]
pub(super) struct Staged {
    /// `None` is one that has been taken out.
    entries: VecDeque<Option<(Key, Entry)>>,
    live: usize,
    /// How many have left at the front: the number of the first.
    gone: usize,
    /// By slot of the key, the number of its entry.
    numbers: Vec<usize>,
}

impl Staged {
    pub(super) fn len(&self) -> usize {
        self.live
    }

    pub(super) fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Adds an operation, which can be removed.
    pub(super) fn add(&mut self, key: Key, entry: Entry) {
        let slot = key.slot();
        if slot >= self.numbers.len() {
            self.numbers.resize(slot + 1, 0);
        }
        self.numbers[slot] = self.gone + self.entries.len();
        self.add_for_good(key, entry);
    }

    /// Adds what nobody will remove.
    pub(super) fn add_for_good(&mut self, key: Key, entry: Entry) {
        self.entries.push_back(Some((key, entry)));
        self.live += 1;
    }

    /// Takes an operation out; `false` if it is not here.
    pub(super) fn remove(&mut self, key: Key) -> bool {
        let place = self.numbers.get(key.slot()).and_then(|number| number.checked_sub(self.gone));
        let entry = place.and_then(|place| self.entries.get_mut(place));
        let Some(entry) = entry.filter(|entry| entry.as_ref().is_some_and(|(staged, _)| *staged == key)) else {
            return false;
        };
        *entry = None;
        self.live -= 1;
        self.tidy();
        true
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().flatten().map(|(_, entry)| entry)
    }

    /// Removes so many of the first.
    pub(super) fn drop_first(&mut self, mut count: usize) {
        while count > 0 {
            let Some(first) = self.entries.pop_front() else { return };
            self.gone += 1;
            let live = usize::from(first.is_some());
            self.live -= live;
            count -= live;
        }
    }

    /// Keeps gaps fewer than entries.
    fn tidy(&mut self) {
        if self.entries.len() < 2 * self.live + 16 {
            return;
        }
        self.entries.retain(Option::is_some);
        for (place, (key, _)) in self.entries.iter().flatten().enumerate() {
            // What nobody removes has no number.
            if let Some(number) = self.numbers.get_mut(key.slot()) {
                *number = self.gone + place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use io_uring::opcode;

    fn nop(key: Key) -> Entry {
        opcode::Nop::new().build().user_data(key.0)
    }

    fn keys(staged: &Staged) -> Vec<u64> {
        staged.iter().map(Entry::get_user_data).collect()
    }

    #[test]
    fn what_is_removed_does_not_go_and_the_rest_keeps_its_order() {
        let mut staged = Staged::default();
        let key = |slot| Key::new(slot, 1);
        for slot in 0..100 {
            staged.add(key(slot), nop(key(slot)));
        }
        assert!(!staged.remove(Key::new(7, 2)), "the slot had another operation before");
        assert!(!staged.remove(key(100)));
        let odd = (0..100).filter(|slot| slot % 2 == 1);
        odd.for_each(|slot| assert!(staged.remove(key(slot)) && !staged.remove(key(slot))));
        staged.drop_first(10);
        assert_eq!(staged.len(), 40);
        assert!(!staged.remove(key(18)), "it is the kernel's");
        assert!(staged.remove(key(20)));
        assert_eq!(keys(&staged), (22..100).step_by(2).map(|slot| key(slot).0).collect::<Vec<_>>());
    }

    #[test]
    fn gaps_are_no_more_than_entries() {
        let mut staged = Staged::default();
        staged.add(Key::new(0, 1), nop(Key::new(0, 1)));
        for generation in 2..10_000 {
            let (odd, even) = (Key::new(1, generation), Key::new(2, generation));
            let (new, old) = if generation % 2 == 1 { (odd, even) } else { (even, odd) };
            staged.add(new, nop(new));
            staged.remove(Key::new(old.slot(), generation - 1));
            assert!(staged.entries.len() < 32, "{}", staged.entries.len());
        }
        staged.add_for_good(Key(u64::MAX), nop(Key(u64::MAX)));
        assert_eq!(staged.len(), 3);
        staged.drop_first(9);
        assert!(staged.is_empty());
    }
}
