//! The async-select model, told: network events as messages, in one queue with those of the program.

use super::reactor::{Conn, Received, accept, begin_connect};
use super::script::{CONNECTIONS, Place, Work};
use super::stage::Stage;
use overlapped::messages::{Message, MessageQueue, NetworkMessage};
use overlapped::network::NetworkEvents;
use overlapped::{Result, Socket};
use std::net::SocketAddr;
use std::sync::mpsc::Sender;

pub(super) const TITLE: &str = "network events are messages in the thread's queue";
pub(super) const ABOUT: &str = "\
A reactor: what can be done with a socket is a message in the thread's queue, beside the program's own messages. The
thread takes one after the other, and makes the call that the message is about. No further message of the kind comes
before that call.";

/// A message of the program's own.
struct OtherWork;

struct Hall {
    stage: Stage,
    listener: Socket,
    came: usize,
    conns: Vec<Conn>,
}

pub(super) fn server(stage: Stage, tell: Sender<Place>) -> Result<()> {
    let listener = Socket::listen("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    stage.say(format_args!("listens on {address}"), "Socket::listen(address)", "socket, bind, listen");
    stage.detail("makes its message queue", "MessageQueue::new()", "CreateWindow(.., HWND_MESSAGE, ..)");
    let queue = MessageQueue::new();
    let (ours, winsock) =
        ("listener.select_messages(&queue, ..)", "WSAAsyncSelect(.., FD_ACCEPT | FD_READ | FD_CLOSE)");
    stage.detail("selects its network events; what it accepts has the same", ours, winsock);
    listener.select_messages(&queue, NetworkEvents::ACCEPT | NetworkEvents::READ | NetworkEvents::CLOSE)?;
    let poster = queue.poster();
    let work = Work {
        what: "posts a message of the program's own",
        ours: "Poster::post",
        winsock: "PostMessage(window, WM_APP, ..)",
        give: Box::new(move |_| poster.post(OtherWork)),
    };
    let _ = tell.send(Place { address, work });

    let mut hall = Hall { stage, listener, came: 0, conns: Vec::new() };
    let mut ends = false;
    loop {
        hall.stage.detail("waits for the next message", "queue.get()", "GetMessage(&message, NULL, 0, 0)");
        hall.stage.pass_if_told();
        let message = queue.get()?;
        hall.stage.my_turn();
        match message {
            Message::Network(message) => hall.happened(message)?,
            Message::Posted(OtherWork) => {
                let stage = &hall.stage;
                stage.told(1);
                stage.detail("a message of the program's own", "Message::Posted(message)", "message == WM_APP");
                stage.say("is busy with other work: messages stay in the queue", "", "");
                stage.pass_if_told();
                stage.my_turn();
            }
            Message::Quit(_) => break,
            _ => {}
        }
        if hall.came == CONNECTIONS && hall.conns.is_empty() && !std::mem::replace(&mut ends, true) {
            hall.stage.say("has no session left and posts the end", "queue.quit(0)", "PostQuitMessage(0)");
            queue.quit(0)?;
        }
    }
    hall.stage.say("takes the message that it is the end, and ends", "Message::Quit(0)", "WM_QUIT: GetMessage = 0");
    Ok(())
}

impl Hall {
    fn happened(&mut self, message: NetworkMessage) -> Result<()> {
        if message.socket() == self.listener.id() {
            let what = format!("a message of the listener: {:?}", message.event());
            self.stage.detail(what, "Message::Network(message)", "WSAGETSELECTEVENT(lParam) == FD_ACCEPT");
            if let Some(conn) = accept(&self.stage, &self.listener, &mut self.came)? {
                self.stage.told(1);
                self.conns.push(conn);
            }
            return Ok(());
        }
        // One that was dropped may have left messages.
        let Some(place) = self.conns.iter().position(|conn| conn.socket.id() == message.socket()) else {
            return Ok(());
        };
        let conn = &mut self.conns[place];
        if message.event() == NetworkEvents::READ {
            let what = format!("a message of client {}: READ; its bytes are still in the kernel", conn.number);
            self.stage.detail(what, "Message::Network(message)", "WSAGETSELECTEVENT(lParam) == FD_READ");
        }
        match conn.receive_all(&self.stage) {
            Received::Bytes => self.stage.told(1),
            Received::Nothing => {}
            Received::End => {
                self.stage.told(1);
                self.conns.remove(place);
            }
        }
        Ok(())
    }
}

/// The client's way: a queue of its own, where a message says that the connect has ended, and how.
pub(super) fn connect(stage: &Stage, socket: &Socket, to: SocketAddr) -> Result<()> {
    let queue = MessageQueue::<OtherWork>::new();
    let (ours, winsock) = ("socket.select_messages(&queue, ..)", "WSAAsyncSelect(.., FD_CONNECT)");
    stage.detail("selects its network event: connect", ours, winsock);
    socket.select_messages(&queue, NetworkEvents::CONNECT)?;
    begin_connect(stage, socket, to)?;
    stage.detail("waits for the next message", "queue.get()", "GetMessage(&message, NULL, 0, 0)");
    while let Message::Network(message) = queue.get()? {
        if let Some(error) = message.error() {
            return Err(error);
        }
        if message.event() == NetworkEvents::CONNECT {
            break;
        }
    }
    stage.detail(
        "a message: CONNECT, without an error",
        "Message::Network(message)",
        "WSAGETSELECTEVENT == FD_CONNECT",
    );
    Ok(())
}
