//! Window classes, and the atoms that names become.

use super::default::DefWindowProcW;
use super::layout::{Character, Procedure, WndClass, WndClassEx};
use crate::abi::{Bool, Handle, TRUE};
use crate::codes::*;
use crate::error::{self, Code};
use crate::text::strings::Wchar;
use std::collections::HashMap;
use std::ffi::c_char;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// A window class.
pub(crate) struct Class {
    pub(crate) atom: u16,
    pub(crate) procedure: Procedure,
    /// So many bytes does each window keep for the program.
    pub(crate) extra: usize,
    /// How many windows there are.
    pub(crate) windows: AtomicUsize,
}

/// Names become numbers: those of classes and of messages.
struct Names {
    atoms: HashMap<String, u16>,
    classes: HashMap<u16, Arc<Class>>,
}

/// The first number, and the last.
const FIRST: u16 = 0xC000;
const LAST: u16 = 0xFFFF;
/// A window keeps no more for the program.
const MOST_EXTRA: i32 = 1 << 16;
/// Those that are there without having been registered, and do nothing but what every window does.
const SYSTEM: [&str; 4] = ["static", "button", "edit", "message"];

fn names() -> MutexGuard<'static, Names> {
    static NAMES: LazyLock<Mutex<Names>> = LazyLock::new(|| {
        let mut names = Names { atoms: HashMap::new(), classes: HashMap::new() };
        for name in SYSTEM {
            let _ = names.register(name, DefWindowProcW, 0);
        }
        Mutex::new(names)
    });
    NAMES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Names {
    /// The number of a name, whose case does not matter.
    fn atom(&mut self, name: &str) -> Result<u16, Code> {
        let name = name.to_lowercase();
        if let Some(atom) = self.atoms.get(&name) {
            return Ok(*atom);
        }
        let next = usize::from(FIRST) + self.atoms.len();
        let atom = u16::try_from(next).ok().filter(|atom| *atom < LAST).ok_or(ERROR_NOT_ENOUGH_MEMORY)?;
        self.atoms.insert(name, atom);
        Ok(atom)
    }

    fn register(&mut self, name: &str, procedure: Procedure, extra: usize) -> Result<u16, Code> {
        let atom = self.atom(name)?;
        if self.classes.contains_key(&atom) {
            return Err(ERROR_CLASS_ALREADY_EXISTS);
        }
        self.classes.insert(atom, Arc::new(Class { atom, procedure, extra, windows: AtomicUsize::new(0) }));
        Ok(atom)
    }
}

/// The name at an address, which may also be the number itself.
enum Name {
    Atom(u16),
    Text(String),
}

impl Name {
    /// # Safety
    ///
    /// A number of 16 bits, or a string that ends with a zero.
    unsafe fn read<C: Character>(name: *const C) -> Result<Self, Code> {
        if let Ok(atom) = u16::try_from(name.addr()) {
            return if atom == 0 { Err(ERROR_INVALID_PARAMETER) } else { Ok(Self::Atom(atom)) };
        }
        // SAFETY: the caller's promise.
        unsafe { C::read(name) }.filter(|name| !name.is_empty()).map(Self::Text).ok_or(ERROR_INVALID_PARAMETER)
    }

    fn find(self, names: &mut Names) -> Option<Arc<Class>> {
        let atom = match self {
            Self::Atom(atom) => Some(atom),
            Self::Text(name) => names.atoms.get(&name.to_lowercase()).copied(),
        };
        names.classes.get(&atom?).cloned()
    }
}

/// The class of a name, for one window more.
///
/// # Safety
///
/// As for [`Name::read`].
pub(super) unsafe fn find<C: Character>(name: *const C) -> Result<Arc<Class>, Code> {
    // SAFETY: the caller's promise.
    let name = unsafe { Name::read(name) }.map_err(|_| ERROR_CANNOT_FIND_WND_CLASS)?;
    let class = name.find(&mut names()).ok_or(ERROR_CANNOT_FIND_WND_CLASS)?;
    class.windows.fetch_add(1, Relaxed);
    Ok(class)
}

/// The number, or 0 with the error noted.
fn noted(atom: Result<u16, Code>) -> u16 {
    atom.unwrap_or_else(|code| {
        error::set_last(code);
        0
    })
}

