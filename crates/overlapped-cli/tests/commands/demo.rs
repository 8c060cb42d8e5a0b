//! `demo`.

use crate::support::{On, Run};

const DRIVERS: &[&str] = if cfg!(windows) { &["winsock"] } else { &["uring", "epoll"] };

#[test]
fn select() {
    tells(
        "select",
        &[
            "=== select (reactor)",
            "[server] listens on 127.0.0.1:",
            "[server] fills the set anew: 2 sockets",
            "FD_ZERO, FD_SET",
            "[server] asks which of them can be read, and waits",
            "[client] begins to connect",
            "connect = WSAEWOULDBLOCK",
            "[client] asks whether it can write, or has failed, and waits",
            "[client] it can write: it is connected",
            "[server] the answer: 1 of 2 ready",
            "[server] the listener is ready",
            "[server]   reactor: it makes the call now",
            "[server] client 1 connected",
            "[server] fills the set anew: 3 sockets",
            "[client] sends: there is room, the call takes 100 bytes",
            "[server] the answer: 1 of 3 ready",
            "[server] client 1 is ready: its bytes are still in the kernel",
            "FD_ISSET",
            "[server]   reactor: it makes the call now, which takes 100 bytes",
            "recv(.., 1000, 0) = 100",
            "[server] client 1: received 100 bytes: \"Hello World\"",
            "[client] sends 100 bytes on connection 1",
            "[server] client 1: received 100 bytes: \"Hello World\"",
            "[server] client 3 connected",
            "[client] sends a byte to the server's end of the pair",
            "[server] the pair is ready",
            "[server] is busy with other work",
            "[client] sends 100 bytes on connection 3",
            "[server] fills the set anew: 4 sockets",
            "[server] the answer: 3 of 4 ready",
            "[server] client 1: received 100 bytes",
            "[server] client 2: received 100 bytes",
            "[server] client 3: received 100 bytes",
            "[client] closes its connections",
            "[server] client 3: received 0 bytes: the end",
            "[server] has no session left and ends",
        ],
    );
}

#[test]
fn event_select() {
    tells(
        "event-select",
        &[
            "=== event-select (reactor)",
            "[server] makes an event for other work, and one for the listener",
            "WSACreateEvent()",
            "[server] selects its network event: accept",
            "WSAEventSelect(.., FD_ACCEPT)",
            "[server] enters its wait for 2 events",
            "[client] selects its network event: connect",
            "[client] takes the record: CONNECT, without an error",
            "[server] event 1 is set: the wait returns its index",
            "[server] takes the record: ACCEPT; the event is reset",
            "WSAEnumNetworkEvents",
            "[server]   reactor: it makes the call now",
            "[server] client 1 connected",
            "[server] makes an event for the session",
            "WSAEventSelect(.., FD_READ | FD_CLOSE)",
            "[server] enters its wait for 3 events",
            "[client] sends: there is room, the call takes 100 bytes",
            "[server] event 2 is set",
            "[server] takes the record: READ; the event is reset",
            "[server] client 1 has something to read: it is still in the kernel",
            "[server]   not read yet: the event is not set again",
            "WSA_WAIT_TIMEOUT",
            "[server]   reactor: it makes the call now, which takes 5 bytes",
            "[server] client 1: received 5 bytes: \"Hello\"",
            "[server]   that call enables READ again",
            "[server] event 2 is set",
            "[server] takes the record: READ",
            "[server]   reactor: it makes the call now, which takes 95 bytes",
            "[client] sends 100 bytes on connection 1",
            "[server] client 1: received 100 bytes: \"Hello World\"",
            "[server] client 3 connected",
            "[client] sets the event for other work",
            "[server] event 0 is set",
            "[server] is busy with other work",
            "[client] sends 100 bytes on connection 3",
            "[server] enters its wait for 5 events",
            "[server] event 2 is set",
            "[server] event 3 is set",
            "[server] event 4 is set",
            "[client] closes its connections",
            "[server] client 3: received 0 bytes: the end",
            "[server] has no session left and ends",
        ],
    );
}

