//! What a click does.

use crate::browser::Browser;
use crate::report::{SERVERS, SESSIONS, opened};
use serde_json::{Value, json};

/// How many parts of a server are seen, in all plots and in the rows of all tables; for an unfolded page.
fn seen(browser: &mut Browser, server: usize) -> (Value, Value) {
    let mut count = |within: &str| {
        browser.ask(&format!(
            "Array.from(document.querySelectorAll('{within} [data-server=\"{server}\"]'))
                .filter((part) => part.getClientRects().length > 0 && part.getBoundingClientRect().width > 0).length"
        ))
    };
    (count("svg.plot"), count("table"))
}

/// How many plots show a curve, a bar or a mark of a server.
fn plots(browser: &mut Browser, server: usize) -> Value {
    browser.ask(&format!(
        "Array.from(document.querySelectorAll('svg.plot'))
            .filter((plot) => Array.from(plot.querySelectorAll('[data-server=\"{server}\"]'))
                .some((part) => part.getClientRects().length > 0)).length"
    ))
}

#[test]
fn a_name_hides_its_server_everywhere_and_shows_it_again() {
    let Some((mut browser, _folder)) = opened(|_| ()) else { return };
    browser.click("details summary");
    let before = [0, 1, 2].map(|server| seen(&mut browser, server));
    // Throughput, CPU time and memory over sessions; CPU time, throughput and latency side by side.
    assert_eq!([0, 1, 2].map(|server| plots(&mut browser, server)), [json!(6), json!(6), json!(3)]);
    // A row for each number of sessions, and four points of latency for each.
    let rows = json!(SESSIONS.len() * 5);
    assert!(before.iter().all(|(_, in_tables)| *in_tables == rows), "{before:?}");

    browser.click(".legend [data-shows='1'] button");
    assert_eq!(seen(&mut browser, 1), (json!(0), json!(0)));
    for other in [0, 2] {
        assert_eq!(seen(&mut browser, other), before[other], "{}", SERVERS[other]);
    }
    let pressed = "document.querySelector(\".legend [data-shows='1'] button\").getAttribute('aria-pressed')";
    assert_eq!(browser.ask(pressed), "false");

    browser.click(".legend [data-shows='1'] button");
    assert_eq!([0, 1, 2].map(|server| seen(&mut browser, server)), before);
    assert_eq!(browser.ask(pressed), "true");
    assert_eq!(browser.complaints(), Vec::<Value>::new());
}

/// The first cells of a column of the first table.
fn column(browser: &mut Browser, column: usize) -> Vec<Value> {
    let cells = browser.ask(&format!(
        "Array.from(document.querySelector('table').tBodies[0].rows, (row) => {{
            const cell = row.cells[{column}];
            return cell.dataset.value === undefined ? cell.textContent.trim() : cell.dataset.value === '' ? null
                : Number(cell.dataset.value);
        }})"
    ));
    cells.as_array().expect("a list").clone()
}

fn numbers(cells: &[Value]) -> Vec<f64> {
    cells.iter().filter_map(Value::as_f64).collect()
}

#[test]
fn the_head_of_a_column_sorts_by_its_figures() {
    let Some((mut browser, _folder)) = opened(|_| ()) else { return };
    let cpu = 4;
    let head = format!("table thead th:nth-child({}) button", cpu + 1);
    assert!(!column(&mut browser, cpu).is_sorted_by_key(|cell| cell.as_f64()), "as the run had it");

    browser.click(&head);
    let rising = column(&mut browser, cpu);
    assert_eq!(numbers(&rising), [2003.0, 2150.0, 3001.0, 3050.0, 4000.0, 5000.0]);
    assert!(rising[6..].iter().all(Value::is_null), "what is not known comes last: {rising:?}");
    assert_eq!(browser.ask(&format!("document.querySelector('{head}').closest('th').ariaSort")), "ascending");

    browser.click(&head);
    let falling = column(&mut browser, cpu);
    assert_eq!(numbers(&falling), [5000.0, 4000.0, 3050.0, 3001.0, 2150.0, 2003.0]);
    assert!(falling[6..].iter().all(Value::is_null), "here too: {falling:?}");

    browser.click("table thead th:first-child button");
    let names = column(&mut browser, 0);
    assert_eq!(names.len(), SERVERS.len() * SESSIONS.len());
    assert!(names.chunks(SESSIONS.len()).all(|chunk| chunk.iter().all(|name| *name == chunk[0])), "{names:?}");
    assert_eq!(browser.complaints(), Vec::<Value>::new());
}

#[test]
fn a_number_of_sessions_is_chosen() {
    let Some((mut browser, _folder)) = opened(|_| ()) else { return };
    let shown = "Array.from(document.querySelectorAll('[data-sessions]'))
        .filter((part) => part.getClientRects().length > 0 && part.querySelector('svg.plot').getBoundingClientRect().width > 0)
        .map((part) => Number(part.dataset.sessions))";
    assert_eq!(browser.ask(shown), json!([1000]));
    for sessions in SESSIONS {
        browser.click(&format!(".chooser input[value='{sessions}']"));
        assert_eq!(browser.ask(shown), json!([sessions]));
    }
    assert_eq!(browser.complaints(), Vec::<Value>::new());
}
