//! A pointer of each thread, without a destructor.
//!
//! Where std keeps thread-locals in keys of the system (`windows-gnu`) it frees each at the end of the thread, with or
//! without something to drop, and in the order in which the process has first used them: what is read there may be
//! new again.

use std::marker::PhantomData;
use std::sync::OnceLock;
use windows_sys::Win32::System::Threading::{TLS_OUT_OF_INDEXES, TlsAlloc, TlsGetValue, TlsSetValue};

/// Null in each thread that has not set it.
pub(crate) struct Bare<T> {
    index: OnceLock<u32>,
    holds: PhantomData<fn() -> T>,
}

impl<T> Bare<*const T> {
    pub(crate) const fn new(first: *const T) -> Self {
        assert!(first.is_null(), "the system gives null to new threads");
        Self { index: OnceLock::new(), holds: PhantomData }
    }

    fn index(&self) -> u32 {
        *self.index.get_or_init(|| {
            // SAFETY: takes nothing.
            let index = unsafe { TlsAlloc() };
            assert_ne!(index, TLS_OUT_OF_INDEXES, "Windows has no thread-local storage left");
            index
        })
    }

    pub(crate) fn get(&self) -> *const T {
        // SAFETY: the index was allocated and is never freed.
        unsafe { TlsGetValue(self.index()) }.cast_const().cast()
    }

    pub(crate) fn set(&self, value: *const T) {
        // SAFETY: as above; what the pointer points to is no business of the system.
        let set = unsafe { TlsSetValue(self.index(), value.cast_mut().cast()) };
        assert_ne!(set, 0, "Windows has no memory for thread-local storage");
    }

    pub(crate) fn replace(&self, value: *const T) -> *const T {
        let before = self.get();
        self.set(value);
        before
    }
}
