//! What every shape of load is made of: sessions with a server, on one port of this library, and one stream of bytes that is
//! never the same at two places near each other.

use super::addresses::{self, Addresses};
use super::protocol::Job;
use overlapped::{Completion, Error, Operation, Overlapped, Port, Result, Session, Socket, codes};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// A server that says nothing for so long does not answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Why a loader gives up, in the words that the user reads.
pub(super) type Outcome<T> = std::result::Result<T, String>;

/// What the port brings.
pub(super) enum Packet {
    Connected(Overlapped<Line>, Result<()>),
    Received(Overlapped<Line>, Result<Completion>),
}

/// One session: its connection, and the buffer for what comes.
pub(super) struct Line {
    pub(super) socket: Socket,
    pub(super) buffer: Box<[u8]>,
    pub(super) number: usize,
}

impl Session for Line {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

/// All sessions of a loader.
pub(super) struct Sessions {
    port: Port<Packet>,
    to: SocketAddr,
    from: Option<Addresses>,
    /// By number: what is sent goes here.
    sockets: Vec<Socket>,
    /// What came while something else was waited for.
    early: Vec<Packet>,
}

impl Sessions {
    const AT_ONCE: usize = 256;
    /// Sessions from an address: less than half of its ports.
    const EACH: u16 = 5000;

    pub(super) fn new(job: &Job) -> Self {
        let first = Ipv4Addr::new(127, 0, job.part as u8, 2);
        // Few sessions come from where the system says.
        let many = job.part > 0 || job.sessions > usize::from(Self::EACH);
        let from = if many { Addresses::new(job.to.ip(), first, Self::EACH) } else { None };
        Self { port: Port::new(1), to: job.to, from, sockets: Vec::new(), early: Vec::new() }
    }

    /// Begins to connect a session that is not one of the [numbered](Self::connect).
    pub(super) fn dial(&self, number: usize, from: Option<SocketAddr>, buffer: usize) -> Result<()> {
        let socket = Socket::tcp(&self.to)?;
        if let Some(from) = from {
            addresses::bind(&socket, from)?;
        }
        let line = Line { socket, buffer: vec![0; buffer].into(), number };
        Overlapped::new(line).connect_port(self.to, &self.port, |line| &line.socket, Packet::Connected);
        Ok(())
    }

    /// Opens the next session, with a buffer of so many bytes, and receives on it; the number it has.
    pub(super) fn connect(&mut self, buffer: usize) -> Outcome<usize> {
        let (number, to) = (self.sockets.len(), self.to);
        let failed = |error: &Error| cannot_connect(number, to, error);
        let from = self.from.as_mut().map(Addresses::next);
        self.dial(number, from, buffer).map_err(|error| failed(&error))?;
        loop {
            let Some(packet) = self.port.get(Some(PATIENCE)).map_err(|error| failed(&error))? else {
                return Err(format!("cannot connect session {}: the server does not accept it", number + 1));
            };
            match packet {
                Packet::Connected(line, done) => {
                    done.map_err(|error| failed(&error))?;
                    let _ = line.socket.set_nodelay(true);
                    self.sockets.push(line.socket.clone());
                    self.receive(line);
                    return Ok(number);
                }
                packet => self.early.push(packet),
            }
        }
    }

    pub(super) fn receive(&self, line: Overlapped<Line>) {
        line.recv_port(&self.port, Packet::Received);
    }

    /// Sends on a session.
    pub(super) fn give(&self, number: usize, bytes: &[u8]) -> Outcome<()> {
        self.sockets[number].give_copy(bytes).map(drop).map_err(|error| Self::lost(number, &error))
    }

    /// Waits for something to come, and appends it; nothing when the time is over.
    pub(super) fn wait(&mut self, packets: &mut Vec<Packet>, timeout: Duration) -> Outcome<()> {
        if self.early.is_empty() {
            let got = self.port.get_many(packets, Self::AT_ONCE, Some(timeout));
            got.map(drop).map_err(|error| format!("the loader cannot wait: {error}"))
        } else {
            packets.append(&mut self.early);
            Ok(())
        }
    }

    /// How many bytes have come.
    pub(super) fn arrived(number: usize, done: Result<Completion>) -> Outcome<usize> {
        match done {
            Ok(Completion { bytes: 0, .. }) => Err(format!("the server has closed session {}", number + 1)),
            Ok(done) => Ok(done.bytes),
            Err(error) => Err(Self::lost(number, &error)),
        }
    }

    fn lost(number: usize, error: &Error) -> String {
        format!("session {} is lost: {error}", number + 1)
    }
}

fn cannot_connect(number: usize, to: SocketAddr, error: &Error) -> String {
    match error.code() {
        codes::WSAEADDRNOTAVAIL if error.operation() == Operation::Connect => {
            format!(
                "cannot connect session {} to {to}: every port of this address is in use ({})",
                number + 1,
                error.name()
            )
        }
        _ => format!("cannot connect session {}: {error}", number + 1),
    }
}

/// The message for a server that says nothing any more.
pub(super) fn silent(on_the_way: u64) -> String {
    format!("the server does not answer: {on_the_way} messages are on the way, and nothing comes for {PATIENCE:?}")
}

/// Bytes by their place in an endless stream.
pub(super) struct Stream(Vec<u8>);

impl Stream {
    /// After so many the bytes are the same again.
    const PERIOD: usize = 65_521;

    /// From which at most so many bytes are asked for at once.
    pub(super) fn new(longest: usize) -> Self {
        let mut bytes = Vec::with_capacity(Self::PERIOD + longest);
        // A multiplicative generator: the high bits of each state are as good as random.
        let mut state = 1_u64;
        bytes.extend((0..Self::PERIOD).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        }));
        for place in 0..longest {
            bytes.push(bytes[place]);
        }
        Self(bytes)
    }

    pub(super) fn at(&self, place: u64, length: usize) -> &[u8] {
        let begin = (place % Self::PERIOD as u64) as usize;
        &self.0[begin..begin + length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_goes_on_where_it_was_left() {
        let stream = Stream::new(200_000);
        let whole: Vec<_> = (0..300_000).map(|place| stream.at(place, 1)[0]).collect();
        for (place, length) in [(0, 10), (65_500, 100), (100_000, 200_000)] {
            assert_eq!(stream.at(place as u64, length), &whole[place..place + length]);
        }
        assert_ne!(stream.at(0, 1000), stream.at(1000, 1000));
    }
}
