//! Who runs the work, and the signals.

use crate::work;
use overlapped::driver::{self, Choice};
use std::io::Write;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

const ON: &str = "FAULTS_ON";
const HOW: &str = "FAULTS_HOW";

/// What happens meanwhile.
const SIGNALS: &str = "signals";
const NO_RINGS: &str = "no rings";
const NO_MORE_RINGS: &str = "no more rings";

pub(crate) fn main() {
    // Test runners ask for a list; this is one test.
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    if let Ok(name) = std::env::var(ON) {
        return on(name.parse().expect("a driver"));
    }
    for (driver, how) in [("uring", SIGNALS), ("epoll", SIGNALS), ("uring", NO_RINGS), ("uring", NO_MORE_RINGS)] {
        let this = std::env::current_exe().expect("this program");
        let status = Command::new(this).env(ON, driver).env(HOW, how).status().expect("it runs again");
        if status.code() == Some(2) {
            println!("SKIPPED: {driver} is not to be had here");
            continue;
        }
        assert!(status.success(), "{how} on {driver}: {status}");
    }
}

fn on(choice: Choice) {
    // Longer than any machine needs.
    thread::spawn(|| {
        thread::sleep(Duration::from_secs(100));
        let _ = std::io::stderr().write_all(b"the process hangs\n");
        std::process::abort();
    });
    if let Err(error) = driver::choose(choice) {
        println!("{error}");
        std::process::exit(if std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_some() { 1 } else { 2 });
    }
    // The other threads would wait for the one that panics.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        hook(panic);
        std::process::exit(1);
    }));
    let how = std::env::var(HOW).unwrap_or_default();
    if how == NO_MORE_RINGS {
        // What threads share is there then, and no thread's own.
        work::pair(false);
    }
    if how != SIGNALS && !how.is_empty() {
        refuse_rings();
    }
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let signals = (how == SIGNALS).then(|| scope.spawn(|| interrupt(&over)));
        let rounds = if signals.is_some() { 4 } else { 1 };
        let refused: usize = (0..rounds).map(|_| work::all()).sum();
        over.store(true, Relaxed);
        let sent = signals.map_or(0, |signals| signals.join().expect("the signals"));
        println!("{choice} {how}: all is right; {sent} signals, {} handled; {refused} refusals", HANDLED.load(Relaxed));
    });
}

/// From now on there is no memory for a ring, in any thread.
fn refuse_rings() {
    const SETUP: u32 = libc::SYS_io_uring_setup as u32;
    let step = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let mut filter = [
        // The number of the system call is the first word of what the filter sees.
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, SETUP),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | libc::ENOMEM as u32),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    let (mode, flags) = (libc::SECCOMP_SET_MODE_FILTER, libc::SECCOMP_FILTER_FLAG_TSYNC);
    // SAFETY: takes no pointers.
    let locked = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    // SAFETY: `program` and the filter it points to outlive the call, which copies them.
    let installed = unsafe { libc::syscall(libc::SYS_seccomp, mode, flags, &raw const program) };
    assert_eq!((locked, installed), (0, 0), "a filter for system calls");
}

static HANDLED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn handle(_: libc::c_int) {
    HANDLED.fetch_add(1, Relaxed);
}

/// Interrupts each thread of the process but this one, as long as it takes; how often.
fn interrupt(over: &AtomicBool) -> usize {
    // SAFETY: all of the structure is valid as zero; the handler touches an atomic only.
    let installed = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handle as extern "C" fn(libc::c_int) as libc::sighandler_t;
        libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut())
    };
    assert_eq!(installed, 0);
    // SAFETY: takes and gives numbers.
    let (process, own) = unsafe { (libc::getpid(), libc::syscall(libc::SYS_gettid)) };
    let mut sent = 0;
    while !over.load(Relaxed) {
        for entry in std::fs::read_dir("/proc/self/task").expect("the threads").flatten() {
            let Some(thread) = entry.file_name().to_str().and_then(|name| name.parse::<libc::c_long>().ok()) else {
                continue;
            };
            if thread != own {
                // SAFETY: takes numbers; a thread that has ended is none any more.
                unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGUSR1) };
                sent += 1;
            }
        }
        thread::sleep(Duration::from_micros(100));
    }
    sent
}
