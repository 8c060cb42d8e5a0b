//! Files: opened, read, written, at once and in order. There is no overlapped file I/O.

use super::path::{code, narrow_path, wide_path};
use super::socket_file;
use crate::abi::{Bool, Dword, Handle, INVALID, Overlapped, Pointer, TRUE};
use crate::codes;
use crate::error;
use crate::handle::{self, Object};
use crate::text::strings::Wchar;
use std::ffi::{CString, c_char};
use std::fs;
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const GENERIC_READ: Dword = 0x8000_0000;
const GENERIC_WRITE: Dword = 0x4000_0000;
const GENERIC_ALL: Dword = 0x1000_0000;
const READ_DATA: Dword = 1;
const WRITE_DATA: Dword = 2;
const APPEND_DATA: Dword = 4;

const CREATE_NEW: Dword = 1;
const CREATE_ALWAYS: Dword = 2;
const OPEN_EXISTING: Dword = 3;
const OPEN_ALWAYS: Dword = 4;
const TRUNCATE_EXISTING: Dword = 5;

const OVERLAPPED: Dword = 0x4000_0000;
const DELETE_ON_CLOSE: Dword = 0x0400_0000;
const BACKUP_SEMANTICS: Dword = 0x0200_0000;
const WRITE_THROUGH: Dword = 0x8000_0000;

/// A file that a handle names.
pub struct File {
    file: ManuallyDrop<fs::File>,
    /// Whether it is one of the process's standard streams, which stay open.
    borrowed: bool,
    read: bool,
    write: bool,
    delete: Option<PathBuf>,
}

impl File {
    fn new(file: fs::File, read: bool, write: bool, delete: Option<PathBuf>) -> Self {
        Self { file: ManuallyDrop::new(file), borrowed: false, read, write, delete }
    }

    /// One of the standard streams.
    pub(super) fn standard(descriptor: RawFd) -> Option<Self> {
        // SAFETY: only asks about the descriptor, which may be closed.
        let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFL) };
        if flags < 0 {
            return None;
        }
        // SAFETY: open, and never closed from here: it is not dropped.
        let file = ManuallyDrop::new(unsafe { fs::File::from_raw_fd(descriptor) });
        let mode = flags & libc::O_ACCMODE;
        Some(Self { file, borrowed: true, read: mode != libc::O_WRONLY, write: mode != libc::O_RDONLY, delete: None })
    }

    /// The descriptor, which is open as long as this is there.
    pub(crate) fn descriptor(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    fn is_pipe(&self) -> bool {
        self.file.metadata().is_ok_and(|data| data.file_type().is_fifo() || data.file_type().is_socket())
    }

    /// Runs a transfer of bytes again when a signal came between.
    fn transfer(&self, mut run: impl FnMut(RawFd) -> isize) -> io::Result<usize> {
        loop {
            match usize::try_from(run(self.descriptor())) {
                Ok(count) => return Ok(count),
                Err(_) => {
                    let error = io::Error::last_os_error();
                    if error.kind() != io::ErrorKind::Interrupted {
                        return Err(error);
                    }
                }
            }
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        if self.borrowed {
            return;
        }
        // SAFETY: dropped here only, and not used any more.
        unsafe { ManuallyDrop::drop(&mut self.file) };
        if let Some(path) = &self.delete {
            let _ = fs::remove_file(path);
        }
    }
}

/// The file of a handle.
pub(crate) fn get(handle: Handle) -> Option<Arc<File>> {
    match handle::get(handle) {
        Some(Object::File(file)) => Some(file),
        _ => None,
    }
}

fn open_at(path: &Path, flags: libc::c_int) -> io::Result<fs::File> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: a string that ends with a zero; the mode is the C library's usual one.
    let descriptor = unsafe { libc::open(name.as_ptr(), flags | libc::O_CLOEXEC, 0o666) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just opened, and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) }.into())
}

