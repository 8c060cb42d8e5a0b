//! The page as a whole, of reports as they come and as no run would give them.

use super::plot::WIDTH;
use super::*;
use crate::bench::report::{FORMAT, Failed, Latency, Machine, Outcome, Settings, Shape, Spread};
use proptest::collection::vec;
use proptest::prelude::*;

fn outcome(server: &str, sessions: usize, scale: f64) -> Outcome {
    let spread = |middle: f64| Spread { low: middle * 0.9, median: middle, high: middle * 1.2 };
    let points = [(50.0, 20.0), (90.0, 30.0), (99.0, 80.0), (99.9, 300.0), (99.99, 900.0), (100.0, 1500.0)];
    Outcome {
        server: server.into(),
        model: (server == "port").then(|| "port".into()),
        sessions,
        messages_per_second: spread(120_000.0 / scale),
        cpu_per_message: Some(spread(1500.0 * scale)),
        cpu_ratio: Some(spread(scale)),
        memory_per_session: Some(200.0 * scale),
        latency: Latency {
            corrected: false,
            points: points.map(|(at, micros)| (at, micros * scale)).to_vec(),
            messages: 500_000,
        },
        errors: 0,
    }
}

fn report(results: Vec<Outcome>) -> Report {
    Report {
        format: FORMAT,
        command: "overlapped bench --models all".into(),
        version: "1.2.3".into(),
        machine: Machine {
            system: "Linux 6.1".into(),
            processors: 2,
            processor: "A processor".into(),
            driver: "uring".into(),
            raised: false,
        },
        settings: Settings {
            shape: Shape::Echo,
            sizes: 100,
            depth: 1,
            rate: None,
            active: None,
            rounds: 5,
            seconds: 0.2,
            threads: 1,
            reference: Some("port".into()),
        },
        results,
        failures: Vec::new(),
        cut_short: None,
        notes: vec!["A note.".into()],
    }
}

/// Every element that opens closes again, in order; HTML's own that never close aside.
fn is_balanced(page: &str) -> bool {
    let body = &page[page.find("<body").expect("a body")..page.find("<script").expect("a script")];
    let mut open = Vec::new();
    for part in body.split('<').skip(1) {
        let Some((tag, _)) = part.split_once('>') else { return false };
        match tag.strip_prefix('/') {
            Some(closed) if open.pop() != Some(closed) => return false,
            Some(_) => {}
            None => open.push(tag.split(' ').next().unwrap_or("")),
        }
    }
    open == ["body"]
}

/// The values of an attribute wherever it stands.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// With spaces as they are typed.
fn plain(page: &str) -> String {
    page.replace('\u{a0}', " ")
}

#[track_caller]
fn draws_within_its_plots(page: &str) {
    let body = &page[page.find("<main").expect("a main part")..page.find("<script").expect("a script")];
    for plot in body.split("<svg class=\"plot\"").skip(1) {
        let plot = plot.split("</svg>").next().unwrap_or("");
        let size = attributes(plot, "viewBox")[0].split(' ').filter_map(|number| number.parse::<i64>().ok());
        let &[_, _, width, height] = size.collect::<Vec<_>>().as_slice() else { panic!("four numbers") };
        assert_eq!(width, i64::from(WIDTH));
        let inside = |text: &str, most: i64| {
            let number: i64 = text.parse().unwrap_or_else(|_| panic!("a whole number, not {text}"));
            assert!((-20..=most + 20).contains(&number), "{number} of {most} in {plot}");
        };
        for points in attributes(plot, "points") {
            for (x, y) in points.split(' ').filter_map(|point| point.split_once(',')) {
                inside(x, width);
                inside(y, height);
            }
        }
        for (name, most) in [("x", width), ("y", height), ("width", width), ("height", height)] {
            attributes(plot, name).into_iter().for_each(|text| inside(text, most));
        }
    }
}

#[test]
fn the_page_says_what_was_run_and_who_took_least() {
    let page = render(&report(vec![
        outcome("port", 1, 1.0),
        outcome("callback", 1, 2.0),
        outcome("port", 1000, 1.5),
        outcome("callback", 1000, 1.0),
    ]));
    for words in [
        "Echo: 2 servers, 100 bytes, 1 to 1,000 sessions",
        "Least CPU time of the server per message: port with 1 session (1.5 µs); callback with 1,000 sessions (1.5 µs).",
        "overlapped bench --models all",
        "A processor, 2 processors, Linux 6.1",
        "closed loop: 1 message on the way in each session that talks",
        "5, each with a slice of 0.2 s for each server in turn",
        "A note.",
    ] {
        assert!(plain(&page).contains(words), "no `{words}` in:\n{page}");
    }
    assert!(is_balanced(&page));
    draws_within_its_plots(&page);
}

#[test]
fn servers_whose_rounds_overlap_are_said_to_be_level() {
    let page = render(&report(vec![outcome("port", 8, 1.0), outcome("callback", 8, 1.1)]));
    assert!(plain(&page).contains("port with 8 sessions (1.5 µs, within the spread of callback)."), "{page}");
}

#[test]
fn names_are_words_and_never_markup() {
    let evil = "</script><script>alert(1)</script>\"'&";
    let mut report = report(vec![outcome(evil, 1, 1.0), outcome(evil, 10, 1.0)]);
    report.command = evil.into();
    report.notes = vec![evil.into()];
    report.machine.processor = evil.into();
    report.settings.reference = Some(evil.into());
    report.results[0].model = Some(evil.into());
    let page = render(&report);
    assert!(!page.contains("<script>alert"), "{page}");
    assert_eq!((page.matches("<script>").count(), page.matches("</script>").count()), (1, 1));
    assert!(is_balanced(&page));
}

