//! What a thread issues right now.

use crate::abi::Overlapped as Header;
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// Of one thread.
struct Here {
    /// The `OVERLAPPED` that it is issuing an operation for, or null: what that comes to meanwhile, its call returns.
    header: Cell<*mut Header>,
    /// The bytes of that operation, if it has succeeded by now.
    bytes: Cell<Option<usize>>,
}

thread_local! {
    static HERE: Here = const { Here { header: Cell::new(ptr::null_mut()), bytes: Cell::new(None) } };
}

/// A number for the calling thread, among those that live.
pub(crate) fn this_thread() -> usize {
    HERE.with(|here| ptr::from_ref(here).addr())
}

/// Calls a function while the thread issues an operation for this `OVERLAPPED`, in it or in what it goes on as. With what the
/// function returns: the bytes of the operation, if it has succeeded meanwhile.
pub(super) fn issuing<R>(header: NonNull<Header>, issue: impl FnOnce() -> R) -> (R, Option<usize>) {
    HERE.with(|here| {
        let outer = Outer(here, here.header.replace(header.as_ptr()), here.bytes.replace(None));
        let issued = issue();
        let bytes = here.bytes.get();
        drop(outer);
        (issued, bytes)
    })
}

/// What the thread issues around that; it goes on with it when this is dropped.
struct Outer<'a>(&'a Here, *mut Header, Option<usize>);

impl Drop for Outer<'_> {
    fn drop(&mut self) {
        self.0.header.set(self.1);
        self.0.bytes.set(self.2);
    }
}

/// Whether it is this thread that issues an operation for this `OVERLAPPED` right now.
pub(super) fn issues(header: NonNull<Header>) -> bool {
    HERE.with(|here| here.header.get() == header.as_ptr())
}

/// The operation for this `OVERLAPPED` has succeeded with so many bytes: its call returns them, if it is the one that issues it.
pub(super) fn succeeded(header: NonNull<Header>, bytes: usize) {
    HERE.with(|here| {
        if here.header.get() == header.as_ptr() {
            here.bytes.set(Some(bytes));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_issued_inside_of_an_issue_has_its_own_bytes() {
        let [one, other] = [8, 16].map(|address| NonNull::new(ptr::without_provenance_mut(address)).unwrap());
        let (inner, bytes) = issuing(one, || {
            succeeded(one, 1);
            let inner = issuing(other, || succeeded(other, 2)).1;
            succeeded(other, 3);
            inner
        });
        assert_eq!((inner, bytes), (Some(2), Some(1)));
        assert!(!issues(one));
        assert_eq!(issuing(one, || ()).1, None);
    }
}
