//! What a program has to change, or behaves otherwise than with Visual C++: one line each, with the place and the change.

mod errors;
mod headers;
mod lints;
pub(crate) mod messages;
mod nearby;

use super::command_line::CommandLine;
use super::libraries::{self, Found};
use super::program::Program;
use crate::output::complain;
use messages::Message;
use std::borrow::Cow;
use std::collections::HashSet;
use std::path::Path;

/// One line of advice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Advice {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) what: Cow<'static, str>,
    pub(crate) change: Cow<'static, str>,
}

/// More of one kind say nothing new.
const PLACES: usize = 5;

/// Prints the advice for what the compiler said.
pub(crate) fn give(said: &[&Message], line: &CommandLine, program: &Program, headers: &Path) {
    for name in line.windows_libraries() {
        if let Some((what, change)) = library(name, headers) {
            complain!("overlapped: {name}.lib: {what}; {change}");
        }
    }
    let mut all = errors::read(said, line, program);
    all.extend(lints::look(program, headers));
    for text in limited(all) {
        complain!("{text}");
    }
}

/// The lines, each place and kind once, and few of each kind.
fn limited(all: Vec<Advice>) -> Vec<String> {
    let (mut seen, mut kinds, mut lines) = (HashSet::new(), Vec::<(Cow<'static, str>, usize)>::new(), Vec::new());
    for advice in all {
        // A header that is included by two sources is complained of twice.
        if !seen.insert(advice.clone()) {
            continue;
        }
        let place = kinds.iter().position(|(change, _)| *change == advice.change).unwrap_or_else(|| {
            kinds.push((advice.change.clone(), 0));
            kinds.len() - 1
        });
        kinds[place].1 += 1;
        if kinds[place].1 <= PLACES {
            lines.push(format!("overlapped: {}:{}: {}; {}", advice.file, advice.line, advice.what, advice.change));
        }
    }
    let more = kinds.iter().filter(|(_, count)| *count > PLACES);
    lines.extend(more.map(|(change, count)| format!("overlapped: {} more places: {change}", count - PLACES)));
    lines
}

/// What to say of a library that is not there.
fn library(name: &str, headers: &Path) -> Option<(&'static str, String)> {
    match libraries::find(name, headers) {
        Found::Here => None,
        Found::WindowsOnly => Some((
            "this library is a part of Windows that is not here",
            "leave out what uses it, behind #ifdef _WIN32".to_owned(),
        )),
        Found::Foreign => Some((
            "nothing links this library here",
            format!("compile its sources along, or add -l{name} if Linux has one of the name"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_once_and_not_too_often() {
        let at = |line| Advice { file: "a.cpp".into(), line, what: "x".into(), change: "do y".into() };
        assert_eq!(limited(vec![at(1), at(1)]), ["overlapped: a.cpp:1: x; do y"]);
        let lines = limited((1..=8).map(at).collect());
        assert_eq!(lines.len(), 6);
        assert_eq!(lines[5], "overlapped: 3 more places: do y");
    }
}
