//! Waits: with nothing to do, for what is there already, and for many objects.

use super::super::support::bare::epoll::Edges;
use super::super::support::bare::uring::enters;
use super::super::support::rounds::Case;
use super::super::support::sockets::{Silent, pairs};
use super::{Group, on_uring};
use overlapped::{Completion, Event, Overlapped, Port, Result, Waitable, alertable, wait};
use rustix::event::{EventfdFlags, eventfd};
use std::time::Duration;

/// A wait with the time nought, with one receive in flight.
pub(crate) fn idle() -> Group {
    let mut edges = Edges::new(pairs(1).0);
    let epoll = Case::new("bare/epoll_wait", move |times| (0..times).for_each(|_| edges.look()));
    let bare = match enters().filter(|_| on_uring()) {
        Some(enter) => Case::new("bare/io_uring_enter", enter),
        None => epoll,
    };
    let alertable = |times| {
        for _ in 0..times {
            alertable::sleep(Some(Duration::ZERO)).expect("an alertable wait");
        }
    };
    let port = Port::<()>::new(1);
    let asked = move |times| {
        for _ in 0..times {
            port.get(Some(Duration::ZERO)).expect("a wait");
        }
    };
    let event = Event::auto();
    let looked = move |times| {
        for _ in 0..times {
            wait::one(&event, Some(Duration::ZERO)).expect("a wait");
        }
    };
    let (ours, theirs) = pairs(1);
    for socket in ours {
        let silent = Overlapped::new(Silent { socket: socket.into(), buffer: [0; 16] });
        silent.recv(|_, _: Result<Completion>| ());
    }
    vec![
        bare,
        Case::new("wait/alertable", move |times| {
            let _open = &theirs;
            alertable(times);
        })
        .against(0),
        Case::new("wait/port", asked).against(0),
        Case::new("wait/event", looked).against(0),
    ]
}

/// What is signalled, queued or posted, and then taken, by the same thread.
pub(crate) fn signals() -> Group {
    let counter = eventfd(0, EventfdFlags::CLOEXEC).expect("an eventfd");
    let bare = move |times| {
        for _ in 0..times {
            rustix::io::write(&counter, &1_u64.to_ne_bytes()).expect("a write");
            rustix::io::read(&counter, &mut [0; 8]).expect("a read");
        }
    };
    let event = Event::auto();
    let set = move |times| {
        for _ in 0..times {
            event.set();
            wait::one(&event, None).expect("a wait");
        }
    };
    let port = Port::new(1);
    let posted = move |times| {
        for _ in 0..times {
            port.post(7_u32).expect("an open port");
            port.get(None).expect("a wait");
        }
    };
    let queued = |times| {
        for _ in 0..times {
            alertable::current().queue(|| ()).expect("a living thread");
            alertable::sleep(None).expect("an alertable wait");
        }
    };
    vec![
        Case::new("bare/eventfd", bare),
        Case::new("wait/event set", set).against(0),
        Case::new("wait/packet posted", posted).against(0),
        Case::new("wait/apc queued", queued).against(0),
    ]
}

/// One wait for many events, of which the last is signalled.
pub(crate) fn objects() -> Group {
    let case = |count: usize| {
        let events: Vec<_> = (0..count).map(|_| Event::auto()).collect();
        Case::new(format!("wait/any of {count}"), move |times| {
            let objects: Vec<&dyn Waitable> = events.iter().map(|event| event as &dyn Waitable).collect();
            for _ in 0..times {
                events[count - 1].set();
                wait::any(&objects, None).expect("a wait");
            }
        })
    };
    vec![case(1), case(64).against(0), case(1000).against(0)]
}
