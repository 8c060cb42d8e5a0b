//! The reference of all chat rooms: what one session says goes to every session, with a `send(2)` for each.

use super::bare_echo::{EVENTS, accept, listen};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, Event, EventData, EventFlags};
use rustix::fd::{AsRawFd, OwnedFd};
use rustix::net::{RecvFlags, SendFlags, recv, send};

pub(super) fn serve(buffer: usize) {
    let (epoll, listener) = listen();
    let mut sessions: Vec<OwnedFd> = Vec::new();
    let mut buffer = vec![0; buffer];
    let mut events: Vec<Event> = Vec::with_capacity(EVENTS);
    loop {
        events.clear();
        // A signal ends a wait early.
        let _ = epoll::wait(&epoll, spare_capacity(&mut events), None);
        for event in &events {
            let raw = event.data.u64();
            if raw == listener.as_raw_fd() as u64 {
                while let Some(socket) = accept(&listener) {
                    let data = EventData::new_u64(socket.as_raw_fd() as u64);
                    epoll::add(&epoll, &socket, data, EventFlags::IN | EventFlags::ET).expect("a registration");
                    sessions.push(socket);
                }
                continue;
            }
            let Some(place) = sessions.iter().position(|session| session.as_raw_fd() as u64 == raw) else { continue };
            match recv(&sessions[place], &mut buffer[..], RecvFlags::empty()) {
                Ok((0, _)) => drop(sessions.swap_remove(place)),
                Ok((bytes, _)) => {
                    for session in &sessions {
                        // One that has gone is told of by its own event.
                        let _ = send(session, &buffer[..bytes], SendFlags::NOSIGNAL);
                    }
                }
                Err(_) => {}
            }
        }
    }
}
