use std::path::Path;

use crate::files::{documents, root};

#[test]
fn every_file_and_every_heading_that_is_linked_to_is_there() {
    let documents = documents();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for document in &documents {
        let folder = Path::new(&document.name).parent().unwrap();
        for link in document.links() {
            if link.to.contains("://") || link.to.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            let (path, anchor) = link.to.split_once('#').unwrap_or((&link.to, ""));
            let at = format!("{}:{}: {}", document.name, link.line, link.to);
            let target = match path {
                "" => document.name.clone(),
                path => plain(&folder.join(path)),
            };
            if !root().join(&target).exists() {
                wrong.push(format!("{at}: there is no {target}"));
            } else if !anchor.is_empty() {
                let found = documents.iter().find(|document| document.name == target);
                let anchors = found.map(|document| document.anchors()).unwrap_or_default();
                if !anchors.iter().any(|known| known == anchor) {
                    wrong.push(format!("{at}: the headings of {target} are {anchors:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 50, "only {seen} links were found");
}

/// The path without `..`.
fn plain(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.to_str().unwrap().split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}
