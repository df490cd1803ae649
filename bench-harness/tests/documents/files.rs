//! The Markdown files of the repository.

use std::ops::Range;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd};

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Where documents are, besides the root itself.
const FOLDERS: [&str; 3] = ["docs", "clients", "deploy"];

/// A Markdown file.
pub(crate) struct Document {
    /// Its path below the root.
    pub(crate) name: String,
    /// All of it.
    pub(crate) text: String,
}

/// A block of code.
#[derive(Debug)]
pub(crate) struct Block {
    /// Where its lines are in the document.
    pub(crate) range: Range<usize>,
    /// What stands behind the opening fence; nothing when it is only indented.
    pub(crate) info: String,
    /// Its lines.
    pub(crate) text: String,
}

/// A link or picture.
pub(crate) struct Link {
    /// Where it leads.
    pub(crate) to: String,
    /// The line it is on.
    pub(crate) line: usize,
}

/// All documents.
pub(crate) fn documents() -> Vec<Document> {
    let mut paths = markdown_in(root(), false);
    for folder in FOLDERS {
        paths.extend(markdown_in(&root().join(folder), true));
    }
    paths.sort();
    let read = |path: PathBuf| Document {
        name: path
            .strip_prefix(root())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned(),
        text: std::fs::read_to_string(path).unwrap(),
    };
    paths.into_iter().map(read).collect()
}

/// One of them.
pub(crate) fn document(name: &str) -> Document {
    let found = documents()
        .into_iter()
        .find(|document| document.name == name);
    found.unwrap_or_else(|| panic!("there is no {name}"))
}

fn markdown_in(folder: &Path, deep: bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && deep {
            found.extend(markdown_in(&path, true));
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
    found
}

impl Document {
    /// The line that a byte is on, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        1 + self.text[..at].matches('\n').count()
    }

    fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        Parser::new_ext(&self.text, Options::ENABLE_TABLES).into_offset_iter()
    }

    /// Its blocks of code.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut inside = false;
        for (event, range) in self.events() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    inside = true;
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.into_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    blocks.push(Block {
                        range: 0..0,
                        info,
                        text: String::new(),
                    });
                }
                Event::End(TagEnd::CodeBlock) => inside = false,
                Event::Text(text) if inside => {
                    let block = blocks.last_mut().unwrap();
                    let from = if block.text.is_empty() {
                        range.start
                    } else {
                        block.range.start
                    };
                    block.range = from..range.end;
                    block.text.push_str(&text);
                }
                _ => {}
            }
        }
        blocks
    }

    /// Its links and pictures.
    pub(crate) fn links(&self) -> Vec<Link> {
        let link = |(event, range): (Event<'_>, Range<usize>)| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(Link {
                to: dest_url.into_string(),
                line: self.line(range.start),
            }),
            _ => None,
        };
        self.events().filter_map(link).collect()
    }

    /// What can stand behind `#` in a link to it, as GitHub makes them of its headings.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let mut anchors: Vec<String> = Vec::new();
        let mut heading: Option<String> = None;
        for (event, _) in self.events() {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let slug = slug(&heading.take().unwrap());
                    let before = anchors.iter().filter(|known| **known == slug).count();
                    anchors.push(match before {
                        0 => slug,
                        n => format!("{slug}-{n}"),
                    });
                }
                Event::Text(text) | Event::Code(text) => add(&mut heading, &text),
                _ => {}
            }
        }
        anchors
    }

    /// What stands between backticks in its text, and in its headings.
    pub(crate) fn code_in_text(&self) -> Vec<String> {
        let code = |(event, _): (Event<'_>, Range<usize>)| match event {
            Event::Code(text) => Some(text.into_string()),
            _ => None,
        };
        self.events().filter_map(code).collect()
    }
}

fn add(heading: &mut Option<String>, text: &CowStr<'_>) {
    if let Some(heading) = heading {
        heading.push_str(text);
    }
}

fn slug(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let text: String = heading.to_lowercase().chars().filter(kept).collect();
    text.replace(' ', "-")
}

#[test]
fn headings_become_anchors_as_on_github() {
    let text =
        "# `GET /api/segments`, `GET /`\n\n## A list as CSV\n\n## A list as CSV\n".to_owned();
    let name = String::new();
    let anchors = Document { name, text }.anchors();
    let expected = ["get-apisegments-get-", "a-list-as-csv", "a-list-as-csv-1"];
    assert_eq!(anchors, expected);
}
