//! The commands of a document. A block `sh` has nothing else; in a block `console` a command stands after `$ `, and below it is what it
//! prints. A second word behind the fence names the ground on which the block is true.

use std::ops::Range;

use crate::files::{Block, Document};

/// A command.
#[derive(Debug)]
pub(crate) struct Command {
    /// The line it is on.
    pub(crate) line: usize,
    /// On which ground it is run; empty for the usual one.
    pub(crate) ground: String,
    /// Which block of the document it is in.
    pub(crate) block: usize,
    /// What is typed.
    pub(crate) text: String,
    /// What stands below it and where that is in the document; `None` where nothing is said about what it prints.
    pub(crate) printed: Option<(String, Range<usize>)>,
}

/// Languages of blocks that hold no commands.
const NO_COMMANDS: [&str; 3] = ["json", "mermaid", "text"];

/// All commands of a document.
///
/// # Panics
/// When a block does not say its language, or does so by a word that is not known.
pub(crate) fn commands(document: &Document) -> Vec<Command> {
    let mut commands = Vec::new();
    for (number, block) in document.blocks().iter().enumerate() {
        let mut words = block.info.split_whitespace();
        let language = words.next().unwrap_or_default();
        let at = format!("{}:{}", document.name, document.line(block.range.start));
        match language {
            "sh" => shell(document, block, &mut commands),
            "console" => {
                let plain = document.text.get(block.range.clone()) == Some(block.text.as_str());
                assert!(plain, "{at}: a console block may not be part of a list");
                let before = commands.len();
                console(document, block, &mut commands);
                assert!(commands.len() > before, "{at}: there is no `$ ` in it");
            }
            _ => assert!(
                NO_COMMANDS.contains(&language),
                "{at}: is this block `sh`, `console`, or one of {NO_COMMANDS:?}? It says `{language}`"
            ),
        }
        let ground = words.next().unwrap_or_default();
        for command in commands.iter_mut().filter(|c| c.block == usize::MAX) {
            command.block = number;
            command.ground = ground.to_owned();
        }
    }
    commands
}

fn new(document: &Document, at: usize, text: &str) -> Command {
    Command {
        line: document.line(at),
        ground: String::new(),
        block: usize::MAX,
        text: text.to_owned(),
        printed: None,
    }
}

/// A command goes on after a backslash, on lines that begin with a blank, and to the end of what it opens (`done`, `}`).
fn shell(document: &Document, block: &Block, commands: &mut Vec<Command>) {
    let first = commands.len();
    let mut at = block.range.start;
    for line in block.text.lines() {
        let more = line.starts_with([' ', '\t', '}', ')']) || line == "done" || line == "fi";
        match commands[first..].last_mut() {
            Some(last) if more || last.text.ends_with('\\') => {
                last.text.push('\n');
                last.text.push_str(line);
            }
            _ if line.trim().is_empty() || line.starts_with('#') => {}
            _ => commands.push(new(document, at, line)),
        }
        at += line.len() + 1;
        at = at.min(document.text.len());
    }
}

fn console(document: &Document, block: &Block, commands: &mut Vec<Command>) {
    let first = commands.len();
    let mut at = block.range.start;
    let mut goes_on = false;
    for line in block.text.split_inclusive('\n') {
        let end = at + line.len();
        match commands[first..].last_mut() {
            Some(command) if goes_on => {
                command.text.push('\n');
                command.text.push_str(line.trim_end());
                command.printed = Some((String::new(), end..end));
                goes_on = line.trim_end().ends_with('\\');
            }
            last => match (line.strip_prefix("$ "), last) {
                (Some(text), _) => {
                    let mut command = new(document, at, text.trim_end());
                    command.printed = Some((String::new(), end..end));
                    goes_on = command.text.ends_with('\\');
                    commands.push(command);
                }
                (None, Some(command)) => {
                    let (text, range) = command.printed.as_mut().unwrap();
                    text.push_str(line);
                    range.end = end;
                }
                (None, None) => panic!(
                    "{}:{}: what printed this?",
                    document.name,
                    document.line(at)
                ),
            },
        }
        at = end;
    }
}

#[test]
fn commands_are_found_with_what_they_print() {
    let text = "a\n\n```console killed\n$ one \\\n  more\n1\n2\n$ two\n```\n\n```sh\nthree\nfor x in y; do\n  four\ndone\n```\n".to_owned();
    let name = String::new();
    let document = Document { name, text };
    let found = commands(&document);
    let texts: Vec<&str> = found.iter().map(|c| c.text.as_str()).collect();
    let expected = [
        "one \\\n  more",
        "two",
        "three",
        "for x in y; do\n  four\ndone",
    ];
    assert_eq!(texts, expected);
    let (printed, range) = found[0].printed.clone().unwrap();
    assert_eq!(
        (printed.as_str(), &document.text[range]),
        ("1\n2\n", "1\n2\n")
    );
    assert_eq!(found[1].printed.as_ref().unwrap().0, "");
    assert!(found[2].printed.is_none());
    assert_eq!(
        (found[1].ground.as_str(), found[2].ground.as_str()),
        ("killed", "")
    );
    assert_eq!((found[0].line, found[1].line, found[2].block), (4, 8, 1));
}
