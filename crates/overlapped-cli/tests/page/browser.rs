//! A browser without a window, driven over its DevTools protocol.

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// Far longer than anything takes: what is not there by then never comes.
const WATCHDOG: Duration = Duration::from_secs(60);
const PACKAGE: &str = "chromium-headless-shell";

/// A browser with one page open. It ends with the test.
pub(crate) struct Browser {
    processes: Processes,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    /// The page's, once there is one.
    session: Option<String>,
    calls: u64,
    /// What the browser told without being asked.
    events: Vec<Value>,
    /// What the browser keeps.
    _folder: TempDir,
}

impl Browser {
    /// None where no browser is; that is loud, and with `OVERLAPPED_TEST_REQUIRE_BROWSER` set a failure.
    pub(crate) fn start() -> Option<Self> {
        let program = env::var("OVERLAPPED_TEST_BROWSER").unwrap_or_else(|_| PACKAGE.into());
        let folder = tempfile::tempdir().expect("a folder for what the browser keeps");
        let started = Command::new(&program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn();
        let mut processes = match started {
            Ok(child) => Processes(child),
            Err(error) => {
                let words = format!("no browser {program} ({error}): apt-get install {PACKAGE}");
                assert!(env::var_os("OVERLAPPED_TEST_REQUIRE_BROWSER").is_none(), "{words}");
                // Past the capture of the test harness.
                let _ = writeln!(std::io::stderr(), "\nSKIPPED: {words}");
                return None;
            }
        };
        let address = listening(&mut processes.0);
        let (socket, _) = tungstenite::connect(address).expect("the browser takes a connection");
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(WATCHDOG)).expect("a timeout");
        }
        let mut browser = Self { processes, socket, session: None, calls: 0, events: Vec::new(), _folder: folder };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached =
            browser.call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        browser.session = Some(attached["sessionId"].as_str().expect("a session").into());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.window(1280, 900);
        Some(browser)
    }

    /// Loads a page from a file.
    pub(crate) fn open(&mut self, file: &Path) {
        self.events.clear();
        let answer = self.call("Page.navigate", json!({ "url": address(file) }));
        assert_eq!(answer.get("errorText"), None, "the page is there");
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.receive();
            self.events.push(event);
        }
    }

    pub(crate) fn window(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    pub(crate) fn dark(&mut self) {
        let features = json!([{ "name": "prefers-color-scheme", "value": "dark" }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Pages that are opened from now on run no script.
    pub(crate) fn forbid_scripts(&mut self) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    }

    /// The value of an expression in the page.
    pub(crate) fn ask(&mut self, expression: &str) -> Value {
        let mut answer = self.call("Runtime.evaluate", json!({ "expression": expression, "returnByValue": true }));
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    /// Clicks the middle of an element, as a mouse does: it must be there for a mouse, too.
    pub(crate) fn click(&mut self, selector: &str) {
        let place = self.ask(&format!(
            "(() => {{
                const element = document.querySelector({selector:?});
                element.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }});
                const {{ x, y, width, height }} = element.getBoundingClientRect();
                const [across, down] = [x + width / 2, y + height / 2];
                const there = document.elementFromPoint(across, down);
                return [across, down, there !== null && (element.contains(there) || there.contains(element))];
            }})()"
        ));
        assert_eq!(place[2], true, "{selector} can be clicked: {place}");
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            self.call(
                "Input.dispatchMouseEvent",
                json!({ "type": kind, "x": place[0], "y": place[1], "button": button, "clickCount": 1 }),
            );
        }
    }

    /// What went wrong in the page since it was opened.
    pub(crate) fn complaints(&mut self) -> Vec<Value> {
        // Whatever it told before this answer is here then.
        self.ask("0");
        let bad = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => event["params"]["type"] == "error",
            Some("Log.entryAdded") => event["params"]["entry"]["level"] == "error",
            _ => false,
        };
        self.events.iter().filter(bad).cloned().collect()
    }

    /// What the page has loaded since it was opened, itself included.
    pub(crate) fn requests(&self) -> Vec<&str> {
        let sent = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| event["params"]["request"]["url"].as_str()).collect()
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let mut call = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            call["sessionId"] = session.as_str().into();
        }
        self.socket.send(Message::text(call.to_string())).expect("the browser listens");
        loop {
            let mut said = self.receive();
            if said["id"] == self.calls {
                assert!(said.get("error").is_none(), "{method}: {said}");
                return said["result"].take();
            }
            self.events.push(said);
        }
    }

    fn receive(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().expect("the browser answers") {
                return serde_json::from_str(&text).expect("an answer in JSON");
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // So its own children end, too, and nothing is written into its folder any more.
        let close = json!({ "id": self.calls + 1, "method": "Browser.close" });
        let _ = self.socket.send(Message::text(close.to_string()));
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline && matches!(self.processes.0.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A browser is many processes, and what is started may be a script that starts it.
struct Processes(Child);

impl Drop for Processes {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        let _ = self.0.wait();
    }
}

/// The address that the browser listens at, from what it says. All of that is read, so that it is never held up.
fn listening(child: &mut Child) -> String {
    let said = BufReader::new(child.stderr.take().expect("a pipe"));
    let (tell, lines) = channel();
    thread::spawn(move || said.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line))));
    let mut before = String::new();
    while let Ok(line) = lines.recv_timeout(WATCHDOG) {
        if let Some(address) = line.strip_prefix("DevTools listening on ") {
            return address.to_owned();
        }
        before.push_str(&line);
        before.push('\n');
    }
    panic!("the browser does not listen, and said:\n{before}")
}

pub(crate) fn address(file: &Path) -> String {
    format!("file://{}", file.display())
}
