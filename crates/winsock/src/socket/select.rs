//! `select`, with Winsock's counted sets.

use super::lookup;
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{Code, code, socket_error};
use crate::startup;
use overlapped::Socket;
use overlapped::face::readiness;
use overlapped::readiness::SocketSet;
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

/// A set of the program's, and the same as the engine's.
struct Set {
    program: *mut FdSet,
    engine: SocketSet,
    /// Those of the program's set, in its order.
    sockets: Vec<Socket>,
}

impl Set {
    /// # Safety
    ///
    /// `program` is null, or a set with as many sockets as its count says.
    unsafe fn read(program: *mut FdSet) -> Result<Option<Self>, Code> {
        // SAFETY: the caller's promise.
        let Some(handles) = (unsafe { handles(program) }).filter(|handles| !handles.is_empty()) else {
            return Ok(None);
        };
        let mut set = Self { program, engine: SocketSet::new(), sockets: Vec::with_capacity(handles.len()) };
        for &handle in handles.iter() {
            let socket = lookup(handle)?.socket();
            set.engine.insert(&socket);
            set.sockets.push(socket);
        }
        Ok(Some(set))
    }

    /// Leaves those in the program's set that are ready.
    ///
    /// # Safety
    ///
    /// As for `read`.
    unsafe fn write(&self) {
        // SAFETY: the caller's promise.
        let Some(handles) = (unsafe { handles(self.program) }) else { return };
        let mut left = 0;
        for (place, socket) in self.sockets.iter().enumerate() {
            if self.engine.is_ready(socket) && place < handles.len() {
                handles.swap(left, place);
                left += 1;
            }
        }
        // SAFETY: it is there, and no reference to it is used any more.
        unsafe { (&raw mut (*self.program).count).write_unaligned(left as u32) };
    }
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
    let [read, write, except] = sets;
    // SAFETY: the caller's promise.
    let (mut read, mut write, mut except) = unsafe { (Set::read(read)?, Set::read(write)?, Set::read(except)?) };
    let ready = readiness::select(
        read.as_mut().map(|set| &mut set.engine),
        write.as_mut().map(|set| &mut set.engine),
        except.as_mut().map(|set| &mut set.engine),
        time,
    )
    .map_err(|error| code(&error))?;
    for set in [&read, &write, &except].into_iter().flatten() {
        // SAFETY: the caller's promise.
        unsafe { set.write() };
    }
    Ok(ready)
}

/// `__WSAFDIsSet`: what `FD_ISSET` is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __WSAFDIsSet(socket: Handle, set: *mut FdSet) -> i32 {
    // SAFETY: what the program promises.
    let handles = unsafe { handles(set) };
    handles.is_some_and(|handles| handles.contains(&socket)).into()
}
