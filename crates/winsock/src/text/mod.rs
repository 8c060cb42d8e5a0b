//! Text as C programs give it: bytes, which are UTF-8 here, and `wchar_t`, which is UTF-32.

pub mod code_page;
pub mod formats;
mod iconv;
pub mod locale;
pub mod strings;
