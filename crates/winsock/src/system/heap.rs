//! Heaps: blocks of the C library's memory, each with its size in front.

use crate::abi::{Bool, Dword, FALSE, Handle, TRUE};
use crate::codes;
use crate::error;
use std::collections::{HashMap, HashSet};
use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};

const ZEROED: Dword = 8;
const IN_PLACE: Dword = 0x10;
/// What a failed `HeapSize` is.
const NO_SIZE: usize = usize::MAX;
/// `GMEM_ZEROINIT` and `LMEM_ZEROINIT`.
const GLOBAL_ZEROED: u32 = 0x40;
const MODIFY: u32 = 0x80;

/// What stands before a block. As long as the strictest alignment, so that what follows has that too.
#[repr(C, align(16))]
struct Head {
    size: usize,
    /// The heap's number, and [`FREED`] once the block is free.
    heap: usize,
}

const FREED: usize = 0;
/// The process's heap: the only one that does not know its blocks, since it never ends.
const PROCESS: usize = 0x10;
const STEP: usize = 0x10;

/// The blocks of a heap, which end with it.
type Blocks = Mutex<HashSet<usize>>;

struct Heaps {
    next: usize,
    all: HashMap<usize, Arc<Blocks>>,
}

static HEAPS: LazyLock<RwLock<Heaps>> =
    LazyLock::new(|| RwLock::new(Heaps { next: PROCESS + STEP, all: HashMap::new() }));

fn blocks(heap: Handle) -> Option<Arc<Blocks>> {
    HEAPS.read().unwrap_or_else(PoisonError::into_inner).all.get(&heap).cloned()
}

fn note(heap: Handle, change: impl FnOnce(&mut HashSet<usize>)) {
    if heap == PROCESS {
        return;
    }
    if let Some(blocks) = blocks(heap) {
        change(&mut blocks.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn exists(heap: Handle) -> bool {
    heap == PROCESS || blocks(heap).is_some()
}

/// A block that is given out and not free; `None` for null and for what is no block of ours.
///
/// # Safety
/// Null, or a block of this module's, or memory behind 16 bytes that can be read.
unsafe fn head<'a>(block: *mut c_void) -> Option<&'a mut Head> {
    if block.is_null() || block.addr() % align_of::<Head>() != 0 {
        return None;
    }
    // SAFETY: not null and aligned; the head is in front, as the caller says.
    let head = unsafe { &mut *block.cast::<Head>().sub(1) };
    exists(head.heap).then_some(head)
}

fn allocate(heap: Handle, size: usize, zeroed: bool) -> *mut c_void {
    let Some(all) = size.checked_add(size_of::<Head>()) else { return ptr::null_mut() };
    // SAFETY: any size is allowed; the answer is null or a block of that size, aligned for anything.
    let head = unsafe { if zeroed { libc::calloc(1, all) } else { libc::malloc(all) } }.cast::<Head>();
    if head.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: the block begins with room for the head.
    let block = unsafe {
        head.write(Head { size, heap });
        head.add(1).cast::<c_void>()
    };
    note(heap, |blocks| _ = blocks.insert(block.expose_provenance()));
    block
}

/// # Safety
/// A block of [`allocate`]'s that is not free, and that nobody uses.
unsafe fn free(block: *mut c_void, head: &mut Head) {
    note(head.heap, |blocks| _ = blocks.remove(&block.addr()));
    head.heap = FREED;
    // SAFETY: the head is where the C library's block begins.
    unsafe { libc::free(ptr::from_mut(head).cast()) };
}

/// # Safety
/// As for [`free`].
unsafe fn reallocate(block: *mut c_void, head: &mut Head, size: usize, zeroed: bool) -> *mut c_void {
    let new = allocate(head.heap, size, zeroed);
    if !new.is_null() {
        // SAFETY: both have so many bytes, and the new one is nobody else's.
        unsafe {
            new.cast::<u8>().copy_from_nonoverlapping(block.cast::<u8>(), head.size.min(size));
            free(block, head);
        }
    }
    new
}

/// Windows sets no last error when a heap has no memory; the handle's error is set.
fn bad_heap<T>(value: T) -> T {
    error::set_last(codes::ERROR_INVALID_HANDLE);
    value
}

/// `GetProcessHeap`.
#[unsafe(no_mangle)]
pub extern "C" fn GetProcessHeap() -> Handle {
    PROCESS
}

/// `HeapCreate`: heaps grow as they need; a greatest size is not kept to.
#[unsafe(no_mangle)]
pub extern "C" fn HeapCreate(_options: Dword, _initial: usize, _greatest: usize) -> Handle {
    let mut heaps = HEAPS.write().unwrap_or_else(PoisonError::into_inner);
    let heap = heaps.next;
    heaps.next += STEP;
    heaps.all.insert(heap, Arc::default());
    heap
}

/// `HeapDestroy`.
#[unsafe(no_mangle)]
pub extern "C" fn HeapDestroy(heap: Handle) -> Bool {
    let gone = HEAPS.write().unwrap_or_else(PoisonError::into_inner).all.remove(&heap);
    let Some(blocks) = gone else { return error::no(codes::ERROR_INVALID_HANDLE) };
    let blocks = std::mem::take(&mut *blocks.lock().unwrap_or_else(PoisonError::into_inner));
    for block in blocks {
        let head = ptr::with_exposed_provenance_mut::<Head>(block).wrapping_sub(1);
        // SAFETY: a block of this heap that was not free; the head is where the C library's block begins.
        unsafe { libc::free(head.cast()) };
    }
    TRUE
}

/// `HeapAlloc`.
#[unsafe(no_mangle)]
pub extern "C" fn HeapAlloc(heap: Handle, flags: Dword, size: usize) -> *mut c_void {
    if !exists(heap) {
        return bad_heap(ptr::null_mut());
    }
    allocate(heap, size, flags & ZEROED != 0)
}

/// `HeapReAlloc`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn HeapReAlloc(heap: Handle, flags: Dword, block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: null, or a block, as the program says.
    let Some(head) = (unsafe { head(block) }) else { return bad_heap(ptr::null_mut()) };
    if head.heap != heap {
        return bad_heap(ptr::null_mut());
    }
    if flags & IN_PLACE != 0 {
        // A block never grows where it is, and can always be taken for a shorter one.
        if size > head.size {
            return ptr::null_mut();
        }
        head.size = size;
        return block;
    }
    // SAFETY: a block that is not free, and the program gives it back.
    unsafe { reallocate(block, head, size, flags & ZEROED != 0) }
}

/// `HeapFree`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn HeapFree(heap: Handle, _flags: Dword, block: *mut c_void) -> Bool {
    if block.is_null() {
        return TRUE;
    }
    // SAFETY: a block, as the program says.
    match unsafe { head(block) } {
        Some(head) if head.heap == heap => {
            // SAFETY: a block that is not free, and the program gives it back.
            unsafe { free(block, head) };
            TRUE
        }
        _ => error::no(codes::ERROR_INVALID_PARAMETER),
    }
}

/// `HeapSize`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn HeapSize(heap: Handle, _flags: Dword, block: *const c_void) -> usize {
    // SAFETY: null, or a block, as the program says.
    match unsafe { head(block.cast_mut()) } {
        Some(head) if head.heap == heap => head.size,
        _ => NO_SIZE,
    }
}

