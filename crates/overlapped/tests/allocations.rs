//! The steady state of routines, of a completion port, of readiness and of network events allocates nothing: not for an
//! operation, not for a wait.

use overlapped::driver::{self, Choice};
use overlapped::messages::{Message, MessageQueue};
use overlapped::network::NetworkEvents;
use overlapped::readiness::{Events, PollEntry, SocketSet, poll, select};
use overlapped::{Completion, Datagram, Event, Gather, Overlapped, Result, Scatter, Session, Socket, alertable, wait};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{IoSlice, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// The system's allocator, which counts what the calling thread asks for.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: hands everything to the system's allocator; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Client {
    socket: Socket,
    buffer: [u8; 64],
    echoed: usize,
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

thread_local! {
    static ECHOED: Cell<usize> = const { Cell::new(0) };
}

fn received(mut client: Overlapped<Client>, done: Result<Completion>) {
    let bytes = done.expect("a message").bytes;
    client.echoed += 1;
    // Both ways to send: bytes that the library would own if it had to, and the session's own.
    if client.echoed % 2 == 0 {
        client.socket.give_copy(&client.buffer[..bytes]).expect("room for a message");
        ECHOED.set(ECHOED.get() + 1);
        client.recv(received);
    } else {
        client.send(..bytes, sent);
    }
}

fn sent(client: Overlapped<Client>, done: Result<Completion>) {
    done.expect("room for a message");
    ECHOED.set(ECHOED.get() + 1);
    client.recv(received);
}

fn echo(peers: &mut [TcpStream], rounds: usize) {
    for _ in 0..rounds {
        let wanted = ECHOED.get() + peers.len();
        for peer in &mut *peers {
            peer.write_all(&[7; 64]).expect("the server reads");
        }
        while ECHOED.get() < wanted {
            alertable::sleep(None).expect("an alertable wait");
        }
        for peer in &mut *peers {
            peer.read_exact(&mut [0; 64]).expect("an echo");
        }
    }
}

type Packet = (Overlapped<Client>, Result<Completion>);

/// Echoes through a completion port: the calling thread is its one worker.
fn echo_by_port(peers: &mut [TcpStream], port: &overlapped::Port<Packet>, rounds: usize) {
    for _ in 0..rounds {
        for peer in &mut *peers {
            peer.write_all(&[7; 64]).expect("the server reads");
        }
        for _ in 0..peers.len() {
            let (client, done) = port.get(None).expect("the port is open").expect("a packet");
            let bytes = done.expect("a message").bytes;
            client.socket.give_copy(&client.buffer[..bytes]).expect("room for a message");
            client.recv_port(port, |client, done| (client, done));
        }
        for peer in &mut *peers {
            peer.read_exact(&mut [0; 64]).expect("an echo");
        }
    }
}

/// A datagram socket that sends eight buffers to itself and receives them into eight.
struct Port {
    socket: Socket,
    at: SocketAddr,
    buffers: [[u8; 4]; 8],
}

fn scatter(port: &mut Port) -> Scatter<'_> {
    port.buffers.iter_mut().fold(Scatter::new(&port.socket), |scatter, buffer| scatter.buffer(buffer))
}

fn gather(port: &Port) -> Gather<'_> {
    port.buffers.iter().fold(Gather::new(&port.socket), |gather, buffer| gather.buffer(buffer)).to(port.at)
}

fn arrived(port: Overlapped<Port>, done: Result<Datagram>) {
    assert_eq!(done.expect("a datagram").bytes, 32);
    ECHOED.set(ECHOED.get() + 1);
    port.recv_from_with(scatter, arrived);
}

fn on_the_way(port: Overlapped<Port>, done: Result<Completion>) {
    assert_eq!(done.expect("room for a datagram").bytes, 32);
    PORT.set(Some(port));
}

thread_local! {
    static PORT: Cell<Option<Overlapped<Port>>> = const { Cell::new(None) };
}

fn datagrams(rounds: usize) {
    for _ in 0..rounds {
        let wanted = ECHOED.get() + 1;
        PORT.take().expect("the last send is done").send_gather(gather, on_the_way);
        while ECHOED.get() < wanted {
            alertable::sleep(None).expect("an alertable wait");
        }
    }
}

/// Receives and sends that are made when a socket is ready for them.
fn ready(pairs: &[(Socket, Socket)], read: &mut SocketSet, polled: &mut [PollEntry], rounds: usize) {
    let mut write = SocketSet::classic();
    for _ in 0..rounds {
        for (socket, peer) in pairs {
            peer.try_send(b"hello").expect("room for a message");
            select(Some(read), Some(&mut write), None, None).expect("it is open");
            assert!(read.is_ready(socket));
            poll(polled, None).expect("it is open");
            assert_eq!(socket.try_recv(&mut [0; 64]).expect("a message"), 5);
            socket.try_send_vectored(&[IoSlice::new(b"he"), IoSlice::new(b"llo")]).expect("room for a message");
            assert_eq!(peer.try_recv(&mut [0; 64]).expect("a message"), 5);
        }
    }
}

