//! Removes from a recording what nobody else should see, and checks that it is gone.
//!
//! - `hosts.rs`: where NetBox is.
//! - `patterns.rs`: what is known by its form or its name: tokens, headers, members of bodies, addresses of people.
//! - `leaks.rs`: the check, for the secrets that were really seen.

mod hosts;
mod leaks;
mod patterns;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::Value;
use url::Url;

use super::exchange::query;
use super::model::{Entry, Har, Pair, size};

pub use hosts::ELSEWHERE;
pub use leaks::Leaks;
pub use patterns::REMOVED;

/// Texts shorter than this are no secrets: they would be found everywhere.
const SHORTEST: usize = 8;
/// A text is looked through until nothing is found any more, at most so often.
const PASSES: usize = 8;

/// Removes secrets. It knows some by their form, and learns others as it sees them.
#[derive(Clone, Debug, Default)]
pub struct Scrubber {
    hosts: Vec<hosts::Host>,
    secrets: BTreeSet<String>,
}

impl Scrubber {
    /// One that knows secrets by their form only.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One for the recording of the NetBox at this address.
    #[must_use]
    pub fn before(netbox: &Url) -> Self {
        let mut scrubber = Self::new();
        scrubber.hosts.push(hosts::Host::of(netbox));
        scrubber
    }

    /// Removes this address too.
    #[must_use]
    pub fn and(mut self, address: &Url) -> Self {
        self.hosts.push(hosts::Host::of(address));
        self
    }

    /// Learns a secret: from now on it is removed wherever it stands, and looked for. Whether it was new. Texts of fewer than eight
    /// characters are not taken.
    pub fn learn(&mut self, secret: &str) -> bool {
        let secret = secret.trim();
        secret.len() >= SHORTEST && secret != REMOVED && self.secrets.insert(secret.to_owned())
    }

    /// Learns the tokens and cookies of a call or an answer. Whether one was new.
    pub fn learn_from(&mut self, headers: &HeaderMap) -> bool {
        let mut new = false;
        for (name, value) in headers {
            let (name, value) = (name.as_str(), String::from_utf8_lossy(value.as_bytes()));
            if patterns::is_cookie(name) {
                // Of `Set-Cookie` only the first part is a cookie; the others are its attributes.
                let parts = if name == "cookie" { usize::MAX } else { 1 };
                for cookie in value.split(';').take(parts) {
                    new |= self.learn(cookie.split_once('=').map_or("", |(_, value)| value));
                }
            } else if patterns::is_credential(name) && !name.ends_with("authenticate") {
                let credential = value.rsplit(' ').next().unwrap_or_default();
                new |= self.learn(credential);
                let basic = STANDARD.decode(credential).ok();
                let basic = basic.and_then(|pair| String::from_utf8(pair).ok());
                if let Some((_, password)) = basic.as_deref().and_then(|pair| pair.split_once(':'))
                {
                    new |= self.learn(password);
                }
            }
        }
        new
    }

    /// Learns the secrets in the parameters of an address. Whether one was new.
    pub fn learn_from_address(&mut self, address: &str) -> bool {
        let mut new = false;
        for pair in query(address) {
            if patterns::is_secret_parameter(&pair.name) {
                new |= self.learn(&pair.value);
            }
        }
        new
    }

    /// Removes what must not be seen from a text.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // What was removed may leave a form behind that was none before, side by side as they stand then.
        for _ in 0..PASSES {
            let once = self.pass(&text);
            if once == text {
                break;
            }
            text = once;
        }
        text
    }

    fn pass(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for host in &self.hosts {
            text = host.remove(&text);
        }
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), REMOVED);
            }
        }
        patterns::remove(&text)
    }

    /// Removes what must not be seen from a body. JSON is looked through by member too; `path` is that of its address.
    #[must_use]
    pub fn body(&self, body: &str, path: &str) -> String {
        if let Ok(mut value) = serde_json::from_str::<Value>(body)
            && (value.is_object() || value.is_array())
            && patterns::clear(&mut value, path.contains("/users/"))
        {
            return self.text(&value.to_string());
        }
        self.text(body)
    }

    /// Removes what must not be seen from a call and its answer.
    pub fn entry(&self, entry: &mut Entry) {
        let request = &mut entry.request;
        request.url = self.address(&request.url);
        request.query_string = query(&request.url);
        request.cookies.clear();
        self.headers(&mut request.headers);
        let path = request.url.split('?').next().unwrap_or_default().to_owned();
        if let Some(body) = &mut request.post_data {
            body.text = self.body(&body.text, &path);
            request.body_size = size(body.text.len());
        }
        let response = &mut entry.response;
        response.cookies.clear();
        self.headers(&mut response.headers);
        response.redirect_url = self.address(&response.redirect_url);
        let content = &mut response.content;
        if content.encoding.is_none()
            && let Some(body) = &mut content.text
        {
            *body = self.body(body, &path);
            content.size = size(body.len());
            response.body_size = content.size;
        }
    }

    /// Removes what must not be seen from a whole recording.
    pub fn har(&self, har: &mut Har) {
        for entry in &mut har.log.entries {
            self.entry(entry);
        }
    }

    fn headers(&self, headers: &mut Vec<Pair>) {
        headers.retain(|header| !patterns::is_cookie(&header.name));
        for header in headers {
            header.value = if patterns::is_credential(&header.name) {
                REMOVED.to_owned()
            } else if hosts::names_a_host(&header.name) {
                hosts::elsewhere(&header.name, &header.value)
            } else {
                self.text(&header.value)
            };
        }
    }

    fn address(&self, address: &str) -> String {
        self.parameters(&self.text(address))
    }

    /// An address without the parameters that hold secrets, as the recording has it.
    pub(in crate::har) fn parameters(&self, address: &str) -> String {
        match address.split_once('?') {
            Some((path, query)) if query.split('&').any(patterns::is_secret_parameter) => {
                let kept = query.split('&').map(|pair| {
                    let name = pair.split('=').next().unwrap_or_default();
                    if patterns::is_secret_parameter(pair) {
                        format!("{name}=removed")
                    } else {
                        pair.to_owned()
                    }
                });
                format!("{path}?{}", kept.collect::<Vec<_>>().join("&"))
            }
            _ => address.to_owned(),
        }
    }
}
