//! Cancelling one receive among many: from the call until its completion has been delivered, in microseconds.

use super::super::support::clock::Clock;
use super::super::support::spread::Spread;
use super::bar::Run;
use overlapped::{Completion, Event, Overlapped, Pending, Port, Result, Session, Socket, alertable};
use std::cell::RefCell;
use std::time::Duration;

const PENDING: usize = 9000;
/// Cancelled, one after the other, in a cycle.
const CANCELLED: usize = 500;
const LIMIT: f64 = 10.0;

struct Silent {
    socket: Socket,
    buffer: [u8; 16],
    place: usize,
}

impl Session for Silent {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

/// Sockets to which nobody sends, each with another handle with which to cancel.
fn sessions() -> (Vec<Overlapped<Silent>>, Vec<Socket>) {
    let session = |place| {
        let socket = Socket::udp("127.0.0.1:0").expect("a socket");
        (Overlapped::new(Silent { socket: socket.clone(), buffer: [0; 16], place }), socket)
    };
    (0..PENDING).map(session).unzip()
}

pub(crate) fn bars(run: &mut Run<'_>) {
    run.bar("cancel.routine", LIMIT, by_routine);
    run.bar("cancel.event", LIMIT, by_event);
    run.bar("cancel.port", LIMIT, by_port);
}

/// The mean of each cycle; `cancel` cancels that of one place, and `again` makes it pending again.
fn cycles<T>(cycles: usize, mut cancel: impl FnMut(usize) -> T, mut again: impl FnMut(usize, T)) -> Spread {
    // Far apart, so that no two in a row lie beside each other.
    const STEP: usize = 3571;
    let mut place = 0;
    let cycle = |_| {
        let places: Vec<_> = (0..CANCELLED).map(|nth| (place + nth * STEP) % PENDING).collect();
        place += CANCELLED * STEP;
        let began = Clock::Thread.now();
        let back: Vec<T> = places.iter().map(|place| cancel(*place)).collect();
        let took = Clock::Thread.now() - began;
        places.into_iter().zip(back).for_each(|(place, back)| again(place, back));
        took / CANCELLED as f64 / 1000.0
    };
    Spread::of(&(0..cycles.max(1)).map(cycle).collect::<Vec<_>>())
}

fn by_routine(count: usize) -> Spread {
    thread_local! {
        static BACK: RefCell<Vec<Overlapped<Silent>>> = const { RefCell::new(Vec::new()) };
    }
    fn ended(session: Overlapped<Silent>, _: Result<Completion>) {
        BACK.with_borrow_mut(|back| back.push(session));
    }
    let now = || alertable::sleep(Some(Duration::ZERO)).expect("an alertable wait");
    let (ours, sockets) = sessions();
    for session in ours {
        session.recv(ended);
    }
    now();
    let spread = cycles(
        count,
        |place| {
            sockets[place].cancel().expect("something to cancel");
            loop {
                if let Some(session) = BACK.with_borrow_mut(Vec::pop) {
                    assert_eq!(session.place, place);
                    return session;
                }
                alertable::sleep(None).expect("an alertable wait");
            }
        },
        |_, session| {
            session.recv(ended);
            now();
        },
    );
    sockets.iter().for_each(|socket| drop(socket.cancel()));
    while BACK.with_borrow(Vec::len) < PENDING {
        alertable::sleep(None).expect("an alertable wait");
    }
    BACK.with_borrow_mut(Vec::clear);
    spread
}

fn by_event(count: usize) -> Spread {
    let (ours, _) = sessions();
    let event = Event::manual();
    let mut pending: Vec<Option<Pending<Silent>>> =
        ours.into_iter().map(|session| Some(session.recv_event(&event))).collect();
    event.is_set();
    let pending = RefCell::new(&mut pending);
    cycles(
        count,
        |place| {
            let operation = pending.borrow_mut()[place].take().expect("a pending receive");
            operation.cancel().expect("something to cancel");
            operation.finish().0
        },
        |place, session| {
            pending.borrow_mut()[place] = Some(session.recv_event(&event));
            event.is_set();
        },
    )
}

fn by_port(count: usize) -> Spread {
    let port = Port::new(1);
    let packet = |session: Overlapped<Silent>, _: Result<Completion>| session;
    let (ours, sockets) = sessions();
    for session in ours {
        session.recv_port(&port, packet);
    }
    let now = || assert!(port.get(Some(Duration::ZERO)).expect("a wait").is_none(), "nothing has ended");
    now();
    cycles(
        count,
        |place| {
            sockets[place].cancel().expect("something to cancel");
            let session = port.get(None).expect("a wait").expect("a packet");
            assert_eq!(session.place, place);
            session
        },
        |_, session| {
            session.recv_port(&port, packet);
            now();
        },
    )
}
