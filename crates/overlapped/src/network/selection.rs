//! Which network events of a socket are selected, and when one is recorded: the rules, without any system.
//!
//! Whoever owns a selection shows it what holds of the socket now, each time that this may have changed. An event that holds
//! is recorded if it is selected and *enabled*; then it is disabled until the call that enables it again.

use super::{ABORTED, NetworkEvents, Recorded};

/// What a socket is, as far as network events go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// A stream socket that is neither of the others: nothing happens to it.
    Idle,
    Listening,
    Connecting,
    Connected,
    Datagram,
}

/// What the system says of a socket now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Holds {
    /// There is something to receive, or to accept.
    pub(crate) data: bool,
    /// The peer has ended its direction: there may still be data, but no more will come.
    pub(crate) ended: bool,
    /// The connection was reset, or the socket remembers another error.
    pub(crate) broken: bool,
    /// Nothing of this will change any more, but by calls of the program; and a watch would end at once.
    pub(crate) over: bool,
    pub(crate) space: bool,
    pub(crate) urgent: bool,
}

/// Network events that hold, with their codes.
pub(crate) type Held = Recorded;

impl Holds {
    /// The network events that hold, but those that pending operations will take.
    pub(crate) fn events(&self, phase: Phase, taken: NetworkEvents) -> Held {
        let mut held = Held::default();
        let mut add = |holds: bool, event: NetworkEvents, code: i32| {
            if holds {
                held.add(event, code);
            }
        };
        match phase {
            Phase::Idle | Phase::Connecting => {}
            Phase::Listening => add(self.data, NetworkEvents::ACCEPT, 0),
            Phase::Datagram => {
                add(self.data || self.broken, NetworkEvents::READ, 0);
                add(self.space, NetworkEvents::WRITE, 0);
            }
            Phase::Connected => {
                add(self.data, NetworkEvents::READ, 0);
                add(self.space, NetworkEvents::WRITE, 0);
                add(self.urgent, NetworkEvents::OOB, 0);
                add(self.ended && !self.data, NetworkEvents::CLOSE, 0);
                add(self.broken, NetworkEvents::CLOSE, ABORTED);
            }
        }
        held.retain(NetworkEvents::ALL - taken);
        held
    }
}

#[derive(Debug, Default)]
pub(crate) struct Selection {
    selected: NetworkEvents,
    disabled: NetworkEvents,
    record: Recorded,
}

impl Selection {
    /// Selects anew, in the place of what was selected before. `again` forgets what was told, so that all that holds is
    /// told once more. Whether something that was recorded before is still to be told.
    pub(crate) fn select(&mut self, events: NetworkEvents, again: bool) -> bool {
        if again {
            self.disabled = NetworkEvents::NONE;
            self.record = Recorded::default();
        }
        // Nobody was told of that.
        self.disabled = self.disabled - (self.record.events() - events);
        self.record.retain(events);
        self.selected = events;
        !self.record.is_empty()
    }

    pub(crate) fn selected(&self) -> NetworkEvents {
        self.selected
    }

    /// A call has been made behind which these may be recorded again.
    pub(crate) fn enable(&mut self, events: NetworkEvents) {
        self.disabled = self.disabled - events;
    }

    /// What would be recorded if it held.
    fn wanted(&self) -> NetworkEvents {
        self.selected - self.disabled
    }

    /// Records what holds, as far as it is wanted; whether that was anything.
    pub(crate) fn observe(&mut self, held: &Held) -> bool {
        let news = held.events() & self.wanted();
        self.disabled |= news;
        self.add(held, news);
        !news.is_empty()
    }

    /// Records what a system says that keeps the rules itself; whether that was anything.
    pub(crate) fn adopt(&mut self, told: &Held) -> bool {
        let news = told.events() & self.selected;
        self.add(told, news);
        !news.is_empty()
    }

    fn add(&mut self, held: &Held, news: NetworkEvents) {
        for event in news.iter() {
            self.record.add(event, held.code(event));
        }
    }

    pub(crate) fn has_record(&self) -> bool {
        !self.record.is_empty()
    }

    /// Takes the record, which is empty then.
    pub(crate) fn take(&mut self) -> Recorded {
        std::mem::take(&mut self.record)
    }

