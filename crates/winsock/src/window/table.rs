//! All windows, under numbers that are never used again.

use super::class::Class;
use super::inbox::Inbox;
use super::layout::Procedure;
use crate::abi::Handle;
use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock};

/// A window.
pub(crate) struct Window {
    pub(crate) number: Handle,
    /// The queue of its thread, on which alone its procedure is called.
    pub(crate) inbox: Arc<Inbox>,
    class: Arc<Class>,
    pub(crate) instance: Handle,
    pub(crate) parent: Handle,
    state: Mutex<State>,
}

/// What changes of one.
pub(crate) struct State {
    pub(crate) procedure: Procedure,
    pub(crate) user: isize,
    pub(crate) identifier: Handle,
    pub(crate) style: u32,
    pub(crate) extended: u32,
    /// What it keeps for the program, as its class says.
    pub(crate) extra: Vec<u8>,
    /// It is about to be destroyed.
    pub(crate) dying: bool,
}

static WINDOWS: LazyLock<RwLock<HashMap<Handle, Arc<Window>>>> = LazyLock::new(RwLock::default);

/// The first number: one that no handle of another kind has for long.
const FIRST: usize = 0x1_0010;
const STEP: usize = 2;

/// What is known of a window that is about to be.
pub(crate) struct Plan {
    pub(crate) instance: Handle,
    pub(crate) parent: Handle,
    pub(crate) identifier: Handle,
    pub(crate) style: u32,
    pub(crate) extended: u32,
}

impl Window {
    /// A window of the thread of this queue.
    pub(super) fn make(class: Arc<Class>, inbox: &Arc<Inbox>, plan: &Plan) -> Arc<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(FIRST);
        let number = NEXT.fetch_add(STEP, Relaxed);
        let &Plan { instance, parent, identifier, style, extended } = plan;
        let state = State {
            procedure: class.procedure,
            user: 0,
            identifier,
            style,
            extended,
            extra: vec![0; class.extra],
            dying: false,
        };
        let window =
            Arc::new(Self { number, inbox: Arc::clone(inbox), class, instance, parent, state: Mutex::new(state) });
        WINDOWS.write().unwrap_or_else(PoisonError::into_inner).insert(number, Arc::clone(&window));
        window
    }

    /// What changes of it. Held for moments: nothing waits or calls the program meanwhile.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it belongs to the calling thread.
    pub(super) fn is_own(&self) -> bool {
        self.inbox.is_own()
    }

    /// Calls its procedure; only for its own thread.
    pub(super) fn call(&self, message: u32, word: usize, parameter: isize) -> isize {
        let procedure = self.state().procedure;
        // SAFETY: the program's function, for what it has been sent.
        unsafe { procedure(self.number, message, word, parameter) }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.class.windows.fetch_sub(1, Relaxed);
    }
}

/// The window of a number.
pub(crate) fn get(window: Handle) -> Option<Arc<Window>> {
    WINDOWS.read().unwrap_or_else(PoisonError::into_inner).get(&window).cloned()
}

/// Whether there is such a window.
pub(crate) fn exists(window: Handle) -> bool {
    WINDOWS.read().unwrap_or_else(PoisonError::into_inner).contains_key(&window)
}

/// The number is one no more.
pub(super) fn remove(window: Handle) {
    let gone = WINDOWS.write().unwrap_or_else(PoisonError::into_inner).remove(&window);
    drop(gone);
}

/// Those for which `wanted` says so.
pub(super) fn filtered(wanted: impl Fn(&Window) -> bool) -> Vec<Arc<Window>> {
    let windows = WINDOWS.read().unwrap_or_else(PoisonError::into_inner);
    windows.values().filter(|window| wanted(window)).cloned().collect()
}
