//! What the kernel's io_uring offers, asked with a real ring.

use super::super::returns;
use super::order;
use crate::driver::{Feature, Kind, Refusal};
use io_uring::{Builder, IoUring, Probe, cqueue, opcode, squeue};
use std::io;

/// What a ring must be able to do. One list for the probe and for the driver.
const REQUIRED: [(u8, &str); 5] = [
    (opcode::Recv::CODE, "IORING_OP_RECV"),
    (opcode::RecvMsg::CODE, "IORING_OP_RECVMSG"),
    (opcode::Accept::CODE, "IORING_OP_ACCEPT"),
    (opcode::PollAdd::CODE, "IORING_OP_POLL_ADD"),
    (opcode::AsyncCancel::CODE, "IORING_OP_ASYNC_CANCEL"),
];

/// The features that can be done without, in the order of `Setup`'s bits.
const FEATURES: [(&str, &str, &str); 4] = [
    ("no-sqarray", "6.6", "one indirection less for each operation"),
    ("futex-wait", "6.7", "another thread wakes a wait without a descriptor of its own for that"),
    ("registered-ring", "5.18", "the kernel need not look up the ring's descriptor at each wait"),
    ("no-iowait", "6.15", "a server that waits does not count as waiting for a disk"),
];

/// Which features are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setup {
    found: u8,
    masked: u8,
    reversed: bool,
}

impl Setup {
    fn uses(self, bit: u8) -> bool {
        self.found & !self.masked & bit != 0
    }

    /// Whether the completions of a ring are to be turned around.
    pub(crate) fn is_reversed(self) -> bool {
        self.reversed
    }

    pub(super) fn no_sqarray(self) -> bool {
        self.uses(NO_SQARRAY)
    }

    pub(super) fn futex_wait(self) -> bool {
        self.uses(FUTEX)
    }

    pub(super) fn registered_ring(self) -> bool {
        self.uses(REGISTERED)
    }

    pub(super) fn no_iowait(self) -> bool {
        self.uses(NO_IOWAIT)
    }

    pub(crate) fn features(self) -> Vec<Feature> {
        (0..)
            .zip(FEATURES)
            .map(|(bit, (name, since, purpose))| Feature {
                name,
                since,
                found: self.found & 1 << bit != 0,
                masked: self.masked & 1 << bit != 0,
                purpose,
            })
            .collect()
    }
}

const NO_SQARRAY: u8 = 1 << 0;
const FUTEX: u8 = 1 << 1;
const REGISTERED: u8 = 1 << 2;
const NO_IOWAIT: u8 = 1 << 3;

/// Refuses names in `OVERLAPPED_MASK` that are no features. One is not io_uring's, and has no bit.
pub(crate) fn check_mask(mask: &str) -> Result<u8, String> {
    let mut bits = 0;
    for name in mask.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if name == returns::NAME {
            continue;
        }
        let bit = FEATURES.iter().position(|(feature, ..)| *feature == name).ok_or_else(|| {
            let known = FEATURES.map(|(feature, ..)| feature).join(", ");
            format!("OVERLAPPED_MASK: there is no feature `{name}`; there are {known}, {}", returns::NAME)
        })?;
        bits |= 1 << bit;
    }
    Ok(bits)
}

/// Asks the kernel: with a real ring, since it may be there and yet be forbidden.
pub(crate) fn probe(mask: &str) -> Result<Setup, Refusal> {
    let masked = check_mask(mask).unwrap_or_default();
    let refused = |error: io::Error| Refusal::of_uring(error.raw_os_error().unwrap_or_default());
    let ring = IoUring::new(8).map_err(refused)?;
    let mut operations = Probe::new();
    ring.submitter().register_probe(&mut operations).map_err(refused)?;
    if let Some((_, name)) = REQUIRED.iter().find(|(code, _)| !operations.is_supported(*code)) {
        return Err(Refusal::lacks(name));
    }
    let parameters = ring.params();
    for (has, name) in [
        (parameters.is_feature_ext_arg(), "a timeout in io_uring_enter"),
        (parameters.is_feature_nodrop(), "a completion queue that drops nothing"),
        (parameters.is_feature_fast_poll(), "polling inside the kernel"),
    ] {
        if !has {
            return Err(Refusal::lacks(name));
        }
    }
    // Flags of the set-up are known by trying them.
    let builder = IoUring::<squeue::Entry, cqueue::Entry>::builder;
    if !takes(builder().setup_single_issuer().setup_defer_taskrun()).map_err(refused)? {
        return Err(Refusal::lacks("IORING_SETUP_DEFER_TASKRUN"));
    }
    let mut found = 0;
    let mut note = |bit: u8, has: bool| found |= if has { bit } else { 0 };
    note(NO_SQARRAY, takes(builder().setup_no_sqarray()).map_err(refused)?);
    note(FUTEX, operations.is_supported(opcode::FutexWait::CODE));
    note(REGISTERED, ring.submitter().register_ring_fd().is_ok());
    note(NO_IOWAIT, parameters.is_feature_no_iowait());
    Ok(Setup { found, masked, reversed: order::is_reversed().map_err(refused)? })
}

/// Whether the kernel knows the flags of a set-up. Only `EINVAL` says that it does not.
fn takes(builder: &Builder) -> io::Result<bool> {
    match builder.build(8) {
        Ok(_) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Ok(false),
        Err(error) => Err(error),
    }
}

impl Refusal {
    fn of_uring(errno: i32) -> Self {
        let (cause, cure) = match errno {
            libc::EPERM | libc::EACCES => (
                "io_uring is forbidden here (EPERM)",
                "allow it in the container's seccomp profile, or set the sysctl kernel.io_uring_disabled to 0",
            ),
            libc::ENOSYS => {
                ("this kernel has no io_uring (ENOSYS)", "use Linux 6.1 or later built with CONFIG_IO_URING")
            }
            libc::ENOMEM => {
                ("no memory may be locked for io_uring (ENOMEM)", "raise the limit on locked memory (ulimit -l)")
            }
            libc::EMFILE | libc::ENFILE => {
                ("the descriptor table is full (EMFILE)", "raise the limit on open descriptors (ulimit -n)")
            }
            _ => ("io_uring could not be set up", "look up the error number"),
        };
        Self { driver: Kind::Uring, errno, cause: cause.into(), cure: cure.into() }
    }

    fn lacks(operation: &str) -> Self {
        Self {
            driver: Kind::Uring,
            errno: 0,
            cause: format!("this kernel's io_uring lacks {operation}"),
            cure: "use Linux 6.1 or later".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_made_of_known_names() {
        assert_eq!(check_mask(""), Ok(0));
        assert_eq!(check_mask("futex-wait, no-iowait"), Ok(FUTEX | NO_IOWAIT));
        assert_eq!(check_mask("return-refill,no-sqarray"), Ok(NO_SQARRAY));
        assert!(check_mask("warp").unwrap_err().contains("there is no feature `warp`"));
    }

    #[test]
    fn what_is_masked_is_not_used() {
        let setup = Setup { found: FUTEX | REGISTERED, masked: FUTEX, reversed: false };
        assert!(!setup.futex_wait() && setup.registered_ring() && !setup.no_iowait());
        let feature = setup.features().into_iter().find(|feature| feature.name == "futex-wait").expect("listed");
        assert!(feature.found && feature.masked && !feature.is_used());
    }
}
