//! No memory may be locked, none is left for a ring, or no thread can be started: operations go another way or say so, and
//! nothing is lost.
#![cfg(target_os = "linux")]

mod child;
#[path = "child/firsts.rs"]
mod firsts;

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use firsts::{by_event, by_routine};
use overlapped::driver;
use overlapped::{Event, Overlapped, Port, Socket, Waited, alertable, codes};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn drivers() -> &'static [&'static str] {
    if io_uring::IoUring::new(2).is_ok() { &["auto", "uring", "epoll"] } else { &["auto", "epoll"] }
}

fn on_each_driver(test: &str, role: &str) {
    for driver in drivers() {
        // A leak checker needs a thread of its own, or may not look into a process that has changed its user.
        let mut command = child::command(test, role);
        command.env("OVERLAPPED_DRIVER", driver).env("ASAN_OPTIONS", "detect_leaks=0");
        // One heap for all threads, which keeps what it has.
        command.envs([("MALLOC_ARENA_MAX", "1"), ("MALLOC_TRIM_THRESHOLD_", "1000000000")]);
        child::run(&mut command);
    }
}

#[test]
fn no_memory_may_be_locked() {
    let Some(role) = child::role() else {
        on_each_driver("no_memory_may_be_locked", "as it is");
        // Only somebody who is not privileged is held to the limit.
        return on_each_driver("no_memory_may_be_locked", "as nobody");
    };
    setrlimit(Resource::Memlock, Rlimit { current: Some(0), maximum: Some(0) }).unwrap();
    if role == "as nobody" {
        // SAFETY: takes numbers. Whoever may not do it is nobody already.
        unsafe { libc::setresuid(65534, 65534, 65534) };
    }
    // A kernel that counts the memory of rings has none then, and whoever insists on them is told.
    match driver::report() {
        Ok(_) => child::exercise(),
        Err(error) => {
            assert_eq!(error.code(), codes::WSAENOBUFS);
            assert!(error.to_string().contains("ulimit -l"), "{error}");
        }
    }
}

fn pair() -> (Socket, TcpStream) {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    (Socket::from(door.accept().unwrap().0), peer)
}

/// Waits until the thread that watches over this process sleeps: a thread that begins takes memory.
fn let_all_begin() {
    let asleep = format!("{} ", libc::SYS_clock_nanosleep);
    let sleeps =
        |task: &Path| std::fs::read_to_string(task.join("syscall")).is_ok_and(|call| call.starts_with(&asleep));
    let shown = std::fs::read_to_string("/proc/self/syscall").is_ok();
    while shown && !std::fs::read_dir("/proc/self/task").unwrap().flatten().any(|task| sleeps(&task.path())) {
        thread::yield_now();
    }
}

/// Leaves the process so much address space, in kibibytes, beside what it has. A sanitizer, which has terabytes and takes
/// more at any time, is left alone.
fn leave(kibibytes: u64) {
    let_all_begin();
    // The heap grows before, so that it is rings which there is no room for.
    let grown: Vec<_> = (0..1000).map(|_| vec![0u8; 4096]).collect();
    drop(grown);
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
    // SAFETY: takes a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64;
    if pages * page < 1 << 40 {
        let Rlimit { maximum, .. } = getrlimit(Resource::As);
        setrlimit(Resource::As, Rlimit { current: Some(pages * page + (kibibytes << 10)), maximum }).unwrap();
    }
}

#[test]
fn no_room_for_a_ring() {
    let Some(role) = child::role() else {
        for kibibytes in [0, 8, 64, 96, 128, 192, 400] {
            for before in ["before", "meanwhile"] {
                on_each_driver("no_room_for_a_ring", &format!("{kibibytes} {before}"));
            }
        }
        return;
    };
    let (kibibytes, before) = role.split_once(' ').unwrap();
    // What std makes for itself at the first use of a thread.
    drop(alertable::current());
    if before == "before" {
        driver::report().unwrap();
    }
    leave(kibibytes.parse().unwrap());
    let chosen = driver::report().map_err(|error| assert_eq!(error.code(), codes::WSAENOBUFS, "{error}")).is_ok();
    let mut left = 2;
    if chosen {
        let [(first, mut to_first), (second, mut to_second)] = [pair(), pair()];
        to_first.write_all(b"routine").unwrap();
        to_second.write_all(b"event").unwrap();
        for told in [by_routine(&first).map(|bytes| bytes == 7), by_event(&second).map(|bytes| bytes == 5)] {
            match told {
                Ok(right) => {
                    assert!(right);
                    left -= 1;
                }
                Err(error) => assert_eq!(error.code(), codes::WSAENOBUFS, "{error}"),
            }
        }
        assert_eq!(left, 0, "a ring that cannot be had is done without");
    }
    let Rlimit { maximum, .. } = getrlimit(Resource::As);
    setrlimit(Resource::As, Rlimit { current: maximum, maximum }).unwrap();
    child::exercise();
}

