//! Other processes: started so that none outlives this one, each on its processors, and what they have used.

use std::env;
use std::io::{Error, Result};
use std::mem;
use std::os::windows::io::AsRawHandle;
use std::os::windows::process::CommandExt;
use std::process::{Child, Command};
use std::ptr;
use std::sync::OnceLock;
use std::time::Duration;
use windows_sys::Win32::Foundation::{CloseHandle, FALSE, FILETIME, HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, SetInformationJobObject,
};
use windows_sys::Win32::System::ProcessStatus::{K32GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS};
use windows_sys::Win32::System::Threading::{
    CREATE_NEW_PROCESS_GROUP, GetCurrentProcess, GetProcessAffinityMask, GetProcessTimes, OpenProcess,
    PROCESS_QUERY_LIMITED_INFORMATION, SetProcessAffinityMask,
};

/// The least processor time that the system counts, if that is much.
pub(crate) const TICK: Option<Duration> = Some(Duration::from_micros(15_625));

/// The processors that this process may run on.
pub(crate) fn processors() -> Vec<usize> {
    let (mut mask, mut all) = (0, 0);
    // SAFETY: it writes to two numbers, and the handle stands for this process.
    unsafe { GetProcessAffinityMask(GetCurrentProcess(), &raw mut mask, &raw mut all) };
    (0..usize::BITS as usize).filter(|&one| mask & (1 << one) != 0).collect()
}

/// What the processor calls itself.
pub(crate) fn processor() -> String {
    env::var("PROCESSOR_IDENTIFIER").unwrap_or_else(|_| env::consts::ARCH.into())
}

/// Starts a process that ends with this one, whatever ends that; on these processors, if any are given. Ctrl+C does not reach the
/// new process.
pub(crate) fn start(command: &mut Command, processors: &[usize]) -> Result<Child> {
    let mut child = command.creation_flags(CREATE_NEW_PROCESS_GROUP).spawn()?;
    let mask = processors.iter().fold(0, |mask, &one| mask | 1usize << one);
    let process = child.as_raw_handle();
    // SAFETY: the handles are those of the job, which stays, and of the process, which `child` keeps.
    let bound = unsafe {
        AssignProcessToJobObject(job()?, process) != FALSE
            && (mask == 0 || SetProcessAffinityMask(process, mask) != FALSE)
    };
    if !bound {
        let error = Error::last_os_error();
        end(&mut child);
        return Err(error);
    }
    Ok(child)
}

/// None is: nothing is put ahead of others here.
pub(crate) fn is_raised(_process: u32) -> bool {
    false
}

/// The processes whose name begins so, by the name of the program.
pub(crate) fn processes_named(name: &str) -> Vec<u32> {
    let mut all = Vec::new();
    let mut entry = PROCESSENTRY32W { dwSize: mem::size_of::<PROCESSENTRY32W>() as u32, ..PROCESSENTRY32W::default() };
    // SAFETY: the handle is open until the end, and what is written is as long as the value says.
    unsafe {
        let list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
        if list == INVALID_HANDLE_VALUE {
            return all;
        }
        let mut more = Process32FirstW(list, &raw mut entry);
        while more != FALSE {
            let length = entry.szExeFile.iter().position(|&unit| unit == 0).unwrap_or(entry.szExeFile.len());
            if String::from_utf16_lossy(&entry.szExeFile[..length]).starts_with(name) {
                all.push(entry.th32ProcessID);
            }
            more = Process32NextW(list, &raw mut entry);
        }
        CloseHandle(list);
    }
    all
}

/// All processes in it end when its last handle is closed: the only one is this process's.
fn job() -> Result<HANDLE> {
    static JOB: OnceLock<std::result::Result<usize, i32>> = OnceLock::new();
    let made = JOB.get_or_init(|| {
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        // SAFETY: a job without a name and with the usual rights; what is read of `limits` is as long as it is.
        unsafe {
            let job = CreateJobObjectW(ptr::null(), ptr::null());
            let length = mem::size_of_val(&limits) as u32;
            let kind = JobObjectExtendedLimitInformation;
            if job.is_null() || SetInformationJobObject(job, kind, (&raw const limits).cast(), length) == FALSE {
                return Err(Error::last_os_error().raw_os_error().unwrap_or(0));
            }
            Ok(job as usize)
        }
    });
    made.map(|job| job as HANDLE).map_err(Error::from_raw_os_error)
}

/// Ends a process that was started here.
pub(crate) fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Asks the system about a process, if there is one.
fn ask<A>(process: u32, question: impl FnOnce(HANDLE) -> Option<A>) -> Option<A> {
    // SAFETY: it takes numbers.
    let handle = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process) };
    if handle.is_null() {
        return None;
    }
    let answer = question(handle);
    // SAFETY: it was opened here, and is not used any more.
    unsafe { CloseHandle(handle) };
    answer
}

/// Processor time of a process, with all of its threads, also those that have ended; none if there is no such process.
/// The system counts it in ticks.
pub(crate) fn processor_time(process: u32) -> Option<Duration> {
    ask(process, |handle| {
        let [mut made, mut ended, mut kernel, mut user] = [FILETIME::default(); 4];
        // SAFETY: the handle is open, and it writes to four values.
        let told =
            unsafe { GetProcessTimes(handle, &raw mut made, &raw mut ended, &raw mut kernel, &raw mut user) } != FALSE;
        // Of one that has ended the system still tells, while somebody has a handle.
        let hundreds = |time: FILETIME| u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
        (told && hundreds(ended) == 0).then(|| Duration::from_nanos((hundreds(kernel) + hundreds(user)) * 100))
    })
}

/// Resident memory of a process, in bytes.
pub(crate) fn resident_memory(process: u32) -> Option<u64> {
    ask(process, |handle| {
        let mut counters = PROCESS_MEMORY_COUNTERS::default();
        let length = mem::size_of_val(&counters) as u32;
        // SAFETY: the handle is open, and what is written is as long as the value.
        let told = unsafe { K32GetProcessMemoryInfo(handle, &raw mut counters, length) } != FALSE;
        told.then_some(counters.WorkingSetSize as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_are_found_by_the_beginning_of_their_name() {
        let program = env::current_exe().unwrap();
        let name = program.file_name().unwrap().to_str().unwrap();
        for part in [name, &name[..name.len() / 2]] {
            assert!(processes_named(part).contains(&std::process::id()), "{part}");
        }
        assert!(processes_named("no-such-program").is_empty());
    }
}
