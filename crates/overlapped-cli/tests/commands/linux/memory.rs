//! The server's memory stays bounded whatever clients do.

use crate::support::{On, expect, pattern};
use crate::system::on_all;
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

on_all!(echo_to_one_who_never_reads, broadcast_to_one_who_never_reads, much_traffic);

/// How much more a server may take, in kibibytes: far less than what is offered to it.
const GROWTH: u64 = 64 << 10;
const OFFERED: usize = 256 << 20;

/// Resident memory, in kibibytes.
fn memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("the server is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// It is not read from any more once it does not read: it offers for a while, and nothing moves.
fn echo_to_one_who_never_reads(on: On) {
    let server = on.serve("echo", &["--buffer", "64K"]);
    let before = memory(server.running.child.id());
    let mut client = server.connect();
    client.set_nonblocking(true).expect("an option");
    let chunk = pattern(0, 0, 1 << 20);
    let (mut taken, mut stuck) = (0, Instant::now());
    while taken < OFFERED && stuck.elapsed() < Duration::from_secs(1) {
        match client.write(&chunk) {
            Ok(count) => {
                taken += count;
                stuck = Instant::now();
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
    let grown = memory(server.running.child.id()).saturating_sub(before);
    assert!(grown < GROWTH, "{grown} KiB more after {taken} bytes");
    assert!(taken < OFFERED, "the server has taken all {taken} bytes, and sent them where?");
    server.stop();
}

fn broadcast_to_one_who_never_reads(on: On) {
    let server = on.serve("broadcast", &["--buffer", "64K", "--queue", "8M"]);
    let mut clients: Vec<_> = (0..3).map(|_| server.connect()).collect();
    crate::broadcast::meet(&mut clients);
    let before = memory(server.running.child.id());
    let [mut sender, mut reader, _sleeper] = <[TcpStream; 3]>::try_from(clients).expect("three");
    let chunk = pattern(0, 0, 256 << 10);
    for _ in 0..OFFERED / chunk.len() {
        sender.write_all(&chunk).expect("the server reads");
        expect(&mut reader, &chunk);
    }
    let grown = memory(server.running.child.id()).saturating_sub(before);
    assert!(grown < GROWTH, "{grown} KiB more");
    let output = server.stop();
    assert!(output.summary().contains("; 1 closed because they did not read; errors: none"), "{}", output.summary());
}

/// Nothing is kept of what has passed through.
fn much_traffic(on: On) {
    let server = on.serve("echo", &["--buffer", "64K"]);
    let before = memory(server.running.child.id());
    let mut client = server.connect();
    let chunk = pattern(0, 0, 64 << 10);
    for _ in 0..OFFERED / chunk.len() {
        client.write_all(&chunk).expect("the server reads");
        expect(&mut client, &chunk);
    }
    let grown = memory(server.running.child.id()).saturating_sub(before);
    assert!(grown < GROWTH, "{grown} KiB more");
    server.stop();
}
