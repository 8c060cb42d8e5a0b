//! `FindFirstFile` and its like.

use super::directory::{AttributeData, attributes};
use super::path::{code, narrow_path, wide_path};
use crate::abi::{Bool, Dword, Handle, INVALID, TRUE};
use crate::codes;
use crate::error;
use crate::handle::{self, Object};
use crate::text::strings::{Wchar, put, to_wide};
use std::collections::VecDeque;
use std::ffi::c_char;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const NAME: usize = 260;
const SHORT_NAME: usize = 14;

/// `WIN32_FIND_DATA`, with names of either kind of character.
#[repr(C)]
pub struct FindData<T> {
    data: AttributeData,
    reserved: [Dword; 2],
    name: [T; NAME],
    short_name: [T; SHORT_NAME],
}

/// A search: the files that are still to be told.
pub struct Search(Mutex<VecDeque<Found>>);

struct Found {
    name: String,
    data: AttributeData,
}

/// Whether a name is meant: `*` is anything, `?` one character, letters in either case, as on Windows.
fn is_meant(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut taken) = (0, 0);
    // Behind the last `*`, and how far the name was taken then: it takes one more when what follows does not fit. An earlier
    // one never has to.
    let mut star = None;
    while let Some(letter) = name.get(taken) {
        match pattern.get(at) {
            Some('*') => {
                at += 1;
                star = Some((at, taken));
            }
            Some('?') => (at, taken) = (at + 1, taken + 1),
            Some(own) if own == letter || own.to_lowercase().eq(letter.to_lowercase()) => {
                (at, taken) = (at + 1, taken + 1);
            }
            _ => match star {
                Some((behind, before)) => {
                    (at, taken) = (behind, before + 1);
                    star = Some((behind, before + 1));
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|&own| own == '*')
}

fn search(path: Option<PathBuf>) -> Result<VecDeque<Found>, error::Code> {
    let path = path.ok_or(codes::ERROR_PATH_NOT_FOUND)?;
    let Some(pattern) = path.file_name() else { return Err(codes::ERROR_FILE_NOT_FOUND) };
    let pattern = pattern.to_string_lossy().into_owned();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let not_found = |error: std::io::Error| match code(&error, None) {
        codes::ERROR_FILE_NOT_FOUND => codes::ERROR_PATH_NOT_FOUND,
        other => other,
    };
    // "*.*" is every name, with or without a dot.
    let letters: Vec<char> = if pattern == "*.*" { vec!['*'] } else { pattern.chars().collect() };
    let mut names: Vec<String> = vec![".".into(), "..".into()];
    for entry in fs::read_dir(folder).map_err(not_found)? {
        names.push(entry.map_err(not_found)?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| is_meant(&letters, &name.chars().collect::<Vec<_>>()));
    names.sort();
    let found = names.into_iter().filter_map(|name| {
        let place = folder.join(&name);
        let data = fs::metadata(&place).or_else(|_| fs::symlink_metadata(&place)).ok()?;
        let data = AttributeData::new(attributes(&name, &data), &data);
        Some(Found { name, data })
    });
    Ok(found.collect())
}

/// # Safety
/// A place for an answer.
unsafe fn answer<T: Copy + Default>(place: *mut FindData<T>, data: AttributeData, name: &[T]) {
    let mut filled =
        FindData { data, reserved: [0; 2], name: [T::default(); NAME], short_name: [T::default(); SHORT_NAME] };
    // SAFETY: the array has this length; the place is as the caller says.
    unsafe {
        put(name, filled.name.as_mut_ptr(), NAME);
        place.write(filled);
    }
}

unsafe fn first<T: Copy + Default>(
    path: Option<PathBuf>,
    place: *mut FindData<T>,
    letters: impl FnOnce(&str) -> Vec<T>,
) -> Handle {
    let fail = |code| {
        error::set_last(code);
        INVALID
    };
    if place.is_null() {
        return fail(codes::ERROR_INVALID_PARAMETER);
    }
    let mut found = match search(path) {
        Ok(found) => found,
        Err(code) => return fail(code),
    };
    let Some(one) = found.pop_front() else { return fail(codes::ERROR_FILE_NOT_FOUND) };
    // SAFETY: not null: a place for the answer.
    unsafe { answer(place, one.data, &letters(&one.name)) };
    handle::insert(Object::Search(Arc::new(Search(Mutex::new(found)))))
}

unsafe fn next<T: Copy + Default>(
    search: Handle,
    place: *mut FindData<T>,
    letters: impl FnOnce(&str) -> Vec<T>,
) -> Bool {
    let Some(Object::Search(search)) = handle::get(search) else { return error::no(codes::ERROR_INVALID_HANDLE) };
    if place.is_null() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    let one = search.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let Some(one) = one else { return error::no(codes::ERROR_NO_MORE_FILES) };
    // SAFETY: not null: a place for the answer.
    unsafe { answer(place, one.data, &letters(&one.name)) };
    TRUE
}

fn bytes(name: &str) -> Vec<u8> {
    name.as_bytes().to_vec()
}

/// `FindFirstFileA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn FindFirstFileA(name: *const c_char, place: *mut FindData<u8>) -> Handle {
    // SAFETY: null, or a string; null, or a place for the answer.
    unsafe { first(narrow_path(name), place, bytes) }
}

/// `FindFirstFileW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn FindFirstFileW(name: *const Wchar, place: *mut FindData<Wchar>) -> Handle {
    // SAFETY: null, or a string; null, or a place for the answer.
    unsafe { first(wide_path(name), place, to_wide) }
}

/// `FindNextFileA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn FindNextFileA(search: Handle, place: *mut FindData<u8>) -> Bool {
    // SAFETY: null, or a place for the answer.
    unsafe { next(search, place, bytes) }
}

/// `FindNextFileW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn FindNextFileW(search: Handle, place: *mut FindData<Wchar>) -> Bool {
    // SAFETY: null, or a place for the answer.
    unsafe { next(search, place, to_wide) }
}

/// `FindClose`.
#[unsafe(no_mangle)]
pub extern "C" fn FindClose(search: Handle) -> Bool {
    match handle::get(search) {
        Some(Object::Search(_)) => {
            handle::remove(search);
            TRUE
        }
        _ => error::no(codes::ERROR_INVALID_HANDLE),
    }
}

#[cfg(test)]
mod tests {
    use super::is_meant;

    #[test]
    fn patterns_mean_what_they_mean_on_windows() {
        let meant = |pattern: &str, name: &str| {
            is_meant(&pattern.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>())
        };
        assert!(meant("*.txt", "a.TXT"));
        assert!(meant("?a*", "bat.log"));
        assert!(meant("*", ""));
        assert!(!meant("*.txt", "a.txt.old"));
        assert!(!meant("?", ""));
        assert!(meant("*a*b", "aabab"));
        assert!(!meant(&"*a".repeat(40), &"a".repeat(39)));
    }
}
