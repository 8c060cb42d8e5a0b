//! Values of flags: addresses, sizes, durations.

use super::bench::Models;
use crate::problem::Problem;
use overlapped::driver::Choice;
use overlapped::server::UnknownModel;
use std::fmt::{self, Display, Formatter};
use std::net::{SocketAddr, ToSocketAddrs};
use std::str::FromStr;
use std::time::Duration;

/// A host and a port. Names are looked up when the address is used.
#[derive(Debug, Clone)]
pub(crate) struct Address(String);

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((host, port)) = text.rsplit_once(':') else {
            return Err("the port is missing: write HOST:PORT".into());
        };
        if host.is_empty() {
            return Err("the host is missing: write HOST:PORT, such as 0.0.0.0:7777 for every address".into());
        }
        if host.contains(':') && text.parse::<SocketAddr>().is_err() {
            return Err("no address: an IPv6 address stands in brackets, such as [::1]:7777".into());
        }
        match port.parse::<u16>() {
            Ok(_) => Ok(Self(text.into())),
            Err(_) => Err(format!("`{port}` is no port: 0 to 65535")),
        }
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Address {
    /// Every address the name stands for, in the system's order of preference; at least one.
    pub(crate) fn resolve(&self) -> Result<Vec<SocketAddr>, Problem> {
        let unknown = |why: &dyn Display| {
            Problem::failed(format!("cannot find {self}: {why}; check the name, or write the IP address"))
        };
        let found: Vec<_> = self.0.to_socket_addrs().map_err(|error| unknown(&error))?.collect();
        if found.is_empty() { Err(unknown(&"the name has no address")) } else { Ok(found) }
    }
}

/// A driver; in fewer words than the library has for it.
pub(super) fn driver(name: &str) -> Result<Choice, String> {
    name.parse().map_err(|_| format!("there is no driver `{name}`; there are auto, uring, epoll and winsock"))
}

/// A number of bytes, at least one: `1000`, `64K`, `1M`.
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 1 << 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 1 << 20),
        _ => (text, 1),
    };
    let count: usize = digits.parse().map_err(|_| "no number of bytes: write 1000, 64K or 1M".to_string())?;
    match count.checked_mul(unit) {
        Some(1..=0x4000_0000) => Ok(count * unit),
        _ => Err("from 1 byte to 1024M".into()),
    }
}

/// A pause: `1s`, `200ms`, `0`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const FORM: &str = "no duration: write 1s, 1.5s, 200ms, 2m or 0";
    let (number, unit) = match text.find(|c: char| c.is_ascii_alphabetic()) {
        Some(at) => (&text[..at], &text[at..]),
        None if text == "0" => (text, "s"),
        None => return Err(FORM.into()),
    };
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(FORM.into()),
    };
    let number: f64 = number.parse().map_err(|_| FORM.to_string())?;
    match Duration::try_from_secs_f64(number * seconds) {
        Ok(pause) if pause <= Duration::from_secs(86_400) => Ok(pause),
        Ok(_) => Err("at most a day (24h)".into()),
        Err(_) => Err(FORM.into()),
    }
}

/// A time that is not nothing.
pub(super) fn period(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("longer than 0: write 1s, 200ms".into()),
        time => Ok(time),
    }
}

/// A number of things, at least one.
pub(super) fn count(text: &str) -> Result<usize, String> {
    positive(text).and_then(|count| usize::try_from(count).map_err(|error| error.to_string()))
}

/// A count, at least one.
pub(super) fn positive(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a whole number from 1 on".into()),
        Ok(count) => Ok(count),
    }
}

/// A model, or all of them.
pub(super) fn names(text: &str) -> Result<Models, String> {
    match text {
        "all" => Ok(Models::All),
        name => name.parse().map(Models::One).map_err(|error: UnknownModel| format!("{error}; or all")),
    }
}

/// How many sessions there are.
pub(super) fn numbers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(sessions @ 1..=10_000_000) => Ok(sessions),
        _ => Err("numbers from 1 on, such as 1,100,1000".into()),
    }
}

/// A number of messages in each second.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && rate <= 1e9 => Ok(rate),
        _ => Err("more than 0, such as 20000".into()),
    }
}

/// The length of a slice.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.001..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("from 0.001 to 86400 seconds, such as 0.2".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["127.0.0.1:7777", "[::1]:0", "localhost:80", "game.example:65535"] {
            assert_eq!(good.parse::<Address>().unwrap().to_string(), good);
        }
        for (bad, why) in [
            ("localhost", "port is missing"),
            (":80", "host is missing"),
            ("::1:80", "brackets"),
            ("[::1]", "brackets"),
            ("localhost:99999", "`99999` is no port"),
            ("localhost:", "`` is no port"),
        ] {
            let said = bad.parse::<Address>().unwrap_err();
            assert!(said.contains(why), "{bad}: {said}");
        }
    }

    #[test]
    fn sizes() {
        for (text, value) in [("1", 1), ("1000", 1000), ("64K", 65_536), ("2m", 2 << 20), ("1024M", 1 << 30)] {
            assert_eq!(bytes(text), Ok(value));
        }
        for bad in ["", "0", "K", "-1", "1.5K", "many", "1025M", "99999999999999999999", "99999999999999999M"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations() {
        for (text, millis) in [("0", 0), ("0s", 0), ("1s", 1000), ("1.5s", 1500), ("200ms", 200), ("2m", 120_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["", "5", "s", "-1s", "1x", "nans", "infs", "1e300s", "25h", "1 s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
