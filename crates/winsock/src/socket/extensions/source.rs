//! What `TransmitFile` and `TransmitPackets` send: memory of the program and parts of files, one after the other.

use super::super::operation::Source;
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{self, Code};
use crate::system::file::{self, File};
use overlapped::face::operations::More;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// So much of a file is in memory at a time.
const PART: usize = 256 << 10;
/// Windows transmits no more at once, and a count must fit.
const MOST: u64 = i32::MAX as u64 - 1;

/// One after the other.
#[derive(Default)]
pub(super) struct Pieces {
    pieces: VecDeque<Piece>,
    buffer: Vec<u8>,
    /// How much was given out.
    total: usize,
}

enum Piece {
    Memory(*const u8, usize),
    File(Part),
}

// SAFETY: the memory is the program's, which keeps it for the operation, on whichever thread.
unsafe impl Send for Piece {}

struct Part {
    file: Arc<File>,
    offset: u64,
    /// `None`: to its end.
    left: Option<u64>,
}

/// Where in a file something begins.
#[derive(Clone, Copy)]
pub(super) enum Start {
    At(u64),
    /// Where the next read would.
    Pointer,
}

impl Pieces {
    /// Memory of the program.
    ///
    /// # Errors
    ///
    /// `WSAEFAULT` for bytes that are nowhere.
    ///
    /// # Safety
    ///
    /// The program keeps it until all is sent.
    pub(super) unsafe fn memory(&mut self, place: *const u8, length: u32) -> Result<(), Code> {
        if length == 0 {
            return Ok(());
        }
        if place.is_null() {
            return Err(WSAEFAULT);
        }
        self.pieces.push_back(Piece::Memory(place, length as usize));
        Ok(())
    }

    /// Bytes of a file; 0 for the rest of it.
    ///
    /// # Errors
    ///
    /// `ERROR_INVALID_HANDLE` if it is none, `WSAEINVAL` for what is too much at once, and what the system says.
    pub(super) fn file(&mut self, handle: Handle, start: Start, length: u32) -> Result<(), Code> {
        let file = file::get(handle).ok_or(ERROR_INVALID_HANDLE)?;
        let offset = match start {
            Start::At(offset) => offset,
            Start::Pointer => pointer(&file)?,
        };
        let left = if length == 0 { None } else { Some(u64::from(length)) };
        if left.unwrap_or_else(|| size(&file).saturating_sub(offset)) > MOST {
            return Err(WSAEINVAL);
        }
        self.pieces.push_back(Piece::File(Part { file, offset, left }));
        Ok(())
    }
}

fn pointer(file: &File) -> Result<u64, Code> {
    // SAFETY: the file is open; nothing is moved.
    let offset = unsafe { libc::lseek64(file.descriptor(), 0, libc::SEEK_CUR) };
    u64::try_from(offset).map_err(|_| error::io(&io::Error::last_os_error()))
}

fn size(file: &File) -> u64 {
    // SAFETY: the structure is plain numbers, for which zero is a value.
    let mut stat = unsafe { std::mem::zeroed::<libc::stat64>() };
    // SAFETY: the file is open, and the place is ours.
    let told = unsafe { libc::fstat64(file.descriptor(), &raw mut stat) } == 0;
    if told { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 }
}

impl Part {
    /// Reads on; 0 at its end.
    fn read(&mut self, buffer: &mut Vec<u8>) -> Result<usize, Code> {
        let wanted = self.left.map_or(PART, |left| usize::try_from(left).unwrap_or(PART).min(PART));
        if wanted == 0 {
            return Ok(0);
        }
        if buffer.len() < wanted {
            buffer.resize(wanted, 0);
        }
        let offset = i64::try_from(self.offset).map_err(|_| WSAEINVAL)?;
        loop {
            // SAFETY: the file is open, and there is so much room.
            let read = unsafe { libc::pread64(self.file.descriptor(), buffer.as_mut_ptr().cast(), wanted, offset) };
            match usize::try_from(read) {
                // It is shorter than the program believes.
                Ok(0) if self.left.is_some() => return Err(ERROR_HANDLE_EOF),
                Ok(bytes) => {
                    self.offset += bytes as u64;
                    self.left = self.left.map(|left| left - bytes as u64);
                    return Ok(bytes);
                }
                Err(_) => {
                    let error = io::Error::last_os_error();
                    if error.kind() != io::ErrorKind::Interrupted {
                        return Err(error::io(&error));
                    }
                }
            }
        }
    }
}

impl Source for Pieces {
    fn next(&mut self) -> More {
        while let Some(piece) = self.pieces.front_mut() {
            let (place, length) = match piece {
                Piece::Memory(place, length) => {
                    let all = (*place, *length);
                    self.pieces.pop_front();
                    all
                }
                Piece::File(part) => match part.read(&mut self.buffer) {
                    Ok(0) => {
                        self.pieces.pop_front();
                        continue;
                    }
                    Ok(bytes) => (self.buffer.as_ptr(), bytes),
                    Err(code) => return More::Failed(code as i32),
                },
            };
            self.total += length;
            return if self.total as u64 > MOST { More::Failed(WSAEINVAL as i32) } else { More::Bytes(place, length) };
        }
        More::Nothing
    }

    fn total(&self) -> usize {
        self.total
    }
}
