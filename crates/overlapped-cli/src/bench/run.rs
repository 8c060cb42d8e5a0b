//! The rounds: each visits every server in turn, so that whatever else the machine does meets all of them alike.

use super::party::{Measured, Party};
use super::plan::{Candidate, Plan};
use super::progress::Progress;
use super::report::{Failed, Outcome};
use super::stop::Stop;
use super::tally::{Figures, Tally};
use crate::problem::Problem;

/// What has come of a run, whole or not.
pub(super) struct Results {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) failures: Vec<Failed>,
    pub(super) notes: Vec<String>,
    /// Why it has ended early, if it has.
    pub(super) cut_short: Option<String>,
    /// Whether servers and load ran ahead of other work.
    pub(super) raised: bool,
    /// What the user is told at the end.
    pub(super) problem: Option<Problem>,
}

/// After so many servers the reference is measured again.
const GROUP: usize = 4;
/// What is measured first does not count: caches and buffers are cold.
const WARM_UP: f64 = 0.2;
/// A loader that is busy for so much of the time may be what limits the messages per second.
const BUSY: f64 = 0.9;

/// How many slices a run has.
pub(super) fn slices(plan: &Plan) -> usize {
    let reference = reference(plan);
    let round = order(plan.candidates.len(), reference).len();
    // The last slice of a reference is the first of the next round.
    let shared = reference.map_or(0, |_| plan.settings.rounds.saturating_sub(1));
    plan.sessions.len() * (plan.candidates.len() + plan.settings.rounds * round - shared)
}

/// Measures everything, or as much as servers and user let it.
pub(super) fn run(plan: &Plan, stop: &Stop, progress: &Progress) -> Results {
    let mut results = Results {
        outcomes: Vec::new(),
        failures: Vec::new(),
        notes: Vec::new(),
        cut_short: None,
        raised: true,
        problem: None,
    };
    let mut end = None;
    for &sessions in &plan.sessions {
        let mut heat = Heat::new(plan, sessions, stop, progress);
        end = heat.measure().err();
        results.raised &= heat.raised;
        let done = format!("{} of {} rounds with {}", heat.rounds, plan.settings.rounds, Progress::sessions(sessions));
        heat.report(&mut results);
        match &end {
            None => continue,
            Some(End::Stopped) => {
                results.cut_short =
                    Some(format!("stopped by the user after {done}: what is shown is what there is so far"));
            }
            Some(End::Reference) => {
                results.cut_short = Some(format!("the reference has failed after {done}"));
            }
            Some(End::Nobody) => results.cut_short = Some(format!("no server is left after {done}")),
        }
        break;
    }
    results.problem = match end {
        Some(End::Stopped) if results.outcomes.is_empty() => Some(Problem::failed("stopped before there was a result")),
        end => failed(&results.failures, end),
    };
    results
}

/// What the user is told of servers that have failed, if any have: which, why, and the way out.
fn failed(failures: &[Failed], end: Option<End>) -> Option<Problem> {
    // Each once: why it failed again with more sessions is in the report.
    let first = |&(place, one): &(usize, &Failed)| failures[..place].iter().all(|other| other.server != one.server);
    let said = failures.iter().enumerate().filter(first).map(|(_, Failed { server, sessions, reason, .. })| {
        format!("{server} with {}: {reason}", Progress::sessions(*sessions))
    });
    let said: Vec<_> = said.collect();
    let way = match end {
        Some(End::Nobody) => "no server is left; start it by itself to see what is wrong",
        Some(End::Reference) => {
            "it is the reference, so the run has ended; start it by itself, or choose another --reference"
        }
        _ => "the others were measured; start it by itself to see what is wrong, or leave it out",
    };
    (!said.is_empty()).then(|| Problem::failed(format!("failed: {} ({way})", said.join("; "))))
}

/// Why a run does not go on.
enum End {
    Stopped,
    /// Without it there is nothing to compare to.
    Reference,
    Nobody,
}

