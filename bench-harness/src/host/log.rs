//! Log lines: what the component writes to stdout and stderr, and what the host has to say, in one ordered list.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lines kept in memory; the oldest go first. Enough for any test, and a bound for a host that serves for days.
const KEPT_LINES: usize = 20_000;

/// Where a log line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The component's standard output.
    Stdout,
    /// The component's standard error: a panic message goes here before the trap.
    Stderr,
    /// The host itself: a denied host, a failed outbound call, a trap with its cause.
    Host,
}

/// One line, without its line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Where it came from.
    pub source: Source,
    /// The text; bytes that are not UTF-8 are replaced.
    pub text: String,
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source {
            Source::Host => write!(f, "host: {}", self.text),
            Source::Stdout | Source::Stderr => f.write_str(&self.text),
        }
    }
}

/// Collects log lines. Clones share the same list.
#[derive(Clone, Default)]
pub struct LogSink {
    lines: Arc<Mutex<VecDeque<LogLine>>>,
    printed: bool,
}

impl LogSink {
    /// Keeps the lines in memory only: for tests.
    pub fn memory() -> Self {
        Self::default()
    }

    /// Keeps the lines and prints each to this process's stderr as it comes.
    pub fn printing() -> Self {
        Self {
            printed: true,
            ..Self::default()
        }
    }

    /// Adds one line.
    pub fn push(&self, source: Source, text: impl Into<String>) {
        let line = LogLine {
            source,
            text: text.into(),
        };
        if self.printed {
            eprintln!("{line}");
        }
        let mut lines = self.locked();
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// Every line still kept, oldest first.
    pub fn lines(&self) -> Vec<LogLine> {
        self.locked().iter().cloned().collect()
    }

    /// The texts of the lines from one source, oldest first.
    pub fn from_source(&self, source: Source) -> Vec<String> {
        let lines = self.locked();
        let wanted = lines.iter().filter(|line| line.source == source);
        wanted.map(|line| line.text.clone()).collect()
    }

    /// Whether any line contains `needle`.
    pub fn contains(&self, needle: &str) -> bool {
        self.locked().iter().any(|line| line.text.contains(needle))
    }

    /// Forgets every line.
    pub fn clear(&self) {
        self.locked().clear();
    }

    fn locked(&self) -> MutexGuard<'_, VecDeque<LogLine>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogSink")
            .field("lines", &self.locked().len())
            .field("printed", &self.printed)
            .finish()
    }
}

/// Cuts a stream of bytes into lines for a [`LogSink`]. What has no line end yet is written when the value is dropped.
pub(super) struct LineSplitter {
    sink: LogSink,
    source: Source,
    partial: Vec<u8>,
}

impl LineSplitter {
    pub(super) fn new(sink: LogSink, source: Source) -> Self {
        Self {
            sink,
            source,
            partial: Vec::new(),
        }
    }

    /// Takes the next bytes of the stream.
    pub(super) fn write(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(&bytes[..end]);
            self.emit();
            bytes = &bytes[end + 1..];
        }
        self.partial.extend_from_slice(bytes);
    }

    fn emit(&mut self) {
        if self.partial.last() == Some(&b'\r') {
            self.partial.pop();
        }
        let text = String::from_utf8_lossy(&self.partial).into_owned();
        self.partial.clear();
        self.sink.push(self.source, text);
    }
}

impl Drop for LineSplitter {
    fn drop(&mut self) {
        if !self.partial.is_empty() {
            self.emit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_cut_into_lines_wherever_they_were_split() {
        let sink = LogSink::memory();
        let mut splitter = LineSplitter::new(sink.clone(), Source::Stdout);
        for part in ["on", "e\ntw", "o\r\n", "\nfo", "ur"] {
            splitter.write(part.as_bytes());
        }
        assert_eq!(sink.from_source(Source::Stdout), ["one", "two", ""]);
        drop(splitter);
        assert_eq!(sink.from_source(Source::Stdout), ["one", "two", "", "four"]);
    }

    #[test]
    fn a_full_sink_drops_its_oldest_line() {
        let sink = LogSink::memory();
        for n in 0..=KEPT_LINES {
            sink.push(Source::Host, n.to_string());
        }
        let lines = sink.lines();
        assert_eq!(lines.len(), KEPT_LINES);
        assert_eq!(lines[0].text, "1");
    }
}
