//! On which processors threads run.

use crate::abi::{Bool, Dword, Handle, TRUE};
use crate::codes;
use crate::error::{Code, no, set_last};
use crate::handle::Object;
use crate::kernel::{lookup, resolve};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// `NORMAL_PRIORITY_CLASS`.
const NORMAL: Dword = 0x20;
/// The classes, from idle to real time.
const CLASSES: [Dword; 6] = [0x40, 0x4000, NORMAL, 0x8000, 0x80, 0x100];
/// `PROCESS_MODE_BACKGROUND_BEGIN` and `_END`.
const BACKGROUND: [Dword; 2] = [0x10_0000, 0x20_0000];

static CLASS: AtomicU32 = AtomicU32::new(NORMAL);

/// The processors of a set, as bits.
fn bits(set: &libc::cpu_set_t) -> usize {
    // SAFETY: the indices are within the set.
    (0..usize::BITS as usize).filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, set) }).fold(0, |bits, cpu| bits | 1 << cpu)
}

fn affinity(of: libc::pid_t) -> Option<usize> {
    // SAFETY: a set is an array of bits, all of which may be zero.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the set is as large as it is said to be.
    let got = unsafe { libc::sched_getaffinity(of, size_of_val(&set), &mut set) };
    (got == 0).then(|| bits(&set))
}

fn set_affinity_of(id: libc::pid_t, mask: usize) -> Result<(), Code> {
    // SAFETY: as in `affinity`.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for cpu in (0..usize::BITS as usize).filter(|cpu| mask & 1 << cpu != 0) {
        // SAFETY: the index is within the set.
        unsafe { libc::CPU_SET(cpu, &mut set) };
    }
    // SAFETY: the set is as large as it is said to be.
    match unsafe { libc::sched_setaffinity(id, size_of_val(&set), &set) } {
        0 => Ok(()),
        _ => Err(codes::ERROR_INVALID_PARAMETER),
    }
}

fn set_affinity(handle: Handle, mask: usize) -> Result<usize, Code> {
    let id = lookup::thread(handle)?.id() as libc::pid_t;
    let before = affinity(id).ok_or(codes::ERROR_INVALID_HANDLE)?;
    set_affinity_of(id, mask)?;
    Ok(before)
}

/// `SetThreadAffinityMask`: the mask before, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn SetThreadAffinityMask(handle: Handle, mask: usize) -> usize {
    set_affinity(handle, mask).unwrap_or_else(|code| {
        set_last(code);
        0
    })
}

/// `SetThreadIdealProcessor`: the system places threads by itself, so there is none, before and after.
#[unsafe(no_mangle)]
pub extern "C" fn SetThreadIdealProcessor(handle: Handle, processor: Dword) -> Dword {
    const MAXIMUM_PROCESSORS: Dword = 64;
    match lookup::thread(handle) {
        Ok(_) if processor <= MAXIMUM_PROCESSORS => MAXIMUM_PROCESSORS,
        Ok(_) => {
            set_last(codes::ERROR_INVALID_PARAMETER);
            Dword::MAX
        }
        Err(code) => {
            set_last(code);
            Dword::MAX
        }
    }
}

/// `GetCurrentProcessorNumber`.
#[unsafe(no_mangle)]
pub extern "C" fn GetCurrentProcessorNumber() -> Dword {
    // SAFETY: it takes nothing; it fails only where the system does not know the call.
    Dword::try_from(unsafe { libc::sched_getcpu() }).unwrap_or(0)
}

fn process(handle: Handle) -> Result<(), Code> {
    match resolve(handle)? {
        Object::Process => Ok(()),
        _ => Err(codes::ERROR_INVALID_HANDLE),
    }
}

/// `GetProcessAffinityMask`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetProcessAffinityMask(handle: Handle, mask: *mut usize, system: *mut usize) -> Bool {
    if let Err(code) = process(handle) {
        return no(code);
    }
    if mask.is_null() || system.is_null() {
        return no(codes::ERROR_NOACCESS);
    }
    // SAFETY: it takes any number.
    let processors = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_CONF) }.clamp(1, usize::BITS.into()) as u32;
    let all = usize::MAX >> (usize::BITS - processors);
    // SAFETY: neither is null, so they are the caller's variables.
    unsafe {
        system.write(all);
        mask.write(affinity(std::process::id() as libc::pid_t).unwrap_or(all));
    }
    TRUE
}

/// `SetProcessAffinityMask`, for the threads that there are; those to come take it from the thread that starts them.
#[unsafe(no_mangle)]
pub extern "C" fn SetProcessAffinityMask(handle: Handle, mask: usize) -> Bool {
    let set = || {
        process(handle)?;
        let threads = std::fs::read_dir("/proc/self/task").map_err(|_| codes::ERROR_NOT_SUPPORTED)?;
        let ids = threads.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        // One that ends meanwhile is none any more.
        let set = ids.filter(|id| set_affinity_of(*id, mask).is_ok()).count();
        if set > 0 { Ok(()) } else { Err(codes::ERROR_INVALID_PARAMETER) }
    };
    set().map_or_else(no, |()| TRUE)
}

/// `SetPriorityClass`. The class is kept for who asks; the system goes on sharing the processors evenly.
#[unsafe(no_mangle)]
pub extern "C" fn SetPriorityClass(handle: Handle, class: Dword) -> Bool {
    if let Err(code) = process(handle) {
        return no(code);
    }
    if CLASSES.contains(&class) {
        CLASS.store(class, Relaxed);
    } else if !BACKGROUND.contains(&class) {
        return no(codes::ERROR_INVALID_PARAMETER);
    }
    TRUE
}

/// `GetPriorityClass`.
#[unsafe(no_mangle)]
pub extern "C" fn GetPriorityClass(handle: Handle) -> Dword {
    match process(handle) {
        Ok(()) => CLASS.load(Relaxed),
        Err(code) => no(code) as Dword,
    }
}