/// # Safety
///
/// The name is null or a string that ends with a zero.
unsafe fn register<C: Character>(class: &WndClass<C>) -> Result<u16, Code> {
    let &WndClass { procedure: Some(procedure), window_extra, class_extra, name, .. } = class else {
        return Err(ERROR_INVALID_PARAMETER);
    };
    if !(0..=MOST_EXTRA).contains(&window_extra) || class_extra < 0 {
        return Err(ERROR_INVALID_PARAMETER);
    }
    // SAFETY: the caller's promise.
    match unsafe { Name::read(name) }? {
        Name::Text(name) => names().register(&name, procedure, window_extra as usize),
        Name::Atom(_) => Err(ERROR_INVALID_PARAMETER),
    }
}

/// # Safety
///
/// Null or a structure of the program's.
unsafe fn register_plain<C: Character>(class: *const WndClass<C>) -> u16 {
    // SAFETY: the caller's promise.
    let class = unsafe { class.as_ref() };
    // SAFETY: as above, for the strings too.
    noted(class.ok_or(ERROR_NOACCESS).and_then(|class| unsafe { register(class) }))
}

/// # Safety
///
/// Null or a structure of the program's.
unsafe fn register_extended<C: Character>(class: *const WndClassEx<C>) -> u16 {
    // SAFETY: the caller's promise.
    let Some(class) = (unsafe { class.as_ref() }) else { return noted(Err(ERROR_NOACCESS)) };
    if class.size as usize != size_of::<WndClassEx<C>>() {
        return noted(Err(ERROR_INVALID_PARAMETER));
    }
    let &WndClassEx {
        style, procedure, class_extra, window_extra, instance, icon, cursor, background, menu, name, ..
    } = class;
    let class =
        WndClass { style, procedure, class_extra, window_extra, instance, icon, cursor, background, menu, name };
    // SAFETY: as above, for the strings too.
    noted(unsafe { register(&class) })
}

/// # Safety
///
/// As for [`Name::read`].
unsafe fn unregister<C: Character>(name: *const C) -> Bool {
    // SAFETY: the caller's promise.
    let Ok(name) = (unsafe { Name::read(name) }) else { return error::no(ERROR_CLASS_DOES_NOT_EXIST) };
    let mut names = names();
    let Some(class) = name.find(&mut names) else { return error::no(ERROR_CLASS_DOES_NOT_EXIST) };
    if class.windows.load(Relaxed) > 0 {
        return error::no(ERROR_CLASS_HAS_WINDOWS);
    }
    names.classes.remove(&class.atom);
    TRUE
}

/// # Safety
///
/// Null or a string that ends with a zero.
unsafe fn register_message<C: Character>(text: *const C) -> u32 {
    // SAFETY: the caller's promise.
    let text = unsafe { C::read(text) }.filter(|text| !text.is_empty()).ok_or(ERROR_INVALID_PARAMETER);
    // Not the name of a class.
    noted(text.and_then(|text| names().atom(&format!("message {text}")))).into()
}

/// `RegisterClassA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RegisterClassA(class: *const WndClass<c_char>) -> u16 {
    // SAFETY: what the program promises.
    unsafe { register_plain(class) }
}

/// `RegisterClassW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RegisterClassW(class: *const WndClass<Wchar>) -> u16 {
    // SAFETY: what the program promises.
    unsafe { register_plain(class) }
}

/// `RegisterClassExA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RegisterClassExA(class: *const WndClassEx<c_char>) -> u16 {
    // SAFETY: what the program promises.
    unsafe { register_extended(class) }
}

/// `RegisterClassExW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RegisterClassExW(class: *const WndClassEx<Wchar>) -> u16 {
    // SAFETY: what the program promises.
    unsafe { register_extended(class) }
}

/// `UnregisterClassA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn UnregisterClassA(name: *const c_char, _: Handle) -> Bool {
    // SAFETY: what the program promises.
    unsafe { unregister(name) }
}

/// `UnregisterClassW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn UnregisterClassW(name: *const Wchar, _: Handle) -> Bool {
    // SAFETY: what the program promises.
    unsafe { unregister(name) }
}

/// `RegisterWindowMessageA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RegisterWindowMessageA(text: *const c_char) -> u32 {
    // SAFETY: what the program promises.
    unsafe { register_message(text) }
}

/// `RegisterWindowMessageW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RegisterWindowMessageW(text: *const Wchar) -> u32 {
    // SAFETY: what the program promises.
    unsafe { register_message(text) }
}
