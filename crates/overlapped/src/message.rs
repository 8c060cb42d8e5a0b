//! What an operation carries beyond one buffer: more buffers, an address, flags.
//!
//! It lies beside the operation's block, since most operations have none; it is made when a block
//! first needs one, and kept with it. While the operation is in flight whoever has the operation
//! has it too: its lane under the lock, or the driver.

use crate::driver::system;
use socket2::{SockAddr, SockAddrStorage, socklen_t};
use std::net::SocketAddr;
use std::ptr::NonNull;

pub(crate) use system::Slice;

/// So many buffers need no allocation.
const INLINE: usize = 8;

/// So many buffers go into one call of the system. A stream goes on with the rest.
pub(crate) const MOST: usize = 1024;

/// The buffers of an operation, in order.
pub(crate) struct Slices {
    inline: [Slice; INLINE],
    count: usize,
    /// All of them, if they are more than `INLINE`.
    spill: Vec<Slice>,
}

impl Slices {
    pub(crate) fn new() -> Self {
        Self { inline: [Slice::new(NonNull::dangling().as_ptr(), 0); INLINE], count: 0, spill: Vec::new() }
    }

    /// Adds a buffer at the end. An empty one beside others is left out: the system takes so many at a time, and if all
    /// of those are empty it says what it says at the end of a stream.
    pub(crate) fn push(&mut self, slice: Slice) {
        if self.count == 1 && self.inline[0].length() == 0 {
            self.count = 0;
        } else if self.count > 0 && slice.length() == 0 {
            return;
        }
        if let Some(place) = self.inline.get_mut(self.count) {
            *place = slice;
        } else {
            if self.count == INLINE {
                self.spill.extend_from_slice(&self.inline);
            }
            self.spill.push(slice);
        }
        self.count += 1;
    }

    fn get(&self) -> &[Slice] {
        if self.count <= INLINE { &self.inline[..self.count] } else { &self.spill }
    }

    fn get_mut(&mut self) -> &mut [Slice] {
        if self.count <= INLINE { &mut self.inline[..self.count] } else { &mut self.spill }
    }

    /// Leaves out what is more than `most` bytes; how many there are then.
    pub(crate) fn cut(&mut self, most: usize) -> usize {
        let mut left = most;
        for slice in self.get_mut() {
            let length = slice.length().min(left);
            *slice = Slice::new(slice.pointer(), length);
            left -= length;
        }
        most - left
    }

    pub(crate) fn bytes(&self) -> usize {
        self.get().iter().map(Slice::length).fold(0, usize::saturating_add)
    }
}

/// What a receive does with the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flags {
    /// Leaves it where it is.
    pub(crate) peek: bool,
    /// Goes on until the buffers are full.
    pub(crate) wait_all: bool,
    /// Tells who sent it.
    pub(crate) sender: bool,
}

pub(crate) struct Message {
    slices: Slices,
    /// How many slices have been transferred whole.
    passed: usize,
    pub(crate) flags: Flags,
    /// Whether it is one datagram, and no part of a stream.
    pub(crate) datagram: bool,
    /// The flags that the completion returns, as Winsock numbers them.
    pub(crate) returned: u32,
    /// The peer's address: where to send to, or who sent.
    pub(crate) name: SockAddrStorage,
    pub(crate) name_length: socklen_t,
    /// What the system needs besides, see its `message` module.
    pub(crate) header: system::Header,
}

impl Message {
    pub(crate) fn new() -> Self {
        Self {
            slices: Slices::new(),
            passed: 0,
            flags: Flags::default(),
            datagram: false,
            returned: 0,
            name: SockAddrStorage::zeroed(),
            name_length: 0,
            header: system::Header::new(),
        }
    }

    /// Makes it the message of the next operation.
    pub(crate) fn fill(&mut self, slices: Slices, flags: Flags, to: Option<SocketAddr>) {
        self.slices = slices;
        self.passed = 0;
        self.flags = flags;
        self.returned = 0;
        self.name_length = 0;
        if let Some(to) = to {
            let address = SockAddr::from(to);
            self.name_length = address.len();
            self.name = address.as_storage();
        }
    }