#[test]
fn what_was_not_measured_is_said() {
    let mut outcome = outcome("other", 1, 1.0);
    (outcome.cpu_per_message, outcome.cpu_ratio, outcome.memory_per_session) = (None, None, None);
    outcome.latency.points.clear();
    let page = render(&report(vec![outcome]));
    for words in [
        "CPU time of the servers was not measured. Most messages",
        "Memory of the servers was not measured.",
        "No latency was measured.",
    ] {
        let plain = page.replace("</p><p class=\"summary\">", " ");
        assert!(plain.contains(words), "no `{words}` in:\n{page}");
    }
}

#[test]
fn each_shape_counts_what_it_does() {
    for (shape, words) in [
        (Shape::Echo, ["Messages per second", "CPU per message"]),
        (Shape::Broadcast, ["Deliveries per second", "CPU per delivery"]),
        (Shape::Churn, ["Connections per second", "CPU per connection"]),
    ] {
        let mut report = report(vec![outcome("port", 1, 1.0)]);
        report.settings.shape = shape;
        let page = render(&report);
        assert!(words.iter().all(|words| page.contains(words)), "{shape:?}:\n{page}");
    }
}

#[test]
fn a_percentile_that_was_not_measured_is_not_made_up() {
    let mut outcome = outcome("port", 1, 1.0);
    outcome.latency.points = vec![(50.0, 12.3), (100.0, 45.6)];
    let page = render(&report(vec![outcome]));
    let cells: Vec<_> =
        page.split("<td").skip(1).filter(|cell| cell.contains("12.3") || cell.contains("45.6")).collect();
    // In the table of all figures the median only, in that of latency both.
    assert_eq!(cells.len(), 3, "{cells:?}");
}

#[test]
fn errors_are_named() {
    let mut bad = outcome("port", 1, 1.0);
    bad.errors = 1234;
    let page = render(&report(vec![bad, outcome("callback", 1, 1.0)]));
    assert!(page.contains("There were 1,234 errors"), "{page}");
    assert_eq!(page.matches("<tr class=\"bad\"").count(), 1);
}

#[test]
fn what_failed_is_said_with_its_reason() {
    let mut report = report(vec![outcome("port", 8, 1.0), outcome("callback", 8, 1.0)]);
    let failed =
        |server: &str, rounds| Failed { server: server.into(), sessions: 8, rounds, reason: "it <ended>".into() };
    report.failures = vec![failed("callback", 3), failed("mine", 0)];
    report.cut_short = Some("after 4 of 5 rounds".into());
    let page = render(&report);
    for words in [
        "callback has failed with 8 sessions after 3 of 5 rounds: it &lt;ended&gt;",
        "mine has failed with 8 sessions after 0 of 5 rounds: ",
        "The run was cut short: after 4 of 5 rounds",
    ] {
        assert!(plain(&page).contains(words), "no `{words}` in:\n{page}");
    }
    assert_eq!(page.matches("<th class=\"failed\"").count(), 1, "the one of them that has figures");
    assert!(is_balanced(&page));
}

#[test]
fn nothing_is_a_page_too() {
    let page = render(&report(Vec::new()));
    assert!(page.contains("Nothing was measured."), "{page}");
    assert!(is_balanced(&page));
}

#[test]
fn every_figure_stands_in_a_table() {
    let page = render(&report(vec![outcome("port", 1, 1.0), outcome("callback", 1, 2.0)]));
    let tables: String = page.split("<table").skip(1).filter_map(|table| table.split("</table>").next()).collect();
    for figure in
        ["120,000", "108,000", "144,000", "1,500", "1,350", "1,800", ">200<", ">1<", "99.99", ">900<", ">3,000<"]
    {
        assert!(tables.contains(figure), "no {figure} in:\n{tables}");
    }
}

/// Any number, and often those that go wrong.
fn figure() -> impl Strategy<Value = f64> {
    let odd = [0.0, -0.0, 1.0, -1.0, 1e-320, f64::MIN_POSITIVE, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY];
    prop_oneof![any::<f64>(), 0.0..1e6, proptest::sample::select(odd.to_vec())]
}

fn spread() -> impl Strategy<Value = Spread> {
    [figure(), figure(), figure()].prop_map(|[low, median, high]| Spread { low, median, high })
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let name = prop_oneof![any::<String>(), "[ab]"];
    let sessions = prop_oneof![any::<usize>(), 0..3_usize];
    let percentile = prop_oneof![figure(), 0.0..=100.0];
    let optional = proptest::option::of::<BoxedStrategy<Spread>>;
    (
        (name, proptest::option::of(any::<String>()), sessions, any::<u64>(), any::<u64>(), any::<bool>()),
        (spread(), optional(spread().boxed()), optional(spread().boxed()), proptest::option::of(figure())),
        vec((percentile, figure()), 0..20),
    )
        .prop_map(|((server, model, sessions, messages, errors, corrected), figures, points)| Outcome {
            server,
            model,
            sessions,
            messages_per_second: figures.0,
            cpu_per_message: figures.1,
            cpu_ratio: figures.2,
            memory_per_session: figures.3,
            latency: Latency { corrected, points, messages },
            errors,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_report_is_drawn(
        results in vec(any_outcome(), 0..8),
        (rate, active, rounds, seconds) in (proptest::option::of(figure()), any::<Option<usize>>(), any::<usize>(), figure()),
    ) {
        let mut report = report(results);
        (report.settings.rate, report.settings.active) = (rate, active);
        (report.settings.rounds, report.settings.seconds) = (rounds, seconds);
        let page = render(&report);
        prop_assert!(is_balanced(&page), "{page}");
        prop_assert!(!page.contains("could not be drawn"));
        draws_within_its_plots(&page);
    }
}
