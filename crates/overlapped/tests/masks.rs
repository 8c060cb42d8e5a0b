//! Every newer kernel feature can be done without: the library works without each set of them.
#![cfg(target_os = "linux")]

mod child;

use std::thread;

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
    let mut command = child::command("the_library_works_without_each_set_of_features", masked);
    child::run(command.env("OVERLAPPED_DRIVER", "uring").env("OVERLAPPED_MASK", masked));
}

#[test]
fn the_library_works_without_each_set_of_features() {
    if let Some(masked) = child::role() {
        let masked: Vec<&str> = masked.split(',').collect();
        let report = driver::report().unwrap();
        assert!(matches!(report.kind, Kind::Uring));
        assert!(!report.refills || !masked.contains(&"return-refill"));
        for feature in &report.features {
            assert_eq!(feature.masked, masked.contains(&feature.name), "{}", feature.name);
            assert!(!feature.since.is_empty() && !feature.purpose.is_empty());
        }
        return child::exercise();
    }
    let features = features();
    if !features.is_empty() {
        // It is not io_uring's, so alone is enough.
        run_without("return-refill");
    }
    let sets: Vec<String> = (1..1usize << features.len())
        .map(|set| {
            let masked = features.iter().enumerate().filter(|(bit, _)| set & 1 << bit != 0);
            masked.map(|(_, name)| *name).collect::<Vec<_>>().join(",")
        })
        .collect();
    thread::scope(|scope| {
        for half in sets.chunks(sets.len().div_ceil(2).max(1)) {
            scope.spawn(|| half.iter().for_each(|masked| run_without(masked)));
        }
    });
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
