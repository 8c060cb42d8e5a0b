//! Accepts and connects (`08_extensions`).

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use overlapped::{Event, Issued, Overlapped, Port, Result, Shutdown, Socket, Waited, wait};

use super::super::support::{self, Conn, code};
use super::LONG;

fn accept(listener: &Socket, event: &Event) -> overlapped::Pending<Socket, Socket> {
    Overlapped::new(listener.clone()).accept_event(event, |listener| listener)
}

#[test]
fn an_accept() {
    let _watch = support::driver();
    let event = Event::manual();
    for ip in support::families() {
        let (listener, at) = support::listener(ip);
        let pending = accept(&listener, &event);
        assert!(matches!(pending.issued(), Issued::Pending(_)));
        let mut client = TcpStream::connect(at).unwrap();
        assert_eq!(wait::one(&event, LONG).unwrap(), Waited::Object(0));
        let (_, accepted) = pending.try_finish().expect("its event says so");
        let accepted = accepted.unwrap();
        assert_eq!(accepted.peer_addr().unwrap(), client.local_addr().unwrap());
        assert_eq!(accepted.local_addr().unwrap(), at);
        client.write_all(b"hi").unwrap();
        assert_eq!(support::outcome(Conn::new(&accepted, 32).recv_event(&event).finish()), ":hi");
    }
}

#[test]
fn an_accept_that_ends_without_a_client() {
    let _watch = support::driver();
    let event = Event::manual();
    let (listener, _) = support::listener(support::loopback().ip());
    let cancelled = accept(&listener, &event);
    cancelled.cancel().unwrap();
    assert_eq!(code(&cancelled.finish().1), 995);
    let closed = accept(&listener, &event);
    listener.close();
    assert_eq!(code(&closed.finish().1), 995);
}

#[test]
fn an_accept_to_a_port() {
    let _watch = support::driver();
    type Accepted = (Overlapped<Socket>, Result<Socket>);
    let port: Port<Accepted> = Port::new(0);
    let (listener, at) = support::listener(support::loopback().ip());
    Overlapped::new(listener).accept_port(&port, |listener| listener, |listener, client| (listener, client));
    let client = TcpStream::connect(at).unwrap();
    let (listener, accepted) = port.get(LONG).unwrap().expect("it comes");
    assert_eq!(listener.local_addr().unwrap(), at, "the packet is one of the listener");
    assert_eq!(accepted.unwrap().peer_addr().unwrap(), client.local_addr().unwrap());
}

#[test]
fn a_connect() {
    let _watch = support::driver();
    let event = Event::manual();
    let listener = TcpListener::bind(support::loopback()).unwrap();
    let at = listener.local_addr().unwrap();
    let connect = |socket: Socket| Overlapped::new(socket).connect_event(at, &event, |socket| socket).finish();
    let (socket, done) = connect(Socket::tcp(&at).unwrap());
    done.unwrap();
    assert_eq!(socket.peer_addr().unwrap(), at);
    let mut accepted = listener.accept().unwrap().0;
    assert_eq!(code(&connect(socket.clone()).1), 10056);
    socket.shutdown(Shutdown::Send).unwrap();
    assert_eq!(accepted.read(&mut [0; 32]).unwrap(), 0);

    // Nobody listens there any more.
    drop(listener);
    assert_eq!(code(&connect(Socket::tcp(&at).unwrap()).1), 10061);
}
