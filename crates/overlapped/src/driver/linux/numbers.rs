//! Maps by descriptor, whose numbers nobody outside chooses: a hash that resists attacks costs more than the rest.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

pub(super) type ByNumber<T> = HashMap<i32, T, BuildHasherDefault<Number>>;

#[derive(Default)]
pub(super) struct Number(u64);

impl Hasher for Number {
    fn write_i32(&mut self, number: i32) {
        // The map takes its place from the low bits and its tag from the high ones: a product spreads into both.
        self.0 = u64::from(number as u32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 32;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_again() {
        let mut map = ByNumber::default();
        let most = if cfg!(miri) { 200 } else { 20_000 };
        for number in -3..most {
            map.insert(number, number);
        }
        assert!((-3..most).all(|number| map.remove(&number) == Some(number)));
        assert!(map.is_empty());
    }

    #[test]
    fn neighbours_lie_apart() {
        let hash = |number| {
            let mut hasher = Number::default();
            hasher.write_i32(number);
            hasher.finish()
        };
        let mut places: Vec<_> = (0..1024).map(|number| hash(number) & 1023).collect();
        places.sort_unstable();
        places.dedup();
        assert!(places.len() > 512, "{}", places.len());
        let mut tags: Vec<_> = (0..128).map(|number| hash(number) >> 57).collect();
        tags.sort_unstable();
        tags.dedup();
        assert!(tags.len() > 64, "{}", tags.len());
    }
}
