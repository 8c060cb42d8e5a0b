//! Services and protocols by name and number. The structures are the thread's until it calls again.

use crate::codes::*;
use crate::error::{self, Code};
use crate::startup;
use crate::text::strings::narrow;
use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::ptr;

/// `struct servent`.
#[repr(C)]
pub struct Servent {
    name: *const c_char,
    aliases: *const *const c_char,
    protocol: *const c_char,
    /// In the order of the network.
    port: i16,
}

/// `struct protoent`.
#[repr(C)]
pub struct Protoent {
    name: *const c_char,
    aliases: *const *const c_char,
    number: i16,
}

/// Texts that an entry points to.
struct Texts {
    name: CString,
    protocol: CString,
    aliases: Vec<CString>,
    pointers: Vec<*const c_char>,
}

impl Texts {
    fn new(name: &str, protocol: &str, aliases: &[&str]) -> Self {
        let text = |text: &str| CString::new(text).unwrap_or_default();
        let aliases: Vec<_> = aliases.iter().map(|alias| text(alias)).collect();
        let pointers = aliases.iter().map(|alias| alias.as_ptr()).chain([ptr::null()]).collect();
        Self { name: text(name), protocol: text(protocol), aliases, pointers }
    }
}

thread_local! {
    static SERVICE: RefCell<Option<Box<(Texts, Servent)>>> = const { RefCell::new(None) };
    static PROTOCOL: RefCell<Option<Box<(Texts, Protoent)>>> = const { RefCell::new(None) };
}

/// Services that are found also where the system has no list.
const SERVICES: &[(&str, u16, &str)] = &[
    ("echo", 7, "tcp"),
    ("echo", 7, "udp"),
    ("discard", 9, "tcp"),
    ("discard", 9, "udp"),
    ("daytime", 13, "tcp"),
    ("daytime", 13, "udp"),
    ("ftp-data", 20, "tcp"),
    ("ftp", 21, "tcp"),
    ("ssh", 22, "tcp"),
    ("telnet", 23, "tcp"),
    ("smtp", 25, "tcp"),
    ("time", 37, "tcp"),
    ("time", 37, "udp"),
    ("domain", 53, "tcp"),
    ("domain", 53, "udp"),
    ("tftp", 69, "udp"),
    ("http", 80, "tcp"),
    ("pop3", 110, "tcp"),
    ("ntp", 123, "udp"),
    ("imap", 143, "tcp"),
    ("snmp", 161, "udp"),
    ("ldap", 389, "tcp"),
    ("https", 443, "tcp"),
    ("https", 443, "udp"),
];

/// Protocols: name, number, alias.
const PROTOCOLS: &[(&str, i16, &str)] = &[
    ("ip", 0, "IP"),
    ("icmp", 1, "ICMP"),
    ("ggp", 3, "GGP"),
    ("tcp", 6, "TCP"),
    ("egp", 8, "EGP"),
    ("pup", 12, "PUP"),
    ("udp", 17, "UDP"),
    ("hmp", 20, "HMP"),
    ("xns-idp", 22, "XNS-IDP"),
    ("rdp", 27, "RDP"),
    ("ipv6", 41, "IPv6"),
    ("ipv6-route", 43, "IPv6-Route"),
    ("ipv6-frag", 44, "IPv6-Frag"),
    ("esp", 50, "ESP"),
    ("ah", 51, "AH"),
    ("ipv6-icmp", 58, "IPv6-ICMP"),
    ("ipv6-nonxt", 59, "IPv6-NoNxt"),
    ("ipv6-opts", 60, "IPv6-Opts"),
    ("rvd", 66, "RVD"),
];

/// The lines of the system's list, then ours: name, port, protocol, other names.
fn services() -> impl Iterator<Item = (String, u16, String, Vec<String>)> {
    let list = std::fs::read_to_string("/etc/services").unwrap_or_default();
    let lines: Vec<_> = list.lines().filter_map(line).collect();
    let ours = SERVICES.iter().map(|&(name, port, protocol)| (name.to_owned(), port, protocol.to_owned(), Vec::new()));
    lines.into_iter().chain(ours)
}

fn line(line: &str) -> Option<(String, u16, String, Vec<String>)> {
    let mut words = line.split('#').next()?.split_whitespace();
    let name = words.next()?.to_owned();
    let (port, protocol) = words.next()?.split_once('/')?;
    Some((name, port.parse().ok()?, protocol.to_owned(), words.map(str::to_owned).collect()))
}

