//! Pools of the program's own, and the environments that name them.

use super::group::Group;
use super::{Member, Pool, insert};
use crate::abi::{Bool, Dword, Handle, Pointer, TRUE};
use crate::codes;
use crate::error::{Code, no, set_last};
use crate::handle::{self, Object};
use crate::kernel::event::made;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, Release};

/// `PTP_CLEANUP_GROUP_CANCEL_CALLBACK`.
pub(super) type Cancelled = unsafe extern "C-unwind" fn(Pointer, Pointer);

/// `TP_CALLBACK_ENVIRON`, as the headers lay it out.
#[repr(C)]
#[derive(Debug)]
pub struct Environment {
    version: u32,
    pool: Handle,
    group: Handle,
    cancelled: Option<Cancelled>,
    library: Pointer,
    activation: Pointer,
    finalization: Handle,
    flags: u32,
    priority: i32,
    size: u32,
}

/// Where a member belongs.
pub(super) struct Place {
    pub(super) pool: Arc<Pool>,
    group: Option<Arc<Group>>,
    cancelled: Option<Cancelled>,
}

impl Place {
    /// What an environment says; without one the shared pool, and no group.
    pub(super) fn of(environment: *const Environment) -> Result<Self, Code> {
        if environment.is_null() {
            return Ok(Self { pool: Pool::shared(), group: None, cancelled: None });
        }
        // SAFETY: not null, so it is the caller's environment, initialised by the functions of the headers.
        let environment = unsafe { &*environment };
        if environment.finalization != 0 {
            return Err(codes::ERROR_NOT_SUPPORTED);
        }
        let pool = match environment.pool {
            0 => Pool::shared(),
            pool => self::pool(pool).ok_or(codes::ERROR_INVALID_PARAMETER)?,
        };
        let group = match environment.group {
            0 => None,
            group => Some(super::group::group(group).ok_or(codes::ERROR_INVALID_PARAMETER)?),
        };
        Ok(Self { pool, group, cancelled: environment.cancelled })
    }

    /// Gives a member its number, and enters it in its group.
    pub(super) fn enter(&self, member: Member, context: usize) -> Handle {
        let handle = insert(member);
        if let Some(group) = &self.group {
            group.enter(handle, context, self.cancelled);
        }
        handle
    }

    pub(super) fn group(&self) -> Option<&Group> {
        self.group.as_deref()
    }
}

fn pool(handle: Handle) -> Option<Arc<Pool>> {
    match handle::get(handle) {
        Some(Object::Pool(Member::Pool(pool))) => Some(pool),
        _ => None,
    }
}

/// `CreateThreadpool`.
#[unsafe(no_mangle)]
pub extern "C" fn CreateThreadpool(reserved: Pointer) -> Handle {
    made(if reserved.is_null() { Ok(insert(Member::Pool(Pool::new()))) } else { Err(codes::ERROR_INVALID_PARAMETER) })
}

/// `CloseThreadpool`. What is queued is done; then its threads end.
#[unsafe(no_mangle)]
pub extern "C" fn CloseThreadpool(handle: Handle) {
    let Some(pool) = pool(handle) else { return set_last(codes::ERROR_INVALID_HANDLE) };
    handle::remove(handle);
    pool.closed.store(true, Release);
}

/// `SetThreadpoolThreadMaximum`.
#[unsafe(no_mangle)]
pub extern "C" fn SetThreadpoolThreadMaximum(handle: Handle, most: Dword) {
    let Some(pool) = pool(handle) else { return set_last(codes::ERROR_INVALID_HANDLE) };
    pool.most.store((most as usize).max(1), Relaxed);
}

/// `SetThreadpoolThreadMinimum`. Threads are started when there is something to do.
#[unsafe(no_mangle)]
pub extern "C" fn SetThreadpoolThreadMinimum(handle: Handle, least: Dword) -> Bool {
    let Some(pool) = pool(handle) else { return no(codes::ERROR_INVALID_HANDLE) };
    pool.most.fetch_max(least as usize, Relaxed);
    TRUE
}
