//! Whether a wait begins with a look that does not wait, where that is cheaper: a thread whose waits find something at once looks
//! first, and one whose waits do not tries it seldom.

use crate::driver::system;
use std::mem;

#[derive(Default)]
pub(super) struct FirstLook {
    /// There is one, and nobody has said yet what it found.
    looks: bool,
    /// So many waits go without one.
    left: u32,
    /// So many went without one after the last.
    went: u32,
}

impl FirstLook {
    /// Of so many waits that find nothing at once, one looks first.
    const SELDOM: u32 = 16;

    /// Whether there is one now, instead of a wait. One that finds nothing is followed by a wait.
    pub(super) fn is_due(&mut self) -> bool {
        self.looks = self.left == 0 && system::LOOKS_ARE_CHEAPER;
        self.left = self.left.saturating_sub(1);
        self.looks
    }

    /// Whether it was one that has found something.
    pub(super) fn has_found(&mut self, something: bool) -> bool {
        if !mem::take(&mut self.looks) {
            return false;
        }
        self.went = if something { 0 } else { (2 * self.went + 1).min(Self::SELDOM) };
        self.left = self.went;
        something
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_in_vain_become_seldom_until_one_finds_something() {
        if !system::LOOKS_ARE_CHEAPER {
            return;
        }
        let mut first = FirstLook::default();
        let mut looks = |waits: u32, something| {
            let look = |_: &u32| {
                let due = first.is_due();
                assert_eq!(first.has_found(something), due && something);
                // The wait itself.
                assert!(!due || something || !first.is_due());
                due
            };
            (0..waits).filter(look).count()
        };
        assert_eq!(looks(100, true), 100);
        assert_eq!(looks(1 + 3 + 7 + 15, false), 4);
        assert_eq!(looks(1600, false), 100);
        assert_eq!(looks(100, true), 100);
    }
}
