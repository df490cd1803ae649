//! Running other programs: clear errors, progress for long steps, and no secrets shown.
//!
//! Only the program and its arguments are ever printed, never the environment, so a secret goes to a child by environment.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// How often a long step says that it is still going.
const PROGRESS_EVERY: Duration = Duration::from_secs(15);
/// How many of the last lines of a failed step's log are shown.
const TAIL_LINES: usize = 40;

/// One line on the terminal (stderr, so that stdout stays for results).
pub(crate) fn say(line: impl AsRef<str>) {
    eprintln!("{}", line.as_ref());
}

/// A command that runs in the workspace, free of what `cargo run` put into this process's environment.
///
/// Build scripts may watch `CARGO_PKG_*` and friends: passing them on would make cargo rebuild crates for nothing.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace::root());
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let from_cargo_run = text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || matches!(
                text,
                "CARGO"
                    | "CARGO_PRIMARY_PACKAGE"
                    | "CARGO_CRATE_NAME"
                    | "CARGO_BIN_NAME"
                    | "LD_LIBRARY_PATH"
            );
        if from_cargo_run {
            command.env_remove(text);
        }
    }
    command
}

/// The cargo that runs this workspace (`CARGO` when started by it, else `cargo` on the path).
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// `program arg arg`, as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|arg| {
        let arg = arg.to_string_lossy();
        if arg.contains(char::is_whitespace) {
            format!("'{arg}'")
        } else {
            arg.into_owned()
        }
    }));
    let mut line = words.join(" ");
    if line.len() > 300 {
        line.truncate(line.floor_char_boundary(300));
        line.push('…');
    }
    line
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed: {status}", shown(command));
    }
    Ok(())
}

/// Ids of the children started by [`logged`] that still run, so that a failed command leaves none behind.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
/// Set once a step has failed: no further long step is begun.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// Asks every child of a long step that still runs (in another thread) to stop.
pub(crate) fn stop_children() {
    STOPPING.store(true, Ordering::SeqCst);
    let running = RUNNING
        .lock()
        .map(|running| running.clone())
        .unwrap_or_default();
    for pid in running {
        terminate(pid);
    }
}

/// Asks a process to stop (SIGTERM).
pub(crate) fn terminate(pid: u32) {
    succeeds(command("sh").args(["-c", "kill -TERM \"$1\"", "sh", &pid.to_string()]));
}

fn note(change: impl FnOnce(&mut BTreeSet<u32>)) {
    if let Ok(mut running) = RUNNING.lock() {
        change(&mut running);
    }
}

fn start(command: &mut Command) -> Result<Child> {
    command
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))
}

/// Runs the command with its output on this terminal.
///
/// # Errors
/// When it cannot be started or its exit status is not 0.
pub(crate) fn visible(command: &mut Command) -> Result<()> {
    let status = start(command)?.wait()?;
    check(command, status)
}

/// Runs the command and returns its standard output, trimmed.
///
/// # Errors
/// When it cannot be started or fails; the message ends with what it wrote to standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let out = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !out.status.success() {
        let error = String::from_utf8_lossy(&out.stderr);
        bail!(
            "`{}` failed: {}\n{}",
            shown(command),
            out.status,
            error.trim()
        );
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Whether the command starts and ends with exit status 0; its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Runs the command with its output in a log file, saying every few seconds that `what` is still going.
///
/// # Errors
/// When it cannot be started or fails; the end of the log is shown, and its path named.
pub(crate) fn logged(command: &mut Command, what: &str, log: &Path) -> Result<()> {
    if let Some(dir) = log.parent() {
        fs::create_dir_all(dir)?;
    }
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file);
    if STOPPING.load(Ordering::SeqCst) {
        bail!("{what}: not begun, since another step failed");
    }
    let begun = Instant::now();
    let mut child = start(command)?;
    let pid = child.id();
    note(|running| {
        running.insert(pid);
    });
    let mut next = PROGRESS_EVERY;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() >= next {
            say(format!("  … {what}: {} s", begun.elapsed().as_secs()));
            next += PROGRESS_EVERY;
        }
        thread::sleep(Duration::from_millis(if begun.elapsed().as_secs() < 2 {
            20
        } else {
            200
        }));
    };
    note(|running| {
        running.remove(&pid);
    });
    if !status.success() {
        let text = fs::read_to_string(log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n");
        bail!(
            "{what}: `{}` failed: {status}\n{tail}\n(all of it: {})",
            shown(command),
            log.display()
        );
    }
    Ok(())
}

/// The path of a step's log file.
pub(crate) fn log_file(name: &str) -> PathBuf {
    workspace::logs().join(format!("{name}.log"))
}

/// Runs the command, passes its standard error on line by line, and returns those lines.
///
/// # Errors
/// When it cannot be started or its exit status is not 0.
pub(crate) fn stderr_lines(command: &mut Command) -> Result<Vec<String>> {
    let mut child = start(command.stdin(Stdio::null()).stderr(Stdio::piped()))?;
    let mut lines = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            say(&line);
            lines.push(line);
        }
    }
    let status = child.wait()?;
    check(command, status)?;
    Ok(lines)
}

/// How a command under a time limit ended.
pub(crate) enum Limited {
    /// It ended by itself with exit status 0.
    Done,
    /// It ended by itself with another status; the text is the end of what it said.
    Failed(String),
    /// It was stopped when the limit passed.
    TimedOut,
}

/// Runs the command for at most `limit`, or `more` once a line of its standard error contains `sign` (a sign that it gets on).
///
/// # Errors
/// When it cannot be started or watched.
pub(crate) fn limited(
    command: &mut Command,
    limit: Duration,
    sign: &str,
    more: Duration,
) -> Result<Limited> {
    let mut child = start(
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped()),
    )?;
    let tail = Arc::new(Mutex::new((false, VecDeque::new())));
    let reader = child.stderr.take().map(|stderr| {
        let (tail, sign) = (Arc::clone(&tail), sign.to_owned());
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Ok(mut seen) = tail.lock() {
                    seen.0 |= line.contains(&sign);
                    seen.1.push_back(line);
                    if seen.1.len() > 4 {
                        seen.1.pop_front();
                    }
                }
            }
        })
    });
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let gets_on = tail.lock().is_ok_and(|seen| seen.0);
        if begun.elapsed() > if gets_on { more } else { limit } {
            child.kill()?;
            child.wait()?;
            return Ok(Limited::TimedOut);
        }
        thread::sleep(Duration::from_millis(50));
    };
    if let Some(reader) = reader {
        let _ = reader.join();
    }
    if status.success() {
        return Ok(Limited::Done);
    }
    let said = tail
        .lock()
        .map(|seen| seen.1.iter().cloned().collect::<Vec<_>>().join(" / "));
    Ok(Limited::Failed(said.unwrap_or_default()))
}

/// Runs the command with `input` on its standard input and returns its standard output, trimmed.
///
/// # Errors
/// As [`output`].
pub(crate) fn piped(command: &mut Command, input: &str) -> Result<String> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = start(command)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let stderr = child.stderr.take();
    let errors = thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_string(&mut text);
        }
        text
    });
    let mut text = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut text)?;
    }
    let status = child.wait()?;
    let errors = errors.join().unwrap_or_default();
    check(command, status).with_context(|| errors.trim().to_owned())?;
    Ok(text.trim().to_owned())
}

/// The file a program name stands for on the `PATH`, if any.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}
