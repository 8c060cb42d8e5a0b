//! The shapes of the refused programs, used as they should be.

use overlapped::{Event, Overlapped, Session, Socket, alertable};

struct Conn {
    socket: Socket,
    buffer: [u8; 16],
}

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn main() {
    let socket = Socket::tcp(&([127, 0, 0, 1], 0).into()).unwrap();
    let conn = Overlapped::new(Conn { socket: socket.clone(), buffer: [0; 16] });
    let pending = conn.recv_event(&Event::manual());
    let (conn, done) = std::thread::spawn(move || pending.finish()).join().unwrap();
    assert!(done.is_err(), "it is not connected");
    conn.recv(|conn, done| {
        assert!(done.is_err());
        assert_eq!(conn.buffer, [0; 16]);
    });
    alertable::sleep(None).unwrap();

    // What stays on its thread may be shared within it.
    let local = std::rc::Rc::new(socket);
    Overlapped::new(local).send_with(|local| (&**local, &b"x"[..]), |_, done| assert!(done.is_err()));
    alertable::sleep(None).unwrap();
    alertable::current().queue(|| {}).unwrap();
    alertable::sleep(None).unwrap();
}
