//! Named objects, and what else is noted of single handles. A name is one of this process, and lives as long as a handle of
//! its object does.

use crate::abi::Handle;
use crate::codes;
use crate::error::{Code, set_last};
use crate::handle::{self, Object};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::CStr;
use std::ffi::c_char;
use std::mem::discriminant;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// The longest name, with its end.
const MAX_PATH: usize = 260;

#[derive(Default)]
struct Names {
    objects: HashMap<Arc<str>, Named>,
    notes: HashMap<Handle, Note>,
}

struct Named {
    object: Object,
    handles: usize,
}

#[derive(Default)]
struct Note {
    name: Option<Arc<str>>,
    flags: u32,
}

static NAMES: LazyLock<Mutex<Names>> = LazyLock::new(Mutex::default);
/// How many handles have a note, so that closing one that has none takes no lock.
static NOTED: AtomicUsize = AtomicUsize::new(0);

fn names() -> MutexGuard<'static, Names> {
    NAMES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Names {
    fn note(&mut self, handle: Handle) -> &mut Note {
        self.notes.entry(handle).or_insert_with(|| {
            NOTED.fetch_add(1, Relaxed);
            Note::default()
        })
    }
}

/// A name as C programs pass it: `None` for no name.
pub(crate) type Name = Option<String>;

/// The name in an `LPCSTR`.
///
/// # Safety
///
/// `name` is null or a string with an end.
pub(crate) unsafe fn narrow(name: *const c_char) -> Result<Name, Code> {
    if name.is_null() {
        return Ok(None);
    }
    // SAFETY: not null, so a string with an end.
    checked(unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned())
}

/// The name in an `LPCWSTR`.
///
/// # Safety
///
/// `name` is null or a string with an end.
pub(crate) unsafe fn wide(name: *const u32) -> Result<Name, Code> {
    if name.is_null() {
        return Ok(None);
    }
    let mut text = String::new();
    for index in 0.. {
        // SAFETY: not null, and the end of the string has not been met.
        let letter = unsafe { *name.add(index) };
        if letter == 0 {
            break;
        }
        if index == MAX_PATH {
            return Err(codes::ERROR_FILENAME_EXCED_RANGE);
        }
        text.push(char::from_u32(letter).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    checked(text)
}

fn checked(name: String) -> Result<Name, Code> {
    if name.len() >= 4 * MAX_PATH {
        return Err(codes::ERROR_FILENAME_EXCED_RANGE);
    }
    let plain = name.strip_prefix("Local\\").unwrap_or(&name);
    match plain.strip_prefix("Global\\").unwrap_or(plain) {
        "" if name.is_empty() => Ok(None),
        rest if rest.contains('\\') => Err(codes::ERROR_PATH_NOT_FOUND),
        _ => Ok(Some(plain.to_owned())),
    }
}

/// A handle of a new object, or of the one that has the name already. The last error says which it is.
pub(crate) fn create(name: Name, make: impl FnOnce() -> Result<Object, Code>) -> Result<Handle, Code> {
    let made = make()?;
    let Some(name) = name else {
        let handle = handle::insert(made);
        set_last(codes::ERROR_SUCCESS);
        return Ok(handle);
    };
    let mut guard = names();
    let names = &mut *guard;
    match names.objects.entry(name.into()) {
        Entry::Vacant(vacant) => {
            let name = Arc::clone(vacant.key());
            vacant.insert(Named { object: made.clone(), handles: 1 });
            let handle = handle::insert(made);
            names.note(handle).name = Some(name);
            set_last(codes::ERROR_SUCCESS);
            Ok(handle)
        }
        Entry::Occupied(mut occupied) => {
            if discriminant(&occupied.get().object) != discriminant(&made) {
                return Err(codes::ERROR_INVALID_HANDLE);
            }
            let name = Arc::clone(occupied.key());
            let named = occupied.get_mut();
            named.handles += 1;
            let handle = handle::insert(named.object.clone());
            names.note(handle).name = Some(name);
            set_last(codes::ERROR_ALREADY_EXISTS);
            Ok(handle)
        }
    }
}

/// A handle of the object that has the name, if it is of the kind that is asked for.
pub(crate) fn open(name: Name, kind: impl FnOnce(&Object) -> bool) -> Result<Handle, Code> {
    let name = name.ok_or(codes::ERROR_INVALID_PARAMETER)?;
    let mut guard = names();
    let names = &mut *guard;
    let (key, named) = match names.objects.get_key_value(name.as_str()) {
        Some((key, named)) if kind(&named.object) => (Arc::clone(key), named.object.clone()),
        Some(_) => return Err(codes::ERROR_INVALID_HANDLE),
        None => return Err(codes::ERROR_FILE_NOT_FOUND),
    };
    if let Some(named) = names.objects.get_mut(&key) {
        named.handles += 1;
    }
    let handle = handle::insert(named);
    names.note(handle).name = Some(key);
    Ok(handle)
}

/// A handle is another one of the same object: its name is held by that, too.
pub(crate) fn duplicated(source: Handle, duplicate: Handle) {
    if NOTED.load(Relaxed) == 0 {
        return;
    }
    let mut names = names();
    let Some(name) = names.notes.get(&source).and_then(|note| note.name.clone()) else { return };
    if let Some(named) = names.objects.get_mut(&name) {
        named.handles += 1;
    }
    names.note(duplicate).name = Some(name);
}

/// A handle is closed: the name goes with the last.
pub(crate) fn closed(handle: Handle) {
    if NOTED.load(Relaxed) == 0 {
        return;
    }
    let mut names = names();
    let Some(note) = names.notes.remove(&handle) else { return };
    NOTED.fetch_sub(1, Relaxed);
    let Some(name) = note.name else { return };
    let last = names.objects.get_mut(&name).is_some_and(|named| {
        named.handles -= 1;
        named.handles == 0
    });
    let object = if last { names.objects.remove(&name) } else { None };
    // It may be the last owner of a timer, whose routine is dropped then: not under the lock.
    drop(names);
    drop(object);
}

/// The flags of a handle, `HANDLE_FLAG_…`.
pub(crate) fn flags(handle: Handle) -> u32 {
    if NOTED.load(Relaxed) == 0 {
        return 0;
    }
    names().notes.get(&handle).map_or(0, |note| note.flags)
}

/// Sets those of `mask`.
pub(crate) fn set_flags(handle: Handle, mask: u32, flags: u32) {
    let mut names = names();
    let note = names.note(handle);
    note.flags = note.flags & !mask | flags & mask;
}
