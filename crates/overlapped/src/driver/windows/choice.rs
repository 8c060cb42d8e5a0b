//! Which driver Windows gives.

use super::Winsock;
use crate::driver::choice::{Choice, Decision, Kind, failed};
use crate::error::Result;
use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::System::SystemInformation::OSVERSIONINFOW;

/// Gives the one driver there is.
pub(in crate::driver) fn decide(choice: Choice, mask: &str) -> Result<Decision> {
    if let Choice::Uring | Choice::Epoll = choice {
        return Err(failed(format!("the driver `{choice}` is for Linux; there are auto and winsock here")));
    }
    if let Some(name) = mask.split(',').map(str::trim).find(|name| !name.is_empty()) {
        return Err(failed(format!("OVERLAPPED_MASK: there is no feature `{name}`; the driver `winsock` has none")));
    }
    let features = Vec::new();
    Ok(Decision { kind: Kind::Winsock, refused: None, features, reversed: false, refills: false, system: &Winsock })
}

/// The version of Windows, such as `10.0.19045`.
pub(crate) fn release() -> String {
    let mut version =
        OSVERSIONINFOW { dwOSVersionInfoSize: size_of::<OSVERSIONINFOW>() as u32, ..OSVERSIONINFOW::default() };
    // SAFETY: the structure says its size. It cannot fail; if it did, the numbers are zero.
    unsafe { RtlGetVersion(&raw mut version) };
    format!("{}.{}.{}", version.dwMajorVersion, version.dwMinorVersion, version.dwBuildNumber)
}
