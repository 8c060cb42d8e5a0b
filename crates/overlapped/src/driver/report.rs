//! Which driver is in force, and why.

use super::Kind;

/// Which driver is in force, who chose it, and what the kernel offers.
///
/// ```
/// let report = overlapped::driver::report()?;
/// println!("driver {} on {}", report.kind, report.kernel);
/// if let Some(refusal) = &report.refused {
///     println!("not {}: {}; {}", refusal.driver, refusal.cause, refusal.cure);
/// }
/// # Ok::<(), overlapped::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The driver in force.
    pub kind: Kind,
    /// Who chose it.
    pub chosen_by: ChosenBy,
    /// What would have been preferred and could not be had.
    pub refused: Option<Refusal>,
    /// What the kernel's io_uring offers beyond what is required; empty if it was not asked.
    pub features: Vec<Feature>,
    /// Whether the kernel's io_uring tells in reverse order what has completed together (Linux 6.1 does). The library puts
    /// it right, at the price of one more system call for each wait that has something to submit.
    pub reversed: bool,
    /// Whether the processor's prediction of returns is refilled after calls of the kernel. Linux guards its own returns on some
    /// processors of AMD (`Safe RET`), and the program's next one would cost up to 0.7 microseconds. `return-refill` in
    /// `OVERLAPPED_MASK` does without.
    pub refills: bool,
    /// The release of the kernel, such as `6.1.0`.
    pub kernel: String,
}

/// Who chose the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChosenBy {
    /// Nobody: `auto`.
    Default,
    /// `OVERLAPPED_DRIVER`.
    Environment,
    /// [`choose`](super::choose).
    Program,
}

/// A driver that could not be had.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Refusal {
    /// Which.
    pub driver: Kind,
    /// The kernel's error number, 0 if it was not an error but a lack.
    pub errno: i32,
    /// What stood against it.
    pub cause: String,
    /// The way out.
    pub cure: String,
}

/// Something that newer kernels do better; the library works without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Feature {
    /// Its name, as `OVERLAPPED_MASK` takes it.
    pub name: &'static str,
    /// The first kernel that has it.
    pub since: &'static str,
    /// Whether this kernel has it.
    pub found: bool,
    /// Whether `OVERLAPPED_MASK` says to do without.
    pub masked: bool,
    /// What it is used for.
    pub purpose: &'static str,
}

impl Feature {
    /// Whether it is used: found and not masked.
    pub fn is_used(&self) -> bool {
        self.found && !self.masked
    }
}
