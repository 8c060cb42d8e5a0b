//! Receives as a program on bare io_uring makes them: one at a time for each socket, a single issuer, completions only when
//! it waits.

use super::super::sockets::{SIZE, pairs};
use io_uring::{IoUring, opcode, types::Fd};
use std::io::Write;
use std::net::TcpStream;
use std::os::fd::AsRawFd;

struct Ring {
    ring: IoUring,
    sockets: Vec<TcpStream>,
    /// Leaked: the kernel may write there until it has let go of the ring, which is later than the ring's end.
    buffers: &'static mut [[u8; 1000]],
}

impl Ring {
    fn new(sockets: Vec<TcpStream>) -> Option<Self> {
        let size = (sockets.len() as u32 * 2).next_power_of_two().max(64);
        let ring = IoUring::builder().setup_single_issuer().setup_defer_taskrun().build(size).ok()?;
        let buffers = vec![[0; 1000]; sockets.len()].leak();
        let mut this = Self { ring, sockets, buffers };
        (0..this.sockets.len()).for_each(|place| this.receive(place));
        Some(this)
    }

    fn receive(&mut self, place: usize) {
        let buffer = &mut self.buffers[place];
        let socket = Fd(self.sockets[place].as_raw_fd());
        let entry = opcode::Recv::new(socket, buffer.as_mut_ptr(), buffer.len() as u32).build().user_data(place as u64);
        // SAFETY: the buffer is leaked, and only the kernel looks at it; each has one receive at a time.
        unsafe { self.ring.submission().push(&entry) }.expect("room for an entry for each socket");
    }

    /// Waits, takes what has completed, and receives again; how many messages that were.
    fn turn(&mut self) -> usize {
        self.ring.submit_and_wait(1).expect("a wait");
        let mut received = 0;
        while let Some(done) = { self.ring.completion().next() } {
            received += done.result() as usize / SIZE;
            self.receive(done.user_data() as usize);
        }
        received
    }
}

/// Receives a message on each of so many sockets, again and again; none where there is no such ring.
pub(crate) fn receives(count: usize) -> Option<impl FnMut(usize)> {
    let (ours, mut theirs) = pairs(count);
    let mut ring = Ring::new(ours)?;
    Some(move |times: usize| {
        for _ in 0..times.div_ceil(count) {
            for peer in &mut theirs {
                peer.write_all(&[7; SIZE]).expect("room for a message");
            }
            let mut received = 0;
            while received < count {
                received += ring.turn();
            }
        }
    })
}

/// Enters the kernel for what is not there, with one receive in flight.
pub(crate) fn enters() -> Option<impl FnMut(usize)> {
    let (ours, theirs) = pairs(1);
    let ring = Ring::new(ours)?;
    ring.ring.submit().ok()?;
    Some(move |times: usize| {
        let _open = &theirs;
        for _ in 0..times {
            const GET_EVENTS: u32 = 1;
            // SAFETY: nothing is handed over with the call.
            unsafe { ring.ring.submitter().enter::<()>(0, 0, GET_EVENTS, None) }.expect("an enter");
        }
    })
}
