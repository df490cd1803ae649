//! Documents with console blocks: the commands in them, and what is printed below each.

use std::sync::LazyLock;

use regex::Regex;

/// What differs from run to run, and what stands for it when two outputs are compared.
static MASKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "(uuid)"),
        (r"[0-9a-f]{9,16}-[0-9a-f]{9,16}", "(tag)"),
        (r"(?m)^date: .*$", "date: (date)"),
        (r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", "(time)"),
        (r"-\d{4}-\d\d-\d\d\.csv", "-(day).csv"),
        (r"(?m)^age: \d+$", "age: (seconds)"),
        (r"ttl=\d+", "ttl=(seconds)"),
        (r"dur=[\d.]+", "dur=(ms)"),
    ]
    .map(|(pattern, mask)| (Regex::new(pattern).unwrap(), mask))
    .into()
});

/// A part of a document: lines that are not looked at, or a command with what it prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Prose, fences, and blocks of other languages.
    Text(String),
    /// A command after `$ `, which goes on after a backslash, and the lines below it.
    Command { command: String, printed: String },
}

/// Takes a document apart. [`join`] gives the same text again.
pub(crate) fn parts(document: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut inside, mut goes_on) = (false, false);
    for line in document.lines() {
        let fence = line.starts_with("```");
        if fence {
            inside = line == "```console";
        }
        match (parts.last_mut(), line.strip_prefix("$ ")) {
            (Some(Part::Command { command, .. }), _) if goes_on => {
                command.push('\n');
                command.push_str(line);
                goes_on = line.ends_with('\\');
            }
            (_, Some(command)) if inside => {
                goes_on = command.ends_with('\\');
                parts.push(Part::Command {
                    command: command.to_owned(),
                    printed: String::new(),
                });
            }
            (Some(Part::Command { printed, .. }), _) if inside && !fence => {
                printed.push_str(line);
                printed.push('\n');
            }
            (Some(Part::Text(text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
            _ => parts.push(Part::Text(format!("{line}\n"))),
        }
    }
    parts
}

/// The document of these parts.
pub(crate) fn join(parts: &[Part]) -> String {
    let text = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Command { command, printed } => format!("$ {command}\n{printed}"),
    };
    parts.iter().map(text).collect()
}

/// An output with everything masked that differs from run to run.
pub(crate) fn masked(output: &str) -> String {
    let mut text = output.to_owned();
    for (pattern, mask) in MASKS.iter() {
        text = pattern.replace_all(&text, *mask).into_owned();
    }
    text
}

#[test]
fn a_document_is_taken_apart_and_put_together() {
    let document = "a\n```console\n$ one \\\n  more\n1\n2\n$ two\n```\nb\n```json\n$ three\n```\n";
    let found = parts(document);
    let command = |command: &str, printed: &str| Part::Command {
        command: command.into(),
        printed: printed.into(),
    };
    let expected = [
        Part::Text("a\n```console\n".into()),
        command("one \\\n  more", "1\n2\n"),
        command("two", ""),
        Part::Text("```\nb\n```json\n$ three\n```\n".into()),
    ];
    assert_eq!(found, expected);
    assert_eq!(join(&found), document);
}

#[test]
fn only_what_differs_from_run_to_run_is_masked() {
    let output =
        "age: 3\nttl=299 dur=1.5\n\"660f0b4d64d46-660f0b4d57a7e\" 172.20.0.0/24 \"id\":\"101\"\n";
    let expected =
        "age: (seconds)\nttl=(seconds) dur=(ms)\n\"(tag)\" 172.20.0.0/24 \"id\":\"101\"\n";
    assert_eq!(masked(output), expected);
}
