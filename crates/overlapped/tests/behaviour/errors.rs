//! One error type: what failed, the code and its name, the way out, and what `std::io` makes of it.

use std::io;

use overlapped::{Error, Event, Operation, Overlapped, Socket, codes};

use super::support::{self, Conn};

fn refused() -> Error {
    let silent = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    silent.bind(&support::loopback().into()).unwrap();
    let at = silent.local_addr().unwrap().as_socket().unwrap();
    Overlapped::new(Socket::tcp(&at).unwrap()).connect_event(at, &Event::manual(), |s| s).finish().1.unwrap_err()
}

fn in_use() -> Error {
    let (_listener, at) = support::listener(support::loopback().ip());
    Socket::listen(at).unwrap_err()
}

fn reset() -> Error {
    let (socket, peer) = support::pair();
    let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
    support::reset(peer);
    receive.finish().1.unwrap_err()
}

fn cancelled() -> Error {
    let (listener, _) = support::listener(support::loopback().ip());
    let accept = Overlapped::new(listener).accept_event(&Event::manual(), |l| l);
    accept.cancel().unwrap();
    accept.finish().1.unwrap_err()
}

fn elsewhere() -> Error {
    // An address for documentation: no machine has it.
    Socket::listen("192.0.2.1:0").unwrap_err()
}

#[test]
fn each_says_what_failed_with_code_and_name() {
    let _watch = support::driver();
    let cases = [
        (
            refused(),
            Operation::Connect,
            codes::WSAECONNREFUSED,
            10061,
            "WSAECONNREFUSED",
            io::ErrorKind::ConnectionRefused,
        ),
        (in_use(), Operation::Listen, codes::WSAEADDRINUSE, 10048, "WSAEADDRINUSE", io::ErrorKind::AddrInUse),
        (reset(), Operation::Receive, codes::WSAECONNRESET, 10054, "WSAECONNRESET", io::ErrorKind::ConnectionReset),
        (
            elsewhere(),
            Operation::Listen,
            codes::WSAEADDRNOTAVAIL,
            10049,
            "WSAEADDRNOTAVAIL",
            io::ErrorKind::AddrNotAvailable,
        ),
    ];
    for (error, operation, constant, number, name, kind) in cases {
        assert_eq!(error.operation(), operation);
        assert_eq!((error.code(), constant), (number, number));
        assert_eq!((error.name(), codes::name(number)), (name, Some(name)));
        assert_eq!(error.kind(), kind);
        let text = error.to_string();
        assert!(text.contains(&number.to_string()) && text.contains(name), "{text}");

        let converted = io::Error::from(error.clone());
        assert_eq!(converted.kind(), kind);
        let inside = converted.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).expect("the error itself");
        assert_eq!(inside.code(), number);
        assert_eq!(converted.to_string(), text);
    }
}

#[test]
fn the_ones_a_person_meets_say_the_way_out() {
    let _watch = support::driver();
    for (error, word) in [(refused(), "start the server"), (in_use(), "port"), (elsewhere(), "address of this machine")]
    {
        let hint = error.hint().expect("a way out");
        assert!(hint.contains(word), "{hint}");
        assert!(error.to_string().contains(hint), "{error}");
    }
}

#[test]
fn cancelled_and_reset_can_be_asked_for() {
    let _watch = support::driver();
    let (cancelled, reset) = (cancelled(), reset());
    assert!(cancelled.is_aborted() && !cancelled.is_reset());
    assert!(reset.is_reset() && !reset.is_aborted());
    assert_eq!((cancelled.code(), cancelled.name()), (995, "WSA_OPERATION_ABORTED"));
    assert_eq!(cancelled.operation(), Operation::Accept);
}

#[test]
fn an_unknown_host_names_itself() {
    let _watch = support::driver();
    let error = Socket::listen("no such host:1").unwrap_err();
    assert_eq!((error.operation(), error.code()), (Operation::Listen, 11001));
}

#[test]
fn a_port_in_use_says_which() {
    let _watch = support::driver();
    let (_listener, at) = support::listener(support::loopback().ip());
    let text = Socket::listen(at).unwrap_err().to_string();
    assert!(text.contains(&at.to_string()), "{text}");
}

#[test]
fn a_question_mark_in_a_function_of_io_works() {
    let _watch = support::driver();
    fn serve() -> io::Result<Socket> {
        let (_listener, at) = support::listener(support::loopback().ip());
        Ok(Socket::listen(at)?)
    }
    assert_eq!(serve().unwrap_err().kind(), io::ErrorKind::AddrInUse);
}

#[test]
fn a_port_can_be_listened_on_again_at_once() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let _client = std::net::TcpStream::connect(at).unwrap();
    let accepted = Overlapped::new(listener).accept_event(&Event::manual(), |l| l).finish();
    // An active close leaves the address in TIME_WAIT.
    drop(accepted);
    let mut again = Socket::listen(at);
    // The listener's own descriptor closes with its last owner, a moment later at most.
    while again.is_err() {
        again = Socket::listen(at);
    }
}
