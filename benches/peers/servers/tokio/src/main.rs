//! Echo server on tokio: `tokio ADDRESS BUFFER [THREADS]`. Without threads the runtime is `current_thread`.

use std::{env, io};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (address, size, threads) = match &arguments[..] {
        [address, size] => (address, number(size), None),
        [address, size, threads] => (address, number(size), Some(number(threads))),
        _ => panic!("usage: tokio ADDRESS BUFFER [THREADS]"),
    };
    let runtime = match threads {
        None => Builder::new_current_thread().enable_io().build()?,
        Some(threads) => Builder::new_multi_thread().worker_threads(threads).enable_io().build()?,
    };
    runtime.block_on(serve(address, size))
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

async fn serve(address: &str, size: usize) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (session, _) = listener.accept().await?;
        tokio::spawn(async move {
            // A session that fails is over; the others go on.
            let _ = echo(session, size).await;
        });
    }
}

async fn echo(mut session: TcpStream, size: usize) -> io::Result<()> {
    session.set_nodelay(true)?;
    let mut buffer = vec![0; size];
    loop {
        let received = session.read(&mut buffer).await?;
        if received == 0 {
            return Ok(());
        }
        session.write_all(&buffer[..received]).await?;
    }
}
