//! Ends of processes and threads in each state of a port.

use super::{conn, pair};
use overlapped::{Event, Overlapped, Port, Socket, alertable, codes, wait};
use std::cell::RefCell;
use std::io::Write;
use std::process::exit;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

pub(super) const WAYS: [(&str, fn(), i32); 5] = [
    ("exit in the function of a packet", exit_in_the_function_of_a_packet, 7),
    ("exit in a drop by a port that closes", exit_in_a_drop_by_a_close, 7),
    ("main returns beside the threads of a port", main_returns_beside_threads_of_a_port, 0),
    ("a port in a thread-local of main", a_port_in_a_thread_local_of_main, 0),
    ("threads of a port end", threads_of_a_port_end, 0),
];

/// A port for which threads wait, drive, watch, run and sleep, with operations pending.
fn busy_port() -> (Port<u32>, Socket) {
    let port = Port::new(1);
    let (socket, peer) = pair();
    conn(&socket).recv_port(&port, |_, _| 0);
    for plain in [true, true, false] {
        let (port, connection) = (port.clone(), pair());
        thread::spawn(move || {
            let mut packets = Vec::new();
            let (own, _peer) = connection;
            if !plain {
                conn(&own).recv(|_, _| {});
            }
            loop {
                match plain {
                    true => packets.extend(port.get(None).unwrap_or(None)),
                    false => drop(port.get_many_alertable(&mut packets, 1, None)),
                }
                match packets.pop() {
                    Some(1) => drop(wait::one(&Event::manual(), None)),
                    Some(2) => thread::sleep(Duration::from_secs(1000)),
                    Some(_) => {}
                    // It is closed.
                    None => return,
                }
            }
        });
    }
    while port.waiting() < 3 {
        thread::yield_now();
    }
    port.post(1).unwrap();
    port.post(2).unwrap();
    port.post(3).unwrap();
    std::mem::forget(peer);
    (port, socket)
}

fn exit_in_the_function_of_a_packet() {
    let (port, socket) = busy_port();
    Overlapped::new((socket, *b"x")).send_port_with(&port, |(socket, byte)| (socket, byte), |_, _| exit(7));
    loop {
        let _ = port.get(None);
    }
}

struct Exits;

impl Drop for Exits {
    fn drop(&mut self) {
        exit(7);
    }
}

fn exit_in_a_drop_by_a_close() {
    let (_busy, _socket) = busy_port();
    let port: Port<Exits> = Port::new(1);
    let (socket, _peer) = pair();
    Overlapped::new((socket, [0; 8], Exits)).recv_port_with(
        &port,
        |(socket, buffer, _)| (socket, buffer),
        |_, _| Exits,
    );
    port.close();
}

fn main_returns_beside_threads_of_a_port() {
    static KEPT: OnceLock<(Port<u32>, Socket)> = OnceLock::new();
    KEPT.set(busy_port()).unwrap();
}

fn a_port_in_a_thread_local_of_main() {
    thread_local! {
        static KEPT: RefCell<Option<(Port<u32>, Socket)>> = const { RefCell::new(None) };
    }
    KEPT.set(Some(busy_port()));
}

/// A thread that runs, with what it has taken and issued; and what it does with the port in its last destructors.
fn threads_of_a_port_end() {
    struct Late(Option<Port<u32>>);
    impl Drop for Late {
        fn drop(&mut self) {
            let Some(port) = self.0.take() else { return };
            let (socket, peer) = pair();
            conn(&socket).recv_port(&port, |_, done| done.map_or(0, |done| done.bytes as u32));
            (&peer).write_all(b"late").unwrap();
            let mut others = vec![5];
            loop {
                match port.get(None).unwrap() {
                    Some(4) => break,
                    other => others.extend(other),
                }
            }
            others.into_iter().for_each(|other| port.post(other).unwrap());
        }
    }
    thread_local! {
        static FIRST: RefCell<Late> = const { RefCell::new(Late(None)) };
        static LAST: RefCell<Late> = const { RefCell::new(Late(None)) };
    }
    let port = Port::new(1);
    for _ in 0..20 {
        thread::spawn({
            let port = port.clone();
            move || {
                FIRST.with_borrow_mut(|late| late.0 = Some(port.clone()));
                port.post(1).unwrap();
                while port.get(None).unwrap() != Some(1) {}
                let _ = alertable::sleep(Some(Duration::ZERO)).unwrap();
                LAST.with_borrow_mut(|late| late.0 = Some(port));
            }
        })
        .join()
        .unwrap();
        assert_eq!(port.running(), 0);
        let mut packets = Vec::new();
        assert_eq!(port.get_many(&mut packets, 8, Some(Duration::ZERO)).unwrap(), 2);
        assert_eq!(packets, [5, 5]);
    }
    // The last handle goes with a thread.
    let (socket, _peer) = pair();
    conn(&socket).recv_port(&port, |_, _| 0);
    let again = port.clone();
    thread::spawn(move || {
        FIRST.with_borrow_mut(|late| drop(late.0.take()));
        drop(port);
    })
    .join()
    .unwrap();
    again.close();
    assert_eq!(again.get(None).unwrap_err().code(), codes::ERROR_ABANDONED_WAIT_0);
}