/// Echoes what network events tell of, on an event that all sockets share.
fn recorded(pairs: &[(Socket, Socket)], event: &Event, queue: &MessageQueue<()>, rounds: usize) {
    for _ in 0..rounds {
        for (socket, peer) in pairs {
            peer.try_send(b"hello").expect("room for a message");
            wait::one(event, None).expect("a wait");
            assert!(socket.network_events(Some(event)).expect("it is open").contains(NetworkEvents::READ));
            assert_eq!(socket.try_recv(&mut [0; 64]).expect("a message"), 5);
            socket.try_send(b"hello").expect("room for a message");
            assert!(matches!(queue.get(), Ok(Message::Network(_))));
            assert_eq!(peer.try_recv(&mut [0; 64]).expect("a message"), 5);
        }
    }
}

/// One test for both drivers would need two processes: the driver is the environment's, and the
/// parent runs this program once more for the other.
#[test]
fn the_steady_state_allocates_nothing() {
    let choice = std::env::var("ALLOCATIONS_ON").unwrap_or_else(|_| {
        if cfg!(windows) {
            return "winsock".into();
        }
        let child = std::process::Command::new(std::env::current_exe().expect("this program"))
            .env("ALLOCATIONS_ON", "epoll")
            .status()
            .expect("this program runs again");
        assert!(child.success(), "on epoll");
        "uring".into()
    });
    if let Err(error) = driver::choose(choice.parse::<Choice>().expect("a driver")) {
        assert!(std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_none(), "{error}");
        return println!("passed by: {error}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let connect = || {
        let peer = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
        let socket = Socket::from(listener.accept().expect("a connection").0);
        (peer, Overlapped::new(Client { socket, buffer: [0; 64], echoed: 0 }))
    };
    let mut peers = Vec::new();
    for _ in 0..10 {
        let (peer, client) = connect();
        client.recv(received);
        peers.push(peer);
    }
    echo(&mut peers, 10);
    let before = ALLOCATIONS.get();
    assert!(before > 0, "the counter counts");
    echo(&mut peers, 100);
    assert_eq!(ALLOCATIONS.get() - before, 0, "allocations in 1000 messages on {choice}");

    let port = overlapped::Port::new(1);
    let mut peers = Vec::new();
    for _ in 0..10 {
        let (peer, client) = connect();
        client.recv_port(&port, |client, done| (client, done));
        peers.push(peer);
    }
    echo_by_port(&mut peers, &port, 10);
    let before = ALLOCATIONS.get();
    echo_by_port(&mut peers, &port, 100);
    assert_eq!(ALLOCATIONS.get() - before, 0, "allocations in 1000 packets on {choice}");

    let socket = Socket::udp("127.0.0.1:0").expect("a free port");
    let at = socket.local_addr().expect("bound");
    let port = || Overlapped::new(Port { socket: socket.clone(), at, buffers: [*b"four"; 8] });
    port().recv_from_with(scatter, arrived);
    PORT.set(Some(port()));
    datagrams(10);
    let before = ALLOCATIONS.get();
    datagrams(100);
    assert_eq!(ALLOCATIONS.get() - before, 0, "allocations in 100 datagrams of eight buffers on {choice}");

    let pairs: Vec<_> = (0..10).map(|_| Socket::pair().expect("room for two sockets")).collect();
    let (mut read, mut polled) = (SocketSet::new(), Vec::new());
    for (socket, _) in &pairs {
        read.insert(socket);
        polled.push(PollEntry::new(socket, Events::READ));
    }
    ready(&pairs, &mut read, &mut polled, 1);
    let before = ALLOCATIONS.get();
    ready(&pairs, &mut read, &mut polled, 10);
    assert_eq!(ALLOCATIONS.get() - before, 0, "allocations in 100 waits for readiness on {choice}");

    let (event, queue) = (Event::auto(), MessageQueue::new());
    for (socket, peer) in &pairs {
        socket.select_events(&event, NetworkEvents::READ | NetworkEvents::CLOSE).expect("it is open");
        peer.select_messages(&queue, NetworkEvents::READ | NetworkEvents::CLOSE).expect("it is open");
    }
    recorded(&pairs, &event, &queue, 10);
    let before = ALLOCATIONS.get();
    recorded(&pairs, &event, &queue, 10);
    assert_eq!(ALLOCATIONS.get() - before, 0, "allocations in 200 network events on {choice}");
}
