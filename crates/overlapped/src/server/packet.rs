//! What is sent: a payload, and the id of its packet.

use crate::socket::Payload;
use std::sync::Arc;

/// A message to send: its payload, and the id that it has where the framing has one.
///
/// Made of the payload alone (the id is 0 then), or of both. One that is sent to many is shared, not copied.
///
/// ```
/// use overlapped::server::Packet;
///
/// let plain = Packet::from("hello");
/// let moved = Packet::from((7, vec![1, 2, 3]));
/// assert_eq!((plain.id, moved.id), (0, 7));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Packet {
    /// The id in the header, where the framing has one.
    pub id: u16,
    /// What follows the header.
    pub payload: Payload,
}

impl Packet {
    /// A packet with an id.
    pub fn new(id: u16, payload: impl Into<Payload>) -> Self {
        Self { id, payload: payload.into() }
    }

    /// The same, to be sent many times without a copy.
    pub(super) fn shared(self) -> Self {
        match self.payload {
            Payload::Owned(bytes) => Self { payload: Payload::Shared(Arc::from(bytes)), ..self },
            _ => self,
        }
    }
}

macro_rules! from {
    ($($payload:ty),*) => {
        $(
            impl From<$payload> for Packet {
                fn from(payload: $payload) -> Self {
                    Self::new(0, payload)
                }
            }

            impl From<(u16, $payload)> for Packet {
                fn from((id, payload): (u16, $payload)) -> Self {
                    Self::new(id, payload)
                }
            }
        )*
    };
}

from!(Payload, &'static [u8], &'static str, Arc<[u8]>, Vec<u8>, String);

impl<const N: usize> From<&'static [u8; N]> for Packet {
    fn from(payload: &'static [u8; N]) -> Self {
        Self::new(0, payload)
    }
}

impl<const N: usize> From<(u16, &'static [u8; N])> for Packet {
    fn from((id, payload): (u16, &'static [u8; N])) -> Self {
        Self::new(id, payload)
    }
}
