//! The characters of texts while they are printed.
//!
//! A program that sets no locale has one with ASCII alone, in which the C library refuses to turn wide texts into bytes and
//! back. The system's own code page here is UTF-8, so for the time of a call that is what counts.

use std::ptr;
use std::sync::OnceLock;

struct Locale(libc::locale_t);
// SAFETY: a locale that is made once, never changed, and may be used by all threads.
unsafe impl Send for Locale {}
// SAFETY: as above.
unsafe impl Sync for Locale {}

unsafe extern "C" {
    fn __ctype_get_mb_cur_max() -> usize;
}

/// Begins a call; what is to be given to [`overlapped_locale_end`].
///
/// For the headers.
#[unsafe(no_mangle)]
pub extern "C" fn overlapped_locale_begin() -> libc::locale_t {
    static UTF8: OnceLock<Locale> = OnceLock::new();
    // SAFETY: only asks how many bytes a character has in this thread's locale.
    if unsafe { __ctype_get_mb_cur_max() } > 1 {
        // The program has chosen one.
        return ptr::null_mut();
    }
    let utf8 = UTF8.get_or_init(|| {
        // SAFETY: a name that ends with a zero, and no locale to change.
        Locale(unsafe { libc::newlocale(libc::LC_CTYPE_MASK, c"C.UTF-8".as_ptr(), ptr::null_mut()) })
    });
    if utf8.0.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: a locale that is there for ever.
    unsafe { libc::uselocale(utf8.0) }
}

/// Ends a call.
///
/// For the headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn overlapped_locale_end(before: libc::locale_t) {
    if !before.is_null() {
        // SAFETY: what this thread had before.
        unsafe { libc::uselocale(before) };
    }
}
