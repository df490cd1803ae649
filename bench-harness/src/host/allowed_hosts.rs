//! Which hosts a component may call: Spin's `allowed_outbound_hosts`.

use anyhow::{Context as _, bail, ensure};
use std::fmt;

/// The list of allowed hosts. An empty one allows nothing.
///
/// An entry is `scheme://host:port`: the scheme is a name or `*`; the host is a name, an address (IPv6 in brackets), `*`, or
/// `*.domain` for every name below the domain (not the domain itself); the port is a number, a range `8000..9000` (the end is
/// not in it) or `*`. Without a port, the scheme's own is meant. `localhost` and `127.0.0.1` are different hosts.
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    scheme: Option<String>,
    host: HostPattern,
    port: PortPattern,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPattern {
    Any,
    Below(String),
    Exactly(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PortPattern {
    Any,
    Range(u32, u32),
}

impl AllowedHosts {
    /// Reads the entries.
    ///
    /// # Errors
    /// Names the first entry that is not of the form above.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> anyhow::Result<Self> {
        let entries = entries.iter().map(|entry| {
            let entry = entry.as_ref().trim();
            Entry::parse(entry).with_context(|| {
                format!("allowed host {entry:?}: expected scheme://host[:port], such as http://127.0.0.1:8001")
            })
        });
        Ok(Self(entries.collect::<anyhow::Result<_>>()?))
    }

    /// Whether a request to `uri` may go out. A URI without scheme or host may not.
    pub fn allows(&self, uri: &http::Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return false;
        };
        let Some(port) = uri.port_u16().or_else(|| default_port(scheme)) else {
            return false;
        };
        self.0.iter().any(|entry| entry.matches(scheme, host, port))
    }
}

impl Entry {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (scheme, rest) = text.split_once("://").context("it has no scheme")?;
        ensure!(!scheme.is_empty(), "its scheme is empty");
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        ensure!(
            !rest.contains(['/', '?', '#', '@']),
            "a path, query or user name is not allowed in it"
        );
        let (host, port) = split_port(rest);
        let port = match port {
            Some(port) => PortPattern::parse(port)?,
            None => {
                let port = default_port(scheme).context("it needs a port")?;
                PortPattern::one(port)
            }
        };
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_ascii_lowercase()),
            host: HostPattern::parse(host)?,
            port,
        })
    }

    fn matches(&self, scheme: &str, host: &str, port: u16) -> bool {
        let scheme_fits = self
            .scheme
            .as_ref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(scheme));
        scheme_fits && self.host.matches(host) && self.port.matches(port)
    }
}

impl HostPattern {
    fn parse(host: &str) -> anyhow::Result<Self> {
        let host = host.to_ascii_lowercase();
        if host == "*" {
            return Ok(Self::Any);
        }
        let (pattern, name) = match host.strip_prefix("*.") {
            Some(domain) => (Self::Below(format!(".{domain}")), domain),
            None => (Self::Exactly(host.clone()), host.as_str()),
        };
        ensure!(!name.is_empty(), "its host is empty");
        ensure!(
            !name.contains('*'),
            "'*' may only be the whole host or its first label"
        );
        Ok(pattern)
    }

    fn matches(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        match self {
            Self::Any => true,
            Self::Below(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            Self::Exactly(wanted) => host == *wanted,
        }
    }
}

impl PortPattern {
    fn one(port: u16) -> Self {
        Self::Range(port.into(), u32::from(port) + 1)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let number = |text: &str| {
            let port: Result<u16, _> = text.parse();
            port.with_context(|| format!("its port {text:?} is not a number from 0 to 65535"))
        };
        let Some((from, to)) = text.split_once("..") else {
            return Ok(Self::one(number(text)?));
        };
        let (from, to) = (number(from)?, number(to)?);
        if from >= to {
            bail!("its port range {text} is empty");
        }
        Ok(Self::Range(from.into(), to.into()))
    }

    fn matches(&self, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Range(from, to) => (*from..*to).contains(&port.into()),
        }
    }
}

impl fmt::Display for AllowedHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} allowed hosts", self.0.len())
    }
}

/// Cuts `host:port`; the colons inside an IPv6 address's brackets are not a port.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        _ if scheme.eq_ignore_ascii_case("http") => Some(80),
        _ if scheme.eq_ignore_ascii_case("https") => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
