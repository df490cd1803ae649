//! The description as text that is small to serve and good to compare: short things in one line.

use serde_json::Value;

/// From here on a value is broken into lines, if it is deep enough.
const WIDE: usize = 300;

/// A document, with an entry a line down to where entries are short.
pub(super) fn lines(document: &Value) -> String {
    let mut text = String::new();
    put(&mut text, document);
    text.push('\n');
    text
}

fn put(text: &mut String, value: &Value) {
    let compact = value.to_string();
    match value {
        Value::Object(members) if compact.len() > WIDE => {
            text.push_str("{\n");
            for (at, (name, member)) in members.iter().enumerate() {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                put(text, member);
                text.push_str(if at + 1 < members.len() { ",\n" } else { "\n" });
            }
            text.push('}');
        }
        _ => text.push_str(&compact),
    }
}
