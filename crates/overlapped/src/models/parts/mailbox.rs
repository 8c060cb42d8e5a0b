//! What others leave for a thread.

use super::{check, core, join, spawn};
use crate::thread::Mail;
use std::sync::Arc;

/// Nothing is lost and nothing given twice: each mail is taken once, by a thread that sleeps when nothing is there.
#[test]
fn each_mail_is_taken_once() {
    check(|| {
        let core = core();
        let posters = [1, 2].map(|key| {
            let core = Arc::clone(&core);
            spawn(move || assert!(core.post(Mail::Cancel(key)).is_ok()))
        });
        let mut taken = Vec::new();
        while taken.len() < 2 {
            for mail in core.take_mail() {
                let Mail::Cancel(key) = mail else { panic!("other mail") };
                taken.push(key);
            }
            if taken.len() < 2 && !core.has_mail() {
                core.park(None);
            }
        }
        join(posters);
        taken.sort_unstable();
        assert_eq!(taken, [1, 2]);
        assert!(core.take_mail().is_empty());
    });
}

/// An ending thread either refuses an APC or takes it: what was accepted is there after the mailbox was closed.
#[test]
fn an_apc_is_refused_or_taken_by_an_ending_thread() {
    check(|| {
        let core = core();
        let poster = spawn({
            let core = Arc::clone(&core);
            move || core.post(Mail::Apc(Box::new(|| {}))).is_ok()
        });
        core.close();
        let taken = core.take_mail().len();
        assert_eq!(taken, usize::from(poster.join().unwrap()));
        assert!(core.take_mail().is_empty());
    });
}

/// A completed operation reaches an ending thread, which waits for it.
#[test]
fn what_an_ending_thread_waits_for_comes() {
    check(|| {
        let core = core();
        let poster = spawn({
            let core = Arc::clone(&core);
            move || assert!(core.post(Mail::Cancel(1)).is_ok())
        });
        core.close();
        while core.take_mail().is_empty() {
            core.park(None);
        }
        poster.join().unwrap();
    });
}
