//! The block that a socket of another face keeps: it has one owner, and none is left of what the socket was before.

use super::{check, spawn};
use crate::overlapped::{Overlapped, Spare};
use crate::sync::atomic::AtomicUsize;
use crate::sync::atomic::Ordering::SeqCst;
use std::sync::Arc;

/// Two who take and put: neither sees the other in the value.
#[test]
fn a_spare_block_has_one_owner() {
    check(|| {
        let place = Arc::new(Spare::new());
        drop(place.put(Overlapped::new(0)));
        let both = [(); 2].map(|()| {
            let place = Arc::clone(&place);
            spawn(move || {
                place.take().is_some_and(|mut block| {
                    *block += 1;
                    let whole = *block;
                    drop(place.put(block));
                    whole > 0
                })
            })
        });
        let taken = both.into_iter().map(|thread| thread.join().unwrap()).filter(|taken| *taken).count();
        assert!(taken >= 1);
        assert_eq!(place.take().map(Overlapped::into_inner), Some(taken));
    });
}

/// Who puts a block looks after that whether its era is over; who ends an era takes what is there after that.
#[test]
fn no_block_stays_longer_than_its_era() {
    check(|| {
        let shared = Arc::new((Spare::new(), AtomicUsize::new(0)));
        let putting = spawn({
            let shared = Arc::clone(&shared);
            move || {
                let (place, era) = &*shared;
                drop(place.put(Overlapped::new(())));
                if era.load(SeqCst) != 0 {
                    drop(place.clear());
                }
            }
        });
        let (place, era) = &*shared;
        era.fetch_add(1, SeqCst);
        drop(place.clear());
        putting.join().unwrap();
        assert!(place.take().is_none());
    });
}
