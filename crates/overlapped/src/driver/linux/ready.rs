//! Readiness, as poll(2) tells it.

use super::borrow;
use super::codes::refused;
use crate::driver::{Attempt, Watch};
use crate::readiness::Events;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::time::Duration;

/// What the kernel is given, kept for the next wait.
pub(crate) type Watched = Vec<PollFd<'static>>;

/// A poll(2) that may wait registers with every socket up to the first that is ready, and takes that back in the end: with the
/// last one ready it costs twice what a look does.
pub(crate) const LOOKS_ARE_CHEAPER: bool = true;

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
    polled.clear();
    polled.extend(asked(watched).map(|watch| PollFd::from_borrowed_fd(borrow(watch.raw), interest(watch.wants))));
    // What the kernel's clock cannot count is for ever.
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    if poll(polled, timeout.as_ref()).map_err(refused)? > 0 {
        for (watch, polled) in asked(watched).zip(&*polled) {
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
