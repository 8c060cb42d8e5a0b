//! `VirtualAlloc` and its like: address space, and pages in it.

use crate::abi::{Bool, Dword, Handle, TRUE};
use crate::codes;
use crate::error;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::fs;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

const COMMIT: Dword = 0x1000;
const RESERVE: Dword = 0x2000;
const DECOMMIT: Dword = 0x4000;
const RELEASE: Dword = 0x8000;
const FREE: Dword = 0x1_0000;
const PRIVATE: Dword = 0x2_0000;
const MAPPED: Dword = 0x4_0000;
/// What asks for nothing that would change the result here: reset, top-down, write watch, large pages.
const HINTS: Dword = 0x0008_0000 | 0x0010_0000 | 0x0020_0000 | 0x2000_0000;

const PAGE: usize = 4096;
/// Reservations begin at multiples of this, as on Windows.
const GRAIN: usize = 0x1_0000;
const MOST: usize = 1 << 47;

/// No access because it is not committed; no `PAGE_…` value.
const RESERVED: Dword = 0;

/// `MEMORY_BASIC_INFORMATION`.
#[repr(C)]
pub struct Information {
    base: usize,
    allocation: usize,
    allocation_protect: Dword,
    partition: u16,
    size: usize,
    state: Dword,
    protect: Dword,
    kind: Dword,
}

struct Region {
    end: usize,
    protect: Dword,
    /// The protection from each of these addresses up to the next.
    runs: BTreeMap<usize, Dword>,
}

impl Region {
    fn at(&self, address: usize) -> Dword {
        self.runs.range(..=address).next_back().map_or(RESERVED, |(_, &protect)| protect)
    }

    fn run_end(&self, address: usize) -> usize {
        let here = self.at(address);
        self.runs.range(address + 1..).find(|&(_, &protect)| protect != here).map_or(self.end, |(&at, _)| at)
    }

    fn set(&mut self, from: usize, to: usize, protect: Dword) {
        let after = self.at(to);
        self.runs.retain(|&at, _| at < from || at >= to);
        self.runs.insert(from, protect);
        if to < self.end {
            self.runs.entry(to).or_insert(after);
        }
    }

    fn committed(&self, from: usize, to: usize) -> bool {
        self.at(from) != RESERVED && self.runs.range(from..to).all(|(_, &protect)| protect != RESERVED)
    }
}

/// By where they begin.
static REGIONS: Mutex<BTreeMap<usize, Region>> = Mutex::new(BTreeMap::new());

fn regions() -> MutexGuard<'static, BTreeMap<usize, Region>> {
    REGIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn region(regions: &mut BTreeMap<usize, Region>, address: usize) -> Option<(usize, &mut Region)> {
    let (&base, region) = regions.range_mut(..=address).next_back()?;
    (address < region.end).then_some((base, region))
}

/// The system's protection for Windows'.
fn protection(protect: Dword) -> Option<libc::c_int> {
    Some(match protect & 0xFF {
        _ if protect & 0x100 != 0 => return None,
        0x01 => libc::PROT_NONE,
        0x02 => libc::PROT_READ,
        0x04 | 0x08 => libc::PROT_READ | libc::PROT_WRITE,
        0x10 | 0x20 => libc::PROT_READ | libc::PROT_EXEC,
        0x40 | 0x80 => libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC,
        _ => return None,
    })
}

/// The pages that hold these bytes.
fn pages(address: usize, size: usize) -> Option<(usize, usize)> {
    let end = address.checked_add(size).filter(|&end| end <= MOST)?;
    Some((address / PAGE * PAGE, end.div_ceil(PAGE) * PAGE))
}

fn none(code: error::Code) -> *mut c_void {
    error::set_last(code);
    ptr::null_mut()
}

/// Address space of this size at a multiple of the grain, or exactly there; not accessible.
fn reserve(at: usize, size: usize) -> Option<usize> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let room = if at == 0 { size + GRAIN } else { size };
    let fixed = if at == 0 { 0 } else { libc::MAP_FIXED_NOREPLACE };
    let wanted = ptr::without_provenance_mut(at);
    // SAFETY: a new mapping that replaces none.
    let got = unsafe { libc::mmap(wanted, room, libc::PROT_NONE, flags | fixed, -1, 0) };
    if got == libc::MAP_FAILED {
        return None;
    }
    let got = got.expose_provenance();
    let base = if at == 0 { got.div_ceil(GRAIN) * GRAIN } else { at };
    let unmap = |from: usize, to: usize| {
        if from < to {
            // SAFETY: this part of the new mapping is nobody's.
            unsafe { libc::munmap(ptr::with_exposed_provenance_mut(from), to - from) };
        }
    };
    unmap(got, base.min(got + room));
    unmap((base + size).max(got), got + room);
    if at != 0 && got != at { None } else { Some(base) }
}

