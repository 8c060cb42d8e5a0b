//! What went wrong, as the one line a user reads: what, where, and the way out.

use crate::output::complain;
use overlapped::{Operation, codes};
use std::fmt::Display;
use std::process::ExitCode;

/// A failure that ends the command.
#[derive(Debug)]
pub(crate) struct Problem {
    line: String,
    code: u8,
}

impl Problem {
    /// The user asked for something that does not exist: exit code 2.
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: 2 }
    }

    /// What was asked for could not be done: exit code 1.
    pub(crate) fn failed(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: 1 }
    }

    /// A program that ran for the user has failed, and has said why: its exit code is ours.
    #[cfg(not(windows))]
    pub(crate) fn told(code: i32) -> Self {
        Self { line: String::new(), code: u8::try_from(code).unwrap_or(1) }
    }

    /// What was asked for could not be done with the address. The library's error brings the way out.
    pub(crate) fn at(doing: &str, place: impl Display, error: &overlapped::Error) -> Self {
        Self::failed(format!("cannot {doing} {place}: {error}"))
    }

    /// A name in the environment or of a flag that means no driver and no feature is bad input, too.
    fn is_misnamed(error: &overlapped::Error) -> bool {
        error.operation() == Operation::Driver
            && matches!(error.code(), codes::WSA_INVALID_PARAMETER | codes::WSAEINVAL)
    }

    /// What the user is told.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// Tells the user, and gives the code to end with.
    pub(crate) fn report(&self) -> ExitCode {
        if !self.line.is_empty() {
            complain!("error: {}", self.line);
        }
        ExitCode::from(self.code)
    }
}

impl From<overlapped::Error> for Problem {
    fn from(error: overlapped::Error) -> Self {
        let line = error.to_string();
        if Self::is_misnamed(&error) { Self::usage(line) } else { Self::failed(line) }
    }
}
