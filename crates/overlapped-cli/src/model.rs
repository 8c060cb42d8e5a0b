//! The models: the six ways to write a server, of which this version has two.

use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// A model that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    /// Overlapped I/O with event objects.
    Event,
    /// Overlapped I/O with completion routines.
    Callback,
}

impl Model {
    pub(crate) const ALL: [Self; 2] = [Self::Event, Self::Callback];

    const LATER: [&'static str; 4] = ["select", "event-select", "async-select", "port"];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Callback => "callback",
        }
    }
}

/// Why a name is no model.
#[derive(Debug)]
pub(crate) enum NoModel {
    /// A model, but not in this version.
    Later(String),
    /// Not a name of a model.
    Unknown,
}

impl Display for NoModel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later(name) => write!(f, "model `{name}` is not available in this version; available: ")?,
            Self::Unknown => f.write_str("there is no such model; available: ")?,
        }
        f.write_str(&Model::ALL.map(Model::name).join(", "))
    }
}

impl Error for NoModel {}

impl FromStr for Model {
    type Err = NoModel;

    fn from_str(name: &str) -> Result<Self, NoModel> {
        match Self::ALL.into_iter().find(|model| model.name() == name) {
            Some(model) => Ok(model),
            None if Self::LATER.contains(&name) => Err(NoModel::Later(name.into())),
            None => Err(NoModel::Unknown),
        }
    }
}