/// `VirtualAlloc`.
#[unsafe(no_mangle)]
pub extern "C" fn VirtualAlloc(address: *mut c_void, size: usize, kind: Dword, protect: Dword) -> *mut c_void {
    let Some(access) = protection(protect) else { return none(codes::ERROR_INVALID_PARAMETER) };
    let address = address.addr();
    let known = COMMIT | RESERVE | HINTS;
    if size == 0 || size >= MOST || kind & (COMMIT | RESERVE) == 0 || kind & !known != 0 {
        return none(codes::ERROR_INVALID_PARAMETER);
    }
    let new = kind & RESERVE != 0 || address == 0;
    let grain = if kind & RESERVE != 0 { GRAIN } else { PAGE };
    let start = address / grain * grain;
    let Some((_, end)) = pages(address, size) else { return none(codes::ERROR_INVALID_PARAMETER) };
    let mut regions = regions();
    let start = if new {
        let size = end - start;
        let Some(base) = reserve(start, size) else {
            return none(if start == 0 { codes::ERROR_NOT_ENOUGH_MEMORY } else { codes::ERROR_INVALID_ADDRESS });
        };
        regions.insert(base, Region { end: base + size, protect, runs: BTreeMap::from([(base, RESERVED)]) });
        base
    } else {
        start
    };
    if kind & COMMIT == 0 {
        return ptr::with_exposed_provenance_mut(start);
    }
    let Some((_, region)) = region(&mut regions, start) else { return none(codes::ERROR_INVALID_ADDRESS) };
    let end = if new { region.end } else { end };
    if end > region.end {
        return none(codes::ERROR_INVALID_ADDRESS);
    }
    // SAFETY: pages of a region of ours. What is committed already keeps its contents, as on Windows.
    if unsafe { libc::mprotect(ptr::with_exposed_provenance_mut(start), end - start, access) } != 0 {
        return none(codes::ERROR_NOT_ENOUGH_MEMORY);
    }
    region.set(start, end, protect);
    ptr::with_exposed_provenance_mut(start)
}

/// `VirtualFree`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn VirtualFree(address: *mut c_void, size: usize, kind: Dword) -> Bool {
    let address = address.addr();
    let mut regions = regions();
    match kind {
        RELEASE if size != 0 => error::no(codes::ERROR_INVALID_PARAMETER),
        RELEASE => match regions.remove(&address) {
            None => error::no(codes::ERROR_INVALID_ADDRESS),
            Some(region) => {
                // SAFETY: the whole region is ours, and the program gives it back.
                unsafe { libc::munmap(ptr::with_exposed_provenance_mut(address), region.end - address) };
                TRUE
            }
        },
        DECOMMIT => {
            let Some((base, region)) = region(&mut regions, address) else {
                return error::no(codes::ERROR_INVALID_ADDRESS);
            };
            let range = match size {
                0 if address == base => Some((base, region.end)),
                0 => None,
                _ => pages(address, size),
            };
            let Some((start, end)) = range.filter(|&(_, end)| end <= region.end) else {
                return error::no(codes::ERROR_INVALID_PARAMETER);
            };
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
            let at = ptr::with_exposed_provenance_mut(start);
            // SAFETY: replaces pages of a region of ours, and the program gives their contents back.
            if unsafe { libc::mmap(at, end - start, libc::PROT_NONE, flags, -1, 0) } == libc::MAP_FAILED {
                return error::no(codes::ERROR_NOT_ENOUGH_MEMORY);
            }
            region.set(start, end, RESERVED);
            TRUE
        }
        _ => error::no(codes::ERROR_INVALID_PARAMETER),
    }
}

