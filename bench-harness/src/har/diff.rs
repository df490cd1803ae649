//! What differs between two JSON values, member by member.

use serde_json::Value;

/// How much of a value is shown.
const LENGTH: usize = 80;

/// Calls `add` with each place that differs and what it is in either, shortened; `None`: it is not there.
pub(super) fn members(
    at: &str,
    here: &Value,
    there: &Value,
    add: &mut impl FnMut(String, Option<String>, Option<String>),
) {
    let mut pair = |at: String, here: Option<&Value>, there: Option<&Value>| match (here, there) {
        (Some(here), Some(there)) => members(&at, here, there, add),
        (here, there) => {
            let shown = |value: Option<&Value>| value.map(|value| short(&value.to_string()));
            add(format!("member {at}"), shown(here), shown(there));
        }
    };
    match (here, there) {
        (Value::Object(here), Value::Object(there)) => {
            let mut names: Vec<&String> = here.keys().chain(there.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                pair(format!("{at}/{name}"), here.get(name), there.get(name));
            }
        }
        (Value::Array(here), Value::Array(there)) => {
            for index in 0..here.len().max(there.len()) {
                pair(format!("{at}/{index}"), here.get(index), there.get(index));
            }
        }
        (here, there) if here != there => {
            let what = match at {
                "" => "the body".to_owned(),
                at => format!("member {at}"),
            };
            let (here, there) = apart(here.to_string(), there.to_string());
            add(what, Some(short(&here)), Some(short(&there)));
        }
        _ => {}
    }
}

/// Long texts that differ somewhere in the middle would look the same when cut: they are shown from a little before that.
fn apart(here: String, there: String) -> (String, String) {
    let common = here
        .chars()
        .zip(there.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let from = common.saturating_sub(20);
    if from == 0 || here.len().max(there.len()) <= LENGTH {
        return (here, there);
    }
    let cut = |text: &str| format!("…{}", text.chars().skip(from).collect::<String>());
    (cut(&here), cut(&there))
}

/// The beginning of a text.
pub(super) fn short(text: &str) -> String {
    let shown: String = text.chars().take(LENGTH).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("{shown}{more}")
}
