use std::collections::{BTreeMap, BTreeSet};
use std::process::Command as Program;

use regex::Regex;

use crate::commands::commands;
use crate::files::{documents, root};
use crate::not_run::{NOT_RUN, reason};

#[test]
fn every_reason_is_needed() {
    let documents = documents();
    for not in NOT_RUN {
        let found = documents.iter().find(|d| d.name == not.document);
        let found = found.unwrap_or_else(|| panic!("there is no {}", not.document));
        let needed = commands(found).iter().any(|command| {
            reason(not.document, &command.text).is_some_and(|given| std::ptr::eq(given, not))
        });
        assert!(
            needed,
            "{} has no command `{}…` any more ({})",
            not.document, not.begins, not.reason
        );
    }
}

#[test]
fn the_cookbook_is_run_where_the_list_says() {
    let test = "tests/clients/every_command_of_the_cookbook_gives_what_it_prints.rs";
    let text = std::fs::read_to_string(root().join(test)).unwrap();
    assert!(text.contains("clients/curl/cookbook.md"));
}

/// The options that `bench-harness` has for a command, by its own help.
fn options_of(command: &str) -> BTreeSet<String> {
    let mut program = Program::new(env!("CARGO_BIN_EXE_bench-harness"));
    let output = program
        .args(command.split(' '))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "there is no `bench-harness {command}`"
    );
    options(&help)
}

fn options(text: &str) -> BTreeSet<String> {
    let option = Regex::new(r"(?:^|[\s\[])(--[a-z][a-z0-9-]*)").unwrap();
    let found = option.captures_iter(text);
    found.map(|c| c[1].to_owned()).collect()
}

/// In blocks and in text, run or not.
#[test]
fn every_option_of_the_harness_that_a_document_names_is_there() {
    let called =
        Regex::new(r"bench-harness (netbox [a-z-]+|har [a-z-]+|[a-z][a-z-]+)([^|;\n]*)").unwrap();
    let verify = Regex::new(r"cargo xtask verify -- ([^#\n]*)").unwrap();
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut seen = 0;
    for document in documents() {
        let texts = document.code_in_text().into_iter();
        let blocks = commands(&document).into_iter();
        for text in texts.chain(blocks.map(|command| command.text.replace("\\\n", " "))) {
            let of_harness = called.captures_iter(&text);
            let mut calls: Vec<(String, String)> = of_harness
                .map(|c| (c[1].to_owned(), c[2].to_owned()))
                .collect();
            let of_verify = verify.captures_iter(&text);
            calls.extend(of_verify.map(|c| ("verify".to_owned(), c[1].to_owned())));
            for (command, rest) in calls {
                // `bench-harness help <command>` and the names of crates.
                if ["help", "empty"].contains(&command.as_str()) {
                    continue;
                }
                let there = known
                    .entry(command.clone())
                    .or_insert_with(|| options_of(&command));
                for option in options(&rest) {
                    seen += 1;
                    assert!(
                        there.contains(&option),
                        "{}: `bench-harness {command}` has no {option}",
                        document.name
                    );
                }
            }
        }
    }
    assert!(seen > 40, "only {seen} options were found");
}
