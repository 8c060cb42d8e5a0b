//! `select`, and the sets that it is given.

use super::{Ask, Call, Entries, Entry, Events, wait};
use crate::error::Result;
use crate::socket::{Inner, Kept, Socket, SocketId, Standing};
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

/// How many sockets the classic set has room for (`FD_SETSIZE`).
const CLASSIC: usize = 64;

/// A set of sockets for [`select`], which marks those that are ready.
///
/// Winsock's `fd_set` is a counted array of 64 sockets, which `select` itself reduces to those that are ready, so a program
/// fills it anew for each call. Here a set keeps its sockets, and [`is_ready`](Self::is_ready) tells what the last `select`
/// found; who likes to fill it anew may do so.
///
/// ```
/// use overlapped::Socket;
/// use overlapped::readiness::SocketSet;
///
/// let listener = Socket::listen("127.0.0.1:0")?;
/// let mut set = SocketSet::classic();
/// assert!(set.insert(&listener));
/// assert!(!set.insert(&listener), "twice is once");
/// while set.insert(&Socket::listen("127.0.0.1:0")?) {}
/// assert_eq!(set.len(), 64, "a 65th is ignored");
/// # Ok::<(), overlapped::Error>(())
/// ```
#[doc(alias = "fd_set")]
pub struct SocketSet {
    members: Vec<Member>,
    /// Where each is, by the id of its socket.
    places: HashMap<SocketId, usize>,
    limit: usize,
}

/// A socket in a set.
pub struct Member<S = Socket> {
    socket: S,
    /// Which set it is in, in the present `select`.
    role: Role,
    ready: bool,
}

impl<S> Member<S> {
    /// A socket in the set of this role.
    pub fn new(socket: S, role: Role) -> Self {
        Self { socket, role, ready: false }
    }

    /// Whether the last `select` has found it ready.
    pub fn is_ready(&self) -> bool {
        self.ready
    }
}

/// The sets of a `select`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The first one.
    Read,
    /// The second one.
    Write,
    /// The third one.
    Except,
}

impl SocketSet {
    /// A set without a limit.
    pub fn new() -> Self {
        Self { members: Vec::new(), places: HashMap::new(), limit: usize::MAX }
    }

    /// The set of Winsock: it ignores whatever is more than 64 sockets (`FD_SETSIZE`).
    pub fn classic() -> Self {
        Self { limit: CLASSIC, ..Self::new() }
    }

    /// Adds a socket at the end (`FD_SET`); whether it was added. It is not if it is there already, or the set is full.
    #[doc(alias = "FD_SET")]
    pub fn insert(&mut self, socket: &Socket) -> bool {
        let place = self.members.len();
        if place == self.limit || self.contains(socket) {
            return false;
        }
        self.places.insert(socket.id(), place);
        self.members.push(Member::new(socket.clone(), Role::Read));
        true
    }

    /// Takes a socket out (`FD_CLR`), and closes the gap; whether it was there.
    #[doc(alias = "FD_CLR")]
    pub fn remove(&mut self, socket: &Socket) -> bool {
        let Some(place) = self.places.remove(&socket.id()) else { return false };
        self.members.remove(place);
        for (place, member) in self.members.iter().enumerate().skip(place) {
            self.places.insert(member.socket.id(), place);
        }
        true
    }

    /// Takes all sockets out (`FD_ZERO`).
    #[doc(alias = "FD_ZERO")]
    pub fn clear(&mut self) {
        self.members.clear();
        self.places.clear();
    }

    /// Whether a socket is in the set.
    pub fn contains(&self, socket: &Socket) -> bool {
        self.places.contains_key(&socket.id())
    }

    /// Whether the last [`select`] found a socket of the set ready (`FD_ISSET`).
    #[doc(alias = "FD_ISSET")]
    pub fn is_ready(&self, socket: &Socket) -> bool {
        self.places.get(&socket.id()).is_some_and(|&place| self.members[place].ready)
    }

    /// The sockets that the last [`select`] found ready, in the order of the set. None if it failed, or its time was over.
    pub fn ready(&self) -> impl Iterator<Item = &Socket> {
        self.members.iter().filter(|member| member.ready).map(|member| &member.socket)
    }

    /// All sockets, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Socket> {
        self.members.iter().map(|member| &member.socket)
    }

    /// How many sockets there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl Default for SocketSet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SocketSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ready = self.ready().count();
        f.debug_struct("SocketSet").field("sockets", &self.len()).field("ready", &ready).finish_non_exhaustive()
    }
}

