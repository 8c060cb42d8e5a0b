//! A value whose drop does what it should not, wherever the library drops it.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Event, Overlapped, Result, Session, Socket, Timer, alertable, wait};

use crate::behaviour::support::{self, Drops, Token};

/// What the drop does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Receive,
    ReceiveAndForgetTheEvent,
    ReceiveAndFinish,
    Send,
    Give,
    Cancel,
    Close,
    WaitAlertably,
    Wait,
    Apc,
    Timer,
    Drop,
    Panic,
}

const DEEDS: [Deed; 13] = [
    Deed::Receive,
    Deed::ReceiveAndForgetTheEvent,
    Deed::ReceiveAndFinish,
    Deed::Send,
    Deed::Give,
    Deed::Cancel,
    Deed::Close,
    Deed::WaitAlertably,
    Deed::Wait,
    Deed::Apc,
    Deed::Timer,
    Deed::Drop,
    Deed::Panic,
];

thread_local! {
    /// Whether it is a thread of this test.
    static OWN: Cell<bool> = const { Cell::new(false) };
}

impl Deed {
    /// Whether the calling thread may do it: whoever waits, for whatever test, may come to drop what nobody wants, and has
    /// routines of its own that nothing of ours must run, and none of ours to be told of.
    fn may_be_done_here(self) -> bool {
        use Deed::{Apc, Drop, Receive, Send, Timer, WaitAlertably};
        let helper = || thread::current().name() == Some("overlapped-helper");
        !matches!(self, Receive | Send | WaitAlertably | Apc | Timer | Drop) || OWN.get() || helper()
    }
}

/// Makes values, and knows how many.
#[derive(Clone)]
struct Maker {
    socket: Socket,
    made: Arc<AtomicUsize>,
    drops: Drops,
}

struct Nasty {
    maker: Maker,
    buffer: [u8; 4],
    deed: Option<Deed>,
    _token: Token,
}

impl Session for Nasty {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.maker.socket, &mut self.buffer)
    }
}

impl Maker {
    fn token(&self) -> Token {
        self.made.fetch_add(1, SeqCst);
        self.drops.token()
    }

    fn make(&self, deed: Option<Deed>) -> Overlapped<Nasty> {
        Overlapped::new(Nasty { maker: self.clone(), buffer: [0; 4], deed, _token: self.token() })
    }

    /// Lets everything end that was left pending; it must.
    fn settle(&self) {
        self.socket.close();
        while self.drops.count() < self.made.load(SeqCst) {
            // What a routine or drop throws ends here.
            let _ = attempt(|| alertable::sleep(Some(Duration::from_millis(1))));
        }
        assert_eq!(self.drops.count(), self.made.load(SeqCst));
    }
}

impl Drop for Nasty {
    fn drop(&mut self) {
        let maker = &self.maker;
        // At the end of a thread some of it fails, which is no panic.
        match self.deed.filter(|deed| deed.may_be_done_here()) {
            None => {}
            Some(Deed::Receive) => _ = maker.make(None).recv(gone),
            Some(Deed::ReceiveAndForgetTheEvent) => drop(maker.make(None).recv_event(&Event::manual())),
            Some(Deed::ReceiveAndFinish) => {
                let pending = maker.make(None).recv_event(&Event::auto());
                let _ = pending.cancel();
                drop(pending.finish());
            }
            Some(Deed::Send) => _ = maker.make(None).send(.., gone),
            Some(Deed::Give) => drop(maker.socket.give(vec![1; 4])),
            Some(Deed::Cancel) => drop(maker.socket.cancel()),
            Some(Deed::Close) => maker.socket.close(),
            Some(Deed::WaitAlertably) => drop(alertable::sleep(Some(Duration::ZERO))),
            Some(Deed::Wait) => drop(wait::one(&Event::manual(), Some(Duration::from_millis(1)))),
            Some(Deed::Apc) => {
                let token = maker.token();
                let _ = alertable::current().queue(move || drop(token));
            }
            Some(Deed::Timer) => {
                let (timer, token) = (Timer::auto(), maker.token());
                let mine = timer.clone();
                let routine = move || {
                    let _ = &token;
                    mine.cancel();
                };
                let _ = timer.set_with(Duration::ZERO, Some(Duration::from_millis(1)), routine);
            }
            Some(Deed::Drop) => drop(maker.make(Some(Deed::WaitAlertably))),
            Some(Deed::Panic) if thread::panicking() => {}
            Some(Deed::Panic) => unwind(),
        }
    }
}

fn gone(_: Overlapped<Nasty>, _: Result<Completion>) {}

/// Without the panic hook, which would tell of each.
fn unwind() -> ! {
    resume_unwind(Box::new("on purpose"))
}

fn attempt<R>(code: impl FnOnce() -> R) -> thread::Result<R> {
    catch_unwind(AssertUnwindSafe(code))
}

type Place = fn(&Maker, Overlapped<Nasty>, &mut TcpStream);