    /// What is worth to be watched for: what is wanted, does not hold, and can come by itself.
    pub(crate) fn interest(&self, phase: Phase, holds: &Holds, taken: NetworkEvents) -> NetworkEvents {
        let wanted = self.wanted() - taken;
        let mut interest = NetworkEvents::NONE;
        let mut watch = |event: NetworkEvents, for_it: bool| {
            if for_it && wanted.contains(event) {
                interest |= event;
            }
        };
        match phase {
            // Whatever is selected begins with that.
            Phase::Connecting if !self.selected.is_empty() => return NetworkEvents::CONNECT,
            Phase::Idle | Phase::Connecting => {}
            _ if holds.over => {}
            Phase::Listening => watch(NetworkEvents::ACCEPT, !holds.data),
            Phase::Datagram => {
                watch(NetworkEvents::READ, !holds.data);
                watch(NetworkEvents::WRITE, !holds.space);
            }
            Phase::Connected => {
                watch(NetworkEvents::READ, !holds.data && !holds.ended);
                watch(NetworkEvents::CLOSE, !holds.ended);
                watch(NetworkEvents::OOB, !holds.urgent && !holds.ended);
                watch(NetworkEvents::WRITE, !holds.space);
            }
        }
        interest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHASES: [Phase; 5] = [Phase::Idle, Phase::Listening, Phase::Connecting, Phase::Connected, Phase::Datagram];

    fn every_state() -> impl Iterator<Item = Holds> {
        // Too many for Miri.
        (0..64u8).step_by(if cfg!(miri) { 9 } else { 1 }).map(|bits| {
            let bit = |place: u8| bits & 1 << place != 0;
            Holds { data: bit(0), ended: bit(1), broken: bit(2), over: bit(3), space: bit(4), urgent: bit(5) }
        })
    }

    fn every_set() -> impl Iterator<Item = NetworkEvents> {
        (0..=NetworkEvents::ALL.bits()).step_by(if cfg!(miri) { 7 } else { 1 }).map(NetworkEvents::from_bits)
    }

    fn selecting(events: NetworkEvents) -> Selection {
        let mut selection = Selection::default();
        selection.select(events, false);
        selection
    }

    /// Whatever the state, the selection and what operations take: what holds and is selected is recorded, once; and what is
    /// watched for neither holds nor is taken, so no watch ends at once and begins again for ever.
    #[test]
    fn what_holds_is_recorded_once_and_only_the_rest_is_watched() {
        for (phase, holds) in PHASES.into_iter().flat_map(|phase| every_state().map(move |holds| (phase, holds))) {
            let received = NetworkEvents::READ | NetworkEvents::ACCEPT;
            let lanes = [NetworkEvents::NONE, received, NetworkEvents::WRITE, received | NetworkEvents::WRITE];
            for (events, taken) in every_set().flat_map(|events| lanes.map(|taken| (events, taken))) {
                let mut selection = selecting(events);
                let held = holds.events(phase, taken);
                assert_eq!(held.events() & taken, NetworkEvents::NONE);
                assert_eq!(selection.observe(&held), held.events().intersects(events));
                let interest = selection.interest(phase, &holds, taken);
                assert!(!selection.observe(&held), "once");
                assert_eq!(selection.take().events(), held.events() & events);
                assert!(!selection.observe(&held), "not again when it was taken");
                if phase == Phase::Connecting {
                    assert_eq!(interest.is_empty(), events.is_empty());
                    continue;
                }
                assert!(events.contains(interest));
                assert!(!interest.intersects(held.events() | taken));
                assert!(!holds.over || interest.is_empty());
            }
        }
    }

    #[test]
    fn a_call_enables_what_it_leaves_behind() {
        let mut selection = selecting(NetworkEvents::READ | NetworkEvents::WRITE);
        let holds = Holds { data: true, space: true, ..Holds::default() };
        let held = holds.events(Phase::Connected, NetworkEvents::NONE);
        assert!(selection.observe(&held));
        selection.take();
        selection.enable(NetworkEvents::READ);
        assert!(selection.observe(&held));
        assert_eq!(selection.take().events(), NetworkEvents::READ);
    }

    #[test]
    fn selecting_again_brings_back_what_was_not_taken_or_is_asked_for_again() {
        let mut selection = selecting(NetworkEvents::ALL);
        let holds = Holds { data: true, space: true, ..Holds::default() };
        let held = holds.events(Phase::Connected, NetworkEvents::NONE);
        selection.observe(&held);
        assert!(selection.select(NetworkEvents::READ, false), "it is still there");
        assert_eq!(selection.take().events(), NetworkEvents::READ);
        selection.select(NetworkEvents::ALL, false);
        assert!(selection.observe(&held));
        assert_eq!(selection.take().events(), NetworkEvents::WRITE, "nobody was told of it");
        assert!(!selection.select(NetworkEvents::ALL, true));
        assert!(selection.observe(&held));
        assert_eq!(selection.take().events(), NetworkEvents::READ | NetworkEvents::WRITE);
    }

    #[test]
    fn the_end_comes_behind_the_data_and_a_reset_at_once() {
        let mut selection = selecting(NetworkEvents::READ | NetworkEvents::CLOSE);
        let mut holds = Holds { data: true, ended: true, ..Holds::default() };
        let events = |holds: &Holds| holds.events(Phase::Connected, NetworkEvents::NONE);
        selection.observe(&events(&holds));
        assert_eq!(selection.take().events(), NetworkEvents::READ);
        holds.data = false;
        selection.observe(&events(&holds));
        assert_eq!(selection.take().events(), NetworkEvents::CLOSE);

        let mut selection = selecting(NetworkEvents::CLOSE);
        let holds = Holds { data: true, ended: true, broken: true, over: true, ..Holds::default() };
        selection.observe(&events(&holds));
        assert_eq!(selection.take().code(NetworkEvents::CLOSE), ABORTED);
    }

    #[test]
    fn a_record_travels_as_a_number() {
        for events in every_set() {
            let mut record = Recorded::default();
            for event in events.iter() {
                let fails = matches!(event, NetworkEvents::CONNECT | NetworkEvents::CLOSE);
                record.add(event, if fails { 10061 } else { 0 });
            }
            assert_eq!(Recorded::unpacked(record.packed()), record);
        }
    }
}
