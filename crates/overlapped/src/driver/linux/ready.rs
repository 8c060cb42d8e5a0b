//! Readiness, as poll(2) tells it.

use super::borrow;
use super::codes::refused;
use crate::driver::{Attempt, Watch};
use crate::readiness::Events;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::time::Duration;

/// What the kernel is given, and how the waits of a thread go: kept for the next one.
#[derive(Default)]
pub(crate) struct Watched {
    polled: Vec<PollFd<'static>>,
    first: FirstLook,
}

impl Watched {
    /// Waits; how many are what is wanted of them.
    fn poll(&mut self, timeout: Option<Duration>) -> rustix::io::Result<usize> {
        if timeout != Some(Duration::ZERO) && self.first.is_due() {
            let found = poll(&mut self.polled, Some(&Timespec::default()))?;
            self.first.has_found(found > 0);
            if found > 0 {
                return Ok(found);
            }
        }
        // What the kernel's clock cannot count is for ever.
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        poll(&mut self.polled, timeout.as_ref())
    }
}

/// Whether a wait begins with a look that does not wait.
///
/// A poll(2) that may wait registers with every socket up to the first that is ready, and takes that back in the end: with the
/// last one ready it costs twice what a look does. So a thread that finds something at once looks first, and one that does not
/// seldom tries.
#[derive(Default)]
struct FirstLook {
    /// So many waits go without one.
    left: u32,
    /// So many went without one after the last.
    went: u32,
}

impl FirstLook {
    /// Of so many waits that all have to wait one looks first.
    const SELDOM: u32 = 16;

    /// Another wait begins.
    fn is_due(&mut self) -> bool {
        let due = self.left == 0;
        self.left = self.left.saturating_sub(1);
        due
    }

    fn has_found(&mut self, found: bool) {
        self.went = if found { 0 } else { (2 * self.went + 1).min(Self::SELDOM - 1) };
        self.left = self.went;
    }
}

/// What is ready of a descriptor now.
pub(super) fn ready(raw: i32, interest: PollFlags) -> rustix::io::Result<PollFlags> {
    block(raw, interest, Some(Duration::ZERO))
}

/// What is ready of a descriptor once something is, or the time is over.
pub(super) fn block(raw: i32, interest: PollFlags, timeout: Option<Duration>) -> rustix::io::Result<PollFlags> {
    let socket = borrow(raw);
    let mut polled = [PollFd::new(&socket, interest)];
    // What the kernel's clock cannot count is for ever.
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    poll(&mut polled, timeout.as_ref())?;
    Ok(polled[0].revents())
}

pub(super) fn wait(watched: &mut [Watch], polled: &mut Watched, timeout: Option<Duration>) -> Attempt<()> {
    let list = &mut polled.polled;
    list.clear();
    list.extend(asked(watched).map(|watch| PollFd::from_borrowed_fd(borrow(watch.raw), interest(watch.wants))));
    if polled.poll(timeout).map_err(refused)? > 0 {
        for (watch, polled) in asked(watched).zip(&polled.polled) {
            let found = polled.revents();
            if !found.is_empty() {
                watch.is |= events(watch, found);
            }
        }
    }
    Ok(())
}

fn asked(watched: &mut [Watch]) -> impl Iterator<Item = &mut Watch> {
    watched.iter_mut().filter(|watch| !watch.wants.is_empty())
}

/// What of Linux tells of these events.
fn interest(wants: Events) -> PollFlags {
    let pairs = [
        (Events::READ, PollFlags::IN),
        (Events::URGENT, PollFlags::PRI),
        (Events::WRITE, PollFlags::OUT),
        (Events::HUNG_UP, PollFlags::RDHUP),
    ];
    let asked = pairs.iter().filter(|(event, _)| wants.contains(*event));
    asked.fold(PollFlags::empty(), |flags, (_, flag)| flags | *flag)
}

fn events(watch: &Watch, found: PollFlags) -> Events {
    let mut is = Events::NONE;
    for (flag, event) in [
        (PollFlags::IN, Events::READ),
        (PollFlags::PRI, Events::URGENT),
        (PollFlags::OUT, Events::WRITE),
        (PollFlags::HUP | PollFlags::RDHUP, Events::HUNG_UP),
        (PollFlags::ERR, Events::ERROR),
        (PollFlags::NVAL, Events::INVALID),
    ] {
        if found.intersects(flag) {
            is |= event;
        }
    }
    // To Linux the end of the stream can be read too.
    if watch.wants.contains(Events::HUNG_UP) && is.contains(Events::HUNG_UP | Events::READ) && !has_data(watch.raw) {
        is = is.without(Events::READ);
    }
    is
}

/// Whether there is data to receive, and not only an end. A receive that looks would take an error that the socket remembers.
pub(super) fn has_data(raw: i32) -> bool {
    rustix::io::ioctl_fionread(borrow(raw)).is_ok_and(|bytes| bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::FirstLook;

    #[test]
    fn looks_in_vain_become_seldom_until_one_finds_something() {
        let mut first = FirstLook::default();
        let mut looks = |waits: u32, found| {
            let look = |_: &u32| {
                let due = first.is_due();
                if due {
                    first.has_found(found);
                }
                due
            };
            (0..waits).filter(look).count()
        };
        assert_eq!(looks(100, true), 100);
        assert_eq!(looks(1 + 2 + 4 + 8, false), 4);
        assert_eq!(looks(1600, false), 100);
        assert_eq!(looks(16 + 99, true), 100);
    }
}
