//! Ports, their packets, and what becomes of those that nobody takes.

use overlapped::driver::scripted::{self, Script};
use overlapped::{Completion, IssuedTo, Overlapped, Port, Result, Socket, codes};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

const NOW: Option<Duration> = Some(Duration::ZERO);

/// A session that does something when it is dropped.
struct Client {
    socket: Socket,
    buffer: [u8; 4],
    at_drop: Option<Box<dyn FnOnce() + Send>>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.at_drop.take().expect("once")();
    }
}

fn client(socket: &Socket, at_drop: impl FnOnce() + Send + 'static) -> Overlapped<Client> {
    Overlapped::new(Client { socket: socket.clone(), buffer: [0; 4], at_drop: Some(Box::new(at_drop)) })
}

fn counted(socket: &Socket, drops: &Arc<AtomicUsize>) -> Overlapped<Client> {
    let drops = Arc::clone(drops);
    client(socket, move || {
        drops.fetch_add(1, SeqCst);
    })
}

fn receive<P: Send + 'static>(
    client: Overlapped<Client>,
    port: &Port<P>,
    packet: fn(Overlapped<Client>, Result<Completion>) -> P,
) -> IssuedTo<P> {
    client.recv_port_with(port, |client| (&client.socket, &mut client.buffer), packet)
}

/// What a receive brought, or its code.
fn text(client: &Client, done: Result<Completion>) -> String {
    match done {
        Ok(done) => String::from_utf8_lossy(&client.buffer[..done.bytes]).into_owned(),
        Err(error) => error.name().into(),
    }
}

fn told(client: Overlapped<Client>, done: Result<Completion>) -> String {
    text(&client, done)
}

#[test]
fn packets_hold_what_the_kernel_says_in_its_order() {
    scripted::run(|script| {
        let (port, drops) = (Port::new(1), Arc::default());
        for _ in 0..3 {
            assert!(receive(counted(&script.socket(), &drops), &port, told).is_pending());
        }
        let started = script.started();
        script.receive(started[2], b"c");
        script.receive(started[0], b"aaaa");
        script.fail(started[1], codes::WSAECONNRESET);
        let mut packets = Vec::new();
        while port.get_many(&mut packets, 8, NOW).unwrap() > 0 {}
        assert_eq!(packets, ["c", "aaaa", "WSAECONNRESET"]);
        assert_eq!(drops.load(SeqCst), 3);
    });
}

#[test]
fn a_function_that_panics_drops_its_session_and_no_other_packet() {
    scripted::run(|script| {
        let (port, drops) = (Port::new(1), Arc::default());
        receive(counted(&script.socket(), &drops), &port, |_, _| panic!("on purpose"));
        receive(counted(&script.socket(), &drops), &port, told);
        for started in script.started() {
            script.receive(started, b"x");
        }
        let mut packets = vec![String::from("before")];
        let taken = catch_unwind(AssertUnwindSafe(|| port.get_many(&mut packets, 8, None)));
        assert!(taken.is_err());
        assert_eq!((packets.len(), drops.load(SeqCst)), (1, 1));
        assert_eq!(port.get(NOW).unwrap().as_deref(), Some("x"));
        // The same where the packet would have come back from the issue.
        let sender = script.socket();
        sender.skip_packets_on_success(true);
        let skipped = catch_unwind(AssertUnwindSafe(|| {
            let client = counted(&sender, &drops);
            client.send_port_with(&port, |client| (&client.socket, &client.buffer), |_, _| panic!("on purpose"))
        }));
        assert!(skipped.is_err());
        assert_eq!((drops.load(SeqCst), port.queued()), (3, 0));
    });
}

/// Packets in the queue, what the kernel has reported and nobody has taken, and what it has not.
#[test]
fn what_nobody_takes_is_dropped_with_what_it_brought() {
    scripted::run(|script| {
        for queued in [true, false] {
            let (port, drops): (Port<String>, _) = (Port::new(1), Arc::default());
            let listener = script.socket();
            Overlapped::new(listener.clone()).accept_port(&port, |listener| listener, |_, _| String::new());
            receive(counted(&script.socket(), &drops), &port, told);
            let [accept, received] = script.started()[..] else { panic!("two operations") };
            script.accept(accept);
            script.receive(received, b"x");
            receive(counted(&script.socket(), &drops), &port, told);
            if queued {
                // Takes one, and with it the kernel's report of all.
                port.post(String::new()).unwrap();
                assert_eq!(port.get(NOW).unwrap().as_deref(), Some(""));
                assert!(port.get(NOW).unwrap().is_some());
            }
            port.close();
            assert_eq!((drops.load(SeqCst), port.queued()), (2, 0));
            assert!(script.started().is_empty());
        }
    });
}

/// The last handle lies in a session that the close drops, and the drop uses the port all the same.
#[test]
fn a_session_that_is_dropped_by_the_close_may_use_the_port() {
    scripted::run(|script| {
        let (port, drops): (Port<String>, Arc<AtomicUsize>) = (Port::new(1), Arc::default());
        let (mine, socket, inner) = (port.clone(), script.socket(), Arc::clone(&drops));
        let session = client(&script.socket(), move || {
            assert_eq!(mine.get(None).unwrap_err().code(), codes::ERROR_ABANDONED_WAIT_0);
            assert!(mine.post(String::new()).is_err());
            receive(counted(&socket, &inner), &mine, told);
            mine.close();
            drop(mine);
            inner.fetch_add(1, SeqCst);
        });
        receive(session, &port, told);
        port.close();
        drop(port);
        assert_eq!(drops.load(SeqCst), 2);
    });
}

/// Nothing is left of a port that a thread, which works for it, drops as its last owner while another waits.
#[test]
fn the_last_handle_may_go_anywhere() {
    scripted::run(|script| {
        let (port, drops): (Port<Overlapped<Client>>, Arc<AtomicUsize>) = (Port::new(1), Arc::default());
        receive(counted(&script.socket(), &drops), &port, |client, _| client);
        thread::scope(|scope| {
            let script: &Script = script;
            scope.spawn(move || {
                script.enter();
                script.receive(script.started()[0], b"x");
                let client = port.get(None).unwrap().unwrap();
                receive(client, &port, |client, _| client);
            });
        });
        assert_eq!(drops.load(SeqCst), 1);
        assert!(script.started().is_empty());
    });
}

#[test]
fn a_port_serves_the_sockets_of_one_driver() {
    let port = Port::new(1);
    scripted::run(|script| {
        receive(client(&script.socket(), || {}), &port, told);
        script.receive(script.started()[0], b"one");
        assert_eq!(port.get(None).unwrap().as_deref(), Some("one"));
    });
    scripted::run(|script| {
        assert!(matches!(receive(client(&script.socket(), || {}), &port, told), IssuedTo::Queued));
        assert_eq!(port.get(None).unwrap().as_deref(), Some("WSAEINVAL"));
        assert!(script.started().is_empty());
    });
}
