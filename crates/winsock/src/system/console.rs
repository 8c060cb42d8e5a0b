//! The console, which is a terminal here, and the standard streams.

use super::file::{self, File};
use super::keyboard;
use crate::abi::{Bool, Dword, Handle, INVALID, Pointer, TRUE};
use crate::codes;
use crate::error;
use crate::handle::{self, Object};
use crate::text::strings::{Wchar, bytes, from_wide, wide};
use std::ffi::c_char;
use std::os::fd::RawFd;
use std::slice;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicUsize};
use std::sync::{Arc, OnceLock};

const INPUT: Dword = -10_i32 as Dword;
const OUTPUT: Dword = -11_i32 as Dword;
const ERRORS: Dword = -12_i32 as Dword;

/// The handles of the three streams; 0 is none yet.
static STREAMS: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];

fn stream(which: Dword) -> Option<(RawFd, &'static AtomicUsize)> {
    let descriptor = match which {
        INPUT => libc::STDIN_FILENO,
        OUTPUT => libc::STDOUT_FILENO,
        ERRORS => libc::STDERR_FILENO,
        _ => return None,
    };
    Some((descriptor, STREAMS.get(usize::try_from(descriptor).ok()?)?))
}

/// `GetStdHandle`: null if the stream is closed.
#[unsafe(no_mangle)]
pub extern "C" fn GetStdHandle(which: Dword) -> Handle {
    let Some((descriptor, place)) = stream(which) else {
        error::set_last(codes::ERROR_INVALID_HANDLE);
        return INVALID;
    };
    static FIRST: [OnceLock<()>; 3] = [const { OnceLock::new() }; 3];
    if let Some(first) = FIRST.get(descriptor.unsigned_abs() as usize) {
        first.get_or_init(|| {
            if let Some(file) = File::standard(descriptor) {
                let handle = handle::insert(Object::File(Arc::new(file)));
                // A program that has set another one before keeps that.
                let _ = place.compare_exchange(0, handle, Relaxed, Relaxed);
            }
        });
    }
    place.load(Relaxed)
}

/// `SetStdHandle`: for `GetStdHandle`; the streams of the C library stay as they are.
#[unsafe(no_mangle)]
pub extern "C" fn SetStdHandle(which: Dword, handle: Handle) -> Bool {
    match stream(which) {
        Some((_, place)) => {
            place.store(handle, Relaxed);
            TRUE
        }
        None => error::no(codes::ERROR_INVALID_HANDLE),
    }
}

unsafe extern "C" {
    static stdout: *mut libc::FILE;
}

/// Lets out what the program has printed so far: on Windows a console shows that at once, before what is done to it next.
pub(super) fn flush() {
    // SAFETY: the C library's own stream, set before the program begins.
    unsafe { libc::fflush(stdout) };
}

fn is_terminal(descriptor: RawFd) -> bool {
    // SAFETY: only asks about the descriptor.
    unsafe { libc::isatty(descriptor) == 1 }
}

fn terminal(handle: Handle) -> Result<Arc<File>, error::Code> {
    file::get(handle).filter(|file| is_terminal(file.descriptor())).ok_or(codes::ERROR_INVALID_HANDLE)
}

fn write_all(descriptor: RawFd, mut text: &[u8]) -> Result<(), error::Code> {
    while !text.is_empty() {
        // SAFETY: a buffer with its length.
        let written = unsafe { libc::write(descriptor, text.as_ptr().cast(), text.len()) };
        match usize::try_from(written) {
            Ok(written) => text = text.get(written..).unwrap_or_default(),
            Err(_) if std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return Err(codes::ERROR_GEN_FAILURE),
        }
    }
    Ok(())
}

/// Sends a terminal an order.
fn order(handle: Handle, order: &str) -> Bool {
    let done = terminal(handle).and_then(|terminal| {
        flush();
        write_all(terminal.descriptor(), order.as_bytes())
    });
    done.map_or_else(error::no, |()| TRUE)
}

fn title(title: Option<String>) -> Bool {
    let Some(title) = title else { return error::no(codes::ERROR_INVALID_PARAMETER) };
    let printable: String = title.chars().filter(|c| !c.is_control()).collect();
    order(GetStdHandle(OUTPUT), &format!("\x1b]0;{printable}\x07"))
}

/// `SetConsoleTitleA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetConsoleTitleA(text: *const c_char) -> Bool {
    // SAFETY: null, or a string.
    title(unsafe { bytes(text) }.map(|text| String::from_utf8_lossy(text).into_owned()))
}