/// One number of sessions: all servers at once, and rounds.
struct Heat<'a> {
    plan: &'a Plan,
    sessions: usize,
    stop: &'a Stop,
    progress: &'a Progress,
    reference: Option<usize>,
    /// By candidate, as all that follow; none of one that has failed.
    parties: Vec<Option<Party>>,
    tallies: Vec<Tally>,
    memory: Vec<Option<f64>>,
    failures: Vec<Failed>,
    /// What the last round ended with, if that was a slice of the reference: the next begins with it.
    last: Option<(Measured, Figures)>,
    /// Complete ones.
    rounds: usize,
    raised: bool,
}

impl<'a> Heat<'a> {
    fn new(plan: &'a Plan, sessions: usize, stop: &'a Stop, progress: &'a Progress) -> Self {
        let all = plan.candidates.len();
        Self {
            plan,
            sessions,
            stop,
            progress,
            reference: reference(plan),
            parties: Vec::new(),
            tallies: (0..all).map(|_| Tally::new()).collect(),
            memory: vec![None; all],
            failures: Vec::new(),
            last: None,
            rounds: 0,
            raised: true,
        }
    }

    fn measure(&mut self) -> Result<(), End> {
        for (place, candidate) in self.plan.candidates.iter().enumerate() {
            self.progress.say(self.sessions, &candidate.name);
            self.parties.push(None);
            let party = Party::start(self.plan, candidate, self.sessions, self.stop);
            self.parties[place] = self.unless_failed(place, party)?;
        }
        self.raised = self.parties.iter().flatten().all(Party::is_raised);
        for place in 0..self.parties.len() {
            self.slice(place, self.plan.settings.seconds.min(WARM_UP))?;
        }
        for _ in 0..self.plan.settings.rounds {
            self.round()?;
        }
        Ok(())
    }

    fn round(&mut self) -> Result<(), End> {
        let order = order(self.parties.len(), self.reference);
        let mut slices: Vec<Option<(Measured, Figures)>> = self.last.take().map(Some).into_iter().collect();
        let begun = slices.len();
        for &place in &order[begun..] {
            let measured = self.slice(place, self.plan.settings.seconds)?;
            slices.push(measured.map(|measured| {
                let figures = Figures::of(&measured);
                (measured, figures)
            }));
        }
        let costs: Vec<_> = slices.iter().map(|slice| slice.as_ref()?.1.cost).collect();
        for (candidate, tally) in self.tallies.iter_mut().enumerate() {
            // What the last round ended with has been counted.
            let places: Vec<_> = (begun..order.len()).filter(|&place| order[place] == candidate).collect();
            let of: Vec<_> =
                places.iter().filter_map(|&place| slices[place].as_ref().map(|slice| (&slice.0, &slice.1))).collect();
            if !of.is_empty() {
                let around = self.reference.and_then(|reference| around(&order, reference, places[0], &costs));
                tally.round(&of, around);
            }
        }
        for (memory, party) in self.memory.iter_mut().zip(&self.parties) {
            *memory = party.as_ref().map_or(*memory, Party::memory_per_session);
        }
        // With two slices in a row the reference would be silent for less long than the others, and cost less.
        self.last = self.reference.and_then(|_| slices.pop()?);
        self.rounds += 1;
        Ok(())
    }

    /// A slice of a server; none if it has failed.
    fn slice(&mut self, place: usize, seconds: f64) -> Result<Option<Measured>, End> {
        let measured = match &mut self.parties[place] {
            None => Ok(None),
            Some(party) => {
                self.progress.say(self.sessions, &self.plan.candidates[place].name);
                let measured = party.slice(seconds, self.stop);
                self.unless_failed(place, measured)
            }
        };
        self.progress.step();
        measured
    }

    /// Takes a server out that has failed: the others go on.
    fn unless_failed<T>(&mut self, place: usize, done: Result<T, Problem>) -> Result<Option<T>, End> {
        let problem = match done {
            Ok(done) => return Ok(Some(done)),
            Err(_) if self.stop.is_asked() => return Err(End::Stopped),
            Err(problem) => problem,
        };
        self.parties[place] = None;
        self.failures.push(Failed {
            server: self.plan.candidates[place].name.clone(),
            sessions: self.sessions,
            rounds: self.rounds,
            reason: problem.line().into(),
        });
        if self.failures.len() == self.plan.candidates.len() {
            Err(End::Nobody)
        } else if self.reference == Some(place) {
            Err(End::Reference)
        } else {
            Ok(None)
        }
    }

