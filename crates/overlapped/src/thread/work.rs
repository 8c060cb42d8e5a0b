//! A thread as the worker of a port: where it works, and that it steps away while it waits.

use super::Engine;
use crate::port::Workplace;
use std::sync::Arc;

impl Engine {
    /// The thread has taken a packet there.
    pub(crate) fn works_at<W: Workplace + 'static>(&self, place: &Arc<W>) {
        if !self.is_at(place) {
            *self.work.borrow_mut() = Some(Arc::clone(place) as Arc<dyn Workplace>);
        }
    }

    /// The thread takes from a port: it does not run for another one any more.
    pub(crate) fn leave_others<W: Workplace + 'static>(&self, place: &Arc<W>) {
        if !self.is_at(place) {
            self.leave_work();
        }
    }

    fn is_at<W>(&self, place: &Arc<W>) -> bool {
        self.work.borrow().as_ref().is_some_and(|work| std::ptr::addr_eq(Arc::as_ptr(work), Arc::as_ptr(place)))
    }

    pub(super) fn leave_work(&self) {
        let work = self.work.take();
        if let Some(work) = work {
            work.leave(&self.core);
        }
    }

    /// The thread waits for something else than a packet: it does not run meanwhile.
    pub(crate) fn step_away(&self) -> Option<Away<'_>> {
        let work = self.work.borrow().clone()?;
        work.leave(&self.core).then_some(Away { engine: self, work })
    }
}

/// Being away from the port; dropping it ends that. No code of the program runs meanwhile: it may take from a port.
pub(crate) struct Away<'a> {
    engine: &'a Engine,
    work: Arc<dyn Workplace>,
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        self.work.resume(&self.engine.core);
    }
}
