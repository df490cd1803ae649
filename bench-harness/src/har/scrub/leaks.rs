//! The check: no secret that was seen is left, in whatever form.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Scrubber;
use crate::har::model::Har;

/// How often percent-encoding and JSON in texts are undone: an address in a parameter of an address in a body.
const LAYERS: usize = 3;
/// How many places an error names.
const SHOWN: usize = 10;

/// Where secrets were found that should not be there.
#[derive(Debug, PartialEq, Eq)]
pub struct Leaks {
    /// What was found, and the place as a JSON pointer; never the secret itself.
    pub places: Vec<(&'static str, String)>,
}

impl fmt::Display for Leaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the recording is not written, since secrets are left in it:"
        )?;
        for (what, place) in self.places.iter().take(SHOWN) {
            write!(f, " {what} at {place};")?;
        }
        match self.places.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more places"),
        }
    }
}

impl std::error::Error for Leaks {}

struct Needle {
    what: &'static str,
    texts: Vec<String>,
    any_case: bool,
}

impl Scrubber {
    /// Looks for every secret learned and every host: as they are, percent-encoded, in Base64, in hexadecimal, and within JSON and Base64
    /// bodies.
    ///
    /// # Errors
    /// [`Leaks`], with each place.
    pub fn check(&self, har: &Har) -> Result<(), Leaks> {
        let needles = self.needles();
        let mut places = BTreeSet::new();
        let document = serde_json::to_value(har).unwrap_or_default();
        walk(&document, "", LAYERS, &needles, &mut places);
        for (index, entry) in har.log.entries.iter().enumerate() {
            let content = &entry.response.content;
            if content.encoding.is_some()
                && let Some(bytes) = content.bytes()
            {
                let text = String::from_utf8_lossy(&bytes);
                let place = format!("/log/entries/{index}/response/content/text");
                look(&text, &place, LAYERS, &needles, &mut places);
            }
        }
        if places.is_empty() {
            return Ok(());
        }
        Err(Leaks {
            places: places.into_iter().collect(),
        })
    }

    fn needles(&self) -> Vec<Needle> {
        let secrets = self.secrets.iter().map(|secret| Needle {
            what: "a token or cookie",
            texts: std::iter::once(secret.clone())
                .chain(encoded(secret))
                .collect(),
            any_case: false,
        });
        let hosts = self.hosts.iter().map(|host| Needle {
            what: "NetBox's address",
            texts: host.needles().to_vec(),
            any_case: true,
        });
        let hidden = self.hosts.iter().map(|host| Needle {
            what: "NetBox's address",
            texts: host
                .needles()
                .iter()
                .flat_map(|name| encoded(name))
                .collect(),
            any_case: false,
        });
        secrets.chain(hosts).chain(hidden).collect()
    }
}

/// How a text looks in hexadecimal, and within a longer text in Base64: at each of three places in its groups of three bytes, without the
/// characters that depend on what stands beside it.
fn encoded(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut texts = vec![hex.to_uppercase(), hex];
    for before in 0..3_usize {
        let padded: Vec<u8> = std::iter::repeat_n(0, before)
            .chain(bytes.iter().copied())
            .collect();
        let first = (before * 4).div_ceil(3);
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(&padded);
            let last = padded.len() / 3 * 4;
            // A text too short for whole groups would be found everywhere.
            if let Some(inner) = text.get(first..last).filter(|inner| inner.len() >= 6) {
                texts.push(inner.to_owned());
            }
        }
    }
    texts
}

fn walk(
    value: &Value,
    place: &str,
    layers: usize,
    needles: &[Needle],
    places: &mut BTreeSet<(&'static str, String)>,
) {
    match value {
        Value::String(text) => look(text, place, layers, needles, places),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{place}/{index}"), layers, needles, places);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let place = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                look(name, &place, 0, needles, places);
                walk(value, &place, layers, needles, places);
            }
        }
        _ => {}
    }
}

fn look(
    text: &str,
    place: &str,
    layers: usize,
    needles: &[Needle],
    places: &mut BTreeSet<(&'static str, String)>,
) {
    let lower = text.to_lowercase();
    for needle in needles {
        let within = if needle.any_case { &lower } else { text };
        if needle
            .texts
            .iter()
            .any(|text| within.contains(text.as_str()))
        {
            places.insert((needle.what, place.to_owned()));
        }
    }
    let Some(layers) = layers.checked_sub(1) else {
        return;
    };
    if text.contains('%') {
        let plain = percent_decode_str(text).decode_utf8_lossy();
        if plain != text {
            look(&plain, place, layers, needles, places);
        }
    }
    if text.contains('\\')
        && let Ok(value) = serde_json::from_str::<Value>(text)
    {
        // Places within a body are named by the body.
        let mut inner = BTreeSet::new();
        walk(&value, "", layers, needles, &mut inner);
        places.extend(inner.into_iter().map(|(what, _)| (what, place.to_owned())));
    }
    if let Ok(bytes) = STANDARD.decode(text.trim())
        && bytes.len() >= super::SHORTEST
    {
        let plain = String::from_utf8_lossy(&bytes);
        look(&plain, place, layers, needles, places);
    }
}