/// `HeapValidate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn HeapValidate(heap: Handle, _flags: Dword, block: *const c_void) -> Bool {
    // SAFETY: null, or a block, as the program says.
    let head = unsafe { head(block.cast_mut()) };
    (exists(heap) && (block.is_null() || head.is_some_and(|head| head.heap == heap))).into()
}

/// `GlobalAlloc`: all memory is fixed, so that its handle is its address.
#[unsafe(no_mangle)]
pub extern "C" fn GlobalAlloc(flags: u32, size: usize) -> *mut c_void {
    let block = allocate(PROCESS, size, flags & GLOBAL_ZEROED != 0);
    if block.is_null() {
        error::set_last(codes::ERROR_NOT_ENOUGH_MEMORY);
    }
    block
}

/// `GlobalReAlloc`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GlobalReAlloc(block: *mut c_void, size: usize, flags: u32) -> *mut c_void {
    // SAFETY: null, or a block, as the program says.
    let Some(head) = (unsafe { head(block) }) else { return bad_heap(ptr::null_mut()) };
    if flags & MODIFY != 0 {
        return block;
    }
    // SAFETY: a block that is not free, and the program gives it back.
    let new = unsafe { reallocate(block, head, size, flags & GLOBAL_ZEROED != 0) };
    if new.is_null() {
        error::set_last(codes::ERROR_NOT_ENOUGH_MEMORY);
    }
    new
}

/// `GlobalFree`: null when it went well, else the block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GlobalFree(block: *mut c_void) -> *mut c_void {
    if block.is_null() {
        return block;
    }
    // SAFETY: a block, as the program says; it gives it back.
    unsafe {
        match head(block) {
            Some(head) if head.heap == PROCESS => free(block, head),
            _ => return bad_heap(block),
        }
    }
    ptr::null_mut()
}

/// `GlobalSize`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GlobalSize(block: *mut c_void) -> usize {
    // SAFETY: null, or a block, as the program says.
    match unsafe { head(block) } {
        Some(head) => head.size,
        None => bad_heap(0),
    }
}

/// `GlobalLock`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GlobalLock(block: *mut c_void) -> *mut c_void {
    // SAFETY: null, or a block, as the program says.
    if unsafe { head(block) }.is_some() { block } else { bad_heap(ptr::null_mut()) }
}

/// `GlobalUnlock`: fixed memory is never locked, which is no error.
#[unsafe(no_mangle)]
pub extern "C" fn GlobalUnlock(_block: *mut c_void) -> Bool {
    error::set_last(codes::ERROR_SUCCESS);
    FALSE
}

/// `LocalAlloc`.
#[unsafe(no_mangle)]
pub extern "C" fn LocalAlloc(flags: u32, size: usize) -> *mut c_void {
    GlobalAlloc(flags, size)
}

/// `LocalReAlloc`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn LocalReAlloc(block: *mut c_void, size: usize, flags: u32) -> *mut c_void {
    // SAFETY: the same function.
    unsafe { GlobalReAlloc(block, size, flags) }
}

/// `LocalFree`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn LocalFree(block: *mut c_void) -> *mut c_void {
    // SAFETY: the same function.
    unsafe { GlobalFree(block) }
}

/// `LocalSize`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn LocalSize(block: *mut c_void) -> usize {
    // SAFETY: the same function.
    unsafe { GlobalSize(block) }
}

/// `LocalLock`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn LocalLock(block: *mut c_void) -> *mut c_void {
    // SAFETY: the same function.
    unsafe { GlobalLock(block) }
}

/// `LocalUnlock`.
#[unsafe(no_mangle)]
pub extern "C" fn LocalUnlock(block: *mut c_void) -> Bool {
    GlobalUnlock(block)
}
