//! Room to send on sockets whose peer has ended its direction.
//!
//! A poll of io_uring always tells of that end too, so one for room would end at once, again and again. epoll tells of what it is
//! asked for: it watches these sockets, and the ring watches it.

use super::super::borrow;
use super::super::ready::ready;
use crate::driver::{Done, Key};
use crate::network::NetworkEvents;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFlags, Timespec};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};

const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// Whether a watch is a matter of this one.
pub(super) fn concerns(raw: i32, events: NetworkEvents) -> bool {
    events == NetworkEvents::WRITE && ready(raw, PollFlags::RDHUP).is_ok_and(|ready| ready.contains(PollFlags::RDHUP))
}

pub(super) struct HalfClosed {
    poll: OwnedFd,
    watches: Vec<(Key, i32)>,
    /// The ring watches.
    pub(super) armed: bool,
}

impl HalfClosed {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { poll: epoll::create(CreateFlags::CLOEXEC)?, watches: Vec::new(), armed: false })
    }

    /// What the ring is to watch.
    pub(super) fn raw(&self) -> i32 {
        self.poll.as_raw_fd()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.watches.is_empty()
    }

    pub(super) fn start(&mut self, key: Key, raw: i32) -> io::Result<()> {
        epoll::add(&self.poll, borrow(raw), EventData::new_u64(key.0), EventFlags::OUT)?;
        self.watches.push((key, raw));
        Ok(())
    }

    /// Ends a watch; whether there was one with that key.
    pub(super) fn end(&mut self, key: Key) -> bool {
        let Some(position) = self.watches.iter().position(|(watch, _)| *watch == key) else { return false };
        let (_, raw) = self.watches.swap_remove(position);
        // Fails only for a descriptor that is closed.
        let _ = epoll::delete(&self.poll, borrow(raw));
        true
    }

    /// Ends the watches for which there is room. What does not fit is found the next time.
    pub(super) fn harvest(&mut self, done: &mut Vec<Done>) {
        self.armed = false;
        let mut buffer = [const { MaybeUninit::uninit() }; 64];
        let Ok((events, _)) = epoll::wait(&self.poll, &mut buffer, Some(&NOW)) else { return };
        for event in &*events {
            let key = Key(event.data.u64());
            if self.end(key) {
                done.push(Done { key, result: 1, more: false });
            }
        }
    }
}

#[cfg(all(test, not(miri), not(any(loom, shuttle))))]
mod tests {
    use super::super::{open, probe};
    use super::*;
    use crate::driver::{Driver, Gate, Io};
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::time::Duration;

    /// A watch that ended at once would end again and again.
    #[test]
    fn the_end_of_the_peers_direction_is_no_room() {
        let setup = match probe("") {
            Ok(setup) => setup,
            Err(_) if std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_none() => return,
            Err(refusal) => panic!("{refusal:?}"),
        };
        let (mut driver, gate) = open(setup, true).expect("a ring");
        let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut peer = TcpStream::connect(door.local_addr().expect("bound")).expect("it listens");
        let mut socket = door.accept().expect("a connection").0;
        socket.set_nonblocking(true).expect("a mode");
        let mut full = 0;
        while let Ok(bytes) = socket.write(&[0; 65536]) {
            full += bytes;
        }
        peer.shutdown(Shutdown::Write).expect("it is connected");
        while !concerns(socket.as_raw_fd(), NetworkEvents::WRITE) {
            std::thread::yield_now();
        }
        let watch = |number| Key::new(number, 1);
        for number in 0..3 {
            let io = Io::Watch { events: NetworkEvents::WRITE };
            // SAFETY: no buffer is used.
            unsafe { driver.start(watch(number), socket.as_raw_fd(), io) }.expect("it pends");
            assert_eq!(harvest(&mut *driver, &*gate, Duration::from_millis(20)), []);
            if number < 2 {
                driver.cancel(watch(number), socket.as_raw_fd());
                let done = harvest(&mut *driver, &*gate, Duration::ZERO);
                assert_eq!(done.iter().map(|done| done.key).collect::<Vec<_>>(), [watch(number)]);
            }
        }
        peer.read_exact(&mut vec![0; full]).expect("all of it");
        let done = loop {
            let done = harvest(&mut *driver, &*gate, Duration::from_secs(10));
            if !done.is_empty() {
                break done;
            }
        };
        assert_eq!(done, [Done { key: watch(2), result: 1, more: false }]);
    }

    fn harvest(driver: &mut dyn Driver, gate: &dyn Gate, timeout: Duration) -> Vec<Done> {
        let mut done = Vec::new();
        driver.prepare(usize::MAX);
        gate.block(Some(timeout));
        driver.harvest(&mut done);
        done
    }
}
