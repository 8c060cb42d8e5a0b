//! Options of the system that are numbers.

use super::super::SocketObject;
use crate::error::Code;
use std::io;
use std::os::fd::AsRawFd;

/// The value of an option of the system.
pub(super) fn get(socket: &SocketObject, level: i32, option: i32) -> Result<i32, Code> {
    socket.system(|system| {
        let (mut value, mut length) = (0_i32, size_of::<i32>() as libc::socklen_t);
        // SAFETY: the descriptor is open, and the place as long as it says.
        let got =
            unsafe { libc::getsockopt(system.as_raw_fd(), level, option, (&raw mut value).cast(), &raw mut length) };
        if got == 0 { Ok(value) } else { Err(io::Error::last_os_error()) }
    })
}

/// Sets an option of the system to a number.
pub(super) fn set(socket: &SocketObject, level: i32, option: i32, value: i32) -> Result<(), Code> {
    set_value(socket, level, option, &value)
}

/// Sets an option of the system to a plain value.
pub(super) fn set_value<V: Copy>(socket: &SocketObject, level: i32, option: i32, value: &V) -> Result<(), Code> {
    socket.system(|system| {
        let (place, length) = (std::ptr::from_ref(value).cast(), size_of::<V>() as libc::socklen_t);
        // SAFETY: the descriptor is open, and the value as long as it says.
        let set = unsafe { libc::setsockopt(system.as_raw_fd(), level, option, place, length) };
        if set == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    })
}
