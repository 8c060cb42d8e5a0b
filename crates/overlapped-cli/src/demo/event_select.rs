//! The event-select model, told: network events of a socket, recorded and signalled by an event.

use super::reactor::{Conn, Received, accept, begin_connect};
use super::script::{CONNECTIONS, Place, Work};
use super::stage::Stage;
use crate::output::Count;
use overlapped::network::NetworkEvents;
use overlapped::{Event, Result, Socket, Waitable, Waited, wait};
use std::net::SocketAddr;
use std::sync::mpsc::Sender;
use std::time::Duration;

pub(super) const TITLE: &str = "network events of a socket signal its event object";
pub(super) const ABOUT: &str = "\
A reactor: what can be done with a socket is recorded and signals the socket's event. The thread waits for its events,
enumerates what was recorded, and then makes the calls. What was recorded once is not recorded again before the call
that enables it.";

/// So little of the first message is read at first that the rest is recorded again.
const A_PART: usize = 5;

struct Hall {
    stage: Stage,
    listener: Socket,
    came: usize,
    sessions: Vec<(Event, Conn)>,
    /// A message has been read in two parts.
    parted: bool,
}

pub(super) fn server(stage: Stage, tell: Sender<Place>) -> Result<()> {
    let listener = Socket::listen("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    stage.say(format_args!("listens on {address}"), "Socket::listen(address)", "socket, bind, listen");
    stage.detail("makes an event for other work, and one for the listener", "Event::manual()", "WSACreateEvent()");
    let (other, arrival) = (Event::manual(), Event::manual());
    let (ours, winsock) = ("listener.select_events(&event, ..)", "WSAEventSelect(.., FD_ACCEPT)");
    stage.detail("selects its network event: accept", ours, winsock);
    listener.select_events(&arrival, NetworkEvents::ACCEPT)?;
    let given = other.clone();
    let work = Work {
        what: "sets the event for other work",
        ours: "Event::set",
        winsock: "WSASetEvent",
        give: Box::new(move |_| {
            given.set();
            Ok(())
        }),
    };
    let _ = tell.send(Place { address, work });

    let mut hall = Hall { stage, listener, came: 0, sessions: Vec::new(), parted: false };
    while hall.came < CONNECTIONS || !hall.sessions.is_empty() {
        let stage = &hall.stage;
        let mut events: Vec<&dyn Waitable> = vec![&other, &arrival];
        events.extend(hall.sessions.iter().map(|(event, _)| event as &dyn Waitable));
        let what = format!("enters its wait for {}", Count(events.len() as u64, "event"));
        let winsock = format!("WSAWaitForMultipleEvents({}, .., FALSE)", events.len());
        stage.detail(what, "wait::any(&events, None)", &winsock);
        stage.pass_if_told();
        let Waited::Object(index) = wait::any(&events, None)? else { continue };
        stage.my_turn();
        let what = format!("event {index} is set: the wait returns its index");
        stage.detail(what, &format!("Waited::Object({index})"), &format!("WSA_WAIT_EVENT_0 + {index}"));
        match index {
            0 => {
                other.reset();
                stage.told(1);
                stage.say("is busy with other work, in no wait", "", "");
                stage.pass_if_told();
                stage.my_turn();
            }
            1 => hall.arrived(&arrival)?,
            _ => hall.happened(index - 2)?,
        }
    }
    hall.stage.say("has no session left and ends", "", "");
    Ok(())
}

impl Hall {
    /// Takes the record of a socket.
    fn enumerate(&self, socket: &Socket, event: &Event) -> Result<NetworkEvents> {
        let events = socket.network_events(Some(event))?.events();
        let what = format!("takes the record: {events:?}; the event is reset");
        self.stage.detail(what, "socket.network_events(Some(&event))", "WSAEnumNetworkEvents");
        Ok(events)
    }

    fn arrived(&mut self, arrival: &Event) -> Result<()> {
        self.enumerate(&self.listener, arrival)?;
        let Some(conn) = accept(&self.stage, &self.listener, &mut self.came)? else { return Ok(()) };
        self.stage.told(1);
        self.stage.detail("makes an event for the session", "Event::manual()", "WSACreateEvent()");
        let event = Event::manual();
        let (ours, winsock) = ("socket.select_events(&event, ..)", "WSAEventSelect(.., FD_READ | FD_CLOSE)");
        self.stage.detail("selects its network events: read, close", ours, winsock);
        conn.socket.select_events(&event, NetworkEvents::READ | NetworkEvents::CLOSE)?;
        self.sessions.push((event, conn));
        Ok(())
    }

    fn happened(&mut self, place: usize) -> Result<()> {
        let (event, conn) = &self.sessions[place];
        let events = self.enumerate(&conn.socket, event)?;
        if events.contains(NetworkEvents::READ) {
            let what = format!("client {} has something to read: it is still in the kernel", conn.number);
            self.stage.detail(what, "recorded.contains(READ)", "lNetworkEvents & FD_READ");
            if !std::mem::replace(&mut self.parted, true) {
                return self.read_a_part(place);
            }
        }
        let (_, conn) = &mut self.sessions[place];
        match conn.receive_all(&self.stage) {
            Received::Bytes => self.stage.told(1),
            Received::Nothing => {}
            Received::End => {
                self.stage.told(1);
                self.sessions.remove(place);
            }
        }
        Ok(())
    }

    /// Shows what enables a network event.
    fn read_a_part(&mut self, place: usize) -> Result<()> {
        let (event, conn) = &mut self.sessions[place];
        let quiet = wait::one(event, Some(Duration::ZERO))? == Waited::TimedOut;
        let what = format!("  not read yet: the event is{} set again", if quiet { " not" } else { "" });
        self.stage.detail(what, "wait::one(&event, Some(ZERO))", "WSA_WAIT_TIMEOUT");
        conn.receive(&self.stage, A_PART);
        let (ours, winsock) = ("(try_recv enables READ)", "(recv enables FD_READ)");
        self.stage.detail("  that call enables READ again, and there is more to read", ours, winsock);
        Ok(())
    }
}

/// The client's way: an event says that the connect has ended, and the record how.
pub(super) fn connect(stage: &Stage, socket: &Socket, to: SocketAddr) -> Result<()> {
    let event = Event::manual();
    let (ours, winsock) = ("socket.select_events(&event, ..)", "WSAEventSelect(.., FD_CONNECT)");
    stage.detail("selects its network event: connect", ours, winsock);
    socket.select_events(&event, NetworkEvents::CONNECT)?;
    begin_connect(stage, socket, to)?;
    stage.detail("enters its wait for 1 event", "wait::one(&event, None)", "WSAWaitForMultipleEvents(1, ..)");
    wait::one(&event, None)?;
    let recorded = socket.network_events(Some(&event))?;
    if let Some(error) = recorded.error(NetworkEvents::CONNECT) {
        return Err(error);
    }
    let (ours, winsock) = ("socket.network_events(Some(&event))", "WSAEnumNetworkEvents");
    stage.detail(format_args!("takes the record: {:?}, without an error", recorded.events()), ours, winsock);
    Ok(())
}