/// Opens as the disposition says; true if the file was there before.
fn open_as(path: &Path, mode: libc::c_int, disposition: Dword) -> io::Result<(fs::File, bool)> {
    let new = || open_at(path, mode | libc::O_CREAT | libc::O_EXCL).map(|file| (file, false));
    let old = |more| open_at(path, mode | more).map(|file| (file, true));
    match disposition {
        CREATE_NEW => new(),
        OPEN_EXISTING => old(0),
        TRUNCATE_EXISTING => old(libc::O_TRUNC),
        _ => {
            let more = if disposition == CREATE_ALWAYS { libc::O_TRUNC } else { 0 };
            loop {
                // The file may come or go between the two.
                match old(more) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    result => return result,
                }
                match new() {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    result => return result,
                }
            }
        }
    }
}

fn create(path: Option<PathBuf>, access: Dword, disposition: Dword, flags: Dword) -> Result<Handle, error::Code> {
    let path = path.ok_or(codes::ERROR_PATH_NOT_FOUND)?;
    if !(CREATE_NEW..=TRUNCATE_EXISTING).contains(&disposition) {
        return Err(codes::ERROR_INVALID_PARAMETER);
    }
    if flags & OVERLAPPED != 0 {
        return Err(codes::ERROR_NOT_SUPPORTED);
    }
    let read = access & (GENERIC_READ | GENERIC_ALL | READ_DATA) != 0;
    let whole = access & (GENERIC_WRITE | GENERIC_ALL | WRITE_DATA) != 0;
    let append = access & APPEND_DATA != 0;
    let write = whole || append;
    if disposition == TRUNCATE_EXISTING && access & (GENERIC_WRITE | GENERIC_ALL) == 0 {
        return Err(codes::ERROR_INVALID_PARAMETER);
    }
    let mut mode = match (read, write) {
        (true, true) => libc::O_RDWR,
        (false, true) => libc::O_WRONLY,
        _ => libc::O_RDONLY,
    };
    if append && !whole {
        mode |= libc::O_APPEND;
    }
    if flags & WRITE_THROUGH != 0 {
        mode |= libc::O_SYNC;
    }
    let (file, was_there) =
        open_as(&path, mode | libc::O_NOCTTY, disposition).map_err(|error| code(&error, Some(&path)))?;
    let folder = file.metadata().is_ok_and(|data| data.is_dir());
    if folder && flags & BACKUP_SEMANTICS == 0 {
        return Err(codes::ERROR_ACCESS_DENIED);
    }
    let found = was_there && matches!(disposition, CREATE_ALWAYS | OPEN_ALWAYS);
    error::set_last(if found { codes::ERROR_ALREADY_EXISTS } else { codes::ERROR_SUCCESS });
    let delete = (flags & DELETE_ON_CLOSE != 0).then_some(path);
    Ok(handle::insert(Object::File(Arc::new(File::new(file, read, write, delete)))))
}

fn handle_or_invalid(result: Result<Handle, error::Code>) -> Handle {
    result.unwrap_or_else(|code| {
        error::set_last(code);
        INVALID
    })
}

/// `CreateFileA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateFileA(
    name: *const c_char,
    access: Dword,
    _share: Dword,
    _security: Pointer,
    disposition: Dword,
    flags: Dword,
    _template: Handle,
) -> Handle {
    // SAFETY: null, or a string.
    handle_or_invalid(create(unsafe { narrow_path(name) }, access, disposition, flags))
}

/// `CreateFileW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateFileW(
    name: *const Wchar,
    access: Dword,
    _share: Dword,
    _security: Pointer,
    disposition: Dword,
    flags: Dword,
    _template: Handle,
) -> Handle {
    // SAFETY: null, or a string.
    handle_or_invalid(create(unsafe { wide_path(name) }, access, disposition, flags))
}

/// What reading and writing have in common: the file, the checks, and where the answer goes.
unsafe fn transfer(
    handle: Handle,
    count: *mut Dword,
    overlapped: *mut Overlapped,
    allowed: impl FnOnce(&File) -> bool,
    run: impl FnOnce(&File, Option<i64>) -> Result<usize, error::Code>,
) -> Bool {
    // SAFETY: null, or places for the answers.
    let (mut count, mut overlapped) = unsafe { (count.as_mut(), overlapped.as_mut()) };
    if let Some(count) = &mut count {
        **count = 0;
    }
    let Some(file) = get(handle) else { return error::no(codes::ERROR_INVALID_HANDLE) };
    if count.is_none() && overlapped.is_none() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    if !allowed(&file) {
        return error::no(codes::ERROR_ACCESS_DENIED);
    }
    let offset = overlapped.as_ref().map(|it| (u64::from(it.offset_high) << 32 | u64::from(it.offset)) as i64);
    match run(&file, offset.filter(|_| !file.is_pipe())) {
        Ok(done) => {
            if let Some(count) = count {
                *count = done as Dword;
            }
            if let Some(overlapped) = &mut overlapped {
                overlapped.internal = 0;
                overlapped.internal_high = done;
            }
            TRUE
        }
        Err(code) => error::no(code),
    }
}

