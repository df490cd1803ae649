//! Texts in XML.

use std::fmt::Write as _;

/// The most that a cell holds, in units of UTF-16: a program calls a workbook with more of them broken.
const MOST: usize = 32_767;

/// Adds a text as what stands between two tags.
///
/// What XML 1.0 can't hold is written as `_xHHHH_`, the code in hexadecimal digits (ECMA-376 part 1, 22.9.2.19), and so is the
/// underscore of a text that would be read as such: `_x0041_` becomes `_x005F_x0041_`. A carriage return is among them, since
/// a reader of XML makes a line feed of it.
pub(super) fn escaped(text: &str, into: &mut String) {
    if !may_be_escaped(text.as_bytes()) {
        into.push_str(text);
        return;
    }
    let mut copied = 0;
    for (at, character) in text.char_indices() {
        let next = at + character.len_utf8();
        let instead = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '_' if reads_as_code(text.get(next..).unwrap_or_default()) => "_x005F_",
            other if is_forbidden(other) => "",
            _ => continue,
        };
        into.push_str(text.get(copied..at).unwrap_or_default());
        into.push_str(instead);
        if instead.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(into, "_x{:04X}_", u32::from(character));
        }
        copied = next;
    }
    into.push_str(text.get(copied..).unwrap_or_default());
}

/// False for most texts. By bytes, for characters take ten times as many instructions in a component that is compiled for size.
fn may_be_escaped(text: &[u8]) -> bool {
    let mut before = b' ';
    text.iter().any(|&byte| {
        let code = before == b'_' && byte == b'x';
        before = byte;
        // U+FFFE and U+FFFF begin with the last of these in UTF-8.
        code || matches!(byte, b'&' | b'<' | b'>' | ..b' ' | 0xEF)
    })
}

/// As much of a text as a cell holds, with `…` for what is left out.
pub(super) fn fitting(text: &str) -> (&str, &'static str) {
    // No text has more units than bytes.
    if text.len() <= MOST {
        return (text, "");
    }
    let (mut units, mut end) = (0, 0);
    for character in text.chars() {
        units += character.len_utf16();
        if units < MOST {
            end += character.len_utf8();
        }
    }
    if units <= MOST {
        return (text, "");
    }
    (text.get(..end).unwrap_or_default(), "…")
}

/// Whether a program may drop some of the spaces of a text unless it is told not to.
pub(super) fn has_edge_space(text: &str) -> bool {
    let text = text.as_bytes();
    text.first() == Some(&b' ')
        || text.last() == Some(&b' ')
        || text.iter().any(|byte| matches!(byte, b'\t' | b'\n'))
}

/// Whether an underscore before `rest` would be read as the beginning of a code. One that follows begins with the underscore
/// that ends it.
fn reads_as_code(rest: &str) -> bool {
    let mut rest = rest.chars();
    rest.next() == Some('x')
        && (0..4).all(|_| rest.next().is_some_and(|c| c.is_ascii_hexdigit()))
        && rest.next().is_some_and(|c| c == '_' || is_forbidden(c))
}

fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\x08' | '\x0b'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}
