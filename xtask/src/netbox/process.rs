//! Processes by the id they wrote down, never by name.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::run;

/// How long a process may take to stop when asked to.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// The id in the file, when that process lives and its command line contains `mark` (ids are used again by the system).
pub(crate) fn ours(pid_file: &Path, mark: &str) -> Option<u32> {
    let pid: u32 = fs::read_to_string(pid_file)
        .ok()?
        .lines()
        .next()?
        .trim()
        .parse()
        .ok()?;
    let words = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    String::from_utf8_lossy(&words)
        .replace('\0', " ")
        .contains(mark)
        .then_some(pid)
}

/// Asks the process to stop and waits until it has.
///
/// # Errors
/// When it still runs after [`STOP_LIMIT`].
pub(crate) fn stop(pid_file: &Path, mark: &str) -> Result<()> {
    let Some(pid) = ours(pid_file, mark) else {
        return Ok(());
    };
    run::terminate(pid);
    let begun = Instant::now();
    while ours(pid_file, mark) == Some(pid) {
        if begun.elapsed() > STOP_LIMIT {
            bail!("process {pid} ({mark}) does not stop");
        }
        thread::sleep(Duration::from_millis(50));
    }
    let _ = fs::remove_file(pid_file);
    Ok(())
}
