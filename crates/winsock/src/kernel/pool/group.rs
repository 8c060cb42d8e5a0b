//! Cleanup groups: members of the pool that end together.

use super::callbacks::Callbacks;
use super::environment::Cancelled;
use super::{Member, insert};
use crate::abi::{Bool, FALSE, Handle, Pointer};
use crate::codes;
use crate::error::set_last;
use crate::handle::{self, Object};
use std::sync::{Arc, Mutex, PoisonError};

/// `TP_CLEANUP_GROUP`.
pub struct Group {
    members: Mutex<Vec<Entry>>,
    /// The calls that are no member's: those of `TrySubmitThreadpoolCallback`.
    simple: Arc<Callbacks>,
}

struct Entry {
    handle: Handle,
    /// What the program has given the member.
    context: usize,
    cancelled: Option<Cancelled>,
}

impl Group {
    pub(super) fn enter(&self, handle: Handle, context: usize, cancelled: Option<Cancelled>) {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        if members.len() == members.capacity() {
            // Those that the program has closed itself.
            members.retain(|entry| member(entry.handle).is_some());
        }
        members.push(Entry { handle, context, cancelled });
    }

    pub(super) fn simple(&self) -> &Arc<Callbacks> {
        &self.simple
    }
}

pub(super) fn group(handle: Handle) -> Option<Arc<Group>> {
    match handle::get(handle) {
        Some(Object::Pool(Member::Group(group))) => Some(group),
        _ => None,
    }
}

fn member(handle: Handle) -> Option<Member> {
    match handle::get(handle) {
        Some(Object::Pool(member)) => Some(member),
        _ => None,
    }
}

/// `CreateThreadpoolCleanupGroup`.
#[unsafe(no_mangle)]
pub extern "C" fn CreateThreadpoolCleanupGroup() -> Handle {
    insert(Member::Group(Arc::new(Group { members: Mutex::default(), simple: Callbacks::new() })))
}

/// `CloseThreadpoolCleanupGroupMembers`: closes them all when their calls have returned, or with `cancel` those that have begun.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn CloseThreadpoolCleanupGroupMembers(handle: Handle, cancel: Bool, context: Pointer) {
    let Some(group) = group(handle) else { return set_last(codes::ERROR_INVALID_HANDLE) };
    let entries = std::mem::take(&mut *group.members.lock().unwrap_or_else(PoisonError::into_inner));
    let members: Vec<_> = entries.iter().filter_map(|entry| Some((entry, member(entry.handle)?))).collect();
    members.iter().for_each(|(_, member)| member.stop());
    let calls = members.iter().filter_map(|(_, member)| member.callbacks()).chain([&*group.simple]);
    for callbacks in calls {
        if cancel != FALSE {
            callbacks.cancel();
        }
        callbacks.wait();
    }
    for (entry, _) in &members {
        handle::remove(entry.handle);
        if let Some(cancelled) = entry.cancelled.filter(|_| cancel != FALSE) {
            // SAFETY: the program has named this function for its group, to be called so.
            unsafe { cancelled(entry.context as Pointer, context) };
        }
    }
}

/// `CloseThreadpoolCleanupGroup`.
#[unsafe(no_mangle)]
pub extern "C" fn CloseThreadpoolCleanupGroup(handle: Handle) {
    if group(handle).is_some() {
        handle::remove(handle);
    } else {
        set_last(codes::ERROR_INVALID_HANDLE);
    }
}
