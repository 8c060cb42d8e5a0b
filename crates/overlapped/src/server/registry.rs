//! The sessions that are here, and their groups.

use super::session::Session;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// All sessions, by id and by address.
#[derive(Default)]
pub(super) struct Registry(RwLock<Here>);

#[derive(Default)]
struct Here {
    sessions: HashMap<u64, Session>,
    /// How many of an address are here, or about to be.
    addresses: HashMap<IpAddr, usize>,
    count: usize,
    /// The last id that was given, and never will be again.
    last: u64,
    closed: bool,
    /// A thread is lost, and its sessions with it.
    given_up: bool,
}

/// A place among the sessions, for one that is about to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) id: u64,
    address: IpAddr,
}

impl Registry {
    /// An id for a new session, if the limits allow one more.
    pub(super) fn admit(&self, address: IpAddr, most: usize, most_of_address: usize) -> Option<Ticket> {
        let mut here = self.write();
        let of_address = here.addresses.get(&address).copied().unwrap_or(0);
        if here.closed || here.count >= most || of_address >= most_of_address {
            return None;
        }
        here.addresses.insert(address, of_address + 1);
        here.count += 1;
        here.last += 1;
        Some(Ticket { id: here.last, address })
    }

    /// The session is here, and `count`ed in the same moment.
    pub(super) fn enter(&self, session: &Session, count: impl FnOnce()) {
        let mut here = self.write();
        here.sessions.insert(session.id(), session.clone());
        count();
    }

    /// The session is not found any more, and `count`ed in the same moment; its place is kept until it
    /// [leaves](Self::leave).
    pub(super) fn forget(&self, id: u64, count: impl FnOnce()) {
        let mut here = self.write();
        here.sessions.remove(&id);
        count();
    }

    /// Whether there is nobody any more, and nobody will come.
    pub(super) fn leave(&self, ticket: Ticket) -> bool {
        let mut here = self.write();
        here.count -= 1;
        if let Some(of_address) = here.addresses.get_mut(&ticket.address) {
            *of_address -= 1;
            if *of_address == 0 {
                here.addresses.remove(&ticket.address);
            }
        }
        here.closed && here.count == 0
    }

    /// Admits nobody any more.
    pub(super) fn close(&self) {
        self.write().closed = true;
    }

    /// Waits for no session any more.
    pub(super) fn give_up(&self) {
        let mut here = self.write();
        (here.closed, here.given_up) = (true, true);
    }

    pub(super) fn is_over(&self) -> bool {
        let here = self.read();
        here.closed && (here.count == 0 || here.given_up)
    }

    pub(super) fn get(&self, id: u64) -> Option<Session> {
        self.read().sessions.get(&id).cloned()
    }

    /// Does something with each session; it must not come back here, nor run code of the program.
    pub(super) fn each(&self, act: impl FnMut(&Session)) {
        self.read().sessions.values().for_each(act);
    }

    /// `count`s, and then does as [`each`](Self::each), while nobody enters or is forgotten.
    pub(super) fn count_then_each(&self, count: impl FnOnce(), act: impl FnMut(&Session)) {
        let here = self.read();
        count();
        here.sessions.values().for_each(act);
    }

    pub(super) fn all(&self) -> Vec<Session> {
        self.read().sessions.values().cloned().collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, Here> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Here> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sessions by the name of their group.
#[derive(Default)]
pub(super) struct Groups(RwLock<HashMap<Box<str>, HashMap<u64, Session>>>);

impl Groups {
    pub(super) fn join(&self, name: &str, session: &Session) {
        let mut groups = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match groups.get_mut(name) {
            Some(members) => drop(members.insert(session.id(), session.clone())),
            None => drop(groups.insert(name.into(), HashMap::from([(session.id(), session.clone())]))),
        }
    }

    pub(super) fn leave(&self, name: &str, id: u64) {
        let mut groups = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(members) = groups.get_mut(name) {
            members.remove(&id);
            if members.is_empty() {
                groups.remove(name);
            }
        }
    }

    /// The members of a group.
    pub(super) fn all(&self, name: &str) -> Vec<Session> {
        let groups = self.0.read().unwrap_or_else(PoisonError::into_inner);
        groups.get(name).map_or_else(Vec::new, |members| members.values().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn limits_hold_and_ids_are_not_used_again() {
        let registry = Registry::default();
        let [one, two, three] = [1, 2, 3].map(|last| IpAddr::from(Ipv4Addr::new(127, 0, 0, last)));
        let first = registry.admit(one, 3, 2).unwrap();
        let second = registry.admit(one, 3, 2).unwrap();
        assert_eq!((first.id, second.id), (1, 2));
        assert_eq!(registry.admit(one, 3, 2), None, "two of an address");
        let third = registry.admit(two, 3, 2).unwrap();
        assert_eq!(registry.admit(three, 3, 2), None, "three in all");
        assert!(!registry.leave(second));
        assert_eq!(registry.admit(one, 3, 2).unwrap().id, 4);
        registry.close();
        assert_eq!(registry.admit(three, 9, 9), None);
        registry.leave(first);
        registry.leave(third);
        assert!(!registry.is_over());
        assert!(registry.leave(Ticket { id: 4, address: one }) && registry.is_over());
    }
}