/// Waits until a socket of one of the sets is ready (`select`), for ever with `None`; marks those that are and returns how
/// many marks there are. With a timeout of zero it only looks. When the time is over it returns 0.
///
/// | set | a socket is ready when |
/// |---|---|
/// | read | there is data or the end of the stream, a connection to accept, or an error that a receive would tell |
/// | write | a [`try_connect`](Socket::try_connect) has succeeded, or a send would take something or tell an error |
/// | except | a `try_connect` has failed, which [`take_error`](Socket::take_error) explains; or there is urgent data |
///
/// A socket that is not connected, nor about to be, is in none of these states.
///
/// # Errors
///
/// `WSAEINVAL` if all sets are empty; `WSAENOTSOCK` if one of the sockets was closed (by another thread while the wait goes on:
/// on Windows that is noticed within a quarter of a second); `WSAEOPNOTSUPP` for sockets of the scripted driver.
///
/// ```
/// use overlapped::Socket;
/// use overlapped::readiness::{SocketSet, select};
/// use std::io::Write;
///
/// let listener = Socket::listen("127.0.0.1:0")?;
/// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
///
/// let mut read = SocketSet::new();
/// read.insert(&listener);
/// assert_eq!(select(Some(&mut read), None, None, None)?, 1);
/// let client = listener.try_accept()?;
///
/// read.insert(&client);
/// peer.write_all(b"hello")?;
/// select(Some(&mut read), None, None, None)?;
/// assert!(read.is_ready(&client) && !read.is_ready(&listener));
/// let mut buffer = [0; 100];
/// assert_eq!(client.try_recv(&mut buffer)?, 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn select(
    read: Option<&mut SocketSet>,
    write: Option<&mut SocketSet>,
    except: Option<&mut SocketSet>,
    timeout: Option<Duration>,
) -> Result<usize> {
    let mut sets = Sets([(read, Role::Read), (write, Role::Write), (except, Role::Except)]);
    sets.each(|member, role| (member.role, member.ready) = (role, false));
    let ready = wait(&mut sets, Call::Select, timeout, false);
    if ready.is_err() {
        sets.each(|member, _| member.ready = false);
    }
    ready
}

/// [`select`] of sockets that lie with the caller, alertably.
pub(crate) fn select_members(members: &mut [Member<Kept>], timeout: Option<Duration>) -> Result<usize> {
    members.iter_mut().for_each(|member| member.ready = false);
    wait(&mut Members(members), Call::Select, timeout, true)
}

struct Members<'a>(&'a mut [Member<Kept>]);

impl Entries for Members<'_> {
    type Entry = Member<Kept>;

    fn each(&mut self, visit: impl FnMut(&mut Member<Kept>) -> Result<()>) -> Result<()> {
        self.0.iter_mut().try_for_each(visit)
    }
}

struct Sets<'a>([(Option<&'a mut SocketSet>, Role); 3]);

impl Sets<'_> {
    fn each(&mut self, mut visit: impl FnMut(&mut Member, Role)) {
        for (set, role) in &mut self.0 {
            set.iter_mut().flat_map(|set| &mut set.members).for_each(|member| visit(member, *role));
        }
    }
}

impl Entries for Sets<'_> {
    type Entry = Member;

    fn each(&mut self, visit: impl FnMut(&mut Member) -> Result<()>) -> Result<()> {
        let sets = self.0.iter_mut().filter_map(|(set, _)| set.as_mut());
        sets.flat_map(|set| &mut set.members).try_for_each(visit)
    }
}

impl<S: AsRef<Inner>> Entry for Member<S> {
    fn inner(&self) -> &Inner {
        self.socket.as_ref()
    }

    fn ask(&self) -> Result<Ask> {
        let standing = self.inner().standing()?;
        let (event, known, hidden) = match self.role {
            Role::Read => (Events::READ, standing.receive_refused, standing.receives),
            Role::Write => (Events::WRITE, standing.send_refused, standing.sends),
            Role::Except => (Events::URGENT, standing.connect_failed, false),
        };
        Ok(match () {
            () if known => Ask { is: event, ..Ask::default() },
            () if hidden => Ask { hidden, ..Ask::default() },
            () => Ask { wants: event, ..Ask::default() },
        })
    }

    fn tell(&mut self, is: Events) -> bool {
        self.ready = !is.is_empty() && self.inner().standing().is_ok_and(|standing| self.role.is_ready(is, &standing));
        self.ready
    }
}

impl Role {
    fn is_ready(self, is: Events, standing: &Standing) -> bool {
        match self {
            // Of one that is not connected only a connection that can be accepted counts.
            Self::Read if standing.unconnected => {
                is.contains(Events::READ) && !standing.connect_failed && !standing.connects
            }
            Self::Read => is.intersects(Events::READ | Events::HUNG_UP | Events::ERROR),
            Self::Write => is.contains(Events::WRITE) && !standing.unconnected,
            Self::Except => is.contains(Events::URGENT) || standing.connect_failed,
        }
    }
}
