//! Where a replay went another way than the recording, in words.

use std::fmt;

/// Where a replay went another way than the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// A call that was not recorded, or more often than recorded.
    Unexpected {
        /// The call: `GET /api/status/`.
        call: String,
        /// The recorded call that comes nearest, and what differs; `None` when nothing is recorded.
        nearest: Option<String>,
    },
    /// A recorded call that did not come.
    Missing {
        /// Its number in the recording, counted from 1.
        number: usize,
        /// The call.
        call: String,
        /// The unexpected call of the same path that comes nearest, and what differs, where there was one.
        nearest: Option<String>,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, nearest) = match self {
            Self::Unexpected { call, nearest } => (
                format!("not recorded: {call}"),
                nearest.as_ref().map(|near| format!("nearest is {near}")),
            ),
            Self::Missing {
                number,
                call,
                nearest,
            } => (
                format!("never came: recorded call {number}, {call}"),
                nearest
                    .as_ref()
                    .map(|near| format!("nearest that came is {near}")),
            ),
        };
        f.write_str(&words)?;
        nearest.map_or(Ok(()), |nearest| write!(f, "\n    {nearest}"))
    }
}
