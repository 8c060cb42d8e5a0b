//! What happens at its time, in the same wait as the I/O.

use super::clients::{LONG, Reader, Seen, client, connect, echo, exchange, next_but_messages, read_all, serve, until};
use overlapped::server::{Framing, Model, Reason};
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

on_every_model!(
    a_silent_client_is_closed_and_another_is_not,
    heartbeats_go_to_those_who_hear_nothing_else,
    the_tick_keeps_its_rate,
    a_tick_that_panics_comes_again,
    a_tick_that_takes_longer_than_its_period_holds_up_nobody,
    a_client_that_does_not_leave_is_let_go_of
);

fn a_silent_client_is_closed_and_another_is_not(model: Model) {
    while !the_other_was_never_silent(model) {}
}

/// False if this machine let the other client wait for so long that it was silent, too.
fn the_other_was_never_silent(model: Model) -> bool {
    const IDLE: Duration = Duration::from_secs(1);
    let (server, told) = serve(model, echo, |server| server.idle_timeout(IDLE));
    let begun = Instant::now();
    let (mut silent, session) = connect(&server, &told);
    let (mut busy, _) = connect(&server, &told);
    let busy = thread::spawn(move || {
        let mut spoke = begun;
        while begun.elapsed() < 2 * IDLE {
            let now = Instant::now();
            if busy.write_all(b"here").and_then(|()| busy.read_exact(&mut [0; 4])).is_err() {
                assert!(spoke.elapsed() >= IDLE, "closed, and was not silent");
                return None;
            }
            spoke = now;
            thread::sleep(Duration::from_millis(20));
        }
        Some(busy)
    });
    assert_eq!(read_all(&mut silent), b"");
    assert!(begun.elapsed() >= IDLE);
    drop(silent);
    let Some(busy) = busy.join().unwrap() else { return false };
    assert_eq!(next_but_messages(&told), Seen::Closed(session.id(), Reason::Idle));
    drop(busy);
    assert_eq!(next_but_messages(&told), Seen::Closed(session.id() + 1, Reason::Ended));
    true
}

fn heartbeats_go_to_those_who_hear_nothing_else(model: Model) {
    let framing = Framing::packets();
    let build = |server: overlapped::server::Builder| {
        server.framing(framing).heartbeat(Duration::from_millis(50), (99, "still there?"))
    };
    let (server, told) = serve(model, echo, build);
    let (client, _session) = connect(&server, &told);
    let begun = Instant::now();
    let mut reader = Reader::new(&client, framing);
    for _ in 0..3 {
        assert_eq!(reader.next(), Some((99, b"still there?".to_vec())));
    }
    assert!(begun.elapsed() >= Duration::from_millis(100), "two times lie between three heartbeats");
    server.drain(LONG).unwrap();
}

fn the_tick_keeps_its_rate(model: Model) {
    let every = Duration::from_millis(5);
    let calls = Arc::new(AtomicU64::new(0));
    let (tell, told) = mpsc::channel();
    let begun = Instant::now();
    let tick = {
        let calls = Arc::clone(&calls);
        move |server: &overlapped::server::Handle| {
            let call = calls.fetch_add(1, Ordering::SeqCst) + 1;
            if call == 10 {
                // Late by some periods, which are made up for.
                thread::sleep(every * 5);
            }
            let _ = tell.send((call, Instant::now(), server.counters().sessions));
        }
    };
    let (server, seen) = serve(model, echo, |server| server.tick(every, tick));
    let (mut client, _session) = connect(&server, &seen);
    loop {
        exchange(&mut client, b"beside it");
        let (call, when, _) = told.recv().unwrap();
        assert!(when.duration_since(begun) >= every * call as u32, "call {call} is early");
        if call == 50 {
            break;
        }
    }
    let ended = server.handle();
    server.drain(LONG).unwrap();
    let counters = ended.counters();
    assert_eq!(counters.ticks, calls.load(Ordering::SeqCst));
    // No drift: as many as there were periods, but for those at both ends that are on the way.
    let periods = (begun.elapsed().as_nanos() / every.as_nanos()) as u64;
    assert!(counters.ticks + counters.missed_ticks <= periods, "{counters:?} in {periods}");
}

fn a_tick_that_panics_comes_again(model: Model) {
    let (server, told) =
        serve(model, echo, |server| server.tick(Duration::from_millis(5), |_| panic!("a tick that panics")));
    let counters = until(&server.handle(), |counters| counters.panics >= 2);
    assert!(counters.ticks >= 2);
    let (mut client, _session) = connect(&server, &told);
    exchange(&mut client, b"hello");
}

fn a_tick_that_takes_longer_than_its_period_holds_up_nobody(model: Model) {
    let every = Duration::from_millis(1);
    let (server, told) = serve(model, echo, |server| server.threads(1).tick(every, move |_| thread::sleep(every * 2)));
    let (mut client, _session) = connect(&server, &told);
    (0..5).for_each(|_| exchange(&mut client, b"hello"));
    until(&server.handle(), |counters| counters.missed_ticks > 0);
    exchange(&mut client, b"still here");
    server.drain(LONG).unwrap();
}

fn a_client_that_does_not_leave_is_let_go_of(model: Model) {
    let (server, told) = serve(model, echo, |server| server.linger(Duration::from_millis(50)));
    let (mut stays, session) = connect(&server, &told);
    session.close("bye");
    assert_eq!(read_all(&mut stays), b"");
    // It says more instead of leaving.
    let _ = stays.write_all(b"but");
    assert_eq!(next_but_messages(&told), Seen::Closed(session.id(), Reason::from("bye")));
    exchange(&mut client(server.address()), b"hello");
}