const PLACES: [(&str, Place); 16] = [
    ("idle", |_, nasty, _| drop(attempt(|| drop(nasty)))),
    ("taken out", |_, nasty, _| drop(attempt(|| drop(nasty.into_inner())))),
    ("before the issue", |_, nasty, _| drop(attempt(|| nasty.recv_with(|_| unwind(), gone)))),
    ("in its routine", |_, nasty, peer| {
        nasty.recv(gone);
        peer.write_all(b"x").unwrap();
        let _ = attempt(|| alertable::sleep(None));
    }),
    ("in a routine that unwinds", |_, nasty, peer| {
        nasty.recv(|_nasty, _| unwind());
        peer.write_all(b"x").unwrap();
        assert!(attempt(|| alertable::sleep(None)).is_err());
    }),
    ("cancelled", |maker, nasty, _| {
        nasty.recv(gone);
        maker.socket.cancel().unwrap();
        let _ = attempt(|| alertable::sleep(None));
    }),
    ("pending", |_, nasty, _| drop(attempt(|| drop(nasty.recv_event(&Event::manual()))))),
    ("pending behind another", |maker, nasty, _| {
        let first = maker.make(None).recv_event(&Event::manual());
        let _ = attempt(|| drop(nasty.recv_event(&Event::manual())));
        drop(first);
    }),
    ("completed", |_, nasty, peer| {
        let event = Event::manual();
        let pending = nasty.recv_event(&event);
        peer.write_all(b"x").unwrap();
        wait::one(&event, None).unwrap();
        let _ = attempt(|| drop(pending));
    }),
    ("finished", |_, nasty, peer| {
        let pending = nasty.recv_event(&Event::auto());
        peer.write_all(b"x").unwrap();
        let _ = attempt(|| drop(pending.finish()));
    }),
    ("in flight when its thread ends", |_, nasty, _| {
        ending(move || {
            nasty.recv(gone);
        });
    }),
    ("queued when its thread ends", |_, nasty, _| {
        ending(move || {
            nasty.send(.., gone);
        });
    }),
    ("in an APC that never runs", |_, nasty, _| {
        ending(move || alertable::current().queue(move || drop(nasty)).unwrap());
    }),
    ("in a timer's routine", |_, nasty, _| {
        let timer = Timer::manual();
        let routine = move || {
            let _ = &nasty;
        };
        timer.set_with(Duration::from_secs(3600), None, routine).unwrap();
        let _ = attempt(|| drop(timer));
    }),
    ("in a timer's routine when its thread ends", |_, nasty, _| {
        ending(move || {
            let routine = move || {
                let _ = &nasty;
            };
            let timer = Timer::manual();
            timer.set_with(Duration::from_secs(3600), None, routine).unwrap();
            // Else it would go with the timer.
            static KEPT: Mutex<Vec<Timer>> = Mutex::new(Vec::new());
            KEPT.lock().unwrap().push(timer);
        });
    }),
    ("in a thread that never begins", |_, nasty, _| {
        let suspended = alertable::suspended(|| {});
        suspended.thread().queue(move || drop(nasty)).unwrap();
        let _ = attempt(|| drop(suspended));
    }),
];

/// Runs `code` on a thread that ends then, and well.
fn ending(code: impl FnOnce() + Send + 'static) {
    let own = move || {
        OWN.set(true);
        code();
    };
    thread::spawn(own).join().unwrap();
}

#[test]
fn whatever_a_drop_does_it_happens_once_and_ends() {
    let _watch = support::driver();
    OWN.set(true);
    for (place, run) in PLACES {
        for deed in DEEDS {
            let (socket, mut peer) = support::pair();
            let maker = Maker { socket, made: Arc::default(), drops: Drops::default() };
            let nasty = maker.make(Some(deed));
            run(&maker, nasty, &mut peer);
            maker.settle();
            assert!(maker.drops.count() >= 1, "{place}, {deed:?}");
        }
    }
}

/// In a thread-local that is older than the engine of its thread, and in one that is younger.
#[test]
fn in_thread_locals_around_the_librarys_own() {
    let _watch = support::driver();
    thread_local! {
        static OLDER: RefCell<Vec<Overlapped<Nasty>>> = const { RefCell::new(Vec::new()) };
        static YOUNGER: RefCell<Vec<Overlapped<Nasty>>> = const { RefCell::new(Vec::new()) };
    }
    // There a panic ends the process, as in any thread-local.
    for deed in DEEDS.into_iter().filter(|deed| *deed != Deed::Panic) {
        let (socket, _peer) = support::pair();
        let maker = Maker { socket, made: Arc::default(), drops: Drops::default() };
        let (here, younger, pending) = (maker.clone(), maker.make(Some(deed)), maker.make(Some(deed)));
        ending(move || {
            OLDER.with_borrow_mut(|older| older.push(here.make(Some(deed))));
            pending.recv(gone);
            let _ = alertable::sleep(Some(Duration::ZERO)).unwrap();
            YOUNGER.with_borrow_mut(|values| values.push(younger));
        });
        maker.settle();
    }
}
