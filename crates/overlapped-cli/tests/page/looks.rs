//! What is seen.

use crate::browser::{Browser, address};
use crate::report::{ODD, SERVERS, SESSIONS, opened};
use serde_json::{Value, json};

/// The plots that are seen, as width and height.
fn plots(browser: &mut Browser) -> Vec<(f64, f64)> {
    let sizes = browser.ask(
        "Array.from(document.querySelectorAll('svg.plot'), (plot) => plot.getBoundingClientRect())
            .filter(({ width }) => width > 0).map(({ width, height }) => [width, height])",
    );
    let sizes = sizes.as_array().expect("a list").iter();
    sizes.map(|size| (size[0].as_f64().expect("a width"), size[1].as_f64().expect("a height"))).collect()
}

/// Over sessions, and side by side.
const OVER: usize = 3;
const BESIDE: usize = 3;

#[test]
fn every_plot_has_its_size_and_nothing_is_loaded_or_goes_wrong() {
    let Some((mut browser, folder)) = opened(|_| ()) else { return };
    let sizes = plots(&mut browser);
    assert_eq!(sizes.len(), OVER + BESIDE);
    assert!(sizes.iter().all(|(width, height)| *width > 300.0 && *height > 100.0), "{sizes:?}");
    assert_eq!(browser.complaints(), Vec::<Value>::new());
    assert_eq!(browser.requests(), [address(&folder.path().join("page.html"))]);
}

#[test]
fn names_are_shown_as_they_are() {
    let Some((mut browser, _folder)) = opened(|_| ()) else { return };
    let legend =
        browser.ask("Array.from(document.querySelectorAll('.legend li'), (entry) => entry.textContent.trim())");
    assert_eq!(legend, json!(SERVERS));
    assert_eq!(browser.ask("document.querySelectorAll('b').length"), 0);
    let beside = browser.ask("Array.from(document.querySelectorAll('svg.plot title'), (title) => title.textContent)");
    assert!(beside.as_array().expect("a list").iter().any(|title| title == ODD), "{beside}");
}

/// The servers whose processor time is known, each with a line; nothing is cut off.
#[test]
fn the_picture_is_whole() {
    let Some((mut browser, folder)) = opened(|_| ()) else { return };
    browser.open(&folder.path().join("picture.svg"));
    let words = browser.ask("Array.from(document.querySelectorAll('text'), (text) => text.textContent)");
    let has = |word: &str| words.as_array().expect("a list").iter().any(|text| text == word);
    assert!(has("CPU time of the server per message") && has("sessions") && has("1,000"), "{words}");
    assert!(SERVERS.map(has) == [true, true, false], "{words}");
    assert_eq!(browser.ask("document.querySelectorAll('svg svg .line').length"), 2);
    let outside = browser.ask(
        "(() => {
            const whole = document.documentElement.getBoundingClientRect();
            const outside = ({ left, top, right, bottom }) =>
                left < whole.left || top < whole.top || right > whole.right || bottom > whole.bottom;
            return Array.from(document.querySelectorAll('text, polyline, polygon, path'))
                .filter((part) => outside(part.getBoundingClientRect())).map((part) => part.outerHTML);
        })()",
    );
    assert_eq!(outside, json!([]));
    assert_eq!(browser.complaints(), Vec::<Value>::new());
}

#[test]
fn without_script_everything_is_there() {
    let Some((mut browser, _folder)) = opened(Browser::forbid_scripts) else { return };
    assert_eq!(plots(&mut browser).len(), OVER + BESIDE * SESSIONS.len());
    assert_eq!(browser.ask("document.querySelectorAll('button, input').length"), 0);
    let rows = browser.ask("document.querySelector('table').tBodies[0].rows.length");
    assert_eq!(rows, json!(SERVERS.len() * SESSIONS.len()));
    let words = browser.ask("document.body.innerText");
    for part in
        ["Least CPU time of the server per message: port with 1 and 50 sessions", "50 sessions", "1,000 sessions"]
    {
        assert!(words.as_str().expect("words").contains(part), "no `{part}` in:\n{words}");
    }
}

#[test]
fn a_phone_shows_the_whole_page_with_letters_that_can_be_read() {
    let Some((mut browser, _folder)) = opened(|browser| browser.window(360, 740)) else { return };
    assert_eq!(browser.ask("document.documentElement.scrollWidth"), 360, "nothing is wider than the screen");
    let sizes = plots(&mut browser);
    assert!(sizes.iter().all(|(width, _)| (250.0..360.0).contains(width)), "{sizes:?}");
    let letters = browser.ask(
        "Math.min(...Array.from(document.querySelectorAll('svg.plot'))
            .filter((plot) => plot.getBoundingClientRect().width > 0)
            .map((plot) => plot.getBoundingClientRect().width / plot.viewBox.baseVal.width
                * parseFloat(getComputedStyle(plot.querySelector('text')).fontSize)))",
    );
    assert!(letters.as_f64().expect("a size") > 9.0, "{letters} pixels");
    // Labels of an axis stand beside each other, and none leaves the plot.
    let outside = browser.ask(
        "Array.from(document.querySelectorAll('svg.plot text'))
            .filter((text) => text.getClientRects().length > 0)
            .filter((text) => text.getBoundingClientRect().left < 0 || text.getBoundingClientRect().right > 360)
            .map((text) => text.textContent)",
    );
    assert_eq!(outside, json!([]));
    browser.click(".legend [data-shows='0'] button");
    assert_eq!(browser.complaints(), Vec::<Value>::new());
}

#[test]
fn a_dark_screen_has_light_words_and_lines() {
    let Some((mut browser, _folder)) = opened(Browser::dark) else { return };
    // How light the colours of the page are, from 0 to 255.
    let mut light = |selector: &str, property: &str| {
        let parts = browser.ask(&format!(
            "getComputedStyle(document.querySelector('{selector}')).{property}.match(/[0-9]+/g).slice(0, 3).map(Number)"
        ));
        let parts: Vec<f64> = parts.as_array().expect("three").iter().filter_map(Value::as_f64).collect();
        parts.iter().sum::<f64>() / 3.0
    };
    assert!(light("body", "backgroundColor") < 60.0);
    for (selector, property) in
        [("body", "color"), ("svg.plot text", "fill"), (".how", "color"), ("svg.plot .line", "stroke")]
    {
        let lightness = light(selector, property);
        assert!(lightness > 100.0, "{selector}: {lightness}");
    }
}
