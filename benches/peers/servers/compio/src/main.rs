//! Echo server on compio: `compio ADDRESS BUFFER`.

use compio::buf::{IntoInner, IoBuf};
use compio::io::{AsyncRead, AsyncWriteExt};
use compio::net::{TcpListener, TcpStream};
use compio::{BufResult, runtime};
use std::{env, io};

#[compio::main]
async fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, size] = &arguments[..] else { panic!("usage: compio ADDRESS BUFFER") };
    let size = size.parse().expect("a number");
    let listener = TcpListener::bind(address.as_str()).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (session, _) = listener.accept().await?;
        runtime::spawn(async move {
            // A session that fails is over; the others go on.
            let _ = echo(session, size).await;
        })
        .detach();
    }
}

/// The buffer goes into each operation and comes back with its result.
async fn echo(mut session: TcpStream, size: usize) -> io::Result<()> {
    session.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(size);
    loop {
        let BufResult(received, filled) = session.read(buffer).await;
        let received = received?;
        if received == 0 {
            return Ok(());
        }
        let BufResult(sent, slice) = session.write_all(filled.slice(..received)).await;
        sent?;
        buffer = slice.into_inner();
        buffer.clear();
    }
}
