//! `SetConsoleCtrlHandler`: signals, told to the program's handlers on a thread of their own.
//!
//! A signal's own handler may call next to nothing, so it only writes a byte; a thread reads the bytes and starts a thread for
//! each, on which the program's handlers run, the newest first, until one says `TRUE`.

use super::keyboard;
use crate::abi::{Bool, Dword, FALSE, Pointer, TRUE};
use crate::codes;
use crate::error;
use std::ptr;
use std::sync::atomic::AtomicI32;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

const CTRL_C: Dword = 0;
const CTRL_BREAK: Dword = 1;
const CTRL_CLOSE: Dword = 2;

/// Ends that a program cannot refuse on Windows; it gets this long to come to its end, once it has said that it will.
const GRACE: Duration = Duration::from_secs(5);

/// What stands for what. A service manager ends a program by SIGTERM, as closing its window does on Windows.
const SIGNALS: [(libc::c_int, Dword); 4] =
    [(libc::SIGINT, CTRL_C), (libc::SIGQUIT, CTRL_BREAK), (libc::SIGTERM, CTRL_CLOSE), (libc::SIGHUP, CTRL_CLOSE)];

type Handler = unsafe extern "C-unwind" fn(Dword) -> Bool;

struct Handlers {
    chain: Vec<Handler>,
    /// Whether the program ignores `CTRL_C_EVENT`.
    ignore: bool,
}

static HANDLERS: Mutex<Handlers> = Mutex::new(Handlers { chain: Vec::new(), ignore: false });
/// Where the signals are written; -1 before there is a reader.
static WRITE_END: AtomicI32 = AtomicI32::new(-1);

fn handlers() -> MutexGuard<'static, Handlers> {
    HANDLERS.lock().unwrap_or_else(PoisonError::into_inner)
}

extern "C" fn on_signal(signal: libc::c_int) {
    let byte = signal as u8;
    // SAFETY: `write` may be called in a signal's handler, and the place of `errno` is this thread's; it is put back.
    unsafe {
        let errno = libc::__errno_location();
        let before = *errno;
        libc::write(WRITE_END.load(Relaxed), (&raw const byte).cast(), 1);
        *errno = before;
    }
}

/// Begins to listen, once.
fn listen() -> bool {
    static LISTENS: OnceLock<bool> = OnceLock::new();
    *LISTENS.get_or_init(|| {
        let mut ends = [-1; 2];
        // SAFETY: room for two descriptors.
        if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
            return false;
        }
        let [read_end, write_end] = ends;
        WRITE_END.store(write_end, SeqCst);
        let reader = thread::Builder::new().name("console".into()).spawn(move || read(read_end));
        if reader.is_err() {
            return false;
        }
        for (signal, _) in SIGNALS {
            // SAFETY: all zero bits are a valid action, but for the handler, which has the right kind.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = on_signal as extern "C" fn(libc::c_int) as usize;
                action.sa_flags = libc::SA_RESTART;
                let mut before: libc::sigaction = std::mem::zeroed();
                libc::sigaction(signal, ptr::null(), &raw mut before);
                // What a parent has switched off stays so: `nohup` does that.
                if before.sa_sigaction != libc::SIG_IGN {
                    libc::sigaction(signal, &raw const action, ptr::null_mut());
                }
            }
        }
        true
    })
}

fn read(end: libc::c_int) {
    // This thread and those that it starts take no signals: the program's own threads may wait for some.
    // SAFETY: all signals are a valid set.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, ptr::null_mut());
    }
    loop {
        let mut signal = 0_u8;
        // SAFETY: room for one byte.
        match unsafe { libc::read(end, (&raw mut signal).cast(), 1) } {
            1 => start(signal),
            0 => return,
            _ if std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}

/// Runs the handlers on a thread of their own. It is one of the system's, not of the standard library's: a handler may end it.
fn start(signal: u8) {
    let mut id = 0;
    let argument = ptr::without_provenance_mut(signal.into());
    // SAFETY: a place for the id; the function has the right kind, and its argument is a number. Rust's declaration differs
    // only in that a program's code may unwind through it, which the C library ends the thread for.
    let result = unsafe {
        let run = run as extern "C-unwind" fn(Pointer) -> Pointer;
        let run =
            std::mem::transmute::<extern "C-unwind" fn(Pointer) -> Pointer, extern "C" fn(Pointer) -> Pointer>(run);
        libc::pthread_create(&raw mut id, ptr::null(), run, argument)
    };
    if result == 0 {
        // SAFETY: just made, and nobody else waits for it.
        unsafe { libc::pthread_detach(id) };
    } else {
        end(signal.into());
    }
}

extern "C-unwind" fn run(argument: Pointer) -> Pointer {
    let signal = argument.addr() as libc::c_int;
    let event = SIGNALS.iter().find(|(known, _)| *known == signal).map_or(CTRL_C, |(_, event)| *event);
    let (chain, ignore) = {
        let handlers = handlers();
        (handlers.chain.clone(), handlers.ignore)
    };
    if event == CTRL_C && ignore {
        return ptr::null_mut();
    }
    for handler in chain.into_iter().rev() {
        // SAFETY: the program's handler, with what it expects.
        if unsafe { handler(event) } != FALSE {
            if event == CTRL_CLOSE {
                thread::sleep(GRACE);
                end(signal);
            }
            return ptr::null_mut();
        }
    }
    end(signal);
    ptr::null_mut()
}

/// What the signal does to a program without handlers.
fn end(signal: libc::c_int) {
    keyboard::restore_now();
    // SAFETY: the default action of these signals ends the process; the set holds one of them.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, ptr::null_mut());
        libc::raise(signal);
    }
}

/// `SetConsoleCtrlHandler`.
#[unsafe(no_mangle)]
pub extern "C" fn SetConsoleCtrlHandler(handler: Option<Handler>, add: Bool) -> Bool {
    if !listen() {
        return error::no(codes::ERROR_NOT_ENOUGH_MEMORY);
    }
    let mut handlers = handlers();
    match handler {
        None => handlers.ignore = add != FALSE,
        Some(handler) if add != FALSE => handlers.chain.push(handler),
        Some(handler) => {
            let Some(at) = handlers.chain.iter().rposition(|&known| ptr::fn_addr_eq(known, handler)) else {
                return error::no(codes::ERROR_INVALID_PARAMETER);
            };
            handlers.chain.remove(at);
        }
    }
    TRUE
}

/// `GenerateConsoleCtrlEvent`: to this process only.
#[unsafe(no_mangle)]
pub extern "C" fn GenerateConsoleCtrlEvent(event: Dword, group: Dword) -> Bool {
    let signal = match event {
        CTRL_C => libc::SIGINT,
        CTRL_BREAK => libc::SIGQUIT,
        _ => return error::no(codes::ERROR_INVALID_PARAMETER),
    };
    if group != 0 && group != std::process::id() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    // SAFETY: a signal to this process.
    unsafe { libc::kill(libc::getpid(), signal) };
    TRUE
}
