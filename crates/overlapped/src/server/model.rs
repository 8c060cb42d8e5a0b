//! The six models, by their names.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// A way to write a server: how its threads learn that something can be done, or has been.
///
/// ```
/// use overlapped::server::Model;
///
/// let model: Model = "event-select".parse()?;
/// assert_eq!(model, Model::EventSelect);
/// assert_eq!(model.to_string(), "event-select");
/// # Ok::<(), overlapped::server::UnknownModel>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// Asks which sockets of a set are ready, then reads (`select`).
    Select,
    /// Network events that signal an event object a socket (`WSAEventSelect`).
    EventSelect,
    /// Network events as messages in a thread's queue (`WSAAsyncSelect`).
    AsyncSelect,
    /// Overlapped I/O with event objects.
    Event,
    /// Overlapped I/O with completion routines.
    Callback,
    /// Overlapped I/O with a completion port.
    Port,
}

impl Model {
    /// All of them, in the order in which they are usually taught.
    pub const ALL: [Self; 6] =
        [Self::Select, Self::EventSelect, Self::AsyncSelect, Self::Event, Self::Callback, Self::Port];

    /// The name, as [`Display`] and [`FromStr`] have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::EventSelect => "event-select",
            Self::AsyncSelect => "async-select",
            Self::Event => "event",
            Self::Callback => "callback",
            Self::Port => "port",
        }
    }
}

impl Display for Model {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Model {
    type Err = UnknownModel;

    fn from_str(name: &str) -> Result<Self, UnknownModel> {
        Self::ALL.into_iter().find(|model| model.name() == name).ok_or_else(|| UnknownModel(name.into()))
    }
}

/// A name that is not one of a [`Model`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownModel(Box<str>);

impl Display for UnknownModel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let names = Model::ALL.map(Model::name).join(", ");
        write!(f, "there is no model `{}`; there are {names}", self.0)
    }
}

impl std::error::Error for UnknownModel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_by_its_name_and_no_other() {
        for model in Model::ALL {
            assert_eq!(model.to_string().parse(), Ok(model));
        }
        let error = "iocp".parse::<Model>().unwrap_err().to_string();
        assert!(error.contains("`iocp`") && error.contains("callback, port"), "{error}");
    }
}
