//! Whether a wait begins with a look that does not wait, where that is cheaper: a thread whose waits find something at once looks
//! first, and one whose waits do not tries it seldom.

use crate::driver::system;
use crate::seldom::Seldom;
use std::mem;

#[derive(Default)]
pub(super) struct FirstLook {
    /// There is one, and nobody has said yet what it found.
    looks: bool,
    /// Of sixteen waits that find nothing at once, one looks first.
    seldom: Seldom<16>,
}

impl FirstLook {
    /// Whether there is one now, instead of a wait. One that finds nothing is followed by a wait.
    pub(super) fn is_due(&mut self) -> bool {
        self.looks = self.seldom.is_due() && system::LOOKS_ARE_CHEAPER;
        self.looks
    }

    /// Whether it was one that has found something.
    pub(super) fn has_found(&mut self, something: bool) -> bool {
        if !mem::take(&mut self.looks) {
            return false;
        }
        self.seldom.learn(something);
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
