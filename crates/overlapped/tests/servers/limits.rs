//! How many may come.

use super::clients::{Seen, client, connect, echo, exchange, serve, until};
use overlapped::server::Model;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

on_every_model!(
    no_more_sessions_than_the_limit,
    no_more_sessions_of_an_address_than_the_limit,
    one_that_has_gone_before_it_is_served_is_told_of,
);

fn refused(mut client: TcpStream) {
    assert!(matches!(client.read(&mut [0; 8]), Ok(0) | Err(_)));
}

fn no_more_sessions_than_the_limit(model: Model) {
    let (server, told) = serve(model, echo, |server| server.max_sessions(2));
    let (first, _) = connect(&server, &told);
    let (mut second, _) = connect(&server, &told);
    refused(client(server.address()));
    assert_eq!(until(&server.handle(), |counters| counters.refused == 1).sessions, 2);
    exchange(&mut second, b"still here");
    drop(first);
    // It has left when there is room again, which is a moment after its end is told.
    let third = loop {
        let mut third = client(server.address());
        third.write_all(b"room?").unwrap();
        if third.read_exact(&mut [0; 5]).is_ok() {
            break third;
        }
    };
    exchange(&mut { third }, b"room again");
    let mut connected: Vec<_> = told.try_iter().filter(|seen| matches!(seen, Seen::Connected(_))).collect();
    assert_eq!(connected.pop(), Some(Seen::Connected(3)), "no id is used again");
}

fn from(address: [u8; 4], to: SocketAddr) -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((address, 0)).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    socket.into()
}

fn no_more_sessions_of_an_address_than_the_limit(model: Model) {
    let (server, told) = serve(model, echo, |server| server.max_sessions_per_address(1));
    let (mut first, _) = connect(&server, &told);
    refused(client(server.address()));
    let mut other = from([127, 0, 0, 2], server.address());
    exchange(&mut other, b"from elsewhere");
    refused(from([127, 0, 0, 2], server.address()));
    exchange(&mut first, b"still here");
    assert_eq!(server.handle().counters().refused, 2);
}

fn one_that_has_gone_before_it_is_served_is_told_of(model: Model) {
    // The only thread is busy meanwhile.
    let gate = Arc::new(Mutex::new(()));
    let shut = gate.lock().unwrap();
    let (here, busy) = mpsc::channel();
    let at = Arc::clone(&gate);
    let (tell, errors) = mpsc::channel();
    let (server, _told) = serve(model, echo, |server| {
        let tick = move |_: &_| drop((here.send(()), at.lock()));
        let server = server.threads(1).tick(Duration::from_millis(1), tick);
        server.on_accept_error(move |error| drop(tell.send(error.clone())))
    });
    busy.recv().unwrap();
    let gone = socket2::SockRef::from(&client(server.address())).set_linger(Some(Duration::ZERO));
    gone.unwrap();
    drop(shut);
    // Windows may have accepted it by then, and finds out with the first receive.
    let counters = until(&server.handle(), |counters| counters.accept_errors + counters.accepted == 1);
    assert_eq!(errors.try_iter().count() as u64, counters.accept_errors);
    assert!(cfg!(windows) || counters.accept_errors == 1);
    exchange(&mut client(server.address()), b"the next one");
}
