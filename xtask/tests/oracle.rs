//! The table of what Windows does: kept by this checkout, and each of its rules able to complain.

use std::path::Path;
use xtask::oracle;
use xtask::tidy::{self, Tree};

const TABLE: &str = "conformance/rust.table";
const PROBE: &str = "// 01_event\nint main() {}\n";
const EXPECTED: &str = "recv: return = -1\nrecv: error = 997 IO_PENDING\nrecv: Internal = 259\nend\n";
const TESTS: &str = "//! Events.\n\n#[test]\nfn a_receive() {\n    assert!(true);\n}\n\nfn helper() {\n}\n";

/// A checkout of one probe whose table is as it should be.
fn good() -> Tree {
    let table = format!(
        "# All.\nreason fields: Rust has no such field.\nreason ports: Not there yet.\n\n\
         probe 01_event {}\nrecv: return = -1\nrecv: error = 997 IO_PENDING\n    test event.rs a_receive\n\
         recv: Internal = 259\n    reason fields\n\nprobe 07_iocp {}\n*\n    reason ports\n",
        oracle::digest(PROBE),
        oracle::digest(""),
    );
    let files = [
        (TABLE, table.as_str()),
        ("conformance/01_event.cpp", PROBE),
        ("conformance/01_event.expected", EXPECTED),
        ("conformance/07_iocp.cpp", ""),
        ("conformance/07_iocp.expected", "port = yes\nend\n"),
        ("crates/overlapped/tests/event.rs", TESTS),
    ];
    files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()
}

/// With this one replacement in this one file of a good checkout there is just this complaint.
#[track_caller]
fn complains(path: &str, from: &str, to: &str, complaint: &str) {
    let mut tree = good();
    let text = tree.get_mut(path).expect("a file of the good checkout");
    assert!(text.contains(from));
    *text = text.replacen(from, to, 1);
    assert_eq!(oracle::complaints(&tree), [complaint]);
}

#[test]
fn a_good_table_is_good() {
    assert_eq!(oracle::complaints(&good()), [""; 0]);
}

#[test]
fn a_fact_without_a_row() {
    let expected = "conformance/01_event.expected";
    complains(TABLE, "recv: return = -1\n", "", "01_event: no row for `recv: return = -1`");
    complains(expected, "end\n", "recv: more = 1\nend\n", "01_event: no row for `recv: more = 1`");
    // Twice printed is twice to be held.
    complains(expected, "end\n", "recv: return = -1\nend\n", "01_event: no row for `recv: return = -1`");
}

#[test]
fn a_row_without_its_fact() {
    let expected = "conformance/01_event.expected";
    let gone = "01_event: a row for `recv: return = -1`, which the probe does not print";
    complains(expected, "recv: return = -1\n", "", gone);
    let twice = "recv: return = -1\nrecv: return = -1\n";
    complains(TABLE, "recv: return = -1\n", twice, gone);
}

#[test]
fn a_value_that_differs() {
    let mut tree = good();
    let expected = tree.get_mut("conformance/01_event.expected").unwrap();
    *expected = expected.replace("-1", "0");
    let wanted = [
        "01_event: no row for `recv: return = 0`",
        "01_event: a row for `recv: return = -1`, which the probe does not print",
    ];
    assert_eq!(oracle::complaints(&tree), wanted);
}

#[test]
fn a_probe_without_a_section_or_a_section_without_its_probe() {
    let mut tree = good();
    tree.insert("conformance/99_new.cpp".into(), String::new());
    tree.insert("conformance/99_new.expected".into(), "new = yes\nend\n".into());
    assert_eq!(oracle::complaints(&tree), ["99_new: no row for `new = yes`"]);
    tree.remove("conformance/99_new.expected");
    assert_eq!(oracle::complaints(&tree), ["99_new: has no .expected"]);
    let mut tree = good();
    tree.remove("conformance/07_iocp.cpp");
    assert_eq!(oracle::complaints(&tree), ["07_iocp: is no probe"]);
}

#[test]
fn a_test_that_is_not_there() {
    complains(TABLE, "a_receive", "a_send", "01_event: event.rs has no test a_send");
    complains(TABLE, "a_receive", "a_receive a_send", "01_event: event.rs has no test a_send");
    let no_file = "01_event: there is no file crates/overlapped/tests/events.rs";
    complains(TABLE, "event.rs", "events.rs", no_file);
    let tests = "crates/overlapped/tests/event.rs";
    complains(tests, "fn a_receive() {", "// fn a_receive() {", "01_event: event.rs has no test a_receive");
}

