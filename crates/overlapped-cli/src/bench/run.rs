//! The rounds: each visits every server in turn, so that whatever else the machine does meets all of them alike.

use super::party::{Measured, Party};
use super::plan::{Candidate, Plan};
use super::progress::Progress;
use super::report::Outcome;
use super::stop::Stop;
use super::tally::{Figures, Tally};
use crate::problem::Problem;

/// What has come of a run, whole or not.
#[derive(Default)]
pub(super) struct Results {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) notes: Vec<String>,
    /// Why it has ended early, if it was not the user.
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
    let order = order(plan.candidates.len(), reference(plan));
    plan.sessions.len() * (plan.candidates.len() + plan.settings.rounds * order.len())
}

/// Measures everything, or as much as the user lets it.
pub(super) fn run(plan: &Plan, stop: &Stop, progress: &Progress) -> Results {
    let mut results = Results::default();
    for &sessions in &plan.sessions {
        let (tallies, ended) = measure(plan, sessions, stop, progress, &mut results);
        note(plan, sessions, &tallies, &mut results.notes);
        if let Err(problem) = ended {
            let rounds = plan.settings.rounds;
            let done = format!("{} of {rounds} rounds with {}", tallies.rounds, Progress::sessions(sessions));
            if stop.is_asked() {
                results.notes.push(format!("Stopped by the user after {done}: what is shown is what there is so far."));
            } else {
                results.notes.push(format!("The run has failed after {done}: {}", problem.line()));
            }
            if !stop.is_asked() || results.outcomes.is_empty() {
                results.problem = Some(problem);
            }
            break;
        }
    }
    results
}

/// By candidate, over the complete rounds.
struct Tallies {
    all: Vec<Tally>,
    rounds: usize,
}

/// One number of sessions: all servers at once, and rounds. What was measured is in the results, also after an early end.
fn measure(
    plan: &Plan,
    sessions: usize,
    stop: &Stop,
    progress: &Progress,
    results: &mut Results,
) -> (Tallies, Result<(), Problem>) {
    let mut tallies = Tallies { all: plan.candidates.iter().map(|_| Tally::new()).collect(), rounds: 0 };
    let (mut parties, mut memory) = (Vec::new(), vec![None; plan.candidates.len()]);
    let mut go = || -> Result<(), Problem> {
        for candidate in &plan.candidates {
            progress.say(sessions, &candidate.name);
            parties.push(Party::start(plan, candidate, sessions, stop)?);
        }
        for (party, candidate) in parties.iter_mut().zip(&plan.candidates) {
            progress.say(sessions, &candidate.name);
            party.slice(plan.settings.seconds.min(WARM_UP), stop)?;
            progress.step();
        }
        for _ in 0..plan.settings.rounds {
            round(plan, sessions, &mut parties, &mut tallies, stop, progress)?;
            memory = parties.iter().map(Party::memory_per_session).collect();
        }
        Ok(())
    };
    let ended = go();
    for ((candidate, tally), memory) in plan.candidates.iter().zip(&tallies.all).zip(memory) {
        results.outcomes.extend(tally.outcome(candidate, sessions, plan.settings.rate.is_some(), memory));
    }
    (tallies, ended)
}

fn round(
    plan: &Plan,
    sessions: usize,
    parties: &mut [Party],
    tallies: &mut Tallies,
    stop: &Stop,
    progress: &Progress,
) -> Result<(), Problem> {
    let reference = reference(plan);
    let order = order(parties.len(), reference);
    let mut slices: Vec<(Measured, Figures)> = Vec::new();
    for &place in &order {
        progress.say(sessions, &plan.candidates[place].name);
        let measured = parties[place].slice(plan.settings.seconds, stop)?;
        let figures = Figures::of(&measured);
        slices.push((measured, figures));
        progress.step();
    }
    for (candidate, tally) in tallies.all.iter_mut().enumerate() {
        let places: Vec<_> = (0..order.len()).filter(|&place| order[place] == candidate).collect();
        let of: Vec<_> = places.iter().map(|&place| (&slices[place].0, &slices[place].1)).collect();
        let costs: Vec<_> = slices.iter().map(|(_, figures)| figures.cost).collect();
        let around = reference.and_then(|reference| around(&order, reference, places[0], &costs));
        tally.round(&of, around);
    }
    tallies.rounds += 1;
    Ok(())
}

/// The place of the reference among the candidates.
fn reference(plan: &Plan) -> Option<usize> {
    let name = plan.settings.reference.as_ref()?;
    plan.candidates.iter().position(|candidate: &Candidate| candidate.name == *name)
}

/// Whose slice comes when in a round: the reference at the beginning and the end, and in between after every few others.
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

/// What the reference costs around a slice: the mean of its slices before and after it; for its own, of all of them.
fn around(order: &[usize], reference: usize, place: usize, costs: &[Option<f64>]) -> Option<f64> {
    let own = |&at: &usize| order[at] == reference;
    if own(&place) {
        let all: Vec<_> = (0..order.len()).filter(own).filter_map(|at| costs[at]).collect();
        return (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64);
    }
    let before = costs[(0..place).rfind(own)?]?;
    let after = costs[(place..order.len()).find(own)?]?;
    Some(f64::midpoint(before, after))
}

/// What one must know to read the figures of a number of sessions.
fn note(plan: &Plan, sessions: usize, tallies: &Tallies, notes: &mut Vec<String>) {
    let sessions = Progress::sessions(sessions);
    let (mut busy, mut late) = (Vec::new(), 0.0_f64);
    for (candidate, tally) in plan.candidates.iter().zip(&tallies.all) {
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
    if plan.settings.rate.is_some() && tallies.rounds > 0 {
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
