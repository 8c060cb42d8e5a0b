//! What another face of the engine needs that the Rust API does not, above all the one that C programs see. Not for programs:
//! it promises nothing.

pub mod objects;
pub mod threads;

use crate::buffers::{Gather, Scatter};
use crate::driver::Descriptor;
use crate::driver::system::Handle;
use crate::error::Result;
use crate::event::Event;
use crate::port::Port;
use crate::socket::Socket;
use std::io;
use std::time::Duration;

/// What Winsock calls an error of the system; `ERROR_GEN_FAILURE` if it has no word for it.
pub fn code(error: &io::Error) -> i32 {
    let code = crate::driver::system::code(error);
    if crate::codes::as_foreign(code).is_some() { crate::codes::ERROR_GEN_FAILURE } else { code }
}

/// The descriptor of a socket, for what is no business of the engine; `None` on the scripted driver.
pub fn descriptor(socket: &Socket) -> Option<&Handle> {
    match socket.inner().descriptor() {
        Descriptor::System(handle) => Some(handle),
        Descriptor::Scripted(_) => None,
    }
}

/// Waits, not alertably, until `done`, which becomes so just before `event` is set, for ever with `None`; returns whether it
/// is. Takes no signal of the event.
pub fn wait_until(event: &Event, done: impl Fn() -> bool, timeout: Option<Duration>) -> bool {
    crate::wait::until(event.object(), done, timeout)
}

/// Does what makes the signal of an event true, and sets it, in one step for everybody who resets it: whoever sees what was
/// done and issues the next operation with the event does not get the signal of the one before.
pub fn set_with(event: &Event, make_true: impl FnOnce()) {
    event.object().set_if(|| {
        make_true();
        true
    });
}

/// Lets operations complete that can; never blocks. Those with routines are the calling thread's.
pub fn poll() {
    crate::thread::poll_own();
    crate::hub::poll();
}

/// The same for the operations to a port.
pub fn poll_port<P: Send + 'static>(port: &Port<P>) {
    port.poll();
}

pub use crate::socket::Received;

/// Receives what is there, as a [`Scatter`] says, and tells the sender of a datagram. A datagram that was longer than the
/// buffers is no error here.
///
/// # Errors
///
/// Those of [`Socket::try_recv`] but `WSAEMSGSIZE`.
pub fn try_scatter(scatter: Scatter<'_>) -> Result<Received> {
    Socket::try_scatter(scatter)
}

/// Sends what the system takes now, as a [`Gather`] says.
///
/// # Errors
///
/// Those of [`Socket::try_send`].
pub fn try_gather(gather: Gather<'_>) -> Result<usize> {
    Socket::try_gather(gather)
}

/// Operations whose memory belongs to a program that the compiler does not see.
pub mod operations {
    pub use crate::overlapped::{
        Begun, Call, Cancel, End, Issuer, More, Part, Spare, Telling, cancel, complete, issue,
    };
}

pub mod messages;
pub mod readiness;