/// Keeps a service for the thread.
fn keep(found: Option<(String, u16, String, Vec<String>)>) -> Result<*const Servent, Code> {
    let (name, port, protocol, aliases) = found.ok_or(WSANO_DATA)?;
    let aliases: Vec<_> = aliases.iter().map(String::as_str).collect();
    let texts = Texts::new(&name, &protocol, &aliases);
    debug_assert_eq!(texts.aliases.len() + 1, texts.pointers.len());
    let entry = Servent {
        name: texts.name.as_ptr(),
        aliases: texts.pointers.as_ptr(),
        protocol: texts.protocol.as_ptr(),
        port: port.to_be() as i16,
    };
    let kept = SERVICE.try_with(|place| ptr::from_ref(&place.borrow_mut().insert(Box::new((texts, entry))).1));
    kept.map_err(|_| WSANO_RECOVERY)
}

fn entry<E>(found: Result<*const E, Code>) -> *const E {
    found.unwrap_or_else(|code| {
        error::set_last(code);
        ptr::null()
    })
}

/// The port of a service, of any protocol without one.
pub(super) fn port(name: &str, protocol: Option<&str>) -> Option<u16> {
    find(name, protocol).map(|(_, port, ..)| port)
}

fn find(name: &str, protocol: Option<&str>) -> Option<(String, u16, String, Vec<String>)> {
    services().find(|(its, _, its_protocol, aliases)| {
        (its == name || aliases.iter().any(|alias| alias == name)) && fits(protocol, its_protocol)
    })
}

/// `getservbyname`, of any protocol without one.
#[unsafe(export_name = "overlapped_getservbyname")]
pub unsafe extern "C" fn getservbyname(name: *const c_char, protocol: *const c_char) -> *const Servent {
    // SAFETY: the program's texts, with their ends.
    let (name, protocol) = unsafe { (narrow(name), narrow(protocol)) };
    entry(startup::check().and_then(|()| {
        let name = name.ok_or(WSAEFAULT)?;
        keep(find(&name, protocol.as_deref()))
    }))
}

/// `getservbyport`; the port is in the order of the network.
#[unsafe(export_name = "overlapped_getservbyport")]
pub unsafe extern "C" fn getservbyport(port: i32, protocol: *const c_char) -> *const Servent {
    // SAFETY: the program's text, with its end.
    let protocol = unsafe { narrow(protocol) };
    entry(startup::check().and_then(|()| {
        let port = u16::from_be(port as u16);
        keep(services().find(|(_, its, its_protocol, _)| *its == port && fits(protocol.as_deref(), its_protocol)))
    }))
}

fn fits(wanted: Option<&str>, its: &str) -> bool {
    wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(its))
}

fn keep_protocol(found: Option<&(&str, i16, &str)>) -> Result<*const Protoent, Code> {
    let &(name, number, alias) = found.ok_or(WSANO_DATA)?;
    let texts = Texts::new(name, "", &[alias]);
    let entry = Protoent { name: texts.name.as_ptr(), aliases: texts.pointers.as_ptr(), number };
    let kept = PROTOCOL.try_with(|place| ptr::from_ref(&place.borrow_mut().insert(Box::new((texts, entry))).1));
    kept.map_err(|_| WSANO_RECOVERY)
}

/// `getprotobyname`.
#[unsafe(export_name = "overlapped_getprotobyname")]
pub unsafe extern "C" fn getprotobyname(name: *const c_char) -> *const Protoent {
    // SAFETY: the program's text, with its end.
    let name = unsafe { narrow(name) };
    entry(startup::check().and_then(|()| {
        let name = name.ok_or(WSAEFAULT)?;
        keep_protocol(PROTOCOLS.iter().find(|(its, ..)| its.eq_ignore_ascii_case(&name)))
    }))
}

/// `getprotobynumber`.
#[unsafe(export_name = "overlapped_getprotobynumber")]
pub extern "C" fn getprotobynumber(number: i32) -> *const Protoent {
    entry(startup::check().and_then(|()| keep_protocol(PROTOCOLS.iter().find(|(_, its, _)| i32::from(*its) == number))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_list_names_a_service() {
        let found = line("http 80/tcp www  # the web");
        assert_eq!(found, Some(("http".into(), 80, "tcp".into(), vec!["www".into()])));
        assert_eq!(line("# http 80/tcp"), None);
        assert_eq!(line("http 80"), None);
        assert_eq!(line("http eighty/tcp"), None);
    }

    #[test]
    fn a_service_is_found_where_the_system_has_no_list() {
        assert_eq!(port("https", Some("tcp")), Some(443));
        assert_eq!(port("domain", None), Some(53));
        assert_eq!(port("no such service", None), None);
    }
}
