//! Why a session ended.

use super::framing::FrameError;
use crate::error::Error;
use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

/// Why a session ended: given to [`Handler::closed`](super::Handler::closed), and counted by its
/// [name](Self::name).
///
/// ```
/// use overlapped::server::Reason;
///
/// let reason = Reason::from("the game is over"); // as Session::close takes it
/// assert_eq!((reason.name(), reason.to_string()), ("closed", "the game is over".into()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The peer ended its stream.
    Ended,
    /// The connection broke.
    Failed(Error),
    /// The peer sent what is no message.
    Malformed(FrameError),
    /// More than the bound would have waited for a peer that does not read.
    Full {
        /// The bytes that waited.
        queued: usize,
    },
    /// The peer was silent for too long.
    Idle,
    /// The handler panicked.
    Panicked,
    /// The program closed it, and said why.
    Closed(Cow<'static, str>),
    /// The server ends.
    Drained,
}

impl Reason {
    /// One word: `ended`, `malformed`, `full`, `idle`, `panicked`, `closed`, `drained`, or the name of the error that
    /// broke the connection, such as `WSAECONNRESET`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Failed(error) => error.name(),
            Self::Malformed(_) => "malformed",
            Self::Full { .. } => "full",
            Self::Idle => "idle",
            Self::Panicked => "panicked",
            Self::Closed(_) => "closed",
            Self::Drained => "drained",
        }
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => f.write_str("the peer ended its stream"),
            Self::Failed(error) => error.fmt(f),
            Self::Malformed(error) => error.fmt(f),
            Self::Full { queued } => write!(f, "the peer does not read: {queued} bytes waited for it"),
            Self::Idle => f.write_str("the peer was silent for too long"),
            Self::Panicked => f.write_str("its handler panicked"),
            Self::Closed(why) => f.write_str(why),
            Self::Drained => f.write_str("the server ends"),
        }
    }
}

impl From<&'static str> for Reason {
    fn from(why: &'static str) -> Self {
        Self::Closed(why.into())
    }
}

impl From<String> for Reason {
    fn from(why: String) -> Self {
        Self::Closed(why.into())
    }
}
