//! Where NetBox is: names and addresses of hosts.

use regex::{NoExpand, Regex};
use url::{Host as Name, Url};

/// What stands in a recording for NetBox's address. The name can't exist (RFC 2606).
pub const ELSEWHERE: &str = "http://netbox.invalid";
/// The same, where only the name of a host may stand.
const NAME: &str = "netbox.invalid";

/// A host that is to be removed.
#[derive(Clone, Debug)]
pub(super) struct Host {
    /// What is replaced by what, in this order.
    patterns: Vec<(Regex, &'static str)>,
    /// What the check must not find, in lower case.
    needles: Vec<String>,
}

impl Host {
    pub(super) fn of(address: &Url) -> Self {
        let name = address.host_str().unwrap_or_default().to_ascii_lowercase();
        let authority = match address.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.clone(),
        };
        let base = address.path().trim_end_matches('/');
        let default = if address.port().is_none() {
            "(:443|:80)?"
        } else {
            ""
        };
        // `:` and `/` also as they are written in a parameter, and `/` as JSON may have it.
        let colon = "(:|%3[Aa])";
        let quoted = match address.port() {
            Some(port) => format!("{}{colon}{port}", regex::escape(&name)),
            None => regex::escape(&name),
        };
        let slash = r"(\\?/|%2[Ff])";
        let scheme = format!("https?{colon}{slash}{slash}");
        let end = "([^A-Za-z0-9.:-]|$)";
        let mut patterns = Vec::new();
        let mut add = |pattern: String, by| {
            // What was escaped is a pattern; were it none, the check would still find the host.
            patterns.extend(Regex::new(&format!("(?i){pattern}")).ok().map(|p| (p, by)));
        };
        if !base.is_empty() {
            let base = regex::escape(base);
            add(format!("{scheme}{quoted}{default}{base}"), ELSEWHERE);
        }
        add(format!("{scheme}{quoted}{default}"), ELSEWHERE);
        let mut needles = vec![format!("//{authority}")];
        // A name with dots is removed wherever it stands. One without (`netbox`, `localhost`) gives nothing away, and an IP address
        // may be data of NetBox's: these are removed only where they are an address to call.
        let tells = matches!(address.host(), Some(Name::Domain(name)) if name.contains('.'));
        if tells {
            add(regex::escape(&name), NAME);
            needles.push(name);
        } else if address.port().is_some() {
            add(format!("{slash}{slash}{quoted}"), "//netbox.invalid");
            add(quoted, NAME);
            needles.push(authority);
        } else {
            add(format!("//{quoted}{end}"), "//netbox.invalid/");
        }
        Self { patterns, needles }
    }

    pub(super) fn remove(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (pattern, by) in &self.patterns {
            if pattern.is_match(&text) {
                text = pattern.replace_all(&text, NoExpand(by)).into_owned();
            }
        }
        text
    }

    /// What must not be found any more, in lower case.
    pub(super) fn needles(&self) -> &[String] {
        &self.needles
    }
}

/// Whether a header is there to name a host.
pub(super) fn names_a_host(header: &str) -> bool {
    matches!(
        header.to_ascii_lowercase().as_str(),
        "host"
            | "origin"
            | "referer"
            | "via"
            | "forwarded"
            | "x-forwarded-for"
            | "x-forwarded-host"
            | "x-forwarded-server"
            | "x-real-ip"
            | "x-served-by"
            | "alt-svc"
            | "report-to"
    )
}

/// The value of such a header after the host was removed. A path stays.
pub(super) fn elsewhere(header: &str, value: &str) -> String {
    match header.to_ascii_lowercase().as_str() {
        "origin" => ELSEWHERE.to_owned(),
        "referer" => match Url::parse(value) {
            Ok(address) => format!("{ELSEWHERE}{}", address.path()),
            Err(_) => ELSEWHERE.to_owned(),
        },
        _ => NAME.to_owned(),
    }
}
