//! Operations a socket cannot do: the error comes like every completion, by routine or event, never from the issue.

use overlapped::{Event, Overlapped, Result, Shutdown, Socket, Waited, alertable, wait};

use super::support::{self, Conn, Log, Talk};

/// Receives and sends by event; both codes.
fn codes_by_event(socket: &Socket) -> (i32, i32) {
    let event = Event::manual();
    let receive = Conn::new(socket, 8).recv_event(&event);
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    let send = Conn::of(socket, vec![1; 8]).send_event(.., &event);
    let received = support::code(&receive.finish().1);
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    (received, support::code(&send.finish().1))
}

/// The same by routine.
fn entries_by_routine(socket: &Socket) -> Vec<String> {
    let log = Log::default();
    Talk::new("r", socket, 8, &log).recv(support::logged);
    Talk::of("s", socket, vec![1; 8], &log).send(.., support::sent);
    assert_eq!(log.len(), 0, "a failure waits for an alertable wait too");
    log.wait(2)
}

#[test]
fn unconnected_is_10057() {
    let _watch = support::driver();
    for ip in support::families() {
        let socket = Socket::tcp(&(ip, 0).into()).unwrap();
        assert_eq!(codes_by_event(&socket), (10057, 10057));
        assert_eq!(entries_by_routine(&socket), ["r!10057", "s!10057"]);
        assert_eq!(support::code(&socket.give(b"x")), 10057);
        assert_eq!(support::code(&socket.give_copy(b"x")), 10057);
        for how in [Shutdown::Receive, Shutdown::Send, Shutdown::Both] {
            assert_eq!(support::code(&socket.shutdown(how)), 10057);
        }
    }
}

#[test]
fn a_listener_of_std_is_10057_as_one_of_the_librarys() {
    let _watch = support::driver();
    let of_std = std::net::TcpListener::bind(support::loopback()).unwrap();
    for socket in [Socket::from(of_std), support::listener(support::loopback().ip()).0] {
        assert_eq!(codes_by_event(&socket), (10057, 10057));
        assert_eq!(entries_by_routine(&socket), ["r!10057", "s!10057"]);
    }
}

#[test]
fn closed_is_10038() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    socket.close();
    assert_eq!(codes_by_event(&socket), (10038, 10038));
    assert_eq!(entries_by_routine(&socket), ["r!10038", "s!10038"]);
    assert_eq!(support::code(&socket.give(b"x")), 10038);
    assert_eq!(support::code(&socket.give_copy(b"x")), 10038);
    assert_eq!(support::code(&socket.shutdown(Shutdown::Send)), 10038);
    socket.close();

    let (listener, at) = support::listener(support::loopback().ip());
    listener.close();
    let event = Event::manual();
    assert_eq!(support::code(&Overlapped::new(listener).accept_event(&event, |l| l).finish().1), 10038);
    let client = Socket::tcp(&at).unwrap();
    client.close();
    assert_eq!(support::code(&Overlapped::new(client).connect_event(at, &event, |s| s).finish().1), 10038);
}

#[test]
fn a_send_after_shutdown_is_10058() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    socket.shutdown(Shutdown::Send).unwrap();
    let event = Event::manual();
    let (_, done) = Conn::of(&socket, b"x".to_vec()).send_event(.., &event).finish();
    assert_eq!(support::code(&done), 10058);
    let log = Log::default();
    Talk::of("s", &socket, b"x".to_vec(), &log).send(.., support::sent);
    assert_eq!(log.wait(1), ["s!10058"]);
    assert_eq!(support::code(&socket.give(b"x")), 10058);
    assert_eq!(support::code(&socket.give_copy(b"x")), 10058);
}

#[test]
fn an_accept_on_a_socket_that_does_not_listen_is_10022() {
    let _watch = support::driver();
    if support::is_wine() {
        // There AcceptEx pends, for ever.
        return;
    }
    let (socket, _peer) = support::pair();
    for socket in [socket, Socket::tcp(&support::loopback()).unwrap()] {
        let event = Event::manual();
        assert_eq!(support::code(&Overlapped::new(socket).accept_event(&event, |s| s).finish().1), 10022);
    }
}

#[test]
fn a_connect_to_port_0_is_10049() {
    let _watch = support::driver();
    let at = support::loopback();
    let event = Event::manual();
    let connect = Overlapped::new(Socket::tcp(&at).unwrap()).connect_event(at, &event, |s| s);
    assert_eq!(support::code(&connect.finish().1), 10049);
}

#[test]
fn a_failed_accept_comes_by_routine() {
    let _watch = support::driver();
    if support::is_wine() {
        // As above.
        return;
    }
    let log = Log::default();
    let (socket, _peer) = support::pair();
    fn refused(talk: Overlapped<Talk>, done: Result<Socket>) {
        talk.log.add(format!("{}", support::code(&done)));
    }
    Talk::new("a", &socket, 0, &log).accept(|talk| &talk.socket, refused);
    assert_eq!(log.len(), 0);
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["10022"]);
}
