//! Features of io_uring that are done without.

use crate::support::Run;

/// Each feature can be masked, and `info` says so.
#[test]
fn masks() {
    let json = |mask: &str| -> serde_json::Value {
        let output = Run::new(&["info", "--json"]).variable("OVERLAPPED_MASK", mask).output();
        serde_json::from_str(&output.said).unwrap_or_else(|_| panic!("{}", output.errors))
    };
    for feature in json("")["features"].as_array().expect("an array") {
        let name = feature["name"].as_str().expect("a name");
        let masked = json(name);
        let same = masked["features"].as_array().expect("an array").iter().find(|other| other["name"] == name);
        let same = same.unwrap_or_else(|| panic!("no {name} in {masked}"));
        assert_eq!((&same["masked"], &same["used"]), (&true.into(), &false.into()), "{name}");
        let text = Run::new(&["info"]).variable("OVERLAPPED_MASK", name).output().said;
        assert!(text.lines().any(|line| line.contains(name) && line.contains(" masked ")), "{text}");
    }
}
