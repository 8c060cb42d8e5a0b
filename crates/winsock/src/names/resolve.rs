//! From a name to addresses. What this machine is called Windows answers itself; the rest is for the system's resolver.

use super::{failure, interfaces, services};
use crate::codes::*;
use crate::error::Code;
use crate::socket::address::{AF_INET, AF_INET6};
use crate::socket::make::{IPPROTO_TCP, IPPROTO_UDP};
use crate::socket::object::{SOCK_DGRAM, SOCK_STREAM};
use std::ffi::{CStr, CString};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ptr;

pub(super) const AI_PASSIVE: i32 = 0x1;
pub(super) const AI_CANONNAME: i32 = 0x2;
pub(super) const AI_NUMERICHOST: i32 = 0x4;
const AI_NUMERICSERV: i32 = 0x8;
const AI_ALL: i32 = 0x100;
const AI_ADDRCONFIG: i32 = 0x400;
const AI_V4MAPPED: i32 = 0x800;
const AI_FQDN: i32 = 0x2_0000;

/// The flags that the system has too, by its numbers.
const FLAGS: [(i32, i32); 7] = [
    (AI_PASSIVE, libc::AI_PASSIVE),
    (AI_CANONNAME, libc::AI_CANONNAME),
    (AI_NUMERICHOST, libc::AI_NUMERICHOST),
    (AI_ALL, libc::AI_ALL),
    (AI_ADDRCONFIG, libc::AI_ADDRCONFIG),
    (AI_V4MAPPED, libc::AI_V4MAPPED),
    (AI_FQDN, libc::AI_CANONNAME),
];

/// What is asked for.
pub(super) struct Query {
    pub(super) node: Option<String>,
    pub(super) service: Option<String>,
    /// By Winsock's numbers.
    pub(super) flags: i32,
    /// 0 for any.
    pub(super) family: i32,
    pub(super) kind: i32,
    pub(super) protocol: i32,
}

/// What is found.
pub(super) struct Found {
    pub(super) addresses: Vec<SocketAddr>,
    /// The name that the host has, if that was asked for.
    pub(super) name: Option<String>,
}

/// The name of this machine.
pub(super) fn own_name() -> String {
    let mut place = [0_u8; 256];
    // SAFETY: the place is as long as is said, but for a byte that stays zero.
    let told = unsafe { libc::gethostname(place.as_mut_ptr().cast(), place.len() - 1) };
    let name = if told == 0 { CStr::from_bytes_until_nul(&place).unwrap_or_default() } else { c"localhost" };
    name.to_string_lossy().into_owned()
}

impl Query {
    /// Answers it.
    pub(super) fn resolve(&self) -> Result<Found, Code> {
        let port = self.port()?;
        let mut found = self.host()?;
        found.addresses.iter_mut().for_each(|address| address.set_port(port));
        Ok(found)
    }

    fn host(&self) -> Result<Found, Code> {
        let node = self.node.as_deref();
        let Some(node) = node else {
            let passive = self.flags & AI_PASSIVE != 0;
            let six = if passive { Ipv6Addr::UNSPECIFIED } else { Ipv6Addr::LOCALHOST };
            let four = if passive { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
            return self.own(&both(six, four), None);
        };
        if self.flags & AI_NUMERICHOST == 0 {
            if node.eq_ignore_ascii_case("localhost") {
                return self.own(&both(Ipv6Addr::LOCALHOST, Ipv4Addr::LOCALHOST), Some(node.to_owned()));
            }
            let own = own_name();
            let here = node.is_empty() || node.eq_ignore_ascii_case("..localmachine");
            if here || node.eq_ignore_ascii_case(&own) {
                let found = self.own(&interfaces::reachable(), Some(own.clone()));
                if found.is_ok() {
                    return found;
                }
            }
            if here {
                return self.own(&both(Ipv6Addr::LOCALHOST, Ipv4Addr::LOCALHOST), Some(own));
            }
        }
        self.ask(node)
    }

    /// Addresses of this machine, as far as they are of the family.
    fn own(&self, addresses: &[SocketAddr], name: Option<String>) -> Result<Found, Code> {
        let of_family = |address: &&SocketAddr| match self.family {
            AF_INET => address.is_ipv4(),
            AF_INET6 => address.is_ipv6(),
            _ => true,
        };
        let addresses: Vec<_> = addresses.iter().filter(of_family).copied().collect();
        if addresses.is_empty() { Err(WSAHOST_NOT_FOUND) } else { Ok(Found { addresses, name }) }
    }

    /// The port of the service: a number, or a name that there is a number for.
    fn port(&self) -> Result<u16, Code> {
        let Some(service) = &self.service else { return Ok(0) };
        if service.bytes().all(|byte| byte.is_ascii_digit()) {
            return service.parse().map_err(|_| WSATYPE_NOT_FOUND);
        }
        if self.flags & AI_NUMERICSERV != 0 {
            return Err(WSAHOST_NOT_FOUND);
        }
        let protocol = match (self.kind, self.protocol) {
            (SOCK_DGRAM, _) | (_, IPPROTO_UDP) => Some("udp"),
            (SOCK_STREAM, _) | (_, IPPROTO_TCP) => Some("tcp"),
            _ => None,
        };
        services::port(service, protocol).ok_or(WSATYPE_NOT_FOUND)
    }

    /// Asks the system.
    fn ask(&self, node: &str) -> Result<Found, Code> {
        let node = CString::new(node).map_err(|_| WSAHOST_NOT_FOUND)?;
        // SAFETY: all zero is a hint that hints at nothing.
        let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
        let its = FLAGS.iter().filter(|(ours, _)| self.flags & ours != 0);
        hints.ai_flags = its.fold(0, |flags, (_, theirs)| flags | theirs);
        hints.ai_family = match self.family {
            AF_INET => libc::AF_INET,
            AF_INET6 => libc::AF_INET6,
            _ => libc::AF_UNSPEC,
        };
        // Of one type, so that each address is told once.
        hints.ai_socktype = libc::SOCK_STREAM;
        let mut first = ptr::null_mut();
        // SAFETY: a text with its end; a hint; a place for a pointer.
        let error = unsafe { libc::getaddrinfo(node.as_ptr(), ptr::null(), &raw const hints, &raw mut first) };
        if error != 0 {
            return Err(failure::code(error));
        }
        let mut found = Found { addresses: Vec::new(), name: None };
        let mut next: *const libc::addrinfo = first;
        // SAFETY: null, or one of the list's, which lives until it is freed below.
        while let Some(one) = unsafe { next.as_ref() } {
            next = one.ai_next;
            // SAFETY: the list's addresses are as their families say.
            found.addresses.extend(unsafe { interfaces::read(one.ai_addr) });
            if !one.ai_canonname.is_null() && found.name.is_none() {
                // SAFETY: a text with its end.
                found.name = Some(unsafe { CStr::from_ptr(one.ai_canonname) }.to_string_lossy().into_owned());
            }
        }
        // SAFETY: the list is the system's, and nobody refers to it any more.
        unsafe { libc::freeaddrinfo(first) };
        if found.addresses.is_empty() { Err(WSANO_DATA) } else { Ok(found) }
    }
}

/// Of both families, as far as this machine has them.
fn both(six: Ipv6Addr, four: Ipv4Addr) -> Vec<SocketAddr> {
    let six = interfaces::has_six().then(|| (six, 0).into());
    six.into_iter().chain([(four, 0).into()]).collect()
}