#[test]
fn async_select() {
    tells(
        "async-select",
        &[
            "=== async-select (reactor)",
            "[server] makes its message queue",
            "[server] selects its network events; what it accepts has the same",
            "WSAAsyncSelect(.., FD_ACCEPT | FD_READ | FD_CLOSE)",
            "[server] waits for the next message",
            "GetMessage",
            "[client] a message: CONNECT, without an error",
            "[server] a message of the listener: ACCEPT",
            "[server]   reactor: it makes the call now",
            "[server] client 1 connected",
            "[client] sends: there is room, the call takes 100 bytes",
            "[server] a message of client 1: READ; its bytes are still in the kernel",
            "WSAGETSELECTEVENT(lParam) == FD_READ",
            "[server]   reactor: it makes the call now, which takes 100 bytes",
            "[server] client 1: received 100 bytes: \"Hello World\"",
            "[client] sends 100 bytes on connection 1",
            "[server] client 3 connected",
            "[client] posts a message of the program's own",
            "PostMessage",
            "[server] a message of the program's own",
            "[server] is busy with other work",
            "[client] sends 100 bytes on connection 3",
            "[server] a message of client 1: READ",
            "[server] a message of client 2: READ",
            "[server] a message of client 3: READ",
            "[client] closes its connections",
            "[server] client 3: received 0 bytes: the end",
            "[server] has no session left and posts the end",
            "[server] takes the message that it is the end, and ends",
            "WM_QUIT",
        ],
    );
}

#[test]
fn event() {
    tells(
        "event",
        &[
            "=== event (proactor)",
            "[server] listens on 127.0.0.1:",
            "WSACreateEvent()",
            "[server] accept issued: pending",
            "[server] enters its wait for 1 event",
            "[client] connect issued",
            "[client] enters its wait for 1 event",
            "[server] the completion has set event 0: the wait returns its index",
            "WSA_WAIT_EVENT_0 + 0",
            "[server] asks for the result of the accept",
            "WSAGetOverlappedResult",
            "[server] client 1 connected",
            "[server] receive issued",
            "WSARecv(.., &overlapped, NULL)",
            "[server] enters its wait for 2 events",
            "WSAWaitForMultipleEvents(2",
            "[client] send issued",
            "WSASend(.., &overlapped, NULL)",
            "[client] the completion has set the event: the wait returns",
            "[client] asks for the result: 100 bytes sent",
            "[server] the completion has set event 0: the wait returns its index",
            "[server] asks for the result of the receive",
            "[server] the kernel has put 100 bytes into the session's buffer (proactor)",
            "[server] client 1: received 100 bytes: \"Hello World\"",
            "[client] sends 100 bytes on connection 1",
            "[server] client 1: received 100 bytes: \"Hello World\"",
            "[server] client 3 connected",
            "[client] queues a user APC to the server's thread",
            "[server]   the user APC runs",
            "WSA_WAIT_IO_COMPLETION",
            "[server] is busy with other work",
            "[server] the completion has set event ",
            "[server] the completion has set event ",
            "[server] the completion has set event ",
            "[client] closes its connections",
            "received 0 bytes: the end",
            "[server] has no session left and ends",
        ],
    );
}

#[test]
fn callback() {
    tells(
        "callback",
        &[
            "=== callback (proactor)",
            "[server] listens on 127.0.0.1:",
            "[server] accept issued: pending",
            "[server] enters its alertable wait",
            "SleepEx(INFINITE, TRUE)",
            "[client] connect issued",
            "[client]   its routine runs: connected",
            "[server]   completion: the accept has a client",
            "[server]   client 1 connected",
            "[server]   receive issued",
            "WSARecv(.., RecvCallback)",
            "[server] the wait returns: 1 ran in it",
            "WAIT_IO_COMPLETION",
            "[server] enters its alertable wait",
            "[client] send issued",
            "[client] enters its alertable wait",
            "[client]   its routine runs: 100 bytes sent",
            "[client] the wait returns",
            "[server]   completion: the kernel has put 100 bytes into the session's buffer (proactor)",
            "[server]   the routine is queued to the APC queue of the issuing thread",
            "[server]   the routine runs on the issuing thread, inside its wait",
            "RecvCallback(0, 100, overlapped, 0)",
            "[server]   client 1: received 100 bytes: \"Hello World\"",
            "[server] the wait returns: 1 ran in it",
            "[client] sends 100 bytes on connection 1",
            "[server]   client 1: received 100 bytes: \"Hello World\"",
            "[server]   client 3 connected",
            "[client] queues a user APC to the server's thread",
            "[server]   the user APC runs",
            "[server] is busy with other work",
            "[client] sends 100 bytes on connection 1",
            "[client] sends 100 bytes on connection 3",
            "[server] enters its alertable wait",
            "[server] the wait returns: 3 ran in it",
            "[client] closes its connections",
            "received 0 bytes: the end",
            "[server] has no session left and ends",
        ],
    );
}

