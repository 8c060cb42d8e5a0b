//! Operations of another face: their memory is not the library's, and they are told of their end before anybody else.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use overlapped::face::operations::{Begun, Call, Cancel, End, Issuer, More, Part, Telling, cancel, complete, issue};
use overlapped::{Event, Overlapped, Port, Socket, Waited, alertable, codes, wait};

use super::support;

const NOW: Option<Duration> = Some(Duration::ZERO);

type Log = Arc<Mutex<Vec<String>>>;

/// What a C program has: a name, a place of memory, and what is noted of it.
struct Probe {
    name: &'static str,
    socket: Socket,
    memory: Box<[u8]>,
    ended: Event,
    log: Log,
    /// Where an accepted connection goes on receiving, if it does.
    next: Option<Box<Probe>>,
    /// What a send goes on with, the last first.
    parts: Vec<&'static [u8]>,
}

impl Probe {
    fn new(name: &'static str, socket: &Socket, log: &Log) -> Self {
        let (socket, memory) = (socket.clone(), vec![0; 8].into());
        Self { name, socket, memory, ended: Event::manual(), log: Arc::clone(log), next: None, parts: Vec::new() }
    }

    fn note(&self, what: &str) {
        self.log.lock().unwrap().push(format!("{} {what}", self.name));
    }

    fn receive(self, telling: Telling<'_, &'static str>) -> Begun {
        let (place, length) = (self.memory.as_ptr().cast_mut(), self.memory.len());
        // SAFETY: the memory lies in the call, which is not dropped before it has ended.
        unsafe { issue(Overlapped::new(self), |probe| Part::Receive(&probe.socket, place, length), telling) }
    }
}

impl Call for Probe {
    type Packet = &'static str;
    type Name = &'static str;

    fn ended(&mut self, mut end: End<'_>) -> bool {
        if let (Some(mut next), Some(socket)) = (self.next.take(), end.accepted.take()) {
            self.note("accepted");
            next.socket = socket;
            assert_eq!(next.receive(Telling::Nobody(Issuer::nobody())), Begun::Pending);
            return false;
        }
        match end.bytes() {
            Ok(bytes) => self.note(&String::from_utf8_lossy(&self.memory[..bytes])),
            Err(code) => self.note(&code.to_string()),
        }
        self.ended.set();
        true
    }

    fn more(&mut self) -> More {
        match self.parts.pop() {
            Some(part) => More::Bytes(part.as_ptr(), part.len()),
            None => More::Nothing,
        }
    }

    fn routine(call: Overlapped<Self>) {
        call.note("routine");
    }

    fn packet(call: Overlapped<Self>) -> &'static str {
        call.note("packet");
        call.name
    }

    fn is(&self, name: &&'static str) -> bool {
        self.name == *name
    }
}

fn noted(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.lock().unwrap())
}

#[test]
fn nobody_else_is_told() {
    let _watch = support::driver();
    let ((socket, mut peer), log) = (support::pair(), Log::default());
    let probe = Probe::new("a", &socket, &log);
    let ended = probe.ended.clone();
    assert_eq!(probe.receive(Telling::Nobody(Issuer::this_thread())), Begun::Pending);
    peer.write_all(b"data").unwrap();
    assert_eq!(wait::one(&ended, None).unwrap(), Waited::Object(0));
    assert_eq!(noted(&log), ["a data"]);
}

#[test]
fn a_routine_comes_after_the_call_was_told() {
    let _watch = support::driver();
    let ((socket, mut peer), log) = (support::pair(), Log::default());
    let probe = Probe::new("a", &socket, &log);
    let ended = probe.ended.clone();
    assert_eq!(probe.receive(Telling::Routine), Begun::Pending);
    peer.write_all(b"data").unwrap();
    while !ended.is_set() {
        overlapped::face::poll();
    }
    assert_eq!(noted(&log), ["a data"]);
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(noted(&log), ["a routine"]);
}

#[test]
fn a_packet_is_made_by_who_takes_it() {
    let _watch = support::driver();
    let ((socket, mut peer), log) = (support::pair(), Log::default());
    let port = Port::new(1);
    let probe = Probe::new("a", &socket, &log);
    let ended = probe.ended.clone();
    assert_eq!(probe.receive(Telling::Port(&port, true)), Begun::Pending);
    peer.write_all(b"data").unwrap();
    while !ended.is_set() {
        overlapped::face::poll_port(&port);
    }
    assert_eq!(noted(&log), ["a data"]);
    assert_eq!(port.get(None).unwrap(), Some("a"));
    assert_eq!(noted(&log), ["a packet"]);
    assert_eq!(port.get(NOW).unwrap(), None);
}

#[test]
fn what_fails_at_once_tells_nobody() {
    let _watch = support::driver();
    let ((socket, _peer), log) = (support::pair(), Log::default());
    let port = Port::new(1);
    socket.close();
    for telling in [
        Telling::Nobody(Issuer::this_thread()),
        Telling::Nobody(Issuer::nobody()),
        Telling::Routine,
        Telling::Port(&port, true),
    ] {
        assert_eq!(Probe::new("a", &socket, &log).receive(telling), Begun::Failed(codes::WSAENOTSOCK));
    }
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
    assert_eq!(port.get(NOW).unwrap(), None);
    assert!(noted(&log).is_empty());
}

