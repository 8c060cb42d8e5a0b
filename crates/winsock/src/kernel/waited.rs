//! The events that a thread waited for last, as long as their handles still name them.

use crate::abi::Handle;
use crate::handle;
use overlapped::Event;
use std::cell::Cell;

/// Events with the handles that name them; without events if the handles name other objects, too. While somebody has them the thread has none: what waits in a routine looks its
/// own up.
pub(super) struct Waited {
    handles: Vec<Handle>,
    events: Vec<Event>,
    /// How many handles had been closed before they were looked up.
    removals: usize,
}

thread_local! {
    static LAST: Cell<Option<Box<Waited>>> = const { Cell::new(None) };
}

/// Those of the last wait, until this is dropped.
pub(super) struct Lent(Option<Box<Waited>>);

/// The events of these handles, if all name events.
pub(super) fn same(handles: &[Handle]) -> Option<Lent> {
    let removals = handle::removals();
    // The last destructors of a thread have none.
    let last = LAST.try_with(Cell::take).ok().flatten();
    if let Some(waited) = last.filter(|waited| waited.removals == removals && waited.handles == handles) {
        return Lent(Some(waited)).if_all();
    }
    let events = handles.iter().map(|handle| handle::event(*handle)).collect::<Option<Vec<_>>>().unwrap_or_default();
    Lent(Some(Box::new(Waited { handles: handles.to_vec(), events, removals }))).if_all()
}

impl Lent {
    /// That they are not all events is remembered, too.
    fn if_all(self) -> Option<Self> {
        let all = self.0.as_ref().is_some_and(|waited| waited.events.len() == waited.handles.len());
        all.then_some(self)
    }

    pub(super) fn events(&self) -> &[Event] {
        self.0.as_ref().map_or(&[], |waited| &waited.events)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let waited = self.0.take();
        let _ = LAST.try_with(|last| last.set(waited));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::Object;

    fn event() -> (Handle, Event) {
        let event = Event::manual();
        (handle::insert(Object::Event(event.clone())), event)
    }

    fn is_same(lent: &Lent, events: &[&Event]) -> bool {
        let pairs = lent.events().iter().zip(events);
        lent.events().len() == events.len()
            && pairs.fold(true, |all, (one, other)| all && overlapped::face::objects::is_same(one, *other))
    }

    #[test]
    fn a_handle_that_was_closed_is_looked_up_again() {
        let ((one, first), (other, second)) = (event(), event());
        for _ in 0..2 {
            assert!(is_same(&same(&[one, other]).unwrap(), &[&first, &second]));
        }
        assert!(is_same(&same(&[other, one]).unwrap(), &[&second, &first]));
        handle::remove(one);
        assert!(same(&[other, one]).is_none());
        assert!(is_same(&same(&[other]).unwrap(), &[&second]));
        handle::remove(other);
    }

    #[test]
    fn a_wait_inside_of_a_wait_has_its_own() {
        let ((one, first), (other, second)) = (event(), event());
        let outer = same(&[one]).unwrap();
        assert!(is_same(&same(&[other]).unwrap(), &[&second]));
        assert!(is_same(&outer, &[&first]));
        drop(outer);
        assert!(is_same(&same(&[one]).unwrap(), &[&first]));
        handle::remove(one);
        handle::remove(other);
    }
}
