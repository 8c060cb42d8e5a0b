//! Where a run takes place.

use super::report::Machine;
use crate::platform;
use crate::problem::Problem;
use overlapped::driver::{self, Choice};
use std::thread;

/// This machine, and the driver that servers of this library have here.
pub(super) fn describe(choice: Option<Choice>) -> Result<Machine, Problem> {
    let report = choice.map_or_else(driver::report, driver::choose)?;
    Ok(Machine {
        system: format!("{} {}", platform::SYSTEM, report.kernel),
        processors: thread::available_parallelism().map_or(1, std::num::NonZero::get),
        processor: platform::processor(),
        driver: report.kind.to_string(),
        raised: false,
    })
}
