//! `info`.

use crate::support::{On, Run, on_all};

on_all!(text, json);

fn text(on: On) {
    let output = Run::new(&["info"]).driver(on.driver).output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    for says in [
        &format!("driver     {} (chosen by OVERLAPPED_DRIVER)\n", on.driver),
        &format!("OVERLAPPED_DRIVER={} ", on.driver),
        "kernel     ",
        "open files ",
        "locked memory ",
        "OVERLAPPED_MASK=(not set) ",
    ] {
        assert!(output.said.contains(says), "`{says}` in:\n{}", output.said);
    }
}

fn json(on: On) {
    let output = Run::new(&["info", "--json"]).driver(on.driver).output();
    let json: serde_json::Value = serde_json::from_str(&output.said).expect("JSON");
    assert_eq!(json["driver"], on.driver);
    assert_eq!(json["chosen_by"], "environment");
    assert!(json["refused"].is_null());
    assert!(json["kernel"].as_str().is_some_and(|kernel| kernel.contains('.')));
    assert!(json["limits"]["open_files"]["hard"].as_u64().is_none_or(|limit| limit > 0));
    assert_eq!(json["environment"][0]["value"], on.driver);
    for feature in json["features"].as_array().expect("an array") {
        let (found, masked) = (feature["found"].as_bool(), feature["masked"].as_bool());
        assert_eq!(feature["used"].as_bool(), Some(found == Some(true) && masked == Some(false)));
        assert!(feature["purpose"].as_str().is_some_and(|purpose| !purpose.is_empty()));
    }
}

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
