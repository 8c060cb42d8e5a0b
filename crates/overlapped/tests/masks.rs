//! Every newer kernel feature can be done without: the library works with each one masked, and with none left.
#![cfg(target_os = "linux")]

mod child;

use overlapped::driver::{self, Choice, Kind};

/// The features of io_uring that this library looks for, and nothing if the system refuses io_uring.
fn features() -> Vec<&'static str> {
    match driver::choose(Choice::Uring) {
        Ok(report) => report.features.iter().map(|feature| feature.name).collect(),
        Err(error) => {
            assert!(std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_none(), "{error}");
            println!("SKIPPED: {error}");
            Vec::new()
        }
    }
}

/// Runs a child that does without `masked`.
fn run_without(masked: &str) {
    let mut command = child::command("the_library_works_without_each_feature_and_without_all", masked);
    child::run(command.env("OVERLAPPED_DRIVER", "uring").env("OVERLAPPED_MASK", masked));
}

#[test]
fn the_library_works_without_each_feature_and_without_all() {
    if let Some(masked) = child::role() {
        let masked: Vec<&str> = masked.split(',').collect();
        let report = driver::report().unwrap();
        assert!(matches!(report.kind, Kind::Uring));
        for feature in &report.features {
            assert_eq!(feature.masked, masked.contains(&feature.name), "{}", feature.name);
            assert!(!feature.since.is_empty() && !feature.purpose.is_empty());
        }
        return child::exercise();
    }
    let features = features();
    for feature in &features {
        run_without(feature);
    }
    if !features.is_empty() {
        run_without(&features.join(","));
    }
}

#[test]
fn an_unknown_name_is_an_error_that_names_the_known() {
    if child::role().is_some() {
        let text = driver::report().unwrap_err().to_string();
        assert!(text.contains("OVERLAPPED_MASK") && text.contains("warp_drive"), "{text}");
        assert!(overlapped::Socket::listen("127.0.0.1:0").is_err());
        // The names of those that there are, to choose from.
        println!("{text}");
        return;
    }
    let features = features();
    for mask in ["warp_drive".to_owned(), format!("{},warp_drive", features.first().unwrap_or(&"warp_drive"))] {
        let mut command = child::command("an_unknown_name_is_an_error_that_names_the_known", "child");
        let output = command.env("OVERLAPPED_MASK", mask).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        for feature in &features {
            assert!(said.contains(feature), "{said}");
        }
    }
}