#[test]
fn port() {
    tells(
        "port",
        &[
            "=== port (proactor)",
            "[server] makes a port on which one thread runs at a time",
            "CreateIoCompletionPort(.., NULL, 0, 1)",
            "[server] accept issued: pending",
            "[A]      waits for a packet",
            "[B]      waits for a packet",
            "[C]      waits for a packet",
            "GetQueuedCompletionStatus(port",
            "[client] a packet: connected",
            "[C]      a packet: the accept that server issued has a client",
            "[C]      client 1 connected",
            "[C]      receive issued: pending",
            "[C]      waits for a packet",
            "[client] a packet: 100 bytes sent",
            "[C]      a packet: the receive that C issued has completed",
            "[C]        the kernel has put 100 bytes into the session's buffer (proactor)",
            "[C]      client 1: received 100 bytes: \"Hello World\"",
            "[client] sends 100 bytes on connection 1",
            "[C]      client 1: received 100 bytes: \"Hello World\"",
            "[C]      client 3 connected",
            "[client] posts a packet: a job that computes",
            "PostQueuedCompletionStatus",
            "[C]        the job computes",
            "[client] sees that 3 packets and 2 threads wait, since 1 runs",
            "[C]      has computed, and takes 3 packets in one call",
            "GetQueuedCompletionStatusEx",
            "[C]      client 1: received 100 bytes",
            "[C]      a packet: the program's own",
            "[C]      a packet: the program's own",
            "[client] posts a packet: a job that waits",
            "[C]        the job waits: its thread does not count as one that runs",
            "[B]      a packet: the receive that C issued has completed",
            "[B]      client 1: received 100 bytes",
            "[client] sets the event",
            "[C]        the event is set: the job goes on",
            "[client] closes connection 1",
            "[C]      client 1: received 0 bytes: the end",
            "[C]      has no session left and closes the port",
            "CloseHandle(port)",
            "[A]      its wait ends: the port is closed",
            "[C]      its wait ends: the port is closed",
        ],
    );
}

/// The steps of a message, in the words of Winsock; each follows the one before, and no driver tells anything else.
fn tells(model: &'static str, steps: &[&str]) {
    let mut first: Option<String> = None;
    for &driver in DRIVERS.iter().filter(|driver| On { driver, model }.is_here()) {
        let output = Run::new(&["demo", "--model", model, "--seconds", "1"]).driver(driver).output();
        assert_eq!(output.status.code(), Some(0), "{}", output.errors);
        let said = without_port(&output.said);
        let mut rest = &said[..];
        for step in steps {
            let at =
                rest.find(step).unwrap_or_else(|| panic!("`{step}` is missing after the steps before in:\n{said}"));
            rest = &rest[at + step.len()..];
        }
        assert!(!said.contains("ANOTHER"), "{said}");
        let other = first.get_or_insert_with(|| said.clone());
        assert!(said == *other, "{driver} tells:\n{said}\nand another driver:\n{other}");
    }
}

/// Which port the server listens on is another one each time.
fn without_port(said: &str) -> String {
    let address = "listens on 127.0.0.1:";
    let digits = said.find(address).map_or(said.len(), |at| at + address.len());
    let port: String = said[digits..].chars().take_while(char::is_ascii_digit).collect();
    said.replacen(&format!("{port} "), &format!("{:1$} ", "", port.len()), 1)
}

/// Without a model all are shown, in the order in which they are taught.
#[test]
fn all_models() {
    let output = Run::new(&["demo", "--seconds", "0"]).output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    let titles = output.said.lines().filter_map(|line| line.strip_prefix("=== ")?.split_once(':'));
    let titles: Vec<&str> = titles.map(|(model, _)| model).collect();
    let reactors = ["select (reactor)", "event-select (reactor)", "async-select (reactor)"];
    let proactors = ["event (proactor)", "callback (proactor)", "port (proactor)"];
    assert_eq!(titles, [reactors, proactors].concat());
}

/// What the texts show of it is what it says.
#[test]
fn excerpts() {
    let output = Run::new(&["demo", "--seconds", "0"]).output();
    let said: Vec<&str> = output.said.lines().collect();
    for (name, text) in [
        ("README.md", include_str!("../../../../README.md")),
        ("README.ko.md", include_str!("../../../../README.ko.md")),
        ("reactor-and-proactor.md", include_str!("../../../../docs/reactor-and-proactor.md")),
    ] {
        let speaks = |line: &&str| ["=== ", "[server] ", "[client] ", "[B] "].iter().any(|who| line.starts_with(who));
        let shown: Vec<&str> = text.lines().filter(speaks).collect();
        assert!(!shown.is_empty(), "{name} shows nothing");
        for line in shown {
            assert!(said.contains(&line), "{name} shows `{line}`, but it says:\n{}", output.said);
        }
    }
}
