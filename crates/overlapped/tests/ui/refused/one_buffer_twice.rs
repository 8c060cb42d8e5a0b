//! A receive fills each of its buffers, so none may be there twice.

use overlapped::{Event, Overlapped, Scatter, Socket};

fn receive(conn: Overlapped<(Socket, [u8; 16])>) {
    let _ = conn.recv_scatter_event(&Event::manual(), |conn| {
        Scatter::new(&conn.0).buffer(&mut conn.1).buffer(&mut conn.1)
    });
}

fn main() {}
