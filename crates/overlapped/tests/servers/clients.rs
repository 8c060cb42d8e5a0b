//! What the properties share: a handler that tells what it sees, and plain blocking clients.

use overlapped::server::{
    Builder, Counters, Decoder, Framing, Handle, Handler, Message, Model, Reason, Server, Session,
};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

/// What a handler saw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    Connected(u64),
    Received(u64, u16, Vec<u8>),
    Full(u64),
    Closed(u64, Reason),
}

/// A handler that tells what it sees, and does something with each message.
pub(crate) struct Told {
    seen: Sender<Seen>,
    act: fn(&Session, Message<'_>),
}

impl Handler for Told {
    fn connected(&mut self, session: &Session) {
        let _ = self.seen.send(Seen::Connected(session.id()));
    }

    fn received(&mut self, session: &Session, message: Message<'_>) {
        let _ = self.seen.send(Seen::Received(session.id(), message.id(), message.to_vec()));
        (self.act)(session, message);
    }

    fn full(&mut self, session: &Session) {
        let _ = self.seen.send(Seen::Full(session.id()));
    }

    fn closed(&mut self, session: &Session, reason: &Reason) {
        let _ = self.seen.send(Seen::Closed(session.id(), reason.clone()));
    }
}

pub(crate) fn nothing(_session: &Session, _message: Message<'_>) {}

pub(crate) fn echo(session: &Session, message: Message<'_>) {
    session.send_copy(message.id(), &message);
}

/// A server of two threads, and what its handlers tell.
pub(crate) fn serve(
    model: Model,
    act: fn(&Session, Message<'_>),
    build: impl FnOnce(Builder) -> Builder,
) -> (Server, Receiver<Seen>) {
    let (seen, told) = mpsc::channel();
    let builder = build(Server::builder("127.0.0.1:0").model(model).threads(2));
    (builder.start(move || Told { seen: seen.clone(), act }).expect("a server"), told)
}

/// Connects, and waits until the server has the session.
pub(crate) fn connect(server: &Server, told: &Receiver<Seen>) -> (TcpStream, Session) {
    let client = client(server.address());
    let Seen::Connected(id) = next_but_messages(told) else { panic!("something else happened") };
    (client, server.handle().session(id).expect("it is here"))
}

pub(crate) fn client(address: SocketAddr) -> TcpStream {
    let client = TcpStream::connect(address).expect("it listens");
    client.set_nodelay(true).unwrap();
    client
}

/// A client that the kernel takes little for.
pub(crate) fn narrow(address: SocketAddr) -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(16 << 10).unwrap();
    socket.connect(&address.into()).unwrap();
    socket.into()
}

/// The same, as a session.
pub(crate) fn narrow_client(server: &Server, told: &Receiver<Seen>) -> (TcpStream, Session) {
    let client = narrow(server.address());
    let Seen::Connected(id) = next_but_messages(told) else { panic!("something else happened") };
    (client, server.handle().session(id).expect("it is here"))
}

/// The next thing that is told, but for messages.
pub(crate) fn next_but_messages(told: &Receiver<Seen>) -> Seen {
    loop {
        match told.recv().expect("the server is there") {
            Seen::Received(..) => {}
            seen => return seen,
        }
    }
}

/// Everything that the server sends until the end.
pub(crate) fn read_all(client: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    client.read_to_end(&mut all).expect("an orderly end");
    all
}

pub(crate) fn exchange(client: &mut TcpStream, text: &[u8]) {
    client.write_all(text).unwrap();
    let mut answer = vec![0; text.len()];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(answer, text);
}

/// A client that reads whole messages.
pub(crate) struct Reader {
    stream: TcpStream,
    decoder: Decoder,
}

impl Reader {
    pub(crate) fn new(stream: &TcpStream, framing: Framing) -> Self {
        Self { stream: stream.try_clone().unwrap(), decoder: Decoder::new(framing) }
    }

    /// The next message; `None` at the end of the stream.
    pub(crate) fn next(&mut self) -> Option<(u16, Vec<u8>)> {
        loop {
            if let Some(message) = self.decoder.next().expect("messages") {
                return Some((message.id(), message.to_vec()));
            }
            match self.stream.read(self.decoder.space()).expect("an orderly end") {
                0 => return None,
                bytes => self.decoder.filled(bytes),
            }
        }
    }
}

/// Waits until the counters say so.
pub(crate) fn until(handle: &Handle, done: impl Fn(&Counters) -> bool) -> Counters {
    loop {
        let counters = handle.counters();
        if done(&counters) {
            return counters;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// A time that no test lets pass.
pub(crate) const LONG: Duration = Duration::from_secs(600);
