//! Whether there is likely to be more behind a receive that filled its buffer.

/// What a session has taught of that: a peer that sends ahead has more there, one that sends just as much as fits has not.
#[derive(Default)]
pub(super) struct More {
    /// So often it is not asked for now.
    rest: u8,
    /// And so often it will not be after the next time in vain.
    next: u8,
}

impl More {
    /// Asking costs a call, so who asked in vain asks more and more seldom.
    const MOST: u8 = 63;

    /// The buffer is full: whether to ask for more at once.
    pub(super) fn asks(&mut self) -> bool {
        let asks = self.rest == 0;
        self.rest = self.rest.saturating_sub(1);
        asks
    }

    /// Whether there was more.
    pub(super) fn learn(&mut self, found: bool) {
        self.next = if found { 0 } else { (self.next * 2 + 1).min(Self::MOST) };
        self.rest = self.next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_vain_it_is_asked_ever_more_seldom_and_found_each_time() {
        let mut more = More::default();
        let mut rests = Vec::new();
        for _ in 0..9 {
            let mut rest = 0;
            while !more.asks() {
                rest += 1;
            }
            rests.push(rest);
            more.learn(false);
        }
        assert_eq!(rests, [0, 1, 3, 7, 15, 31, 63, 63, 63]);
        while !more.asks() {}
        more.learn(true);
        assert!(more.asks() && more.asks());
    }
}