const BIG: usize = 2 << 20;

/// A connection with small buffers, whose peer reads everything, on a thread of its own.
fn narrow_pair() -> (Socket, thread::JoinHandle<usize>) {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    socket2::SockRef::from(&door).set_recv_buffer_size(16 << 10).unwrap();
    let mut peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    let reader = thread::spawn(move || {
        thread::sleep(Duration::from_millis(20));
        peer.read_to_end(&mut Vec::new()).unwrap()
    });
    let ours = door.accept().unwrap().0;
    socket2::SockRef::from(&ours).set_send_buffer_size(16 << 10).unwrap();
    (Socket::from(ours), reader)
}

/// From now on none; `false` where that cannot be had.
fn refuse_threads() -> bool {
    setrlimit(Resource::Nproc, Rlimit { current: Some(0), maximum: Some(0) }).unwrap();
    // SAFETY: takes numbers. Whoever may not do it is not privileged already.
    unsafe { libc::setresuid(65534, 65534, 65534) };
    thread::Builder::new().spawn(|| {}).is_err()
}

fn send(socket: &Socket, told: &Rc<Cell<usize>>) {
    Overlapped::new((socket.clone(), vec![1; BIG], Rc::clone(told)))
        .send_with(|(socket, bytes, _)| (socket, bytes), |sent, done| sent.2.set(done.unwrap().bytes));
}

#[test]
fn without_a_helper_those_who_wait_do_its_work() {
    if child::role().is_none() {
        return on_each_driver("without_a_helper_those_who_wait_do_its_work", "child");
    }
    let [(first, to_first), (second, to_second), (third, to_third)] = [(); 3].map(|()| narrow_pair());
    let [(idle, _idle_peer), (ours, mut peer)] = [pair(), pair()];
    if !refuse_threads() {
        println!("SKIPPED: threads cannot be refused here");
        return;
    }
    let told = Rc::new(Cell::new(0));
    // While it waits for nothing but routines, and has nothing in its own home.
    send(&first, &told);
    while told.take() != BIG {
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    }
    // With something there.
    Overlapped::new((idle.clone(), [0; 8])).recv_with(|(socket, buffer)| (socket, buffer), |_, _| {});
    send(&second, &told);
    while told.take() != BIG {
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    }
    // And with an object too.
    let never = Event::manual();
    send(&third, &told);
    while told.take() != BIG {
        assert_eq!(alertable::one(&never, None).unwrap(), Waited::Routines);
    }
    // An event of the hub, too.
    let event = Event::manual();
    let receive = Overlapped::new((ours, [0; 8])).recv_event_with(&event, |(socket, buffer)| (socket, buffer));
    peer.write_all(b"event").unwrap();
    assert_eq!(alertable::any(&[&never, &event], None).unwrap(), Waited::Object(1));
    assert_eq!(receive.finish().1.unwrap().bytes, 5);
    for (socket, reader) in [(first, to_first), (second, to_second), (third, to_third)] {
        drop(socket);
        assert_eq!(reader.join().unwrap(), BIG);
    }
}

#[test]
fn without_a_helper_the_threads_of_a_port_do_its_work() {
    if child::role().is_none() {
        return on_each_driver("without_a_helper_the_threads_of_a_port_do_its_work", "child");
    }
    let (first, to_first) = narrow_pair();
    let [(idle, _idle_peer), (ours, mut peer)] = [pair(), pair()];
    if !refuse_threads() {
        println!("SKIPPED: threads cannot be refused here");
        return;
    }
    let port = Port::new(1);
    // The rest of a send is no operation of the port's home.
    Overlapped::new((first.clone(), vec![1; BIG])).send_port_with(
        &port,
        |(socket, bytes)| (socket, bytes),
        |_, done| done.unwrap().bytes,
    );
    assert_eq!(port.get(None).unwrap(), Some(BIG));
    drop(first);
    assert_eq!(to_first.join().unwrap(), BIG);
    // Nobody else drives the port while the thread blocks where its routines come.
    Overlapped::new((idle, [0; 8])).recv_with(|(socket, buffer)| (socket, buffer), |_, _| {});
    Overlapped::new((ours, [0; 8])).recv_port_with(
        &port,
        |(socket, buffer)| (socket, buffer),
        |_, done| done.unwrap().bytes,
    );
    let mut packets = Vec::new();
    assert_eq!(port.get_many_alertable(&mut packets, 1, Some(Duration::from_millis(20))).unwrap(), Waited::TimedOut);
    peer.write_all(b"event").unwrap();
    assert_eq!(port.get_many_alertable(&mut packets, 1, None).unwrap(), Waited::Object(0));
    assert_eq!(packets, [5]);
}