#[test]
fn calls_are_cancelled_by_name() {
    let _watch = support::driver();
    let ((socket, mut peer), log) = (support::pair(), Log::default());
    let probes = ["a", "b", "b", "c"].map(|name| Probe::new(name, &socket, &log));
    let ended = probes.each_ref().map(|probe| probe.ended.clone());
    for probe in probes {
        assert_eq!(probe.receive(Telling::Nobody(Issuer::this_thread())), Begun::Pending);
    }
    assert!(!cancel::<Probe>(&socket, &"x", &Cancel::All));
    assert!(cancel::<Probe>(&socket, &"b", &Cancel::One));
    wait::one(&ended[1], None).unwrap();
    assert_eq!(noted(&log), ["b 995"]);
    assert!(cancel::<Probe>(&socket, &"b", &Cancel::All));
    assert!(cancel::<Probe>(&socket, &"a", &Cancel::All));
    wait::all(&[&ended[0], &ended[2]], None).unwrap();
    assert_eq!(noted(&log).len(), 2);
    peer.write_all(b"data").unwrap();
    wait::one(&ended[3], None).unwrap();
    assert_eq!(noted(&log), ["c data"]);
}

#[test]
fn one_goes_on_as_another() {
    let _watch = support::driver();
    let log = Log::default();
    let (listener, at) = support::listener(support::loopback().ip());
    let next = Probe::new("next", &listener, &log);
    let ended = next.ended.clone();
    let mut probe = Probe::new("accept", &listener, &log);
    probe.next = Some(Box::new(next));
    let port = Port::new(1);
    // SAFETY: an accept names no memory.
    let begun =
        unsafe { issue(Overlapped::new(probe), |probe| Part::Accept(&probe.socket), Telling::Port(&port, true)) };
    assert_eq!(begun, Begun::Pending);
    let mut client = std::net::TcpStream::connect(at).unwrap();
    client.write_all(b"first").unwrap();
    while !ended.is_set() {
        assert_eq!(port.get(NOW).unwrap(), None, "an accept that goes on makes no packet");
        overlapped::face::poll();
    }
    assert_eq!(noted(&log), ["accept accepted", "next first"]);
    // The connection was owned by the call that has ended.
    assert_eq!(client.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn the_end_of_a_thread_takes_only_its_own_along() {
    let _watch = support::driver();
    let ((socket, mut peer), log) = (support::pair(), Log::default());
    let probes = ["own", "free"].map(|name| Probe::new(name, &socket, &log));
    let ended = probes.each_ref().map(|probe| probe.ended.clone());
    thread::scope(|scope| {
        scope.spawn(|| {
            let [own, free] = probes;
            assert_eq!(own.receive(Telling::Nobody(Issuer::this_thread())), Begun::Pending);
            assert_eq!(free.receive(Telling::Nobody(Issuer::nobody())), Begun::Pending);
        });
    });
    wait::one(&ended[0], None).unwrap();
    assert_eq!(noted(&log), ["own 995"]);
    peer.write_all(b"data").unwrap();
    wait::one(&ended[1], None).unwrap();
    assert_eq!(noted(&log), ["free data"]);
}

#[test]
fn a_send_goes_on_from_elsewhere() {
    let _watch = support::driver();
    let ((socket, mut peer), log) = (support::pair(), Log::default());
    static FLOOD: [u8; 1 << 20] = [b'x'; 1 << 20];
    let mut probe = Probe::new("a", &socket, &log);
    probe.parts = vec![b"end", &FLOOD, &FLOOD, b"second"];
    let first: &'static [u8] = b"first";
    let ended = probe.ended.clone();
    // SAFETY: the memory lives for ever.
    let begun = unsafe {
        issue(
            Overlapped::new(probe),
            |probe| Part::Send(&probe.socket, first.as_ptr(), first.len()),
            Telling::Nobody(Issuer::this_thread()),
        )
    };
    assert!(!matches!(begun, Begun::Failed(_)));
    let mut all = vec![0; 5 + 6 + 2 * FLOOD.len() + 3];
    let reader = thread::spawn(move || {
        peer.read_exact(&mut all).unwrap();
        all
    });
    wait::one(&ended, None).unwrap();
    let all = reader.join().unwrap();
    assert!(all.starts_with(b"firstsecondx") && all.ends_with(b"xend"));
}

#[test]
fn what_has_been_done_elsewhere_is_told_of() {
    let _watch = support::driver();
    let ((socket, _peer), log) = (support::pair(), Log::default());
    let port = Port::new(1);
    for telling in [Telling::Nobody(Issuer::this_thread()), Telling::Routine, Telling::Port(&port, true)] {
        let probe = Overlapped::new(Probe::new("a", &socket, &log));
        complete(probe, |probe| &probe.socket, Ok(0), telling);
    }
    assert_eq!(noted(&log), ["a ", "a ", "a "]);
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(port.get(None).unwrap(), Some("a"));
    assert_eq!(noted(&log), ["a routine", "a packet"]);
}

#[test]
fn a_packet_is_skipped_where_that_may_be() {
    let _watch = support::driver();
    let ((socket, _peer), log) = (support::pair(), Log::default());
    socket.skip_packets_on_success(true);
    let port = Port::new(1);
    for (may_skip, packet) in [(true, None), (false, Some("a"))] {
        let telling = Telling::Port(&port, may_skip);
        // SAFETY: the memory lives for ever.
        let begun = unsafe { issue(Overlapped::new(Probe::new("a", &socket, &log)), send_data, telling) };
        assert_eq!(begun, Begun::Done);
        assert_eq!(port.get(NOW).unwrap(), packet);
    }
}

fn send_data(probe: &mut Probe) -> Part<'_> {
    const DATA: &[u8] = b"data";
    Part::Send(&probe.socket, DATA.as_ptr(), DATA.len())
}
