//! Many connections at once, each message checked, some clients rude.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use overlapped::{Completion, Event, Overlapped, Pending, Result, Session, Socket, Waitable, Waited, alertable, wait};

use super::support;

const CLIENTS: usize = 60;
const MESSAGES: usize = 40;

/// Sends messages of many sizes and checks each echo; rude clients reset in the middle.
fn client(at: SocketAddr, index: usize) {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_nodelay(true).unwrap();
    for number in 0..MESSAGES {
        let message = vec![(index * 7 + number) as u8; 1 + (index * 131 + number * 37) % 3000];
        stream.write_all(&message).unwrap();
        if index % 10 == 9 && number == MESSAGES / 2 {
            return support::reset(stream);
        }
        let mut echo = vec![0; message.len()];
        stream.read_exact(&mut echo).unwrap();
        assert!(echo == message, "client {index}, message {number}");
    }
    if index % 3 == 0 {
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }
}

/// All clients, on a few threads of their own; `left` counts down as sessions end.
fn clients(at: SocketAddr) {
    thread::scope(|scope| {
        for part in 0..4 {
            scope.spawn(move || {
                for index in (0..CLIENTS).filter(|index| index % 4 == part) {
                    client(at, index);
                }
            });
        }
        for index in 0..8 {
            scope.spawn(move || client(at, index));
        }
    });
}

struct Client {
    socket: Socket,
    buffer: [u8; 1000],
    open: Arc<AtomicUsize>,
}

impl Client {
    fn new(socket: Socket, open: &Arc<AtomicUsize>) -> Overlapped<Client> {
        open.fetch_add(1, Ordering::SeqCst);
        socket.set_nodelay(true).unwrap();
        Overlapped::new(Client { socket, buffer: [0; 1000], open: Arc::clone(open) })
    }
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Door {
    listener: Socket,
    open: Arc<AtomicUsize>,
    seen: Arc<AtomicUsize>,
}

fn accepted(door: Overlapped<Door>, client: Result<Socket>) {
    if let Ok(socket) = client {
        door.seen.fetch_add(1, Ordering::SeqCst);
        Client::new(socket, &door.open).recv(received);
        door.accept(|door| &door.listener, accepted);
    }
}

fn received(client: Overlapped<Client>, done: Result<Completion>) {
    match done {
        Ok(done) if done.bytes > 0 => drop(client.send(..done.bytes, echoed)),
        _ => {}
    }
}

fn echoed(client: Overlapped<Client>, done: Result<Completion>) {
    if done.is_ok() {
        client.recv(received);
    }
}

#[test]
fn an_echo_server_with_routines_on_several_threads() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let (open, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut threads = Vec::new();
    let (to_me, handles) = std::sync::mpsc::channel();
    for _ in 0..2 {
        // Each thread has its own listener on the same descriptor: accepts of one socket have one home.
        let door = Door { listener: support::duplicate(&listener), open: Arc::clone(&open), seen: Arc::clone(&seen) };
        let to_me = to_me.clone();
        threads.push(thread::spawn(move || {
            let handle = door.listener.clone();
            Overlapped::new(door).accept(|door| &door.listener, accepted);
            let end = Event::manual();
            to_me.send((end.clone(), handle)).unwrap();
            while alertable::one(&end, None).unwrap() == Waited::Routines {}
        }));
    }
    clients(at);
    while seen.load(Ordering::SeqCst) < CLIENTS + 8 || open.load(Ordering::SeqCst) > 0 {
        thread::yield_now();
    }
    for (end, _listener) in handles.iter().take(2) {
        end.set();
    }
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn an_echo_server_with_events() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let open = Arc::new(AtomicUsize::new(0));
    let end = Event::manual();
    thread::scope(|scope| {
        let server = scope.spawn(|| {
            let (accept, mut seen) = (Event::auto(), 0);
            let mut accepting = Some(Overlapped::new(listener).accept_event(&accept, |l| l));
            let mut sessions: HashMap<usize, (Event, Pending<Client>)> = HashMap::new();
            loop {
                let mut keys: Vec<usize> = sessions.keys().copied().collect();
                keys.sort_unstable();
                let mut objects: Vec<&dyn Waitable> = vec![&end, &accept];
                objects.extend(keys.iter().map(|key| &sessions[key].0 as &dyn Waitable));
                match wait::any(&objects, None).unwrap() {
                    Waited::Object(0) => break seen,
                    Waited::Object(1) => {
                        let (listener, client) = accepting.take().unwrap().finish();
                        let event = Event::auto();
                        sessions.insert(seen, (event.clone(), Client::new(client.unwrap(), &open).recv_event(&event)));
                        seen += 1;
                        accepting = Some(listener.accept_event(&accept, |l| l));
                    }
                    Waited::Object(index) => {
                        let (event, receive) = sessions.remove(&keys[index - 2]).unwrap();
                        let (client, done) = receive.finish();
                        if let Some(bytes) = done.ok().map(|done| done.bytes).filter(|bytes| *bytes > 0) {
                            let (client, done) = client.send_event(..bytes, &event).finish();
                            if done.is_ok() {
                                sessions.insert(keys[index - 2], (event.clone(), client.recv_event(&event)));
                            }
                        }
                    }
                    other => panic!("{other:?}"),
                }
            }
        });
        clients(at);
        while open.load(Ordering::SeqCst) > 0 {
            thread::yield_now();
        }
        end.set();
        assert_eq!(server.join().unwrap(), CLIENTS + 8);
    });
}
