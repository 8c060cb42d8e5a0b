//! Bad input gets one line and exit code 2; what cannot be done, one line and exit code 1.

use crate::support::{On, Run};
use crate::system::on_all;
use std::net::TcpListener;

#[test]
fn arguments() {
    for (arguments, says) in [
        (&[][..], "subcommand"),
        (&["sevre"], "sevre"),
        (&["serve", "--fast"], "--fast"),
        (&["serve", "localhost"], "'localhost' for '[ADDR]'"),
        (&["serve", "localhost:port"], "`port` is no port"),
        (&["serve", "1.2.3.4:70000"], "`70000` is no port"),
        (&["serve", "::1:80"], "brackets"),
        (&["serve", "--threads", "0"], "'--threads <N>'"),
        (&["serve", "--threads", "many"], "'many'"),
        (&["serve", "--buffer", "0"], "'--buffer <BYTES>'"),
        (&["serve", "--buffer", "lots"], "write 1000, 64K or 1M"),
        (&["serve", "--mode", "sing"], "print, echo, broadcast"),
        (&["serve", "--driver", "kqueue"], "there is no driver `kqueue`; there are auto, uring, epoll and winsock"),
        (
            &["serve", "--model", "fork"],
            "there is no model `fork`; there are select, event-select, async-select, event",
        ),
        (&["serve", "--framing", "u24"], "there is no framing `u24`; there are raw, packet, "),
        (&["serve", "--max-packet", "1K"], "it needs a --framing"),
        (&["serve", "--heartbeat", "1s"], "it needs a --framing"),
        (&["serve", "--heartbeat", "0"], "longer than 0"),
        (&["serve", "--overflow", "wait"], "close, drop"),
        (&["serve", "--max-clients", "0"], "a whole number from 1 on"),
        (&["client", "--every", "soon"], "200ms"),
        (&["client", "--every", "5"], "write 1s"),
        (&["client", "--count", "0"], "a whole number from 1 on"),
        (&["client", "--size", "-1"], "-1"),
        (&["client", "--message", ""], "at least one byte"),
        (&["client", "--message", "too long", "--size", "3"], "more than --size 3"),
        (&["client", "--framing", "packet", "--size", "64K"], "a packet of 65540 bytes, where 65535 are allowed"),
        (&["client", "--model"], "--model <M>"),
        (&["demo", "--seconds", "x"], "'x'"),
        (&["info", "--yaml"], "--yaml"),
    ] {
        let output = Run::new(arguments).output();
        let line = output.failure(2);
        assert!(line.contains(says), "{arguments:?}: {line}");
        assert_eq!(output.said, "", "{arguments:?}");
    }
}

#[test]
fn names_in_the_environment() {
    for command in [&["info"][..], &["serve", "127.0.0.1:0"], &["client", "127.0.0.1:1"], &["demo"]] {
        let output = Run::new(command).driver("kqueue").output();
        let line = output.failure(2);
        assert!(line.contains("OVERLAPPED_DRIVER: there is no driver `kqueue`"), "{line}");
        let output = Run::new(command).variable("OVERLAPPED_MASK", "warp").output();
        let line = output.failure(2);
        assert!(line.contains("`warp`"), "{line}");
    }
}

#[test]
fn help_and_version() {
    for (arguments, says) in [
        (&["--help"][..], "Usage: overlapped <COMMAND>"),
        (&["serve", "--help"], "--mode <MODE>"),
        (&["client", "--help"], "[default: 127.0.0.1:7777]"),
        (&["--version"], concat!("overlapped ", env!("CARGO_PKG_VERSION"))),
    ] {
        let output = Run::new(arguments).output();
        assert_eq!(output.status.code(), Some(0));
        assert!(output.said.contains(says), "{}", output.said);
        assert_eq!(output.errors, "");
    }
}

on_all!(port_in_use, not_our_address, unknown_host);

fn port_in_use(on: On) {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = Run::new(&["serve", &address, "--model", on.model]).driver(on.driver).output();
    let line = output.failure(1);
    assert!(line.contains(&format!("cannot listen on {address}: ")), "{line}");
    assert!(line.contains("WSAEADDRINUSE"), "{line}");
    assert!(line.contains("port 0 picks a free one"), "the way out: {line}");
    assert_eq!(output.said, "");
}

fn not_our_address(on: On) {
    let output = Run::new(&["serve", "192.0.2.1:0", "--model", on.model]).driver(on.driver).output();
    let line = output.failure(1);
    assert!(line.contains("WSAEADDRNOTAVAIL"), "{line}");
    assert!(line.contains("0.0.0.0"), "the way out: {line}");
}

fn unknown_host(on: On) {
    for command in ["serve", "client"] {
        let output = Run::new(&[command, "no-such-host.invalid:80", "--model", on.model]).driver(on.driver).output();
        let line = output.failure(1);
        assert!(line.contains("cannot find no-such-host.invalid:80: "), "{line}");
        assert!(line.contains("check the name"), "the way out: {line}");
    }
}
