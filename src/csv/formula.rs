//! Cells that a spreadsheet would take for a formula.
//!
//! A text that begins with one of a few characters is a formula to a spreadsheet, and a formula can send away what the sheet
//! holds (OWASP, "CSV Injection"). An apostrophe before that character makes it a text. So that nobody gets around it, the
//! same is done in the midst of a text behind what some program could take for the end of a cell: a separator, a quote, a
//! line's end.
//!
//! Apostrophes that are there already must survive the way back, so they count: where one is needed, one more than there
//! were is written, and reading takes one away. [`original`] undoes [`harmless`] for every text.

use std::borrow::Cow;

/// What a formula can begin with: OWASP's list, with the wide forms that some spreadsheets take as well.
const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What a program that reads the text in another way could take for the end of a cell.
const ENDS: [char; 7] = [',', ';', '|', '\t', '\r', '\n', '"'];

const APOSTROPHE: char = '\'';

/// The text as a cell that no spreadsheet takes for a formula.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    edited(text, |starts, apostrophes| starts || apostrophes > 0, true)
}

/// The text that [`harmless`] made this cell of. A cell of which it made none, such as `it's` or `=1`, is itself.
#[must_use]
pub fn original(cell: &str) -> Cow<'_, str> {
    edited(
        cell,
        |starts, apostrophes| apostrophes > usize::from(!starts),
        false,
    )
}

/// The text with one apostrophe more, or one less, before each beginning of a formula for which `due` says so. It is told
/// whether a cell could start there, and how many apostrophes are there already.
fn edited(text: &str, due: fn(bool, usize) -> bool, more: bool) -> Cow<'_, str> {
    if !may_be_edited(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut edited = String::new();
    let (mut copied, mut starts, mut apostrophes) = (0, true, 0);
    for (at, character) in text.char_indices() {
        if character == APOSTROPHE {
            apostrophes += 1;
            continue;
        }
        if BEGINNINGS.contains(&character) && due(starts, apostrophes) {
            let end = if more { at } else { at - 1 };
            edited.push_str(text.get(copied..end).unwrap_or_default());
            if more {
                edited.push(APOSTROPHE);
            }
            copied = at;
        }
        starts = ENDS.contains(&character);
        apostrophes = 0;
    }
    if copied == 0 && edited.is_empty() {
        return Cow::Borrowed(text);
    }
    edited.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(edited)
}

/// False for most texts: where no beginning stands at the start, behind an end or behind an apostrophe, nothing is due. By
/// bytes, for characters take ten times as many instructions in a component that is compiled for size.
fn may_be_edited(text: &[u8]) -> bool {
    let mut before = b',';
    text.iter().any(|&byte| {
        // The wide forms all begin with this byte in UTF-8.
        let begins = matches!(
            byte,
            b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n' | 0xEF
        );
        let behind = matches!(
            before,
            b',' | b';' | b'|' | b'\t' | b'\r' | b'\n' | b'"' | b'\''
        );
        before = byte;
        begins && behind
    })
}
