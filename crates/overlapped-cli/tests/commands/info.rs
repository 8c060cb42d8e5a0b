//! `info`.

use crate::support::{On, Run};
use crate::system::{self, on_all};

on_all!(text, json);

fn text(on: On) {
    let output = Run::new(&["info"]).driver(on.driver).output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    let driver = format!("driver     {} (chosen by OVERLAPPED_DRIVER)\n", on.driver);
    let variable = format!("OVERLAPPED_DRIVER={} ", on.driver);
    for says in [&driver, &variable, "OVERLAPPED_MASK=(not set) "].into_iter().chain(system::INFO) {
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
