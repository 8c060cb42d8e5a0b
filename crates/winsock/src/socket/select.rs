//! `select`, with Winsock's counted sets.

use super::object::believed;
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{Code, code, socket_error};
use crate::handle::Reading;
use crate::startup;
use overlapped::face::readiness::{self, Member, Role};
use std::time::Duration;

/// `fd_set`. How many sockets it has room for is the program's affair (`FD_SETSIZE`): only its count says where it ends.
#[repr(C)]
pub struct FdSet {
    count: u32,
    sockets: [Handle; 0],
}

/// `timeval`, as the C library has it.
#[repr(C)]
pub struct TimeVal {
    seconds: i64,
    microseconds: i64,
}

/// The sockets of a set.
///
/// # Safety
///
/// `set` is null, or a set with as many sockets as its count says, which nobody else uses meanwhile.
unsafe fn handles<'a>(set: *mut FdSet) -> Option<&'a mut [Handle]> {
    if set.is_null() || !set.is_aligned() {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe {
        let count = (*set).count as usize;
        let first = (&raw mut (*set).sockets).cast::<Handle>();
        Some(std::slice::from_raw_parts_mut(first, count))
    }
}

/// `select`: an alertable wait when it blocks. The first argument is ignored.
#[unsafe(export_name = "overlapped_select")]
pub unsafe extern "C-unwind" fn select(
    _: i32,
    read: *mut FdSet,
    write: *mut FdSet,
    except: *mut FdSet,
    timeout: *const TimeVal,
) -> i32 {
    // SAFETY: what the program promises.
    match unsafe { wait([read, write, except], timeout) } {
        Ok(ready) => i32::try_from(ready).unwrap_or(i32::MAX),
        Err(code) => socket_error(code),
    }
}

/// # Safety
///
/// The sets are as for [`handles`], the time is null or one.
unsafe fn wait(sets: [*mut FdSet; 3], timeout: *const TimeVal) -> Result<usize, Code> {
    startup::check()?;
    let time = if timeout.is_null() {
        None
    } else {
        // SAFETY: the caller's promise.
        let TimeVal { seconds, microseconds } = unsafe { timeout.read_unaligned() };
        let (Ok(seconds), Ok(microseconds)) = (u64::try_from(seconds), u64::try_from(microseconds)) else {
            return Err(WSAEINVAL);
        };
        Some(Duration::from_secs(seconds).saturating_add(Duration::from_micros(microseconds)))
    };
    // SAFETY: the caller's promise.
    let most = sets.iter().filter_map(|&set| unsafe { handles(set) }).map(|handles| handles.len()).sum();
    let (mut members, mut numbers) = (Vec::with_capacity(believed(most)), Vec::with_capacity(believed(most)));
    let mut ends = [0; 3];
    let table = Reading::of(most);
    for ((set, role), end) in sets.into_iter().zip([Role::Read, Role::Write, Role::Except]).zip(&mut ends) {
        // SAFETY: the caller's promise.
        let handles = unsafe { handles(set) }.unwrap_or_default();
        let member = |handle: &Handle| Some(Member::new(table.socket(*handle, |socket| socket.into())?, role));
        members.extend(handles.iter().map_while(member));
        if members.len() < numbers.len() + handles.len() {
            return Err(WSAENOTSOCK);
        }
        numbers.extend_from_slice(handles);
        *end = members.len();
    }
    drop(table);
    let ready = readiness::select(&mut members, time).map_err(|error| code(&error))?;
    let mut begin = 0;
    for (set, end) in sets.into_iter().zip(ends) {
        let asked = members.iter().zip(&numbers).take(end).skip(begin);
        let found = asked.filter(|(member, _)| member.is_ready()).map(|(_, number)| *number);
        // SAFETY: the caller's promise; no more than were there.
        unsafe { leave(set, found) };
        begin = end;
    }
    Ok(ready)
}

/// Leaves those in a set that are ready, whatever the program has made of the set meanwhile.
///
/// # Safety
///
/// `set` is null or a set with room for so many.
unsafe fn leave(set: *mut FdSet, found: impl Iterator<Item = Handle>) {
    if set.is_null() || !set.is_aligned() {
        return;
    }
    let mut left = 0;
    for number in found {
        // SAFETY: the caller's promise.
        unsafe { (&raw mut (*set).sockets).cast::<Handle>().add(left).write(number) };
        left += 1;
    }
    // SAFETY: as above.
    unsafe { (*set).count = left as u32 };
}

/// `__WSAFDIsSet`: what `FD_ISSET` is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __WSAFDIsSet(socket: Handle, set: *mut FdSet) -> i32 {
    // SAFETY: what the program promises.
    let handles = unsafe { handles(set) };
    handles.is_some_and(|handles| handles.contains(&socket)).into()
}