/// Moves to where the transfer begins, as Windows does for a file that is not overlapped.
fn seek_to(file: &File, offset: Option<i64>) -> Result<(), error::Code> {
    match offset {
        Some(offset) => seek(file, offset, libc::SEEK_SET).map(|_| ()),
        None => Ok(()),
    }
}

/// `ReadFile`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn ReadFile(
    handle: Handle,
    buffer: Pointer,
    size: Dword,
    count: *mut Dword,
    overlapped: *mut Overlapped,
) -> Bool {
    if socket_file::is_socket(handle) {
        // SAFETY: the places are as the program says.
        return unsafe { socket_file::read(handle, buffer.cast(), size, count, overlapped) };
    }
    let run = |file: &File, offset: Option<i64>| {
        seek_to(file, offset)?;
        // SAFETY: the system checks the buffer, which has this size, as the program says.
        let result = file.transfer(|fd| unsafe { libc::read(fd, buffer, size as usize) });
        match result.map_err(|error| code(&error, None))? {
            0 if size != 0 && offset.is_some() => Err(codes::ERROR_HANDLE_EOF),
            0 if size != 0 && file.is_pipe() => Err(codes::ERROR_BROKEN_PIPE),
            done => Ok(done),
        }
    };
    // SAFETY: the places are as the program says.
    unsafe { transfer(handle, count, overlapped, |file| file.read, run) }
}

/// `WriteFile`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WriteFile(
    handle: Handle,
    buffer: *const u8,
    size: Dword,
    count: *mut Dword,
    overlapped: *mut Overlapped,
) -> Bool {
    if socket_file::is_socket(handle) {
        // SAFETY: the places are as the program says.
        return unsafe { socket_file::write(handle, buffer, size, count, overlapped) };
    }
    let run = |file: &File, offset: Option<i64>| {
        // All bits set: at the end.
        if offset == Some(-1) {
            seek(file, 0, libc::SEEK_END)?;
        } else {
            seek_to(file, offset)?;
        }
        let mut done = 0;
        while done < size as usize {
            let rest = size as usize - done;
            // SAFETY: the system checks the buffer, which has this size, as the program says.
            let result = file.transfer(|fd| unsafe { libc::write(fd, buffer.wrapping_add(done).cast(), rest) });
            match result {
                Ok(written) => done += written,
                Err(_) if done > 0 => break,
                Err(error) => return Err(code(&error, None)),
            }
        }
        Ok(done)
    };
    // SAFETY: the places are as the program says.
    unsafe { transfer(handle, count, overlapped, |file| file.write, run) }
}

fn seek(file: &File, distance: i64, from: libc::c_int) -> Result<i64, error::Code> {
    // SAFETY: a descriptor that is open.
    let result = unsafe { libc::lseek(file.descriptor(), distance, from) };
    if result >= 0 {
        return Ok(result);
    }
    let error = io::Error::last_os_error();
    // A place before the beginning is what can be wrong with a distance.
    Err(match error.raw_os_error() {
        Some(libc::EINVAL) => codes::ERROR_NEGATIVE_SEEK,
        Some(libc::ESPIPE) => codes::ERROR_SEEK_ON_DEVICE,
        _ => code(&error, None),
    })
}

fn move_pointer(handle: Handle, distance: i64, method: Dword) -> Result<i64, error::Code> {
    let file = get(handle).ok_or(codes::ERROR_INVALID_HANDLE)?;
    let from = match method {
        0 => libc::SEEK_SET,
        1 => libc::SEEK_CUR,
        2 => libc::SEEK_END,
        _ => return Err(codes::ERROR_INVALID_PARAMETER),
    };
    seek(&file, distance, from)
}

