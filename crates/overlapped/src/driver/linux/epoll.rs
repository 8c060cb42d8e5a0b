//! The `epoll` driver: the kernel says what is ready, the thread that waits makes the call.
//!
//! A descriptor is registered once, edge-triggered, and what is known of it is remembered: a
//! receive that emptied the socket is not tried again before the next edge. An operation on a
//! descriptor that may be ready is tried with the next harvest.

use super::codes::{failed, refused};
use super::network::polled;
use super::numbers::ByNumber;
use super::ready::ready;
use super::{accept, borrow, message, returns};
use crate::codes;
use crate::driver::{Alarm, Attempt, Done, Driver, Gate, Io, Key};
use crate::network::NetworkEvents;
use crate::sync::real::lock;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, PollFlags, Timespec, eventfd};
use rustix::net::{RecvFlags, SendFlags};
use slab::Slab;
use socket2::{Domain, SockRef};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The data of the eventfd that wakes; no registration has it.
const WAKE: Key = Key(u64::MAX);

/// How many events are taken in one call.
const BATCH: usize = 256;

pub(super) fn open() -> io::Result<(Box<dyn Driver>, Arc<dyn Gate>)> {
    let poll = epoll::create(CreateFlags::CLOEXEC)?;
    let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
    // Edge-triggered: it is never read, each write is an edge.
    epoll::add(&poll, &wake, EventData::new_u64(WAKE.0), EventFlags::IN | EventFlags::ET)?;
    let gate = Arc::new(Epoll { poll, wake, events: Mutex::new(Vec::with_capacity(BATCH)) });
    let driver = EpollDriver {
        gate: Arc::clone(&gate),
        sockets: Slab::new(),
        slots: ByNumber::default(),
        due: Vec::new(),
        done: Vec::new(),
        generation: 0,
    };
    Ok((Box::new(driver), gate))
}

struct Epoll {
    poll: OwnedFd,
    wake: OwnedFd,
    /// What the last block brought; only the thread that blocks and then harvests uses it.
    events: Mutex<Vec<(Key, EventFlags)>>,
}

impl Gate for Epoll {
    fn block(&self, timeout: Option<Duration>) {
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut buffer = [const { MaybeUninit::uninit() }; BATCH];
        let waited = epoll::wait(&self.poll, &mut buffer, timeout.as_ref());
        returns::refill();
        // An interruption is a return for nothing.
        let Ok((events, _)) = waited else { return };
        // Copied one by one: the kernel packs the structure.
        lock(&self.events).extend(events.iter().map(|event| (Key(event.data.u64()), event.flags)));
    }

    fn wake(&self) {
        // The counter cannot overflow to the point of refusing in the life of a machine.
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }

    fn alarm(&self, _bell: i32) -> Alarm {
        Alarm::Descriptor(self.poll.as_raw_fd())
    }
}

struct EpollDriver {
    gate: Arc<Epoll>,
    sockets: Slab<Registration>,
    slots: ByNumber<usize>,
    /// Slots with an operation that may be able to complete now.
    due: Vec<usize>,
    done: Vec<Done>,
    generation: u32,
}

/// A registered descriptor: what is known of it, and the operation of each direction. Those of thousands of busy sockets are
/// in no near cache, so a message needs one line of them.
#[repr(align(64))]
struct Registration {
    raw: i32,
    generation: u32,
    interest: EventFlags,
    /// What the kernel has told, and no attempt has refuted.
    receive_ready: bool,
    send_ready: bool,
    /// A receive that does not fill its buffer has emptied the socket: not after the end of the
    /// stream, around urgent data, or on a socket that keeps messages apart.
    short_is_empty: bool,
    receive: Option<(Key, Io)>,
    rare: Option<Box<Rare>>,
}

/// What most sockets never have.
#[derive(Default)]
struct Rare {
    send: Option<(Key, Io)>,
    watches: Vec<(Key, NetworkEvents)>,
}

/// What a receive waits for, and a send.
const IN: EventFlags = EventFlags::IN.union(EventFlags::PRI);
const OUT: EventFlags = EventFlags::OUT;

/// What must be registered for an operation.
fn needed(io: Io) -> EventFlags {
    let needed = match io {
        // Their bits are the same.
        Io::Watch { events } => EventFlags::from_bits_truncate(polled(events).bits() as u32),
        io if sends(io) => OUT,
        _ => IN,
    };
    needed | EventFlags::RDHUP | EventFlags::ET
}

/// Which direction an operation belongs to.
fn sends(io: Io) -> bool {
    matches!(io, Io::Send { .. } | Io::SendMessage { .. } | Io::Connect)
}

