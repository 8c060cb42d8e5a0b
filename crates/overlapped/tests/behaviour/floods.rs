//! What other threads receive without end keeps nobody who waits for something else.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use overlapped::{Event, Waited, wait};

use super::support::{self, Conn};

#[test]
fn a_wait_ends_while_another_thread_receives_without_end() {
    let _watch = support::driver();
    let over = Arc::new(AtomicBool::new(false));
    let received = Arc::new(AtomicUsize::new(0));
    let (socket, mut peer) = support::pair();
    let writer = thread::spawn(move || while peer.write_all(&[7; 1 << 16]).is_ok() {});
    let flood = thread::spawn({
        let (over, received) = (Arc::clone(&over), Arc::clone(&received));
        move || {
            // So many that whoever harvests finds the next one always begun.
            let event = Event::manual();
            let mut pending: VecDeque<_> = (0..200).map(|_| Conn::new(&socket, 1).recv_event(&event)).collect();
            while !over.load(Ordering::Relaxed) {
                let Some(first) = pending.pop_front() else { break };
                let (conn, done) = first.finish();
                assert_eq!((done.unwrap().bytes, conn.buffer[0]), (1, 7));
                pending.push_back(conn.recv_event(&event));
                received.fetch_add(1, Ordering::Relaxed);
            }
            socket.close();
        }
    });
    // Under Wine each receive asks its server more than once.
    let (rounds, many) = if support::is_wine() { (5, 600) } else { (20, 2000) };
    for _ in 0..rounds {
        let event = Event::auto();
        let setter = thread::spawn({
            let (event, received) = (event.clone(), Arc::clone(&received));
            move || {
                let before = received.load(Ordering::Relaxed);
                while received.load(Ordering::Relaxed) < before + many {
                    // Not in the way of the flood, where there is one processor for all.
                    thread::sleep(Duration::from_millis(1));
                }
                event.set();
            }
        });
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        setter.join().unwrap();
    }
    over.store(true, Ordering::Relaxed);
    flood.join().unwrap();
    writer.join().unwrap();
}
