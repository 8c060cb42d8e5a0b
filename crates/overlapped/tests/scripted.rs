//! The library on a kernel whose completions the test decides. Needs no kernel, and runs under Miri.

use overlapped::driver::scripted::{self, Script, SendNow, Work};
use overlapped::{
    Completion, Event, Issued, MutexObject, Overlapped, Pending, Result, Semaphore, Session, Shutdown, Socket, Timer,
    Waited, alertable, codes, wait,
};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

#[path = "scripted/attempts.rs"]
mod attempts;
#[path = "scripted/buffers.rs"]
mod buffers;
#[path = "scripted/drops.rs"]
mod drops;
#[path = "scripted/faults.rs"]
mod faults;
#[path = "scripted/hostile.rs"]
mod hostile;
#[path = "scripted/ports.rs"]
mod ports;
mod programs;
#[path = "scripted/turns.rs"]
mod turns;
#[path = "scripted/watches.rs"]
mod watches;

const NOW: Option<Duration> = Some(Duration::ZERO);

/// A session that keeps a journal of what its routines were told.
struct Client {
    name: u32,
    socket: Socket,
    buffer: Vec<u8>,
    journal: Rc<RefCell<Vec<String>>>,
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

impl Client {
    fn tell(&self, what: &str, done: Result<Completion>) {
        let told = match done {
            Ok(done) => format!("{} {what} {:?}", self.name, String::from_utf8_lossy(&self.buffer[..done.bytes])),
            Err(error) => format!("{} {what} {}", self.name, error.name()),
        };
        self.journal.borrow_mut().push(told);
    }
}

/// Where the clients' journal is read.
#[derive(Default)]
struct Stage {
    journal: Rc<RefCell<Vec<String>>>,
}

impl Stage {
    fn client(&self, name: u32, socket: &Socket, text: &str) -> Overlapped<Client> {
        let journal = Rc::clone(&self.journal);
        Overlapped::new(Client { name, socket: socket.clone(), buffer: text.as_bytes().to_vec(), journal })
    }