impl Registration {
    /// Tries the pending operation of each direction, and ends the watches for something that has come.
    fn attempt(&mut self, done: &mut Vec<Done>) {
        let raw = self.raw;
        done.extend(attempt(raw, &mut self.receive_ready, &mut self.receive, self.short_is_empty));
        let Some(rare) = &mut self.rare else { return };
        done.extend(attempt(raw, &mut self.send_ready, &mut rare.send, false));
        rare.watches.retain(|&(key, events)| {
            let nothing = ready(raw, polled(events)).is_ok_and(|ready| ready.is_empty());
            if !nothing {
                done.push(Done { key, result: 1, more: false });
            }
            nothing
        });
    }
}

/// Tries what pends, if anything, on a socket that may be ready for it.
fn attempt(raw: i32, ready: &mut bool, pending: &mut Option<(Key, Io)>, short_is_empty: bool) -> Option<Done> {
    let (key, io) = pending.filter(|_| *ready)?;
    let result = loop {
        match perform(raw, io) {
            Err(codes::WSAEINTR) => {}
            Err(codes::WSAEWOULDBLOCK) => {
                *ready = false;
                return None;
            }
            Ok(bytes) => {
                // A short receive emptied the socket; but the end of the stream makes no further edge.
                if let Io::Receive { length, .. } = io {
                    *ready = !short_is_empty || bytes as u32 == length;
                }
                break bytes;
            }
            Err(code) => break -code,
        }
    };
    *pending = None;
    Some(Done { key, result, more: false })
}

fn perform(raw: i32, io: Io) -> Attempt<i32> {
    let socket = borrow(raw);
    match io {
        Io::Receive { buffer, length, .. } => {
            // SAFETY: the contract of `start`: the buffer is valid and nobody else uses it until
            // the operation has been harvested.
            let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<MaybeUninit<u8>>(), length as usize) };
            let received = rustix::net::recv(socket, buffer, RecvFlags::DONTWAIT);
            returns::refill();
            let ((received, _), _) = received.map_err(refused)?;
            Ok(received.len() as i32)
        }
        Io::Send { buffer, length } => {
            // SAFETY: as above; nobody writes to it.
            let bytes = unsafe { std::slice::from_raw_parts(buffer, length as usize) };
            let sent = rustix::net::send(socket, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
            returns::refill();
            Ok(sent.map_err(refused)? as i32)
        }
        Io::ReceiveMessage { message, .. } => Ok(message::receive(raw, message, false)? as i32),
        Io::SendMessage { message } => Ok(message::send(raw, message)? as i32),
        Io::Accept => accept(raw),
        Io::Readable => match ready(raw, PollFlags::IN).map_err(refused)? {
            nothing if nothing.is_empty() => Err(codes::WSAEWOULDBLOCK),
            _ => Ok(1),
        },
        Io::Connect => match ready(raw, PollFlags::OUT).map_err(refused)? {
            nothing if nothing.is_empty() => Err(codes::WSAEWOULDBLOCK),
            _ => Ok(0),
        },
        Io::Watch { .. } => unreachable!("a watch is no operation of a direction"),
    }
}

impl EpollDriver {
    /// Registers what an operation needs to know. What nobody waits for is no event: it would come between those that
    /// somebody does wait for, which the kernel gives in the order in which they happened.
    fn register(&mut self, raw: i32, io: Io) -> io::Result<usize> {
        let needed = needed(io);
        if let Some(&slot) = self.slots.get(&raw) {
            let socket = &mut self.sockets[slot];
            if !socket.interest.contains(needed) {
                let interest = socket.interest | needed;
                let data = EventData::new_u64(Key::new(slot, socket.generation).0);
                epoll::modify(&self.gate.poll, borrow(raw), data, interest)?;
                socket.interest = interest;
            }
            return Ok(slot);
        }
        self.generation = self.generation.wrapping_add(1) & (u32::MAX >> 1);
        let slot = self.sockets.insert(Registration {
            raw,
            generation: self.generation,
            interest: needed,
            receive_ready: false,
            send_ready: false,
            receive: None,
            rare: None,
            short_is_empty: SockRef::from(&borrow(raw))
                .domain()
                .is_ok_and(|domain| matches!(domain, Domain::IPV4 | Domain::IPV6)),
        });
        // The kernel reports the present state as the first edge.
        let added =
            epoll::add(&self.gate.poll, borrow(raw), EventData::new_u64(Key::new(slot, self.generation).0), needed);
        if let Err(error) = added {
            self.sockets.remove(slot);
            return Err(error.into());
        }
        self.slots.insert(raw, slot);
        Ok(slot)
    }

