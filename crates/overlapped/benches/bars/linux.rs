//! The list of the bars. A new one is a [`Bar`] in one of the lists that [`main`] goes through.

#[path = "bar.rs"]
mod bar;
#[path = "calls.rs"]
mod calls;
#[path = "cancel.rs"]
mod cancel;
#[path = "child.rs"]
mod child;
#[path = "compare.rs"]
mod compare;
#[path = "echo.rs"]
mod echo;
#[path = "idle.rs"]
mod idle;
#[path = "load.rs"]
mod load;
#[path = "reference.rs"]
mod reference;
#[path = "room.rs"]
mod room;
#[path = "serve.rs"]
mod serve;
#[path = "wake.rs"]
mod wake;

use super::support::args::Args;
use bar::Run;
use std::process::ExitCode;

pub(crate) fn main() -> ExitCode {
    Args::run(|args| match &args.child {
        Some(job) => args.on_each_driver(|args, _| {
            match job.split_once(':') {
                Some(("calls", what)) => calls::make(what, args.times),
                _ => serve::serve(job),
            }
            true
        }),
        None => args.on_each_driver(measure),
    })
}

fn measure(args: &Args, driver: &str) -> bool {
    println!("# bar NAME.DRIVER value limit, and whether it holds; median (lowest to highest) of the cycles");
    let mut run = Run::new(args, driver);
    wake::bars(&mut run);
    calls::bars(&mut run);
    cancel::bars(&mut run);
    idle::bars(&mut run);
    room::bars(&mut run);
    echo::bars(&mut run);
    run.holds()
}
