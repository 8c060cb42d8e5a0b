//! Keys without lines: `_kbhit`, `_getch`.

use super::console::flush;
use std::os::fd::RawFd;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicI32;
use std::sync::atomic::Ordering::Relaxed;

const KEYS: RawFd = libc::STDIN_FILENO;
/// What the end of the input is.
const END: i32 = -1;

/// How a terminal is set; `None` if it is none.
pub(super) fn state(terminal: RawFd) -> Option<libc::termios> {
    // SAFETY: all zero bits are a valid value, and the place for the answer is on this stack.
    unsafe {
        let mut state: libc::termios = std::mem::zeroed();
        (libc::tcgetattr(terminal, &raw mut state) == 0).then_some(state)
    }
}

/// Sets a terminal. What has been typed stays.
pub(super) fn set_state(terminal: RawFd, state: &libc::termios) {
    // SAFETY: a valid value.
    unsafe { libc::tcsetattr(terminal, libc::TCSANOW, state) };
}

/// The terminal as the program found it.
fn found() -> Option<&'static libc::termios> {
    static FOUND: OnceLock<Option<libc::termios>> = OnceLock::new();
    FOUND.get_or_init(|| state(KEYS)).as_ref()
}

extern "C" fn restore() {
    if let Some(found) = found() {
        set_state(KEYS, found);
    }
}

/// Leaves the terminal at the end of the program as it was.
pub(super) fn restore_at_exit() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        if found().is_some() {
            // SAFETY: a function of the right kind, which stays loaded.
            unsafe { libc::atexit(restore) };
        }
    });
}

/// What has to be undone before the program is ended by a signal.
pub(super) fn restore_now() {
    restore();
}

/// While this is there, keys come at once and are not shown. After `_kbhit` it stays so: keys that are typed between two
/// calls are not shown either.
struct Raw {
    before: Option<libc::termios>,
}

static STAYS: AtomicBool = AtomicBool::new(false);

impl Raw {
    fn new(stays: bool) -> Self {
        if stays {
            STAYS.store(true, Relaxed);
        }
        restore_at_exit();
        let before = state(KEYS);
        if let Some(mut raw) = before {
            raw.c_lflag &= !(libc::ICANON | libc::ECHO);
            raw.c_iflag &= !libc::ICRNL;
            raw.c_cc[libc::VMIN] = 1;
            raw.c_cc[libc::VTIME] = 0;
            set_state(KEYS, &raw);
        }
        Self { before }
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        if let Some(before) = self.before.filter(|_| !STAYS.load(Relaxed)) {
            set_state(KEYS, &before);
        }
    }
}

/// The second half of a key that is told in two, or 0.
static SECOND: AtomicI32 = AtomicI32::new(0);

fn waiting() -> bool {
    let mut count: libc::c_int = 0;
    // SAFETY: a place for the answer. What has no count, the end of a file say, has no key either.
    unsafe { libc::ioctl(KEYS, libc::FIONREAD, &raw mut count) == 0 && count > 0 }
}

fn byte() -> Option<u8> {
    let mut byte = 0_u8;
    loop {
        // SAFETY: room for one byte.
        match unsafe { libc::read(KEYS, (&raw mut byte).cast(), 1) } {
            1 => return Some(byte),
            0 => return None,
            _ if std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted => {}
            _ => return None,
        }
    }
}

/// The next key, as Windows tells it: arrows are 0xE0 and a number, the line feed is a carriage return.
fn key() -> i32 {
    const FIRST: i32 = 0xE0;
    let second = SECOND.swap(0, Relaxed);
    if second != 0 {
        return second;
    }
    flush();
    let _raw = Raw::new(false);
    match byte() {
        None => END,
        Some(b'\n') => '\r' as i32,
        Some(0x7F) => '\x08' as i32,
        Some(0x1B) if waiting() => match (byte(), byte()) {
            (Some(b'[' | b'O'), Some(letter @ b'A'..=b'D')) => {
                let arrow = match letter {
                    b'A' => 72,
                    b'B' => 80,
                    b'C' => 77,
                    _ => 75,
                };
                SECOND.store(arrow, Relaxed);
                FIRST
            }
            // Another key of more than one byte: the escape stands for all of it.
            _ => 0x1B,
        },
        Some(byte) => byte.into(),
    }
}

/// `_kbhit`.
#[unsafe(no_mangle)]
pub extern "C" fn _kbhit() -> i32 {
    flush();
    let _raw = Raw::new(true);
    (SECOND.load(Relaxed) != 0 || waiting()).into()
}

/// `_getch`.
#[unsafe(no_mangle)]
pub extern "C" fn _getch() -> i32 {
    key()
}

/// `_getche`: shows it.
#[unsafe(no_mangle)]
pub extern "C" fn _getche() -> i32 {
    let key = key();
    if let Ok(byte) = u8::try_from(key) {
        // SAFETY: one byte. There is nobody to tell when it fails.
        unsafe { libc::write(libc::STDOUT_FILENO, (&raw const byte).cast(), 1) };
    }
    key
}

/// `_getwch`: a whole character.
#[unsafe(no_mangle)]
pub extern "C" fn _getwch() -> u32 {
    /// What the end of the input is.
    const WEOF: u32 = u32::MAX;
    let first = key();
    let more = match first {
        END => return WEOF,
        0xC2..=0xDF => 1,
        0xE0 if SECOND.load(Relaxed) == 0 => 2,
        0xE1..=0xEF => 2,
        0xF0..=0xF4 => 3,
        _ => 0,
    };
    let mut bytes = vec![first as u8];
    if more == 0 {
        return first as u32;
    }
    let _raw = Raw::new(false);
    bytes.extend((0..more).map_while(|_| byte()));
    let text = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
    text.unwrap_or(char::REPLACEMENT_CHARACTER).into()
}

/// `GetAsyncKeyState`: no key is known to be down; a terminal does not tell.
#[unsafe(no_mangle)]
pub extern "C" fn GetAsyncKeyState(_key: i32) -> i16 {
    0
}

/// Where the cursor is, as the terminal tells it; `None` if it tells nothing within a moment.
pub(super) fn cursor() -> Option<(i16, i16)> {
    /// Longer than a terminal needs, also at the end of a slow line.
    const MOMENT: libc::c_int = 300;
    state(KEYS)?;
    let _raw = Raw::new(false);
    if waiting() {
        // The answer would stand behind what has been typed.
        return None;
    }
    let question = b"\x1b[6n";
    // SAFETY: a buffer with its length.
    unsafe { libc::write(libc::STDOUT_FILENO, question.as_ptr().cast(), question.len()) };
    let mut answer = Vec::new();
    loop {
        let mut ready = libc::pollfd { fd: KEYS, events: libc::POLLIN, revents: 0 };
        // SAFETY: one entry, on this stack.
        if unsafe { libc::poll(&raw mut ready, 1, MOMENT) } <= 0 {
            return None;
        }
        match byte()? {
            b'R' => break,
            byte => answer.push(byte),
        }
    }
    let text = String::from_utf8(answer).ok()?;
    let (row, column) = text.rsplit_once('[')?.1.split_once(';')?;
    Some((column.parse::<i16>().ok()? - 1, row.parse::<i16>().ok()? - 1))
}
