//! Wine, in what it does otherwise.
//!
//! Its server handles the requests of a turn before the readiness that came with them. If one of them accepted the connection
//! that made a listener ready, it still records `FD_ACCEPT`; and while that is recorded it does not look at the listener. The
//! record goes with an accept that succeeds, which it will not, or with a selection of messages. Without that a listener falls
//! silent sooner or later if clients come while others are accepted (Wine 8, `accept_socket` and `sock_poll_event`).

use super::descriptor::socket_of;
use std::sync::LazyLock;
use windows_sys::Win32::Networking::WinSock as ws;
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::UI::WindowsAndMessaging::HWND_MESSAGE;
use windows_sys::{s, w};

/// Has Wine look at a listener again; nothing is selected then that anybody is told of. Whether it is Wine.
pub(super) fn wake_listener(raw: i32) -> bool {
    static IS_WINE: LazyLock<bool> = LazyLock::new(|| {
        // SAFETY: the names end with zero; the library is there in every process.
        unsafe { GetProcAddress(GetModuleHandleW(w!("ntdll.dll")), s!("wine_get_version")) }.is_some()
    });
    if *IS_WINE {
        // What is posted there meanwhile comes to nobody.
        // SAFETY: plain numbers.
        unsafe { ws::WSAAsyncSelect(socket_of(raw), HWND_MESSAGE, 0, ws::FD_ACCEPT as i32) };
    }
    *IS_WINE
}
