//! Options of sockets, with Winsock's meaning.

use std::io::Read;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use overlapped::{Event, Overlapped, Socket, codes};

use super::support::{self, Conn};

#[test]
fn they_start_as_on_windows_and_read_back_as_set() {
    let _watch = support::driver();
    let (socket, _peer) = {
        let door = TcpListener::bind(support::loopback()).unwrap();
        let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
        (Socket::from(door.accept().unwrap().0), peer)
    };
    assert!(!socket.nodelay().unwrap());
    socket.set_nodelay(true).unwrap();
    assert!(socket.nodelay().unwrap());
    assert!(!socket.keepalive().unwrap());
    socket.set_keepalive(true).unwrap();
    assert!(socket.keepalive().unwrap());
    socket.set_keepalive_times(Duration::from_secs(10), Duration::from_secs(1)).unwrap();
    socket.set_receive_buffer(20_000).unwrap();
    assert_eq!(socket.receive_buffer().unwrap(), 20_000);
    socket.set_send_buffer(30_000).unwrap();
    assert_eq!(socket.send_buffer().unwrap(), 30_000);
    socket.set_send_buffer(0).unwrap();
    assert_eq!(socket.linger().unwrap(), None);
    socket.set_linger(Some(Duration::from_secs(5))).unwrap();
    assert_eq!(socket.linger().unwrap(), Some(Duration::from_secs(5)));
    assert_eq!(support::code(&socket.set_linger(Some(Duration::from_millis(1)))), codes::WSAEINVAL);
    socket.set_ttl(9).unwrap();
    assert_eq!(socket.ttl().unwrap(), 9);
    assert_eq!(support::code(&socket.set_reuse_address(true)), codes::WSAENOPROTOOPT);
}

#[test]
fn a_closed_socket_has_none() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    socket.close();
    assert_eq!(support::code(&socket.set_nodelay(true)), codes::WSAENOTSOCK);
    assert_eq!(support::code(&socket.local_addr()), codes::WSAENOTSOCK);
    assert_eq!(support::code(&socket.set_broadcast(true)), codes::WSAENOTSOCK);
    assert_eq!(support::code(&socket.start_listening()), codes::WSAENOTSOCK);
}

#[test]
fn an_abortive_close_resets() {
    let _watch = support::driver();
    if support::is_wine() {
        // There a reset that came before the read is an end of the stream.
        return;
    }
    for close in [true, false] {
        let (socket, mut peer) = support::pair();
        socket.set_linger(Some(Duration::ZERO)).unwrap();
        let pending = Conn::new(&socket, 10).recv_event(&Event::manual());
        if close {
            socket.close();
            assert_eq!(support::code(&pending.finish().1), codes::WSA_OPERATION_ABORTED);
        } else {
            drop(pending);
        }
        drop(socket);
        let error = peer.read(&mut [0; 10]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "close: {close}");
    }
}

#[test]
fn bind_and_listen_in_steps() {
    let _watch = support::driver();
    let listener = Socket::tcp(&support::loopback()).unwrap();
    assert_eq!(support::code(&listener.start_listening()), codes::WSAEINVAL);
    listener.bind(support::loopback()).unwrap();
    assert_eq!(support::code(&listener.bind(support::loopback())), codes::WSAEINVAL);
    listener.start_listening().unwrap();
    let at = listener.local_addr().unwrap();

    // From a port of our choice.
    let client = Socket::tcp(&at).unwrap();
    client.bind(support::loopback()).unwrap();
    let from = client.local_addr().unwrap();
    let (accepted, connected) = (Event::manual(), Event::manual());
    let accept = Overlapped::new(listener).accept_event(&accepted, |listener| listener);
    let (client, done) = Overlapped::new(client).connect_event(at, &connected, |socket| socket).finish();
    done.unwrap();
    assert_eq!(accept.finish().1.unwrap().peer_addr().unwrap(), from);
    assert_eq!(support::code(&client.start_listening()), codes::WSAEISCONN);
}

#[test]
fn ipv6_leaves_ipv4_alone_unless_told() {
    let _watch = support::driver();
    if support::families().len() < 2 {
        return;
    }
    let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    let listener = Socket::tcp(&any).unwrap();
    assert!(listener.only_v6().unwrap());
    listener.set_only_v6(false).unwrap();
    assert!(!listener.only_v6().unwrap());
    listener.bind(any).unwrap();
    listener.start_listening().unwrap();
    let port = listener.local_addr().unwrap().port();
    let accept = Overlapped::new(listener).accept_event(&Event::manual(), |listener| listener);
    let _client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    accept.finish().1.unwrap();
}

#[test]
fn two_share_a_datagram_address_if_both_allow_it() {
    let _watch = support::driver();
    let first = Socket::udp_unbound(&support::loopback()).unwrap();
    first.set_reuse_address(true).unwrap();
    first.bind(support::loopback()).unwrap();
    let second = Socket::udp_unbound(&support::loopback()).unwrap();
    second.set_reuse_address(true).unwrap();
    second.bind(first.local_addr().unwrap()).unwrap();
    let third = Socket::udp_unbound(&support::loopback()).unwrap();
    assert!(third.bind(first.local_addr().unwrap()).is_err());
}
