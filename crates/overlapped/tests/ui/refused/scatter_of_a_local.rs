//! All buffers come out of the session; a local one among them would be gone when the kernel writes.

use overlapped::{Event, Overlapped, Scatter, Socket};

fn receive(conn: Overlapped<(Socket, [u8; 16])>) {
    let mut header = [0; 4];
    let _ = conn.recv_scatter_event(&Event::manual(), |conn| {
        Scatter::new(&conn.0).buffer(&mut header).buffer(&mut conn.1)
    });
}

fn main() {}