    /// What was measured, also after an early end.
    fn report(self, results: &mut Results) {
        note(&self, &mut results.notes);
        let corrected = self.plan.settings.rate.is_some();
        for ((candidate, tally), memory) in self.plan.candidates.iter().zip(&self.tallies).zip(&self.memory) {
            results.outcomes.extend(tally.outcome(candidate, self.sessions, corrected, *memory));
        }
        results.failures.extend(self.failures);
    }
}

/// The place of the reference among the candidates.
fn reference(plan: &Plan) -> Option<usize> {
    let name = plan.settings.reference.as_ref()?;
    plan.candidates.iter().position(|candidate: &Candidate| candidate.name == *name)
}

/// Whose slice comes when in a round: the reference at the beginning, which is the end of the round before, and the end, and
/// in between after every few others.
fn order(candidates: usize, reference: Option<usize>) -> Vec<usize> {
    let Some(reference) = reference else { return (0..candidates).collect() };
    let others: Vec<_> = (0..candidates).filter(|&candidate| candidate != reference).collect();
    let mut order = vec![reference];
    for group in others.chunks(GROUP) {
        order.extend(group);
        order.push(reference);
    }
    order
}

/// What the reference costs around a slice: the mean of its slices before and after it; for its own, of all from the first that
/// counts.
fn around(order: &[usize], reference: usize, place: usize, costs: &[Option<f64>]) -> Option<f64> {
    let own = |&at: &usize| order[at] == reference;
    if own(&place) {
        let all: Vec<_> = (place..order.len()).filter(own).filter_map(|at| costs[at]).collect();
        return (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64);
    }
    let before = costs[(0..place).rfind(own)?]?;
    let after = costs[(place..order.len()).find(own)?]?;
    Some(f64::midpoint(before, after))
}

/// What one must know to read the figures of a number of sessions.
fn note(heat: &Heat<'_>, notes: &mut Vec<String>) {
    let (plan, sessions) = (heat.plan, Progress::sessions(heat.sessions));
    let (mut busy, mut late) = (Vec::new(), 0.0_f64);
    for (candidate, tally) in plan.candidates.iter().zip(&heat.tallies) {
        if tally.busy().is_some_and(|busy| busy > BUSY) && plan.settings.rate.is_none() {
            busy.push(&*candidate.name);
        }
        if tally.unsent() > 0 {
            notes.push(format!(
                "{} did not keep up with {sessions}: {} messages were due and not sent until the end of their slice. They \
                 count in the latency with the time until then.",
                candidate.name,
                tally.unsent()
            ));
        }
        late = late.max(tally.late());
    }
    if plan.settings.rate.is_some() && heat.rounds > 0 {
        notes.push(format!(
            "The load itself was late by {late:.0} us or less for 99 % of the messages with {sessions}; that is part of their \
             latency."
        ));
    }
    if !busy.is_empty() {
        notes.push(format!(
            "The load was at its own limit with {sessions} ({}): messages per second tell less of these servers than their \
             processor time does.",
            busy.join(", ")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_around_everybody() {
        assert_eq!(order(3, None), [0, 1, 2]);
        assert_eq!(order(1, Some(0)), [0]);
        assert_eq!(order(3, Some(1)), [1, 0, 2, 1]);
        assert_eq!(order(7, Some(0)), [0, 1, 2, 3, 4, 0, 5, 6, 0]);
    }

    #[test]
    fn a_slice_is_compared_to_those_of_the_reference_beside_it() {
        let (order, costs) = (order(7, Some(0)), [1.0, 9.0, 9.0, 9.0, 9.0, 3.0, 9.0, 9.0, 8.0].map(Some));
        assert_eq!(around(&order, 0, 1, &costs), Some(2.0));
        assert_eq!(around(&order, 0, 7, &costs), Some(5.5));
        assert_eq!(around(&order, 0, 0, &costs), Some(4.0));
    }
}