/// `SetConsoleTitleW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetConsoleTitleW(text: *const Wchar) -> Bool {
    // SAFETY: null, or a string.
    title(unsafe { wide(text) })
}

/// `COORD`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Place {
    x: i16,
    y: i16,
}

/// `SetConsoleCursorPosition`.
#[unsafe(no_mangle)]
pub extern "C" fn SetConsoleCursorPosition(handle: Handle, place: Place) -> Bool {
    if place.x < 0 || place.y < 0 {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    order(handle, &format!("\x1b[{};{}H", i32::from(place.y) + 1, i32::from(place.x) + 1))
}

const GREY_ON_BLACK: u16 = 7;
static COLOURS: AtomicU16 = AtomicU16::new(GREY_ON_BLACK);

/// Windows' four bits of a colour as a terminal counts colours: red is the lowest bit there.
fn colour(bits: u16, base: u16) -> u16 {
    let colour = (bits >> 2 & 1) | (bits & 2) | (bits & 1) << 2;
    let bright = if bits & 8 != 0 { 60 } else { 0 };
    base + bright + colour
}

/// `SetConsoleTextAttribute`: the default colours are the terminal's own.
#[unsafe(no_mangle)]
pub extern "C" fn SetConsoleTextAttribute(handle: Handle, attributes: u16) -> Bool {
    let mut text = String::from("\x1b[0");
    if attributes & 0xF != GREY_ON_BLACK {
        text.push_str(&format!(";{}", colour(attributes & 0xF, 30)));
    }
    if attributes >> 4 & 0xF != 0 {
        text.push_str(&format!(";{}", colour(attributes >> 4 & 0xF, 40)));
    }
    if attributes & 0x4000 != 0 {
        text.push_str(";7");
    }
    if attributes & 0x8000 != 0 {
        text.push_str(";4");
    }
    text.push('m');
    let done = order(handle, &text);
    if done == TRUE {
        COLOURS.store(attributes, Relaxed);
    }
    done
}

/// `CONSOLE_SCREEN_BUFFER_INFO`.
#[repr(C)]
pub struct ScreenInfo {
    size: Place,
    cursor: Place,
    attributes: u16,
    window: [i16; 4],
    largest: Place,
}

/// `GetConsoleScreenBufferInfo`: the screen is what is seen of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetConsoleScreenBufferInfo(handle: Handle, answer: *mut ScreenInfo) -> Bool {
    let terminal = match terminal(handle) {
        Ok(terminal) => terminal,
        Err(code) => return error::no(code),
    };
    if answer.is_null() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    let mut screen = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: a terminal, and a place for the answer.
    unsafe { libc::ioctl(terminal.descriptor(), libc::TIOCGWINSZ, &raw mut screen) };
    let cells = |count: u16, usual: i16| i16::try_from(count).ok().filter(|&count| count > 0).unwrap_or(usual);
    let size = Place { x: cells(screen.ws_col, 80), y: cells(screen.ws_row, 25) };
    flush();
    let (x, y) = keyboard::cursor().unwrap_or_default();
    let info = ScreenInfo {
        size,
        cursor: Place { x, y },
        attributes: COLOURS.load(Relaxed),
        window: [0, 0, size.x - 1, size.y - 1],
        largest: size,
    };
    // SAFETY: not null: a place for the answer.
    unsafe { answer.write(info) };
    TRUE
}

/// `CONSOLE_CURSOR_INFO`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CursorInfo {
    size: Dword,
    visible: Bool,
}

/// The size of the cursor in percent, with the highest bit if it is hidden.
static CURSOR: AtomicU32 = AtomicU32::new(25);
const HIDDEN: u32 = 1 << 31;

/// `SetConsoleCursorInfo`: a terminal hides the cursor, or shows it in its own size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetConsoleCursorInfo(handle: Handle, info: *const CursorInfo) -> Bool {
    // SAFETY: null, or the program's.
    let Some(info) = (unsafe { info.as_ref() }).filter(|info| (1..=100).contains(&info.size)) else {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    };
    let visible = info.visible != 0;
    let done = order(handle, if visible { "\x1b[?25h" } else { "\x1b[?25l" });
    if done == TRUE {
        CURSOR.store(info.size | if visible { 0 } else { HIDDEN }, Relaxed);
    }
    done
}

