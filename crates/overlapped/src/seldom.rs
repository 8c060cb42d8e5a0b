//! What is worth trying as long as it finds something, and seldom otherwise.

/// Says when to try. `MOST` is how often it is left out in the end, between two tries in vain.
#[derive(Default)]
pub(crate) struct Seldom<const MOST: u8> {
    /// So often it is left out now.
    left: u8,
    /// So often it was after the last try.
    went: u8,
}

impl<const MOST: u8> Seldom<MOST> {
    /// Whether to try now.
    pub(crate) fn is_due(&mut self) -> bool {
        let due = self.left == 0;
        self.left = self.left.saturating_sub(1);
        due
    }

    /// What the try was good for.
    pub(crate) fn learn(&mut self, found: bool) {
        self.went = if found { 0 } else { (self.went * 2 + 1).min(MOST) };
        self.left = self.went;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_vain_it_is_tried_ever_more_seldom_and_found_each_time() {
        let mut seldom = Seldom::<63>::default();
        let mut rests = Vec::new();
        for _ in 0..9 {
            let mut rest = 0;
            while !seldom.is_due() {
                rest += 1;
            }
            rests.push(rest);
            seldom.learn(false);
        }
        assert_eq!(rests, [0, 1, 3, 7, 15, 31, 63, 63, 63]);
        while !seldom.is_due() {}
        seldom.learn(true);
        assert!(seldom.is_due() && seldom.is_due());
    }
}
