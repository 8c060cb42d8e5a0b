//! Values of options as C passes them.

use crate::codes::WSAEFAULT;
use crate::error::Code;

/// What an option is.
pub(super) enum Value {
    /// A `BOOL`; who has no room for one gets its first byte.
    Flag(bool),
    /// A `DWORD` or `int`.
    Number(u32),
    /// A structure.
    Bytes(Vec<u8>),
}

impl Value {
    /// What is written where there is so much room.
    pub(super) fn bytes(self, room: usize) -> Result<Vec<u8>, Code> {
        let bytes = match self {
            Self::Flag(on) if (1..4).contains(&room) => vec![u8::from(on)],
            Self::Flag(on) => u32::from(on).to_ne_bytes().to_vec(),
            Self::Number(number) => number.to_ne_bytes().to_vec(),
            Self::Bytes(bytes) => bytes,
        };
        if room < bytes.len() { Err(WSAEFAULT) } else { Ok(bytes) }
    }
}

/// A `BOOL`, of which a byte will do.
pub(super) fn flag(bytes: &[u8]) -> Result<bool, Code> {
    match bytes {
        [] => Err(WSAEFAULT),
        bytes => Ok(bytes.iter().take(4).any(|&byte| byte != 0)),
    }
}

/// A `DWORD`.
pub(super) fn number(bytes: &[u8]) -> Result<u32, Code> {
    part(bytes, 0).map(u32::from_ne_bytes)
}

/// A number that programs also pass as one byte.
pub(super) fn short_number(bytes: &[u8]) -> Result<u32, Code> {
    match bytes {
        [] => Err(WSAEFAULT),
        [only, ..] if bytes.len() < 4 => Ok((*only).into()),
        _ => number(bytes),
    }
}

/// So many bytes of a structure.
pub(super) fn part<const LENGTH: usize>(bytes: &[u8], at: usize) -> Result<[u8; LENGTH], Code> {
    bytes.get(at..at + LENGTH).and_then(|part| part.try_into().ok()).ok_or(WSAEFAULT)
}
