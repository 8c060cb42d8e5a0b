//! `demo`.

use crate::support::{On, Run};
use crate::system::on_all;

on_all!(steps);

/// The steps of a message, in the words of Winsock; each follows the one before.
fn steps(on: On) {
    if !["event", "callback"].contains(&on.model) {
        return;
    }
    let output = Run::new(&["demo", "--model", on.model, "--seconds", "1"]).driver(on.driver).output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    let steps: &[&str] = match on.model {
        "callback" => &[
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
            "[server]   completion: the kernel has put 100 bytes into the session's buffer",
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
        _ => &[
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
    };
    let mut rest = &output.said[..];
    for step in steps {
        let at = rest
            .find(step)
            .unwrap_or_else(|| panic!("`{step}` is missing after the steps before in:\n{}", output.said));
        rest = &rest[at + step.len()..];
    }
    assert!(!output.said.contains("ANOTHER"), "{}", output.said);
}

/// Without a model both are shown.
#[test]
fn both_models() {
    let output = Run::new(&["demo", "--seconds", "0"]).output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    let (event, callback) = (output.said.find("=== event"), output.said.find("=== callback"));
    assert!(event.is_some() && event < callback, "{}", output.said);
}
