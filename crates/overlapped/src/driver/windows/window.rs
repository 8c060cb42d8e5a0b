//! The window that `WSAAsyncSelect` posts to, and the thread that owns it.
//!
//! Windows tells network events as messages of a window, and a window belongs to a thread. So that a queue of ours is the same
//! on each system, and its thread may wait for anything else beside it, one thread of the library owns a message-only window
//! for all sockets, and takes each message to the socket that it is about. There is none before the first socket is selected.

use super::codes::{last, succeeded};
use super::descriptor::socket_of;
use crate::codes;
use crate::driver::Attempt;
use crate::network::{Held, NetworkEvents};
use crate::socket::Inner;
use crate::sync::real::lock;
use crate::thread;
use std::collections::HashMap;
use std::ptr;
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, OnceLock, Weak};
use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::Networking::WinSock as ws;
use windows_sys::Win32::UI::WindowsAndMessaging::{CreateWindowExW, GetMessageW, HWND_MESSAGE, MSG, WM_APP};
use windows_sys::w;

/// The number of the window, once there is one.
static WINDOW: OnceLock<usize> = OnceLock::new();

static SOCKETS: Mutex<Sockets> = Mutex::new(Sockets { selected: None, next: 0 });

struct Sockets {
    /// By the number of the handle: the message that its network events come as, and the socket.
    selected: Option<HashMap<i32, (u32, Weak<Inner>)>>,
    next: u32,
}

/// So many numbers there are for messages (`WM_APP` to `0xBFFF`). Each selection has the next, so what was posted for a former
/// one, or for another socket with the same handle, is known.
const NUMBERS: u32 = 0xc000 - WM_APP;

/// Has network events of a socket posted, instead of what was selected before.
pub(super) fn select(raw: i32, socket: &Weak<Inner>, events: NetworkEvents) -> Attempt<()> {
    let window = window()?;
    let mut sockets = lock(&SOCKETS);
    let message = WM_APP + sockets.next % NUMBERS;
    sockets.next = sockets.next.wrapping_add(1);
    sockets.selected.get_or_insert_default().insert(raw, (message, Weak::clone(socket)));
    drop(sockets);
    // SAFETY: plain numbers; the window stays.
    let selected =
        succeeded(unsafe { ws::WSAAsyncSelect(socket_of(raw), window as HWND, message, events.bits().into()) });
    if selected.is_err() {
        forget(raw);
    }
    selected
}

/// What is posted for the socket is for nobody from now on.
pub(super) fn forget(raw: i32) -> bool {
    lock(&SOCKETS).selected.as_mut().is_some_and(|selected| selected.remove(&raw).is_some())
}

/// Ends that.
pub(super) fn end(raw: i32) {
    if forget(raw) {
        // SAFETY: plain numbers. Fails only if the socket is closed.
        unsafe { ws::WSAAsyncSelect(socket_of(raw), ptr::null_mut(), 0, 0) };
    }
}

/// The window, made by the thread that it needs when it is first asked for.
pub(super) fn window() -> Attempt<usize> {
    static STARTING: Mutex<()> = Mutex::new(());
    if let Some(window) = WINDOW.get() {
        return Ok(*window);
    }
    if thread::with(|_| ()).is_none() {
        // The thread ends, and until it has ended Windows lets no other begin.
        return Err(codes::ERROR_GEN_FAILURE);
    }
    let _one_at_a_time = lock(&STARTING);
    if let Some(window) = WINDOW.get() {
        return Ok(*window);
    }
    let (tell, told) = mpsc::channel();
    let started = std::thread::Builder::new().name("overlapped-window".into()).spawn(move || run(&tell));
    started.map_err(|_| codes::WSAENOBUFS)?;
    let made = told.recv().map_err(|_| codes::WSAENOBUFS)??;
    Ok(*WINDOW.get_or_init(|| made))
}

fn run(tell: &Sender<Attempt<usize>>) {
    // A class that is always there: no message of ours is dispatched to its procedure.
    // SAFETY: the names end with zero; nothing is passed on.
    let window = unsafe {
        CreateWindowExW(
            0,
            w!("STATIC"),
            ptr::null(),
            0,
            0,
            0,
            0,
            0,
            HWND_MESSAGE,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null(),
        )
    };
    let made = if window.is_null() { Err(last()) } else { Ok(window as usize) };
    let over = made.is_err();
    if tell.send(made).is_err() || over {
        return;
    }
    let mut message = MSG::default();
    // SAFETY: the message is written to during the call.
    while unsafe { GetMessageW(&raw mut message, window, 0, 0) } > 0 {
        deliver(message.wParam as u32 as i32, message.message, message.lParam);
    }
}

/// Takes a message to its socket.
fn deliver(raw: i32, number: u32, value: isize) {
    let sockets = lock(&SOCKETS);
    let found = sockets.selected.as_ref().and_then(|selected| selected.get(&raw));
    let socket = found.filter(|(message, _)| *message == number).and_then(|(_, socket)| socket.upgrade());
    drop(sockets);
    if let Some(socket) = socket {
        let mut held = Held::default();
        held.add(NetworkEvents::from_bits(value as u8), (value >> 16) as u16 as i32);
        socket.adopt_messages(&held);
    }
}