    fn told(&self) -> Vec<String> {
        self.journal.take()
    }
}

fn received(client: Overlapped<Client>, done: Result<Completion>) {
    client.tell("received", done);
}

fn sent(client: Overlapped<Client>, done: Result<Completion>) {
    client.tell("sent", done);
}

#[test]
fn routines_run_in_the_order_of_completion() {
    scripted::run(|script| {
        let stage = Stage::default();
        for name in 1..=3 {
            assert!(stage.client(name, &script.socket(), "....").recv(received).is_pending());
        }
        let started = script.started();
        script.receive(started[2], b"c");
        script.receive(started[0], b"aaaa");
        script.fail(started[1], codes::WSAECONNRESET);
        assert!(stage.told().is_empty(), "a routine ran before the alertable wait");
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        assert_eq!(stage.told(), ["3 received \"c\"", "1 received \"aaaa\"", "2 received WSAECONNRESET"]);
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
    });
}

#[test]
fn one_receive_of_a_socket_is_in_the_kernel_at_a_time() {
    scripted::run(|script| {
        let stage = Stage::default();
        let socket = script.socket();
        for name in 1..=3 {
            let _ = stage.client(name, &socket, "....").recv(received);
        }
        for data in [b"a", b"b", b"c"] {
            let started = script.started();
            assert_eq!(started.len(), 1);
            script.receive(started[0], data);
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
        assert_eq!(stage.told(), ["1 received \"a\"", "2 received \"b\"", "3 received \"c\""]);
    });
}

#[test]
fn a_send_is_continued_until_every_byte_has_gone_and_none_overtakes() {
    scripted::run(|script| {
        let stage = Stage::default();
        let socket = script.socket();
        script.send_now(SendNow::Bytes(3));
        assert!(stage.client(1, &socket, "first").send(.., sent).is_pending());
        assert!(stage.client(2, &socket, "second").send(.., sent).is_pending());
        assert!(socket.give_copy(b"third").unwrap().is_pending());
        assert_eq!(socket.queued_bytes(), 2 + 6 + 5);
        for (count, left) in [(1, 12), (1, 11), (0, 11), (6, 5), (5, 0)] {
            // The hub's helper thread takes the completion, since nobody waits for an event.
            let started = script.wait_for(1)[0];
            assert_eq!(started.work, Work::Send);
            script.sent(started, count);
            while socket.queued_bytes() != left {
                std::thread::yield_now();
            }
        }
        while stage.journal.borrow().len() < 2 {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
        assert_eq!(stage.told(), ["1 sent \"first\"", "2 sent \"second\""]);
        assert_eq!(script.sent_by(script.number(&socket)), b"firstsecondthird");
    });
}

#[test]
fn a_send_that_fits_completes_at_once_and_is_told_like_any_other() {
    scripted::run(|script| {
        let stage = Stage::default();
        assert_eq!(stage.client(1, &script.socket(), "all").send(..2, sent), Issued::Completed);
        assert!(stage.told().is_empty());
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
        assert_eq!(stage.told(), ["1 sent \"al\""]);
    });
}

#[test]
fn a_failure_at_once_is_told_by_the_routine() {
    scripted::run(|script| {
        let stage = Stage::default();
        script.send_now(SendNow::Fails(codes::WSAECONNRESET));
        assert_eq!(stage.client(1, &script.socket(), "x").send(.., sent), Issued::Completed);
        let closed = script.socket();
        closed.close();
        assert_eq!(stage.client(2, &closed, "x").recv(received), Issued::Completed);
        let shut = script.socket();
        shut.shutdown(Shutdown::Both).unwrap();
        assert_eq!(stage.client(3, &shut, "x").send(.., sent), Issued::Completed);
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
        assert_eq!(stage.told(), ["1 sent WSAECONNRESET", "2 received WSAENOTSOCK", "3 sent WSAESHUTDOWN"]);
    });
}

#[test]
fn a_cancel_that_comes_after_the_data_delivers_the_data() {
    scripted::run(|script| {
        let stage = Stage::default();
        let socket = script.socket();
        script.hold_cancels();
        let _ = stage.client(1, &socket, "....").recv(received);
        let _ = stage.client(2, &socket, "....").recv(received);
        socket.cancel().unwrap();
        let started = script.cancel_requests();
        assert_eq!(started.len(), 1, "the head only: the other has not begun");
        script.receive(started[0], b"late");
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        assert_eq!(stage.told(), ["1 received \"late\"", "2 received WSA_OPERATION_ABORTED"]);
    });
}

#[test]
fn the_kernels_own_cancel_is_none_of_the_programs_business() {
    scripted::run(|script| {
        let stage = Stage::default();
        let _ = stage.client(1, &script.socket(), "....").recv(received);
        for code in [codes::WSA_OPERATION_ABORTED, codes::WSAEINTR, codes::WSAEWOULDBLOCK] {
            script.fail(script.started()[0], code);
            assert_eq!(alertable::sleep(Some(Duration::from_millis(1))).unwrap(), Waited::TimedOut);
        }
        script.receive(script.started()[0], b"data");
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        assert_eq!(stage.told(), ["1 received \"data\""]);
    });
}

#[test]
fn cancelling_one_of_three_leaves_the_others_in_order() {
    scripted::run(|script| {
        let stage = Stage::default();
        let socket = script.socket();
        let _ = stage.client(1, &socket, "....").recv(received);
        let Issued::Pending(second) = stage.client(2, &socket, "....").recv(received) else { panic!("no data yet") };
        let _ = stage.client(3, &socket, "....").recv(received);
        socket.cancel_operation(second).unwrap();
        assert_eq!(socket.cancel_operation(second).unwrap_err().code(), codes::ERROR_NOT_FOUND);
        assert_eq!(script.socket().cancel_operation(second).unwrap_err().code(), codes::ERROR_NOT_FOUND);
        script.receive(script.started()[0], b"a");
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        script.receive(script.started()[0], b"c");
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        assert_eq!(stage.told(), ["2 received WSA_OPERATION_ABORTED", "1 received \"a\"", "3 received \"c\""]);
    });
}

#[test]
fn the_end_of_the_stream_follows_what_is_queued() {
    scripted::run(|script| {
        let socket = script.socket();
        let number = script.number(&socket);
        script.send_now(SendNow::Bytes(0));
        let _ = socket.give(b"last words").unwrap();
        socket.shutdown(Shutdown::Send).unwrap();
        assert!(script.shutdowns().is_empty());
        script.sent(script.wait_for(1)[0], 10);
        while script.shutdowns().is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(script.shutdowns(), [(number, Shutdown::Send)]);
    });
}

#[test]
fn user_apcs_and_routines_share_one_queue() {
    thread_local!(static ORDER: RefCell<String> = const { RefCell::new(String::new()) });
    fn note(what: char) {
        ORDER.with_borrow_mut(|order| order.push(what));
    }
    scripted::run(|script| {
        let session = Overlapped::new((script.socket(), [0; 8]));
        let _ = session.recv_with(|session| (&session.0, &mut session.1), |_, _| note('I'));
        alertable::current().queue(|| note('a')).unwrap();
        script.receive(script.started()[0], b"data");
        alertable::current().queue(|| note('b')).unwrap();
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
        assert_eq!(ORDER.take(), "aIb");
    });
}

#[test]
fn timers_and_routines_share_one_queue() {
    scripted::run(|script| {
        let (stage, timer) = (Stage::default(), Timer::manual());
        let note = |what: &str| {
            let (journal, what) = (Rc::clone(&stage.journal), what.to_owned());
            move || journal.borrow_mut().push(what.clone())
        };
        let _ = stage.client(1, &script.socket(), "....").recv(received);
        timer.set_with(Duration::ZERO, None, note("timer")).unwrap();
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
        script.receive(script.started()[0], b"data");
        // Blocked in its own home it wakes for the timer, or for the data before that.
        timer.set_with(Duration::from_millis(2), None, note("again")).unwrap();
        while stage.journal.borrow().len() < 3 {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
        let mut told = stage.told();
        told.sort();
        assert_eq!(told, ["1 received \"data\"", "again", "timer"]);
        // Leading the hub it wakes for the timer, too.
        let pending = receive(script, &Event::manual());
        timer.set(Duration::from_millis(2), None);
        assert_eq!(wait::any(&[&Event::manual(), &timer], None).unwrap(), Waited::Object(1));
        drop(pending);
    });
}

/// Its routine is called and dropped here, whatever other threads do with the timer.
#[test]
fn a_timers_routine_stays_on_its_thread() {
    let (drops, mine) = (Rc::new(()), std::thread::current().id());
    for round in 0..12 {
        let timer = Timer::auto();
        let kept = Rc::clone(&drops);
        let routine = move || assert!(std::thread::current().id() == mine && Rc::strong_count(&kept) > 1);
        timer.set_with(Duration::ZERO, Some(Duration::from_millis(1)), routine).unwrap();
        let other = timer.clone();
        let there = std::thread::spawn(move || match round % 4 {
            0 => other.cancel(),
            1 => other.set(Duration::ZERO, None),
            2 => other.set_with(Duration::ZERO, None, || unreachable!()).unwrap(),
            _ => assert_eq!(wait::one(&other, None).unwrap(), Waited::Object(0)),
        });
        let _ = alertable::sleep(Some(Duration::from_millis(3))).unwrap();
        there.join().unwrap();
        drop(timer);
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
        assert_eq!(Rc::strong_count(&drops), 1);
    }
}

#[test]
fn objects_among_threads_are_taken_by_one() {
    let (mutex, full, inside) = (MutexObject::new(), Semaphore::new(0, 20).unwrap(), AtomicUsize::new(0));
    let taken = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for ends in [false, true, false] {
            let (mutex, full, inside, taken) = (&mutex, &full, &inside, &taken);
            scope.spawn(move || {
                for round in 0..5 {
                    let waited = wait::all(&[full, mutex], None).unwrap();
                    assert!(matches!(waited, Waited::Object(0) | Waited::Abandoned(0)));
                    assert_eq!(inside.fetch_add(1, SeqCst), 0);
                    taken.fetch_add(1, SeqCst);
                    inside.fetch_sub(1, SeqCst);
                    if !ends || round < 4 {
                        mutex.release().unwrap();
                    }
                }
            });
        }
        for _ in 0..5 {
            full.release(3).unwrap();
            std::thread::yield_now();
        }
    });
    assert_eq!(taken.into_inner(), 15);
    assert_eq!(wait::one(&full, NOW).unwrap(), Waited::TimedOut);
}

#[test]
fn a_panic_in_a_routine_leaves_the_queue_intact() {
    scripted::run(|script| {
        let stage = Stage::default();
        alertable::current().queue(|| panic!("on purpose")).unwrap();
        let _ = stage.client(1, &script.socket(), "x").send(.., sent);
        let unwound = std::panic::catch_unwind(|| alertable::sleep(NOW));
        assert!(unwound.is_err());
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
        assert_eq!(stage.told(), ["1 sent \"x\""]);
    });
}

#[test]
fn an_event_is_reset_by_the_issue_and_set_by_the_completion() {
    scripted::run(|script| {
        let event = Event::new(overlapped::Reset::Manual, true);
        let pending = receive(script, &event);
        assert!(!event.is_set() && !pending.poll());
        assert!(!pending.wait(NOW));
        let pending = pending.try_finish().expect_err("nothing was received");
        script.receive(script.started()[0], b"hello");
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        assert!(event.is_set() && pending.poll());
        let (session, done) = pending.finish();
        assert_eq!(&session.1[..done.unwrap().bytes], b"hello");
        assert!(event.is_set(), "asking for the result resets nothing");
    });
}

#[test]
fn any_thread_may_wait_and_finish() {
    scripted::run(|script| {
        let event = Event::auto();
        let pending = receive(script, &event);
        let there = script.clone();
        let other = std::thread::spawn(move || {
            there.enter();
            assert_eq!(wait::any(&[&Event::manual(), &event], None).unwrap(), Waited::Object(1));
            pending.finish().1.unwrap().bytes
        });
        script.receive(script.wait_for(1)[0], b"four");
        assert_eq!(other.join().unwrap(), 4);
    });
}

#[test]
fn a_dropped_pending_is_cancelled_and_its_session_dropped_once() {
    scripted::run(|script| {
        let drops = Arc::new(AtomicUsize::new(0));
        struct Counted(Arc<AtomicUsize>, Socket, [u8; 4]);
        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.fetch_add(1, SeqCst);
            }
        }
        let event = Event::manual();
        let session = Overlapped::new(Counted(Arc::clone(&drops), script.socket(), [0; 4]));
        let pending = session.recv_event_with(&event, |counted| (&counted.1, &mut counted.2));
        drop(pending);
        while drops.load(SeqCst) == 0 {
            std::thread::yield_now();
        }
        assert!(script.started().is_empty());
        assert_eq!(drops.load(SeqCst), 1);
    });
}

