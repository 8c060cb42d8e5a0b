//! What the bench does when a server fails: the others go on, and the user is told.

use super::{Scratch, bench, serve};
use crate::support::{On, WATCHDOG};
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

#[test]
fn a_server_that_does_not_start() {
    let output = bench(&["--server", &serve("odd", "{port} --mode sing")]);
    let line = output.failure(1);
    assert!(line.contains("failed: odd with 1 session: the server has ended before it listened"), "{line}");
    assert!(line.ends_with("(no server is left; start it by itself to see what is wrong)"), "{line}");
    assert_eq!(output.said, "");
    assert!(line.contains("it says: error: invalid value 'sing'"), "{line}");
}

/// A server of one client that answers with what `answer` makes of each piece, until it makes nothing.
fn fake(mut answer: impl FnMut(&mut [u8]) -> bool + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        // The first client only tries whether it answers.
        for stream in listener.incoming().take(2) {
            let (mut stream, mut buffer) = (stream.expect("a client"), [0; 1000]);
            stream.set_read_timeout(Some(WATCHDOG)).expect("a timeout");
            while let Ok(bytes @ 1..) = stream.read(&mut buffer) {
                if !answer(&mut buffer[..bytes]) || stream.write_all(&buffer[..bytes]).is_err() {
                    break;
                }
            }
        }
    });
    address
}

#[test]
fn wrong_answers_are_found() {
    let mut pieces = 0;
    let to = fake(move |bytes| {
        pieces += 1;
        if pieces > 10 {
            bytes[7] ^= 1;
        }
        true
    });
    let output = bench(&["--connect", &to.to_string(), "--sessions", "1", "--seconds", "3600"]);
    let line = output.failure(1);
    assert!(line.contains(&format!("error: failed: {to} with 1 session: the server answers wrongly: byte ")), "{line}");
    assert!(line.contains(" of session 1 is not what was sent"), "{line}");
}

#[test]
fn a_server_that_leaves_is_told_of() {
    let mut pieces = 0;
    let to = fake(move |_| {
        pieces += 1;
        pieces < 10
    });
    let output = bench(&["--connect", &to.to_string(), "--sessions", "1", "--seconds", "3600"]);
    let line = output.failure(1);
    assert!(line.contains("the server has closed session 1") || line.contains("session 1 is lost"), "{line}");
}

/// What was measured before something went wrong is not lost.
#[test]
fn a_failure_shows_what_there_is() {
    // It lets so many in, and then nobody.
    let server = On::ANY.serve("echo", &["--max-clients", "4"]);
    let output = bench(&["--connect", &server.address.to_string(), "--sessions", "3,8"]);
    let line = output.failure(1);
    assert!(line.contains("the server has closed session ") || line.contains(" is lost: "), "{line}");
    assert!(output.said.contains("\n3 sessions\n"), "{}", output.said);
    let says = format!("\n8 sessions\n  {} has failed after 0 of 2 rounds: ", server.address);
    assert!(output.said.contains(&says), "{}", output.said);
    assert!(
        output.said.contains("\ncut short: no server is left after 0 of 2 rounds with 8 sessions\n"),
        "{}",
        output.said
    );
    server.stop();
}

/// One that cannot be measured is out, and the others are measured to the end.
#[test]
fn the_others_go_on() {
    // The first does not start, the second lets too few in.
    let few = serve("few", "{port} --mode echo --max-clients 4");
    let (odd, page, file) =
        (serve("odd", "{port} --mode sing"), Scratch::new("others.html"), Scratch::new("others.json"));
    let servers = ["--server", &odd, "--server", &few, "--models", "event,port", "--reference", "port"];
    let files = ["--sessions", "3,8", "--html", page.path(), "--json", file.path()];
    let output = bench(&[&servers[..], &files].concat());
    let line = output.failure(1);
    for says in
        ["failed: odd with 3 sessions: the server has ended", "; few with 8 sessions: ", "(the others were measured; "]
    {
        assert!(line.contains(says), "{says}: {line}");
    }
    let report: Value = serde_json::from_str(&fs::read_to_string(&file.0).expect("it was written")).expect("JSON");
    let of = |list: &str| {
        let all = report[list].as_array().expect("a list").iter();
        all.map(|one| (one["server"].as_str().expect("a name").to_string(), one["sessions"].as_u64()))
            .collect::<Vec<_>>()
    };
    let named =
        |all: &[(&str, u64)]| all.iter().map(|(name, count)| (name.to_string(), Some(*count))).collect::<Vec<_>>();
    assert_eq!(of("results"), named(&[("event", 3), ("port", 3), ("few", 3), ("event", 8), ("port", 8)]));
    assert_eq!(of("failures"), named(&[("odd", 3), ("odd", 8), ("few", 8)]));
    assert!(report["cut_short"].is_null());
    let failed = &report["failures"][0];
    assert_eq!(failed["rounds"], 0);
    let reason = failed["reason"].as_str().expect("words");
    assert!(reason.contains("it says: error: invalid value 'sing'"), "{reason}");
    assert!(output.said.contains("\n  odd has failed after 0 of 2 rounds: the server has ended"), "{}", output.said);
    let html = fs::read_to_string(&page.0).expect("it was drawn");
    assert!(html.contains("class=\"failures\"") && html.contains("odd has failed with"), "{html}");
}

/// Ratios to a server that is not there are none.
#[test]
fn the_end_of_the_reference_is_the_end() {
    let few = serve("few", "{port} --mode echo --max-clients 4");
    let output = bench(&["--server", &few, "--models", "event", "--reference", "few", "--sessions", "3,8,3"]);
    let line = output.failure(1);
    assert!(line.contains("failed: few with 8 sessions: ") && line.contains("it is the reference"), "{line}");
    let short = "\ncut short: the reference has failed after 0 of 2 rounds with 8 sessions\n";
    assert!(output.said.contains(short), "{}", output.said);
}

/// What there was stays until there is something whole.
#[test]
fn a_failure_leaves_files_as_they_are() {
    let folder = Scratch::new("files");
    fs::create_dir(&folder.0).expect("a folder");
    let (json, html) = (folder.0.join("run.json"), folder.0.join("run.html"));
    fs::write(&json, "older").expect("a file");
    let files = ["--json", json.to_str().expect("a path"), "--html", html.to_str().expect("a path")];
    let inside = || {
        let names = fs::read_dir(&folder.0).expect("it is there").map(|one| one.expect("a file").file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    };
    let output = bench(&[&["--server", &serve("odd", "{port} --mode sing")], &files[..]].concat());
    output.failure(1);
    assert_eq!((fs::read_to_string(&json).expect("it stays"), inside()), ("older".into(), vec!["run.json".into()]));
    let output = bench(&[&["--models", "event", "--sessions", "1"], &files[..]].concat());
    assert_eq!((output.status.code(), &*output.errors), (Some(0), ""));
    assert!(fs::read_to_string(&json).expect("it is there").starts_with("{\n"));
    assert_eq!(inside(), ["run.html", "run.json"]);
    fs::remove_dir_all(&folder.0).expect("it was made here");
}