/// `VirtualProtect`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn VirtualProtect(address: *mut c_void, size: usize, protect: Dword, old: *mut Dword) -> Bool {
    let Some(access) = protection(protect) else { return error::no(codes::ERROR_INVALID_PARAMETER) };
    if old.is_null() {
        return error::no(codes::ERROR_NOACCESS);
    }
    let Some((start, end)) = pages(address.addr(), size).filter(|_| size != 0) else {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    };
    let mut regions = regions();
    let Some((_, region)) = region(&mut regions, start) else { return error::no(codes::ERROR_INVALID_ADDRESS) };
    if end > region.end || !region.committed(start, end) {
        return error::no(codes::ERROR_INVALID_ADDRESS);
    }
    // SAFETY: not null: a place for the answer. The pages are of a region of ours.
    unsafe {
        old.write(region.at(start));
        if libc::mprotect(ptr::with_exposed_provenance_mut(start), end - start, access) != 0 {
            return error::no(codes::ERROR_ACCESS_DENIED);
        }
    }
    region.set(start, end, protect);
    TRUE
}

/// `VirtualQuery`: the bytes of the answer, or 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn VirtualQuery(address: *const c_void, answer: *mut Information, size: usize) -> usize {
    if answer.is_null() || size < size_of::<Information>() {
        error::set_last(codes::ERROR_BAD_LENGTH);
        return 0;
    }
    let at = address.addr() / PAGE * PAGE;
    if at >= MOST {
        error::set_last(codes::ERROR_INVALID_PARAMETER);
        return 0;
    }
    let ours = region(&mut regions(), at).map(|(base, region)| {
        let protect = region.at(at);
        Information {
            base: at,
            allocation: base,
            allocation_protect: region.protect,
            partition: 0,
            size: region.run_end(at) - at,
            state: if protect == RESERVED { RESERVE } else { COMMIT },
            protect,
            kind: PRIVATE,
        }
    });
    // SAFETY: not null, and as large as the program says.
    unsafe { answer.write(ours.unwrap_or_else(|| of_the_system(at))) };
    size_of::<Information>()
}

/// What the system says about memory that is not from here: the program, libraries, stacks.
fn of_the_system(at: usize) -> Information {
    let free = |end: usize| Information {
        base: at,
        allocation: 0,
        allocation_protect: 0,
        partition: 0,
        size: end - at,
        state: FREE,
        protect: 1,
        kind: 0,
    };
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let Some((from, to)) = fields.next().and_then(|range| range.split_once('-')) else { continue };
        let (Ok(from), Ok(to)) = (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16)) else { continue };
        if at < from {
            return free(from);
        }
        if at < to {
            let access = fields.next().unwrap_or_default();
            let protect = match (access.contains('r'), access.contains('w'), access.contains('x')) {
                (false, false, false) => 0x01,
                (_, false, false) => 0x02,
                (_, true, false) => 0x04,
                (_, false, true) => 0x20,
                (_, true, true) => 0x40,
            };
            let file = fields.nth(3).is_some_and(|name| name.starts_with('/'));
            return Information {
                base: at,
                allocation: from,
                allocation_protect: protect,
                partition: 0,
                size: to - at,
                state: COMMIT,
                protect,
                kind: if file { MAPPED } else { PRIVATE },
            };
        }
    }
    free(MOST)
}

/// `VirtualLock`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn VirtualLock(address: *mut c_void, size: usize) -> Bool {
    // SAFETY: the system checks the range.
    if unsafe { libc::mlock(address, size) } == 0 { TRUE } else { error::no(codes::ERROR_WORKING_SET_QUOTA) }
}

/// `VirtualUnlock`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn VirtualUnlock(address: *mut c_void, size: usize) -> Bool {
    // SAFETY: the system checks the range.
    if unsafe { libc::munlock(address, size) } == 0 { TRUE } else { error::no(codes::ERROR_NOT_LOCKED) }
}

/// `VirtualAllocEx`: in this process.
#[unsafe(no_mangle)]
pub extern "C" fn VirtualAllocEx(
    process: Handle,
    address: *mut c_void,
    size: usize,
    kind: Dword,
    protect: Dword,
) -> *mut c_void {
    if !super::process::is_current(process) {
        return none(codes::ERROR_INVALID_HANDLE);
    }
    VirtualAlloc(address, size, kind, protect)
}

/// `VirtualFreeEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn VirtualFreeEx(process: Handle, address: *mut c_void, size: usize, kind: Dword) -> Bool {
    if !super::process::is_current(process) {
        return error::no(codes::ERROR_INVALID_HANDLE);
    }
    // SAFETY: the same function.
    unsafe { VirtualFree(address, size, kind) }
}