#[test]
fn a_thread_that_ends_drops_its_sessions_and_runs_no_routine() {
    let journal = Arc::new(AtomicUsize::new(0));
    struct Counted(Arc<AtomicUsize>, Socket, [u8; 4]);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    scripted::run(|script| {
        for queued in [false, true] {
            let session = Overlapped::new(Counted(Arc::clone(&journal), script.socket(), [0; 4]));
            let _ = session.recv_with(|counted| (&counted.1, &mut counted.2), |_, _| panic!("a routine ran"));
            if queued {
                script.receive(script.started()[1], b"data");
            }
        }
    });
    assert_eq!(journal.load(SeqCst), 2);
}

#[test]
fn a_thread_that_ends_cancels_its_operations_on_events() {
    scripted::run(|script| {
        let event = Event::manual();
        let there = script.clone();
        let pending = std::thread::spawn({
            let event = event.clone();
            move || {
                there.enter();
                receive(&there, &event)
            }
        })
        .join()
        .unwrap();
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        assert!(pending.finish().1.unwrap_err().is_aborted());
    });
}

#[test]
fn waits_for_all_take_nothing_before_they_can_take_all() {
    scripted::run(|_| {
        let (one, two) = (Event::auto(), Event::auto());
        one.set();
        assert_eq!(wait::all(&[&one, &two], NOW).unwrap(), Waited::TimedOut);
        assert!(one.is_set());
        two.set();
        assert_eq!(wait::all(&[&one, &two, &one], NOW).unwrap(), Waited::Object(0));
        assert!(!one.is_set() && !two.is_set());
        assert_eq!(wait::all(&[], NOW).unwrap_err().code(), codes::WSA_INVALID_PARAMETER);
    });
}

