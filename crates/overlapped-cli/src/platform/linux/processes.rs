//! Other processes: started so that none outlives this one, each on its processors, and what they have used.

use rustix::process::{
    Pid, Signal, getpid, getppid, getpriority_process, kill_process_group, set_parent_process_death_signal, setsid,
};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::ffi::CStr;
use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::Duration;

/// The least processor time that the system counts, if that is much.
pub(crate) const TICK: Option<Duration> = None;

/// The processors that this process may run on.
pub(crate) fn processors() -> Vec<usize> {
    let all = sched_getaffinity(None).map(|set| (0..CpuSet::MAX_CPU).filter(|&one| set.is_set(one)).collect());
    all.unwrap_or_default()
}

/// What the processor calls itself.
pub(crate) fn processor() -> String {
    let table = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = table.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.into(), |(_, name)| name.trim().into())
}

/// Starts a process that ends with the thread that started it, whatever ends that; on these processors, if any are given, and
/// ahead of other work, where that is permitted. What the terminal sends to whoever runs in it does not reach the new process.
pub(crate) fn start(command: &mut Command, processors: &[usize]) -> Result<Child> {
    let parent = getpid();
    let mut set = CpuSet::new();
    processors.iter().for_each(|&one| set.set(one));
    let pinned = !processors.is_empty();
    let prepare = move || {
        // A process group of its own, and a session: some systems schedule by that.
        setsid()?;
        set_parent_process_death_signal(Some(Signal::KILL))?;
        if getppid() != Some(parent) {
            // It has ended before it could be watched.
            return Err(Error::from(ErrorKind::BrokenPipe));
        }
        if pinned {
            sched_setaffinity(None, &set)?;
        }
        raise();
        Ok(())
    };
    // SAFETY: between fork and exec it makes system calls on values of its own: it takes no lock and no memory.
    unsafe { command.pre_exec(prepare) };
    command.spawn()
}

/// How far ahead of others a thread is, and a session where the system schedules by session.
const AHEAD: i32 = -10;
const SESSION_AHEAD: &CStr = c"-15";

/// Puts this process ahead of other work: its turns come sooner and are short. Where that is not permitted it stays as it is.
fn raise() {
    let mut attributes = libc::sched_attr {
        size: size_of::<libc::sched_attr>() as u32,
        sched_policy: 0,
        sched_flags: 0,
        sched_nice: AHEAD,
        sched_priority: 0,
        // Of an ordinary thread: how long a turn is, in nanoseconds (Linux 6.12).
        sched_runtime: 100_000,
        sched_deadline: 0,
        sched_period: 0,
    };
    // SAFETY: the system reads as many bytes as are said; text is where the pointers say, and as long.
    unsafe {
        libc::syscall(libc::SYS_sched_setattr, 0, &raw mut attributes, 0);
        let group = libc::open(c"/proc/self/autogroup".as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if group >= 0 {
            libc::write(group, SESSION_AHEAD.as_ptr().cast(), SESSION_AHEAD.count_bytes());
            libc::close(group);
        }
    }
}

/// Whether a process that was started here is ahead of others.
pub(crate) fn is_raised(process: u32) -> bool {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw);
    let by_thread = id.is_some_and(|id| getpriority_process(Some(id)).is_ok_and(|nice| nice <= AHEAD));
    let by_session = match fs::read_to_string(format!("/proc/{process}/autogroup")) {
        Ok(group) => group.trim().rsplit(' ').next() == SESSION_AHEAD.to_str().ok(),
        // A system without such groups.
        Err(_) => true,
    };
    by_thread && by_session
}

/// The processes whose name begins so, by the name of the program: the system keeps 15 letters of it.
pub(crate) fn processes_named(name: &str) -> Vec<u32> {
    let name = name.as_bytes();
    let named = |id: &u32| {
        fs::read(format!("/proc/{id}/comm")).is_ok_and(|found| found.starts_with(&name[..name.len().min(15)]))
    };
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(named).collect()
}

/// Ends a process that was started here, and those that it has started.
pub(crate) fn end(child: &mut Child) {
    // While it has not been waited for nobody else has its number.
    if let Ok(None) = child.try_wait() {
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    let _ = child.wait();
}

/// Processor time of a process, with all of its threads, also those that have ended; none if there is no such process.
/// What a thread has used since it began to run counts when it stops, so this is exact of one that sleeps.
pub(crate) fn processor_time(process: u32) -> Option<Duration> {
    let process = libc::pid_t::try_from(process).ok()?;
    let (mut clock, mut time) = (0, libc::timespec { tv_sec: 0, tv_nsec: 0 });
    // SAFETY: it writes to one value of the type that it wants.
    if unsafe { libc::clock_getcpuclockid(process, &raw mut clock) } != 0 {
        return None;
    }
    // SAFETY: as above; the system checks the clock.
    if unsafe { libc::clock_gettime(clock, &raw mut time) } != 0 {
        return None;
    }
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

/// Resident memory of a process, in bytes.
pub(crate) fn resident_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;
    use std::time::Instant;

    #[test]
    fn what_a_thread_has_used_counts_after_its_end() {
        let before = processor_time(std::process::id()).unwrap();
        let busy = thread::spawn(|| {
            let begin = Instant::now();
            while begin.elapsed() < Duration::from_millis(20) {}
            // What it is given is not less than what it took.
            rustix::thread::sched_yield();
        });
        busy.join().unwrap();
        assert!(processor_time(std::process::id()).unwrap() > before);
        assert!(resident_memory(std::process::id()).unwrap() > 0);
        assert!(!processor().is_empty());
    }

    #[test]
    fn nobody_has_used_nothing() {
        assert_eq!(processor_time(u32::MAX), None);
        assert_eq!(processor_time(4_194_305), None);
        assert_eq!(resident_memory(u32::MAX), None);
    }

    #[test]
    fn processes_are_found_by_the_beginning_of_their_name() {
        let name = fs::read_to_string("/proc/self/comm").unwrap();
        let name = name.trim_end();
        for part in [name, &name[..name.len() / 2]] {
            assert!(processes_named(part).contains(&std::process::id()), "{part}");
        }
        assert!(processes_named("\u{1}").is_empty());
    }

    #[test]
    fn a_process_runs_where_it_is_told() {
        let one = processors()[0];
        let mut command = Command::new("sh");
        let mut child = start(command.args(["-c", "kill -STOP $$"]), &[one]).unwrap();
        let set = sched_getaffinity(Some(Pid::from_child(&child))).unwrap();
        assert!(set.is_set(one));
        assert_eq!(set.count(), 1);
        // It is ahead of this process, or where this one is: who may not raise it does not fail.
        let nice = |id| getpriority_process(Some(id)).unwrap();
        let id = Pid::from_child(&child);
        assert!(nice(id) == AHEAD || nice(id) == nice(getpid()));
        assert!(!is_raised(child.id()) || nice(id) == AHEAD);
        assert!(!is_raised(std::process::id()));
        end(&mut child);
        assert!(child.try_wait().unwrap().is_some());
    }
}
