//! Which operations, in groups whose members take turns.

#[path = "instructions.rs"]
mod instructions;
#[path = "readiness.rs"]
mod readiness;
#[path = "receives.rs"]
mod receives;
#[path = "sends.rs"]
mod sends;
#[path = "waits.rs"]
mod waits;

use super::support::args::Args;
use super::support::bare;
use super::support::rounds::{Case, interleave};
use super::support::spread::Spread;
use std::process::ExitCode;

/// Cases that are compared with each other.
pub(crate) type Group = Vec<Case<'static>>;

pub(crate) fn main() -> ExitCode {
    Args::run(|args| match args.child.as_deref() {
        Some("count") => args.on_each_driver(|args, _| instructions::count(args)),
        _ if args.instructions => instructions::compare(args),
        _ => args.on_each_driver(measure),
    })
}

fn measure(args: &Args, driver: &str) -> bool {
    println!(
        "# {driver}: nanoseconds of an operation, and its ratio to what stands in brackets; median (lowest to highest cycle)"
    );
    for group in groups() {
        let mut cases = group();
        if !cases.iter().any(|case| args.wants(&case.name)) {
            continue;
        }
        let costs = interleave(&mut cases, args.cycles());
        for (case, cost) in cases.iter().zip(&costs) {
            let Spread { low, median, high } = cost.nanoseconds;
            let digits = if median < 100.0 { 1 } else { 0 };
            print!("{driver} {:34} {median:>8.digits$} ({low:.digits$} to {high:.digits$})", case.name);
            if let (Some(ratio), Some(other)) = (cost.ratio, case.against) {
                print!("  {ratio} [{}]", cases[other].name);
            }
            println!();
        }
    }
    true
}

/// Each is made when its turn comes, so that what another left pending is not there.
fn groups() -> Vec<Box<dyn FnOnce() -> Group>> {
    let mut groups: Vec<Box<dyn FnOnce() -> Group>> = Vec::new();
    for count in [1, 32] {
        groups.push(Box::new(move || receives::group(count)));
    }
    groups.push(Box::new(receives::events));
    groups.push(Box::new(sends::group));
    groups.push(Box::new(waits::idle));
    groups.push(Box::new(waits::signals));
    groups.push(Box::new(waits::objects));
    for (count, ready) in [(10, 1), (60, 1), (1000, 1), (10, 10), (60, 60), (1000, 1000)] {
        groups.push(Box::new(move || readiness::asked(count, ready)));
    }
    for count in [1, 60] {
        groups.push(Box::new(move || readiness::told(count)));
    }
    groups
}

/// The bare receives of so many sockets, first that which the driver in use is compared with, last those by epoll.
fn bare_receives(count: usize) -> Group {
    let epoll = Case::new(format!("bare/epoll/{count}"), bare::epoll::receives(count)).batch(count);
    match bare::uring::receives(count).filter(|_| on_uring()) {
        Some(ring) => vec![Case::new(format!("bare/uring/{count}"), ring).batch(count), epoll],
        None => vec![epoll],
    }
}

fn on_uring() -> bool {
    overlapped::driver::report().is_ok_and(|report| report.kind == overlapped::driver::Kind::Uring)
}