/// `GetConsoleCursorInfo`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetConsoleCursorInfo(handle: Handle, answer: *mut CursorInfo) -> Bool {
    if let Err(code) = terminal(handle) {
        return error::no(code);
    }
    if answer.is_null() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    let cursor = CURSOR.load(Relaxed);
    // SAFETY: not null: a place for the answer.
    unsafe { answer.write(CursorInfo { size: cursor & !HIDDEN, visible: (cursor & HIDDEN == 0).into() }) };
    TRUE
}

const PROCESSED_INPUT: Dword = 1;
const LINE_INPUT: Dword = 2;
const ECHO_INPUT: Dword = 4;
const PROCESSED_OUTPUT: Dword = 1;
const WRAP_AT_END: Dword = 2;
const TERMINAL_ORDERS: Dword = 4;
/// What programs set beside, to get it back.
static INPUT_MODE: AtomicU32 = AtomicU32::new(0x1F0);
static OUTPUT_MODE: AtomicU32 = AtomicU32::new(PROCESSED_OUTPUT | WRAP_AT_END | TERMINAL_ORDERS);

const IN_TERMIOS: [(Dword, libc::tcflag_t); 3] =
    [(PROCESSED_INPUT, libc::ISIG), (LINE_INPUT, libc::ICANON), (ECHO_INPUT, libc::ECHO)];

/// `GetConsoleMode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetConsoleMode(handle: Handle, answer: *mut Dword) -> Bool {
    let terminal = match terminal(handle) {
        Ok(terminal) => terminal,
        Err(code) => return error::no(code),
    };
    if answer.is_null() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    let mode = if terminal.descriptor() == libc::STDIN_FILENO {
        let Some(state) = keyboard::state(libc::STDIN_FILENO) else { return error::no(codes::ERROR_INVALID_HANDLE) };
        let real = IN_TERMIOS.iter().filter(|(_, flag)| state.c_lflag & flag != 0).map(|(mode, _)| mode);
        real.sum::<Dword>() | INPUT_MODE.load(Relaxed)
    } else {
        OUTPUT_MODE.load(Relaxed)
    };
    // SAFETY: not null: a place for the answer.
    unsafe { answer.write(mode) };
    TRUE
}

/// `SetConsoleMode`: lines, echo and the keys that interrupt are the terminal's; of the output nothing can be switched off.
#[unsafe(no_mangle)]
pub extern "C" fn SetConsoleMode(handle: Handle, mode: Dword) -> Bool {
    let terminal = match terminal(handle) {
        Ok(terminal) => terminal,
        Err(code) => return error::no(code),
    };
    if terminal.descriptor() != libc::STDIN_FILENO {
        OUTPUT_MODE.store(mode, Relaxed);
        return TRUE;
    }
    // Windows demands that, too: there is no echo without lines.
    if mode & (ECHO_INPUT | LINE_INPUT) == ECHO_INPUT {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    let Some(mut state) = keyboard::state(libc::STDIN_FILENO) else {
        return error::no(codes::ERROR_INVALID_HANDLE);
    };
    for (flag, real) in IN_TERMIOS {
        if mode & flag != 0 {
            state.c_lflag |= real;
        } else {
            state.c_lflag &= !real;
        }
    }
    INPUT_MODE.store(mode & !(PROCESSED_INPUT | LINE_INPUT | ECHO_INPUT), Relaxed);
    keyboard::restore_at_exit();
    keyboard::set_state(libc::STDIN_FILENO, &state);
    TRUE
}

unsafe fn put(handle: Handle, text: &[u8], count: Dword, written: *mut Dword) -> Bool {
    let done = terminal(handle).and_then(|terminal| {
        flush();
        write_all(terminal.descriptor(), text)
    });
    if let Err(code) = done {
        return error::no(code);
    }
    if !written.is_null() {
        // SAFETY: not null: a place for the answer.
        unsafe { written.write(count) };
    }
    TRUE
}

/// `WriteConsoleA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WriteConsoleA(
    handle: Handle,
    text: *const u8,
    count: Dword,
    written: *mut Dword,
    _reserved: Pointer,
) -> Bool {
    if text.is_null() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    // SAFETY: so many bytes, as the program says; null, or a place for the answer.
    unsafe { put(handle, slice::from_raw_parts(text, count as usize), count, written) }
}

/// `WriteConsoleW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WriteConsoleW(
    handle: Handle,
    text: *const Wchar,
    count: Dword,
    written: *mut Dword,
    _reserved: Pointer,
) -> Bool {
    if text.is_null() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    // SAFETY: so many characters, as the program says; null, or a place for the answer.
    unsafe {
        let text = from_wide(slice::from_raw_parts(text, count as usize));
        put(handle, text.as_bytes(), count, written)
    }
}
