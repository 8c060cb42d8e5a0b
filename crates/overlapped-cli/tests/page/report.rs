//! The page of a report that no run has made: its figures are known.

use crate::browser::Browser;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// A name that is markup, if anything is.
pub(crate) const ODD: &str = "<b>odd</b> & 'co'";
/// In the order of the report.
pub(crate) const SERVERS: [&str; 3] = ["callback", "port", ODD];
pub(crate) const SESSIONS: [u32; 3] = [1, 50, 1000];

fn outcome(server: usize, sessions: u32) -> Value {
    // The second is the cheapest with few sessions, and the first with many; of the third no CPU time is known.
    let middle = [3000.0, 2000.0, 1000.0][server] + f64::from(sessions) * [1.0, 3.0, 2.0][server];
    let spread = |middle: f64| json!({ "low": middle * 0.9, "median": middle, "high": middle * 1.1 });
    json!({
        "server": SERVERS[server],
        "model": if server < 2 { Some(SERVERS[server]) } else { None },
        "sessions": sessions,
        "messages_per_second": spread(1e8 / middle),
        "cpu_per_message": if server < 2 { spread(middle) } else { Value::Null },
        "cpu_ratio": null,
        "memory_per_session": if server < 2 { json!(middle / 10.0) } else { Value::Null },
        "latency": {
            "corrected": false,
            "points": [[50.0, middle / 50.0], [90.0, middle / 40.0], [99.0, middle / 10.0], [100.0, middle]],
            "messages": 100_000,
        },
        "errors": 0,
    })
}

fn json() -> Value {
    let results = SESSIONS.iter().flat_map(|sessions| (0..SERVERS.len()).map(|server| outcome(server, *sessions)));
    json!({
        "format": 1,
        "command": "overlapped bench",
        "version": "0.0.0",
        "machine": { "system": "Linux", "processors": 2, "processor": "a processor", "driver": "uring" },
        "settings": {
            "shape": "echo", "sizes": 100, "depth": 1, "rate": null, "active": null, "rounds": 5, "seconds": 0.3,
            "threads": 1, "reference": null,
        },
        "results": results.collect::<Vec<_>>(),
        "notes": [],
    })
}

/// The page as the command draws it, in a folder of its own.
pub(crate) fn page() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder for the page");
    fs::write(folder.path().join("run.json"), json().to_string()).expect("a file in it");
    let said = Command::new(env!("CARGO_BIN_EXE_overlapped"))
        .args(["bench", "--from", "run.json", "--html", "page.html", "--svg", "picture.svg"])
        .current_dir(folder.path())
        .output()
        .expect("the command starts");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let told = String::from_utf8_lossy(&said.stdout).into_owned();
    let place = folder.path().join("page.html");
    assert!(told.ends_with(&format!("page: {}\n", place.display())), "where the page is:\n{told}");
    folder
}

/// The page in a browser; none where there is no browser.
pub(crate) fn opened(prepare: impl FnOnce(&mut Browser)) -> Option<(Browser, TempDir)> {
    let mut browser = Browser::start()?;
    let folder = page();
    prepare(&mut browser);
    browser.open(&folder.path().join("page.html"));
    Some((browser, folder))
}