#[test]
fn a_test_that_is_switched_off() {
    let (tests, off) = ("crates/overlapped/tests/event.rs", concat!("#[", "ignore]"));
    let complaint = format!("01_event: event.rs: a_receive is #[test] {off} instead of #[test]");
    complains(tests, "#[test]\n", &format!("#[test]\n{off}\n"), &complaint);
    let complaint = format!("01_event: event.rs: a_receive is {off} #[test] instead of #[test]");
    complains(tests, "#[test]\n", &format!("{off}\n// Later.\n#[test]\n"), &complaint);
    complains(tests, "#[test]\n", "", "01_event: event.rs: a_receive is  instead of #[test]");
    complains(TABLE, "a_receive", "helper", "01_event: event.rs: helper is  instead of #[test]");
}

#[test]
fn a_reason_that_is_unknown_unused_or_empty() {
    let mut tree = good();
    let table = tree.get_mut(TABLE).unwrap();
    *table = table.replace("    reason ports", "    reason port");
    let wanted = ["07_iocp: there is no reason port", "the reason ports is given nowhere"];
    assert_eq!(oracle::complaints(&tree), wanted);
    let more = "reason more: Never given.\n\nprobe 01_event";
    complains(TABLE, "\nprobe 01_event", more, "the reason more is given nowhere");
    let empty = "conformance/rust.table:4: cannot be read: reason empty:";
    complains(TABLE, "\nprobe 01_event", "reason empty:\nprobe 01_event", empty);
}

#[test]
fn a_probe_that_has_changed() {
    let mut tree = good();
    tree.get_mut("conformance/01_event.cpp").unwrap().push('\n');
    let [complaint] = &oracle::complaints(&tree)[..] else { panic!("one complaint") };
    assert!(complaint.contains(&format!("`probe 01_event {}`", oracle::digest(&format!("{PROBE}\n")))), "{complaint}");
    assert_ne!(oracle::digest("a"), oracle::digest("b"));
    assert_eq!(oracle::digest("a\r\nb"), oracle::digest("a\nb"), "how a checkout ends its lines");
    assert_eq!(oracle::digest(""), "cbf29ce484222325");
}

#[test]
fn a_table_that_cannot_be_read() {
    let nothing = "    reason fields\n\nprobe 07_iocp";
    let rest = "\nprobe 07_iocp";
    let unheld = good()[TABLE].replace(nothing, rest);
    let tree = Tree::from([(TABLE.to_owned(), unheld)]);
    assert!(oracle::complaints(&tree).iter().any(|one| one.contains("cannot be read: probe 07_iocp")));
    complains(
        TABLE,
        "    reason fields",
        "    reason fields\n    because",
        "conformance/rust.table:11: cannot be read:     because",
    );
    let last = format!("{}more = 1\n", good()[TABLE]);
    let tree = Tree::from([(TABLE.to_owned(), last)]);
    assert!(oracle::complaints(&tree).contains(&"conformance/rust.table: nothing holds its last facts".to_owned()));
    assert_eq!(oracle::complaints(&Tree::new()), ["conformance/rust.table is missing"]);
}

/// Facts that the library does not hold yet, each the beginning of a complaint.
const NOT_YET: [&str; 17] = [
    "02_routine: no row for `drain: order",
    "02_routine: no row for `three recvs on one socket",
    "03_apc: no row for `APC only: SignalObjectAndWait",
    "03_apc: no row for `APC only, SignalObjectAndWait",
    "03_apc: no row for `not alertable: SignalObjectAndWait",
    "03_apc: no row for `both: SignalObjectAndWait",
    "03_apc: no row for `both: APCs run by it (3)",
    "03_apc: no row for `to a suspended new thread",
    "03_apc: no row for `mutex free and APC queued",
    "04_waits: no row for `semaphore",
    "04_waits: no row for `mutex",
    "04_waits: no row for `thread",
    "06_buffers: no row for `",
    "13_threads: no row for `_beginthreadex: ",
    "13_threads: no row for `wait on the own thread",
    "13_threads: no row for `SignalObjectAndWait",
    "13_timers_pool: no row for `",
];

#[test]
fn every_fact_of_windows_is_held_or_has_its_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root of the checkout");
    let mut complaints = oracle::complaints(&tidy::read(root).expect("a readable checkout"));
    for beginning in NOT_YET {
        let before = complaints.len();
        complaints.retain(|complaint| !complaint.starts_with(beginning));
        assert!(complaints.len() < before, "held by now: {beginning}");
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
