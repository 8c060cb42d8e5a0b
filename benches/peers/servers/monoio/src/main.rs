//! Echo server on monoio's io_uring driver: `monoio ADDRESS BUFFER`.

use monoio::io::{AsyncReadRent, AsyncWriteRentExt};
use monoio::net::{TcpListener, TcpStream};
use std::{env, io};

#[monoio::main(driver = "uring")]
async fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, size] = &arguments[..] else { panic!("usage: monoio ADDRESS BUFFER") };
    let size = size.parse().expect("a number");
    let listener = TcpListener::bind(address.as_str())?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (session, _) = listener.accept().await?;
        monoio::spawn(async move {
            // A session that fails is over; the others go on.
            let _ = echo(session, size).await;
        });
    }
}

/// The buffer is lent to each operation and comes back with its result.
async fn echo(mut session: TcpStream, size: usize) -> io::Result<()> {
    session.set_nodelay(true)?;
    let mut buffer: Vec<u8> = Vec::with_capacity(size);
    loop {
        let (received, filled) = session.read(buffer).await;
        if received? == 0 {
            return Ok(());
        }
        let (sent, written) = session.write_all(filled).await;
        sent?;
        buffer = written;
        buffer.clear();
    }
}
