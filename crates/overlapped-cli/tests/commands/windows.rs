//! Windows: its one driver, and Ctrl+C.

use crate::support::{On, Run};
use overlapped::Socket;
use overlapped::messages::MessageQueue;
use overlapped::network::NetworkEvents;
use std::env;
use std::io;
use std::mem;
use std::os::windows::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use windows_sys::Win32::Foundation::ERROR_INTERNAL_ERROR;
use windows_sys::Win32::System::Console::{
    AttachConsole, CTRL_C_EVENT, FreeConsole, GenerateConsoleCtrlEvent, SetConsoleCtrlHandler,
};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};
use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;

/// How many clients there are at once.
pub(crate) const CROWD: usize = 200;

/// What `info` says here, and nowhere else.
pub(crate) const INFO: [&str; 2] = ["kernel     Windows ", "limits     none"];

/// Makes a test of each function for every driver and model.
macro_rules! on_all {
    ($($name:ident),* $(,)?) => {
        $crate::support::on!(winsock [$($name)*]);
    };
}
pub(crate) use on_all;

/// How a command is asked to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CtrlC;
pub(crate) type Way = CtrlC;
pub(crate) const WAYS: &[Way] = &[CtrlC];

/// A command gets a console of its own, so that Ctrl+C reaches nobody else.
///
/// Wine 8 sometimes loses a process while it starts, when many do at once, and says so with this error.
pub(crate) fn start(command: &mut Command) -> io::Result<Child> {
    hold_desktop();
    command.creation_flags(CREATE_NO_WINDOW);
    let lost = |error: &io::Error| error.raw_os_error() == Some(ERROR_INTERNAL_ERROR as i32);
    let mut started = command.spawn();
    for _ in 0..10 {
        match &started {
            Err(error) if lost(error) => started = command.spawn(),
            _ => break,
        }
    }
    started
}

/// The first window starts a process of Wine's that stays as long as there is one, and keeps the standard error of whoever made
/// it: so that is this program, and none whose output a test reads to its end.
fn hold_desktop() {
    static HELD: Once = Once::new();
    HELD.call_once(|| {
        let (queue, socket) = (MessageQueue::<()>::new(), Socket::udp("127.0.0.1:0").expect("a free port"));
        socket.select_messages(&queue, NetworkEvents::READ).expect("a window");
        mem::forget((queue, socket));
    });
}

/// Presses Ctrl+C in the console of the command. A process has one console, and entering another one takes the
/// standard handles along: this program does it in a second copy of itself, which runs one test only.
pub(crate) fn ask(child: &mut Child, CtrlC: Way) {
    let program = env::current_exe().expect("this program");
    let mut press = Command::new(program);
    press.args(["--exact", "windows::ctrl_c_ends_a_server"]).env(CONSOLE_OF, child.id().to_string());
    press.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let pressing = start(&mut press).expect("this program starts again");
    let pressed = pressing.wait_with_output().expect("it ends");
    let ended = child.try_wait().expect("a child").is_some();
    assert!(pressed.status.success() || ended, "{}", String::from_utf8_lossy(&pressed.stdout));
}

const CONSOLE_OF: &str = "TEST_CONSOLE_OF";

#[test]
fn ctrl_c_ends_a_server() {
    if let Some(id) = env::var(CONSOLE_OF).ok().and_then(|id| id.parse().ok()) {
        return press_ctrl_c(id);
    }
    let server = On { driver: "winsock", model: "event" }.serve("echo", &[]);
    assert!(server.stop().summary().starts_with("served 0 clients"));
}

fn press_ctrl_c(process: u32) {
    // SAFETY: these functions take numbers, and the standard handles that they change are not used any more.
    unsafe {
        FreeConsole();
        assert_ne!(AttachConsole(process), 0, "the console of {process}: {}", io::Error::last_os_error());
        // Ctrl+C is for everyone in the console, and this process is not meant.
        SetConsoleCtrlHandler(None, 1);
        assert_ne!(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0), 0, "{}", io::Error::last_os_error());
        FreeConsole();
    }
}

/// Wine takes a reset for the end of the stream, unless a receive is pending or the next send finds out.
pub(crate) fn may_hide_resets(model: &str) -> bool {
    // SAFETY: both names end with a zero; the library is loaded in every process.
    let wine = unsafe {
        GetProcAddress(GetModuleHandleA(c"ntdll.dll".as_ptr().cast()), c"wine_get_version".as_ptr().cast()).is_some()
    };
    wine && model.ends_with("select")
}

/// Nothing limits sockets.
pub(crate) fn raise_descriptor_limit() {}

/// A driver of Linux is refused, with what there is instead.
#[test]
fn drivers_of_linux() {
    for driver in ["uring", "epoll"] {
        let output = Run::new(&["serve", "127.0.0.1:0", "--driver", driver]).output();
        let line = output.failure(2);
        assert!(line.contains(&format!("`{driver}` is for Linux; there are auto and winsock")), "{line}");
    }
}

#[test]
fn programs_are_compiled_by_visual_cpp() {
    let output = Run::new(&["cc", "server.cpp", "-o", "server"]).output();
    let line = output.failure(2);
    assert!(line.contains("on Windows use Visual C++: cl server.cpp ws2_32.lib"), "{line}");
}
