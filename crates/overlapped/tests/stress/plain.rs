//! A server that sends back what it receives, with nothing but what std has: it drives nothing of the library's.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

pub(super) struct Plain {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Plain {
    /// A narrow one makes its clients wait with what they send.
    pub(super) fn start(narrow: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().unwrap();
        if narrow {
            socket2::SockRef::from(&listener).set_recv_buffer_size(16 << 10).unwrap();
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                if stopped.load(SeqCst) {
                    return;
                }
                thread::spawn(move || echo(client));
            }
        });
        Self { address, stop }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

/// Until the client goes.
fn echo(mut client: TcpStream) {
    let mut buffer = [0; 5000];
    while let Ok(bytes @ 1..) = client.read(&mut buffer) {
        if client.write_all(&buffer[..bytes]).is_err() {
            return;
        }
    }
}
