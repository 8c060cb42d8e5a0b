//! The callback model: completion routines, which run in the alertable waits of the thread that
//! issued the operation. What another thread has for a worker comes to it as a user APC.

use super::Serving;
use super::acceptor::{Acceptor, Next};
use super::crew::Desk;
use super::session::{Session, Step};
use super::worker::Worker;
use overlapped::{Completion, Overlapped, Result, Socket, alertable, codes};
use std::cell::{Cell, OnceCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Instant;

pub(super) struct Callback;

/// What the routines of a worker share: they all run on its thread.
struct Local {
    worker: Worker,
    /// The door, while the next accept is not to be issued yet.
    shut: Cell<Option<(Overlapped<Door>, Instant)>>,
}

thread_local! {
    /// An APC carries what another thread gives it, which cannot be an `Rc`.
    static LOCAL: OnceCell<Rc<Local>> = const { OnceCell::new() };
}

fn with_local(act: impl FnOnce(&Rc<Local>)) {
    LOCAL.with(|local| local.get().map(act));
}

impl Desk for alertable::Thread {
    fn hand(&self, socket: Socket) {
        let _ = self.queue(move || with_local(|local| welcome(local, socket)));
    }

    fn accept(&self, listener: Socket, acceptor: Acceptor<Self>) {
        let _ = self.queue(move || {
            with_local(|local| open(Overlapped::new(Door { listener, acceptor, local: Rc::clone(local) })));
        });
    }

    fn wake(&self) {
        let _ = self.queue(|| {});
    }
}

/// A session and the worker it belongs to.
struct Conn {
    session: Session,
    local: Rc<Local>,
}

impl overlapped::Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        overlapped::Session::parts(&mut self.session)
    }
}

fn welcome(local: &Rc<Local>, socket: Socket) {
    if let Some(session) = local.worker.welcome(socket) {
        issue(Overlapped::new(Conn { session, local: Rc::clone(local) }), Step::Receive);
    }
}

fn issue(conn: Overlapped<Conn>, step: Step) {
    match step.sends() {
        None => conn.recv(completed),
        Some(bytes) => conn.send(..bytes, completed),
    };
}

/// The completion routine of every operation of a session.
fn completed(mut conn: Overlapped<Conn>, done: Result<Completion>) {
    let Conn { session, local } = &mut *conn;
    if let Some(step) = local.worker.completed(session, done) {
        issue(conn, step);
    }
    // Otherwise the session is dropped here, which closes its socket.
}

/// The listener, and what becomes of those who come.
struct Door {
    listener: Socket,
    acceptor: Acceptor<alertable::Thread>,
    local: Rc<Local>,
}

fn open(door: Overlapped<Door>) {
    door.accept(|door| &door.listener, accepted);
}

fn accepted(mut door: Overlapped<Door>, client: Result<Socket>) {
    match door.acceptor.accepted(client) {
        Next::Now => open(door),
        Next::At(time) => {
            let local = Rc::clone(&door.local);
            local.shut.set(Some((door, time)));
        }
        Next::Never => {}
    }
}

impl Local {
    /// Opens a door that has been shut long enough; otherwise says when that will be.
    fn reopen(&self) -> Option<Instant> {
        let (door, time) = self.shut.take()?;
        if time <= Instant::now() {
            open(door);
            return None;
        }
        self.shut.set(Some((door, time)));
        Some(time)
    }
}

/// A thread gets its driver with its first operation. This one cannot succeed, and is there so that
/// the driver is made now: with the first client there may be no descriptor left for it.
fn prepare() -> Result<()> {
    let socket = Socket::tcp(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?;
    let outcome = Rc::new(Cell::new(Ok(())));
    let probe = Overlapped::new((socket, [0], Rc::clone(&outcome)));
    probe.recv_with(|(socket, buffer, _)| (socket, buffer), |probe, done| probe.2.set(done.map(drop)));
    alertable::sleep(None)?;
    outcome.replace(Ok(())).or_else(|error| if error.code() == codes::WSAENOTCONN { Ok(()) } else { Err(error) })
}

impl Serving for Callback {
    type Desk = alertable::Thread;

    fn work(worker: Worker, open: impl FnOnce(Self::Desk)) -> Result<()> {
        prepare()?;
        let local = LOCAL.with(|cell| Rc::clone(cell.get_or_init(|| Rc::new(Local { worker, shut: Cell::default() }))));
        open(alertable::current());
        while !local.worker.is_done() {
            let pause = local.reopen().map(|time| time.saturating_duration_since(Instant::now()));
            // One alertable wait runs every routine and every APC that is queued.
            alertable::sleep(pause)?;
            local.worker.show();
        }
        // A door holds its worker.
        local.shut.take();
        Ok(())
    }
}
