//! Commands for Spin and Kubernetes are not run; that much of them is looked at.

use std::path::{Path, PathBuf};

use crate::commands::commands;
use crate::files::{document, root};

/// Commands in the comments of files for deployment: behind `#` and three blanks.
fn in_comments(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(in_comments(&path));
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.lines().filter_map(|line| line.strip_prefix("#   "));
            found.extend(lines.map(|line| (path.clone(), line.to_owned())));
        }
    }
    found
}

#[test]
fn in_documents_and_in_comments() {
    let mut all = in_comments(&root().join("deploy"));
    let page = document("docs/DEPLOY.md");
    let of_page = commands(&page).into_iter();
    all.extend(of_page.map(|command| (root().join(&page.name), command.text)));
    let mut seen = 0;
    for (file, command) in all {
        let ours = ["spin ", "kubectl ", "read ", "export "];
        assert!(
            ours.iter().any(|begin| command.starts_with(begin)),
            "{}: is `{command}` run by a test?",
            file.display()
        );
        let ends = [".toml", ".yaml", ".yml"];
        let named = command.split_whitespace();
        for name in named.filter(|word| ends.iter().any(|end| word.ends_with(end))) {
            seen += 1;
            let beside = file.parent().unwrap().join(name);
            let there = beside.exists() || root().join(name).exists();
            assert!(there, "{}: there is no {name}", file.display());
        }
    }
    assert!(seen >= 6, "only {seen} files are named");
}