    /// Notes what the kernel reports.
    fn note(&mut self, key: Key, flags: EventFlags) {
        // Events harvested in one batch outlive a socket that was closed because of an earlier one.
        let Some(socket) =
            self.sockets.get_mut(key.slot()).filter(|socket| Key::new(key.slot(), socket.generation) == key)
        else {
            return;
        };
        let broken = flags.intersects(EventFlags::ERR | EventFlags::HUP);
        let special = broken || flags.intersects(EventFlags::RDHUP | EventFlags::PRI);
        socket.short_is_empty &= !special;
        socket.receive_ready |= special || flags.contains(EventFlags::IN);
        socket.send_ready |= broken || flags.contains(EventFlags::OUT);
        self.due.push(key.slot());
    }

    /// Tries what may be ready.
    fn attempt_due(&mut self) {
        for slot in self.due.drain(..) {
            if let Some(socket) = self.sockets.get_mut(slot) {
                socket.attempt(&mut self.done);
            }
        }
    }
}

impl Driver for EpollDriver {
    unsafe fn start(&mut self, key: Key, raw: i32, io: Io) -> Attempt<()> {
        let slot = self.register(raw, io).map_err(failed)?;
        let socket = &mut self.sockets[slot];
        let (ready, pending) = match io {
            Io::Watch { events } => {
                socket.rare.get_or_insert_default().watches.push((key, events));
                // What it is for may be there already, which makes no edge. What comes later must not be found before the kernel
                // has told what came earlier.
                if !ready(raw, polled(events)).is_ok_and(|ready| ready.is_empty()) {
                    self.due.push(slot);
                }
                return Ok(());
            }
            io if sends(io) => {
                let rare = socket.rare.get_or_insert_default();
                (&mut socket.send_ready, &mut rare.send)
            }
            _ => (&mut socket.receive_ready, &mut socket.receive),
        };
        *pending = Some((key, io));
        // A connect may have ended before it came here; a socket that does not listen never becomes
        // ready, and must say so. Both are simply tried.
        *ready |= matches!(io, Io::Connect | Io::Accept);
        if *ready {
            self.due.push(slot);
        }
        Ok(())
    }

    fn cancel(&mut self, key: Key, raw: i32) {
        let Some(&slot) = self.slots.get(&raw) else { return };
        let socket = &mut self.sockets[slot];
        let mut removed = socket.receive.take_if(|(pending, _)| *pending == key).is_some();
        if let Some(rare) = &mut socket.rare {
            removed |= rare.send.take_if(|(pending, _)| *pending == key).is_some();
            if let Some(position) = rare.watches.iter().position(|(watch, _)| *watch == key) {
                rare.watches.swap_remove(position);
                removed = true;
            }
        }
        if removed {
            self.done.push(Done { key, result: -codes::WSA_OPERATION_ABORTED, more: false });
        }
    }

    fn flush(&mut self) -> bool {
        self.attempt_due();
        !self.done.is_empty()
    }

    fn prepare(&mut self, _most: usize) {}

    fn is_ready(&self) -> bool {
        // What a block has brought is told once.
        !self.due.is_empty() || !self.done.is_empty() || !lock(&self.gate.events).is_empty()
    }

    fn harvest(&mut self, done: &mut Vec<Done>) {
        let gate = Arc::clone(&self.gate);
        let mut events = lock(&gate.events);
        for (key, flags) in events.drain(..).filter(|(key, _)| *key != WAKE) {
            self.note(key, flags);
        }
        drop(events);
        self.attempt_due();
        done.append(&mut self.done);
    }

    fn forget(&mut self, raw: i32) {
        if let Some(slot) = self.slots.remove(&raw) {
            self.sockets.remove(slot);
            // A duplicate of the descriptor would keep it registered.
            let _ = epoll::delete(&self.gate.poll, borrow(raw));
        }
    }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn a_registration_is_one_line_of_a_cache() {
        assert_eq!(size_of::<Registration>(), 64);
    }

    /// One block after the other without a harvest between them, as after the last round of a long harvest.
    #[test]
    fn what_a_block_has_brought_is_there_to_harvest() {
        let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut peer = TcpStream::connect(door.local_addr().expect("bound")).expect("it listens");
        let socket = door.accept().expect("a connection").0;
        let (mut driver, gate) = open().expect("a driver");
        // SAFETY: no buffer is used.
        unsafe { driver.start(Key::new(0, 1), socket.as_raw_fd(), Io::Readable) }.expect("it pends");
        gate.block(Some(Duration::ZERO));
        driver.harvest(&mut Vec::new());
        assert!(!driver.is_ready());
        peer.write_all(b"x").expect("it is connected");
        gate.block(None);
        assert!(driver.is_ready(), "the next block would wait for ever");
        let mut done = Vec::new();
        driver.harvest(&mut done);
        assert_eq!(done, [Done { key: Key::new(0, 1), result: 1, more: false }]);
        assert!(!driver.is_ready());
    }
}
