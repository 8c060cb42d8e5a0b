//! Who does what, and the end of a process in which nothing goes on.

use std::cell::RefCell;
use std::panic;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{model, say};

static SEED: AtomicU64 = AtomicU64::new(0);
static PROGRESS: AtomicU64 = AtomicU64::new(0);
static THREADS: Mutex<Vec<Arc<Present>>> = Mutex::new(Vec::new());

struct Present {
    name: String,
    action: Mutex<String>,
}

thread_local! {
    static PRESENT: RefCell<Option<Arc<Present>>> = const { RefCell::new(None) };
}

pub(super) fn begin_round(seed: u64) {
    SEED.store(seed, SeqCst);
    THREADS.lock().unwrap_or_else(PoisonError::into_inner).clear();
    progress();
}

/// Names the calling thread.
pub(super) fn name(name: String) {
    let present = Arc::new(Present { name, action: Mutex::default() });
    THREADS.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&present));
    PRESENT.set(Some(present));
}

/// Notes what the calling thread is about to do.
pub(super) fn at(action: impl FnOnce() -> String) {
    PRESENT.with_borrow(|present| {
        if let Some(present) = present {
            *present.action.lock().unwrap_or_else(PoisonError::into_inner) = action();
        }
    });
}

/// Takes what the calling thread has noted, for something in between.
pub(super) fn interrupt() -> String {
    let taken = |present: &Arc<Present>| std::mem::take(&mut *present.action.lock().unwrap());
    PRESENT.with_borrow(|present| present.as_ref().map(taken).unwrap_or_default())
}

/// Something has come to an end. There is an end to how often that happens in a round.
pub(super) fn progress() {
    PROGRESS.fetch_add(1, SeqCst);
}

pub(super) struct Watchdog {
    over: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Watchdog {
    pub(super) fn start(patience: Duration) -> Self {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                before(info);
                end(&info.to_string());
            }));
        });
        let over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&over);
        let thread = thread::spawn(move || {
            let (mut seen, mut since) = (0, Instant::now());
            while !until.load(SeqCst) {
                thread::park_timeout(Duration::from_millis(500));
                let now = PROGRESS.load(SeqCst);
                if now != seen {
                    (seen, since) = (now, Instant::now());
                } else if since.elapsed() >= patience {
                    end(&format!("stuck: no progress for {patience:?}"));
                }
            }
        });
        Self { over, thread: Some(thread) }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.over.store(true, SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

/// Tells all there is to tell, and ends the process: what is broken must not go on.
fn end(why: &str) -> ! {
    static FIRST: AtomicBool = AtomicBool::new(true);
    if !FIRST.swap(false, SeqCst) {
        loop {
            thread::park();
        }
    }
    let seed = SEED.load(SeqCst);
    say(&format!("\n{why}\nOVERLAPPED_STRESS_SEED={seed}\n{}\n", model::state()));
    let threads = THREADS.try_lock().map(|threads| threads.clone()).unwrap_or_default();
    for present in threads {
        let action = present.action.try_lock().map_or_else(|_| "?".into(), |action| action.clone());
        say(&format!("  {}: {action}\n", present.name));
    }
    std::process::abort();
}
