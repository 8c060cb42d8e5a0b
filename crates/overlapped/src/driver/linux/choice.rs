//! Which driver Linux gives.

use super::uring::{self, Setup};
use super::{Linux, codes, returns};
use crate::driver::choice::{Choice, Decision, Kind};
use crate::driver::{Refusal, System};
use crate::error::{Error, Operation, Result};
use std::io;

/// Asks the kernel for the driver of a choice.
pub(in crate::driver) fn decide(choice: Choice, mask: &str) -> Result<Decision> {
    uring::check_mask(mask).map_err(crate::driver::choice::failed)?;
    let refills = returns::find_out(mask.split(',').any(|name| name.trim() == returns::NAME));
    let asked = match choice {
        Choice::Auto | Choice::Uring => Some(uring::probe(mask)),
        Choice::Epoll => None,
        Choice::Winsock => {
            let detail = "the driver `winsock` is for Windows; there are auto, uring and epoll here".into();
            return Err(crate::driver::choice::failed(detail));
        }
    };
    let epoll: &'static dyn System = &Linux { uring: None };
    Ok(match asked {
        Some(Ok(setup)) => {
            let (features, reversed) = (setup.features(), setup.is_reversed());
            Decision { kind: Kind::Uring, refused: None, features, reversed, refills, system: uring(setup) }
        }
        Some(Err(refusal)) if choice == Choice::Uring => return Err(not_to_be_had(&refusal)),
        refused => Decision {
            kind: Kind::Epoll,
            refused: refused.and_then(std::result::Result::err),
            features: Vec::new(),
            reversed: false,
            refills,
            system: epoll,
        },
    })
}

fn uring(setup: Setup) -> &'static dyn System {
    Box::leak(Box::new(Linux { uring: Some(setup) }))
}

fn not_to_be_had(refusal: &Refusal) -> Error {
    let Refusal { cause, cure, .. } = refusal;
    let errno = if refusal.errno == 0 { libc::ENOSYS } else { refusal.errno };
    Error::from_code(Operation::Driver, codes::code(&io::Error::from_raw_os_error(errno)))
        .with_detail(format!("the driver `uring` was asked for, but {cause}; {cure}, or choose `auto` or `epoll`"))
}

/// The release of the kernel.
pub(crate) fn release() -> String {
    rustix::system::uname().release().to_string_lossy().into_owned()
}