    /// The slices that are still to be transferred.
    pub(crate) fn rest(&mut self) -> &mut [Slice] {
        let passed = self.passed;
        &mut self.slices.get_mut()[passed..]
    }

    /// Whether it is a datagram of more buffers than the system takes in one call.
    pub(crate) fn is_too_many(&self) -> bool {
        self.datagram && self.slices.count > MOST
    }

    /// Notes that so many bytes more have been transferred.
    pub(crate) fn advance(&mut self, mut bytes: usize) {
        while let Some(first) = self.rest().first_mut() {
            if bytes < first.length() {
                first.advance(bytes);
                return;
            }
            bytes -= first.length();
            self.passed += 1;
        }
    }

    /// The address in `name`.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        let length = self.name_length.min(self.name.size_of());
        if length == 0 {
            return None;
        }
        // SAFETY: a structure of numbers, which may be copied; the system, or `fill`, has put an
        // address of this length there.
        unsafe { SockAddr::new(std::ptr::read(&self.name), length) }.as_socket()
    }
}

/// Where a block keeps its message.
pub(crate) struct Slot(Option<NonNull<Message>>);

impl Slot {
    pub(crate) const fn empty() -> Self {
        Self(None)
    }

    /// The message to fill for the next operation.
    pub(crate) fn get_or_make(&mut self) -> &mut Message {
        let made = || NonNull::from(Box::leak(Box::new(Message::new())));
        let message = self.0.get_or_insert_with(made);
        // SAFETY: made by a box, which `drop` takes back; borrowed as long as the slot is.
        unsafe { message.as_mut() }
    }

    pub(crate) fn pointer(&self) -> Option<NonNull<Message>> {
        self.0
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(message) = self.0.take() {
            // SAFETY: made by `get_or_make`; the block is in no operation when it is dropped.
            drop(unsafe { Box::from_raw(message.as_ptr()) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(lengths: &[usize]) -> Slices {
        let mut slices = Slices::new();
        for &length in lengths {
            slices.push(Slice::new(NonNull::dangling().as_ptr(), length));
        }
        slices
    }

    fn rest(message: &mut Message) -> Vec<usize> {
        message.rest().iter().map(Slice::length).collect()
    }

    #[test]
    fn a_message_advances_over_its_slices() {
        let mut slot = Slot::empty();
        let message = slot.get_or_make();
        message.fill(slices(&[2, 0, 3, 0]), Flags::default(), None);
        message.advance(1);
        assert_eq!(rest(message), [1, 3]);
        message.advance(1);
        assert_eq!(rest(message), [3]);
        message.advance(3);
        assert!(rest(message).is_empty());
    }

    #[test]
    fn empty_slices_are_left_out_beside_others() {
        let lengths = |given: &[usize]| slices(given).get().iter().map(Slice::length).collect::<Vec<_>>();
        assert_eq!(lengths(&[0, 0, 1, 0, 2, 0]), [1, 2]);
        assert_eq!(lengths(&[0, 0]), [0]);
    }

    #[test]
    fn what_is_cut_is_not_received() {
        let mut cut = slices(&[3, 4, 5]);
        assert_eq!(cut.cut(5), 5);
        assert_eq!(cut.get().iter().map(Slice::length).collect::<Vec<_>>(), [3, 2, 0]);
        assert_eq!(slices(&[3, 4]).cut(8), 7);
    }

    #[test]
    fn more_than_the_inline_slices_spill() {
        let lengths: Vec<_> = (1..20).collect();
        let many = slices(&lengths);
        assert_eq!(many.get().iter().map(Slice::length).collect::<Vec<_>>(), lengths);
        assert_eq!(many.bytes(), 190);
        assert_eq!(slices(&lengths[..8]).spill.capacity(), 0);
    }

    #[test]
    fn an_address_goes_in_and_out() {
        let mut slot = Slot::empty();
        for text in ["127.0.0.1:80", "[::1]:8080"] {
            let address: SocketAddr = text.parse().expect("an address");
            slot.get_or_make().fill(Slices::new(), Flags::default(), Some(address));
            assert_eq!(slot.get_or_make().address(), Some(address));
        }
        slot.get_or_make().fill(Slices::new(), Flags::default(), None);
        assert_eq!(slot.get_or_make().address(), None);
    }
}
