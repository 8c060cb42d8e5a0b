//! System calls for a thread that nobody waits on: none. Counted by strace in a process of its own, as the difference
//! between many and twice as many, so that what a process does once is not in it.

use super::super::support::args::Args;
use super::super::support::spread::Spread;
use super::bar::Run;
use overlapped::{Event, Port, alertable};
use std::process::Stdio;
use std::sync::mpsc;
use std::{env, fs, thread};

const TIMES: usize = 1000;
/// None; but threads that begin and end make a few calls more or less, as they meet.
const LIMIT: f64 = 0.01;

pub(crate) fn bars(run: &mut Run<'_>) {
    for what in ["apc", "packet", "event"] {
        let driver = run.driver;
        run.bar(&format!("calls.{what}"), LIMIT, |_| {
            let more = count(driver, what, 2 * TIMES) - count(driver, what, TIMES);
            Spread::of(&[more / TIMES as f64])
        });
    }
}

/// In the child: what another thread could be waiting for, and is not.
pub(crate) fn make(what: &str, times: usize) {
    match what {
        "apc" => {
            let ((give, take), (end, ended)) = (mpsc::channel(), mpsc::channel::<()>());
            let other = thread::spawn(move || {
                // It has been in an alertable wait, and is not now.
                alertable::sleep(Some(std::time::Duration::ZERO)).expect("an alertable wait");
                give.send(alertable::current()).expect("the main thread");
                ended.recv().expect("the main thread");
            });
            let thread = take.recv().expect("the other thread");
            (0..times).for_each(|_| thread.queue(|| ()).expect("a living thread"));
            end.send(()).expect("the other thread");
            other.join().expect("the other thread");
        }
        "packet" => {
            let port = Port::new(1);
            (0..times).for_each(|_| port.post(()).expect("an open port"));
        }
        "event" => {
            let event = Event::manual();
            for _ in 0..times {
                event.set();
                event.reset();
            }
        }
        _ => panic!("nothing is counted of {what}"),
    }
}

/// All calls but those for memory, which the allocator makes now and then.
fn count(driver: &str, what: &str, times: usize) -> f64 {
    let said = env::temp_dir().join(format!("overlapped-calls-{}", std::process::id()));
    let mut this = Args::again(driver);
    this.args(["--child", &format!("calls:{what}"), "--times", &times.to_string()]);
    let traced = std::process::Command::new("strace")
        .args(["-f", "-c", "-U", "calls", "-e", "trace=!brk,mmap,munmap,mremap,madvise,mprotect", "-o"])
        .arg(&said)
        .arg(this.get_program())
        .args(this.get_args())
        .stdout(Stdio::null())
        .status()
        .expect("strace (apt-get install strace)");
    assert!(traced.success(), "strace: {traced}");
    let text = fs::read_to_string(&said).expect("what strace has counted");
    let _ = fs::remove_file(said);
    text.lines()
        .last()
        .and_then(|total| total.split_whitespace().next()?.parse().ok())
        .expect("a total in its last line")
}