/// `SetFilePointerEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetFilePointerEx(handle: Handle, distance: i64, new: *mut i64, method: Dword) -> Bool {
    match move_pointer(handle, distance, method) {
        Ok(position) => {
            if !new.is_null() {
                // SAFETY: not null: a place for the answer.
                unsafe { new.write_unaligned(position) };
            }
            TRUE
        }
        Err(code) => error::no(code),
    }
}

/// The lower half, with the upper half where the program wants it; all bits set can be either an error or a number.
unsafe fn halves(result: Result<i64, error::Code>, high: *mut i32) -> Dword {
    match result {
        Ok(position) => {
            if !high.is_null() {
                // SAFETY: not null: a place for the upper half.
                unsafe { high.write((position >> 32) as i32) };
            }
            error::set_last(codes::ERROR_SUCCESS);
            position as Dword
        }
        Err(code) => {
            error::set_last(code);
            Dword::MAX
        }
    }
}

/// `SetFilePointer`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetFilePointer(handle: Handle, distance: i32, high: *mut i32, method: Dword) -> Dword {
    // SAFETY: null, or the upper half of the distance.
    let distance = match unsafe { high.as_ref() } {
        Some(&high) => i64::from(high) << 32 | i64::from(distance as u32),
        None => distance.into(),
    };
    // SAFETY: null, or a place for the upper half.
    unsafe { halves(move_pointer(handle, distance, method), high) }
}

fn size(handle: Handle) -> Result<i64, error::Code> {
    let file = get(handle).ok_or(codes::ERROR_INVALID_HANDLE)?;
    let data = file.file.metadata().map_err(|error| code(&error, None))?;
    if data.is_file() { Ok(data.size() as i64) } else { Err(codes::ERROR_INVALID_FUNCTION) }
}

/// `GetFileSize`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetFileSize(handle: Handle, high: *mut i32) -> Dword {
    // SAFETY: null, or a place for the upper half.
    unsafe { halves(size(handle), high) }
}

/// `GetFileSizeEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetFileSizeEx(handle: Handle, answer: *mut i64) -> Bool {
    match size(handle) {
        Ok(_) if answer.is_null() => error::no(codes::ERROR_INVALID_PARAMETER),
        Ok(size) => {
            // SAFETY: not null: a place for the answer.
            unsafe { answer.write_unaligned(size) };
            TRUE
        }
        Err(code) => error::no(code),
    }
}

/// `SetEndOfFile`: where the pointer is.
#[unsafe(no_mangle)]
pub extern "C" fn SetEndOfFile(handle: Handle) -> Bool {
    let Some(file) = get(handle) else { return error::no(codes::ERROR_INVALID_HANDLE) };
    let done = seek(&file, 0, libc::SEEK_CUR)
        .and_then(|end| file.file.set_len(end.unsigned_abs()).map_err(|error| code(&error, None)));
    done.map_or_else(error::no, |()| TRUE)
}

/// `FlushFileBuffers`.
#[unsafe(no_mangle)]
pub extern "C" fn FlushFileBuffers(handle: Handle) -> Bool {
    let Some(file) = get(handle) else { return error::no(codes::ERROR_INVALID_HANDLE) };
    if !file.write {
        return error::no(codes::ERROR_ACCESS_DENIED);
    }
    match file.file.sync_all() {
        // What is no file has nothing to flush.
        Err(error) if !matches!(error.raw_os_error(), Some(libc::EINVAL | libc::EROFS)) => {
            error::no(code(&error, None))
        }
        _ => TRUE,
    }
}

/// `GetFileType`.
#[unsafe(no_mangle)]
pub extern "C" fn GetFileType(handle: Handle) -> Dword {
    const DISK: Dword = 1;
    const CHARACTERS: Dword = 2;
    const PIPE: Dword = 3;
    let Some(file) = get(handle) else { return error::no(codes::ERROR_INVALID_HANDLE) as Dword };
    error::set_last(codes::ERROR_SUCCESS);
    match file.file.metadata().map(|data| data.file_type()) {
        Ok(kind) if kind.is_char_device() => CHARACTERS,
        Ok(kind) if kind.is_fifo() || kind.is_socket() => PIPE,
        Ok(_) => DISK,
        Err(_) => 0,
    }
}
