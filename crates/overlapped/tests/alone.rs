//! A process of one thread, which nobody helps: its wait is over when what it waits for is there, and a thread that comes
//! later wakes it all the same. Without the test harness, which has threads of its own.

use overlapped::driver::Choice;
use overlapped::messages::{Message, MessageQueue};
use overlapped::network::NetworkEvents;
use overlapped::readiness::{Events, PollEntry, poll};
use overlapped::{Event, Overlapped, Session, Socket, Waited, alertable, driver, wait};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

struct Client {
    socket: Socket,
    buffer: [u8; 16],
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn main() {
    if let Ok(name) = std::env::var("ALONE_ON") {
        return alone(name.parse().expect("a driver"));
    }
    for name in if cfg!(windows) { ["auto", "winsock"] } else { ["uring", "epoll"] } {
        let this = std::env::current_exe().expect("this program");
        let mut child = Command::new(this).env("ALONE_ON", name).spawn().expect("it runs again");
        // Who hangs has no thread to notice it.
        let began = Instant::now();
        let status = loop {
            match child.try_wait().expect("a child") {
                Some(status) => break status,
                None if began.elapsed() > Duration::from_secs(60) => {
                    child.kill().expect("it is ended");
                    panic!("on {name}: never woken");
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        assert!(status.success(), "on {name}: {status}");
        println!("one thread on {name}: ok");
    }
}

/// Behind the receive that ends the wait lies more than a thread carries on for others before it looks.
fn waits_for_no_more_than_it_wants(peer: &mut TcpStream, socket: &Socket) {
    const MANY: usize = 1000;
    let event = Event::manual();
    let receive = || Overlapped::new((socket.clone(), [0])).recv_event_with(&event, |(socket, byte)| (socket, byte));
    let receives: Vec<_> = (0..MANY).map(|_| receive()).collect();
    peer.write_all(&[7; MANY]).expect("it is connected");
    assert_eq!(wait::one(&event, None).expect("a wait"), Waited::Object(0));
    assert!(receives[0].is_done() && !receives[MANY - 1].is_done());
    for receive in receives {
        let (session, done) = receive.finish();
        assert_eq!((done.expect("data").bytes, session.1), (1, [7]));
    }
}

/// Messages of several sockets come in the order of their data, whether or not the thread has waited since it selected their
/// events. With more threads the one that waits may learn of a socket later, which another one watched.
fn messages_come_in_order(client: impl Fn() -> (TcpStream, Socket)) {
    let queue = MessageQueue::<()>::new();
    let next = || match queue.get().expect("a message") {
        Message::Network(message) => message.socket(),
        other => panic!("{other:?}"),
    };
    let select = || {
        let (peer, socket) = client();
        socket.select_messages(&queue, NetworkEvents::READ).expect("it can be watched");
        (peer, socket)
    };
    let (mut peer, known) = select();
    peer.write_all(b"x").expect("it is connected");
    assert_eq!(next(), known.id());
    known.try_recv(&mut [0; 8]).expect("data");
    assert_eq!(queue.try_get(), None);
    let mut all = [(peer, known), select(), select()];
    for (peer, socket) in &mut all {
        peer.write_all(b"x").expect("it is connected");
        poll(&mut [PollEntry::new(socket, Events::READ)], None).expect("the data");
    }
    for (_, socket) in &all {
        assert_eq!(next(), socket.id());
    }
}

/// Linux gives a process a table of its own for futexes when its second thread starts; what waits since before that must
/// still be found.
fn alone(choice: Choice) {
    if let Err(error) = driver::choose(choice) {
        assert!(std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_none(), "{error}");
        return println!("passed by: {error}");
    }
    let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let client = || {
        let peer = TcpStream::connect(door.local_addr().expect("bound")).expect("it listens");
        let socket = Socket::from(door.accept().expect("a connection").0);
        (peer, Overlapped::new(Client { socket, buffer: [0; 16] }))
    };
    let (mut peer, session) = client();
    waits_for_no_more_than_it_wants(&mut peer, &session.socket);
    messages_come_in_order(|| {
        let (peer, session) = client();
        (peer, session.into_inner().socket)
    });
    let ((_peer, by_routine), (_other, by_event)) = (client(), client());
    let event = Event::manual();
    by_routine.recv(|_, done| assert!(done.expect_err("nothing came").is_aborted()));
    let _pending = by_event.recv_event(&event);
    let soon = Some(Duration::from_millis(5));
    assert_eq!(alertable::sleep(soon).expect("a wait"), Waited::TimedOut);
    assert_eq!(wait::one(&event, soon).expect("a wait"), Waited::TimedOut);

    let (me, other) = (alertable::current(), event.clone());
    let second = thread::spawn(move || {
        // Most of the time the first thread is asleep by then.
        thread::sleep(Duration::from_millis(50));
        me.queue(|| {}).expect("the thread takes it");
        thread::sleep(Duration::from_millis(50));
        other.set();
    });
    assert_eq!(alertable::sleep(None).expect("a wait"), Waited::Routines);
    assert_eq!(wait::one(&event, None).expect("a wait"), Waited::Object(0));
    second.join().expect("it ends");
}
