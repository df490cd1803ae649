//! Our log: one JSON line an event, for machines to read.

use std::fmt;

use serde_json::{Value, json};

use crate::platform::Host;

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing at all.
    Off,
    /// What needs somebody.
    Error,
    /// What went wrong and was dealt with.
    Warn,
    /// Every NetBox call and every request.
    #[default]
    Info,
}

impl Level {
    /// Reads the setting `log_level`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "off" => Some(Self::Off),
            "error" => Some(Self::Error),
            "warn" => Some(Self::Warn),
            "info" => Some(Self::Info),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
        }
    }
}

/// Writes log lines up to a level.
#[derive(Clone)]
pub struct Logger {
    host: Host,
    level: Level,
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logger")
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

impl Logger {
    /// A logger that writes lines of `level` and graver.
    #[must_use]
    pub fn new(host: Host, level: Level) -> Self {
        Self { host, level }
    }

    /// Writes one line with a sentence in it, unless its level is below what is logged.
    pub fn line(&self, level: Level, event: &str, detail: &str) {
        self.event(level, event, json!({"detail": detail}));
    }

    /// Whether lines of this level are written.
    #[must_use]
    pub fn writes(&self, level: Level) -> bool {
        level <= self.level
    }

    /// Writes one line with these fields in it, unless its level is below what is logged.
    pub fn event(&self, level: Level, event: &str, mut fields: Value) {
        if self.writes(level) {
            fields["level"] = level.word().into();
            fields["event"] = event.into();
            self.host.line(&fields.to_string());
        }
    }
}