#[test]
fn an_accept_brings_a_socket_that_works() {
    scripted::run(|script| {
        let listener = Overlapped::new((script.socket(), None));
        let _ = listener.accept(
            |listener| &listener.0,
            |mut listener, client| {
                listener.1 = Some(client.unwrap());
                let client = listener.1.take().unwrap();
                assert_eq!(client.give(b"welcome").unwrap(), Issued::Completed);
            },
        );
        let number = script.accept(script.started()[0]);
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        assert_eq!(script.sent_by(number), b"welcome");
    });
}

/// A receive on an event by a session of its own.
fn receive(script: &Script, event: &Event) -> Pending<(Socket, [u8; 8])> {
    Overlapped::new((script.socket(), [0; 8])).recv_event_with(event, |session| (&session.0, &mut session.1))
}

#[test]
fn a_reset_is_told_to_every_receive() {
    scripted::run(|script| {
        let stage = Stage::default();
        let socket = script.socket();
        for name in [1, 2] {
            let _ = stage.client(name, &socket, "....").recv(received);
        }
        script.fail(script.started()[0], codes::WSAECONNRESET);
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
        let _ = stage.client(3, &socket, "....").recv(received);
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
        assert_eq!(stage.told(), ["1", "2", "3"].map(|name| format!("{name} received WSAECONNRESET")));
    });
}
