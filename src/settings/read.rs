//! Reading the settings from the host's variables.

use std::time::Duration;

use url::Url;

use super::{Access, GroupTemplate, Mistake, Secret, Settings};
use crate::catalogue::Lifetimes;
use crate::log::Level;
use crate::netbox::RateLimit;
use crate::netbox::read::Ours;
use crate::platform::Host;
use crate::segment::AddressPolicy;
use crate::sorted::Map;

const NAMES: [&str; 22] = [
    "netbox_url",
    "netbox_token",
    "webhook_secret",
    "auth",
    "api_tokens",
    "tenant",
    "role",
    "vlan_group_template",
    "site_prefixes",
    "prefix_lengths",
    "reserved_prefixes",
    "cache_ttl",
    "stale_while_revalidate",
    "stale_if_error",
    "netbox_timeout",
    "max_in_flight",
    "rate_limit",
    "max_body",
    "require_if_match",
    "max_idempotency_keys",
    "slow_ms",
    "log_level",
];

const DAY: u64 = 24 * 60 * 60;
const MIB: u64 = 1024 * 1024;

/// The texts of the variables, and what was wrong with them.
struct Form {
    texts: Map<&'static str, String>,
    mistakes: Vec<Mistake>,
}

impl Settings {
    /// Reads all settings. A variable that is not set, or set to nothing, has its default.
    ///
    /// # Errors
    /// Every mistake, not just the first.
    pub async fn read(host: &Host) -> Result<Self, Vec<Mistake>> {
        let mut texts = Map::new();
        for name in NAMES {
            let text = host.variable(name).await.unwrap_or_default();
            texts.insert(name, text.trim().to_owned());
        }
        Self::parse(texts)
    }

    fn parse(texts: Map<&'static str, String>) -> Result<Self, Vec<Mistake>> {
        let mut form = Form {
            texts,
            mistakes: Vec::new(),
        };
        let netbox_url = form.url();
        let netbox_token = form.netbox_token();
        let webhook_secret = form.webhook_secret();
        let access = form.access();
        let ours = Ours {
            tenant: form.slug("tenant", "redbull"),
            role: form.slug("role", "data"),
        };
        let group_template = form.template();
        let addresses = form.addresses();
        let lifetimes = Lifetimes {
            fresh: form.seconds("cache_ttl", 300, 1, 600),
            stale_while_revalidate: form.seconds("stale_while_revalidate", 60, 0, DAY),
            stale_if_error: form.seconds("stale_if_error", DAY, 0, 7 * DAY),
        };
        let netbox_timeout = form.seconds("netbox_timeout", 10, 1, 300);
        let max_in_flight = form.number("max_in_flight", 4, 1, 16);
        let rate_limit = form.rate_limit();
        let max_body = form.number("max_body", MIB, 1_024, 10 * MIB);
        let require_if_match = form.switch("require_if_match");
        let max_idempotency_keys = form.number("max_idempotency_keys", 500, 10, 100_000);
        let slow = form.number("slow_ms", 2_000, 1, 60_000);
        let log_level = form.level();
        match (netbox_url, netbox_token, group_template) {
            (Some(netbox_url), Some(netbox_token), Some(group_template))
                if form.mistakes.is_empty() =>
            {
                Ok(Self {
                    netbox_url,
                    netbox_token,
                    webhook_secret,
                    access,
                    ours,
                    group_template,
                    addresses,
                    lifetimes,
                    netbox_timeout,
                    max_in_flight: usize::try_from(max_in_flight).unwrap_or(usize::MAX),
                    rate_limit,
                    max_body: usize::try_from(max_body).unwrap_or(usize::MAX),
                    require_if_match,
                    max_idempotency_keys: usize::try_from(max_idempotency_keys)
                        .unwrap_or(usize::MAX),
                    slow: Duration::from_millis(slow),
                    log_level,
                })
            }
            _ => Err(form.mistakes),
        }
    }
}

impl Form {
    fn text(&self, name: &'static str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    fn wrong(
        &mut self,
        setting: &'static str,
        detail: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.mistakes.push(Mistake {
            setting,
            detail: detail.into(),
            expected: expected.into(),
        });
    }

    fn url(&mut self) -> Option<Url> {
        const EXPECTED: &str = "an address such as https://netbox.example.com";
        let text = self.text("netbox_url").to_owned();
        if text.is_empty() {
            self.wrong("netbox_url", "it is not set", EXPECTED);
            return None;
        }
        let detail = match Url::parse(&text) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") || !url.has_host() => {
                "it is neither http nor https".to_owned()
            }
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                "it has a user or a password in it".to_owned()
            }
            Ok(url) if url.query().is_some() || url.fragment().is_some() => {
                "it has a query or a fragment".to_owned()
            }
            Ok(url) => return Some(url),
            Err(error) => error.to_string(),
        };
        self.wrong("netbox_url", detail, EXPECTED);
        None
    }

    fn netbox_token(&mut self) -> Option<Secret> {
        let text = self.text("netbox_token").to_owned();
        let plain = text.bytes().all(|b| b.is_ascii_graphic());
        if text.is_empty() || !plain {
            let detail = if plain {
                "it is not set"
            } else {
                "it has characters that no token has"
            };
            self.wrong(
                "netbox_token",
                detail,
                "a NetBox API token, v2 (nbt_...) or v1 (40 hexadecimal digits)",
            );
            return None;
        }
        Some(Secret(text))
    }

    fn webhook_secret(&self) -> Option<Secret> {
        let text = self.text("webhook_secret");
        (!text.is_empty()).then(|| Secret(text.to_owned()))
    }

    fn access(&mut self) -> Access {
        match self.text("auth") {
            "off" => return Access::Open,
            "" | "on" => {}
            _ => self.wrong("auth", "it is neither", "on or off"),
        }
        match Access::parse_tokens(self.text("api_tokens")) {
            Ok(tokens) => Access::Tokens(tokens),
            Err(mistakes) => {
                for detail in mistakes {
                    let expected = "name:role:sha256, the role being read, write or admin and the hash that of the token";
                    self.wrong("api_tokens", detail, expected);
                }
                Access::Tokens(Vec::new())
            }
        }
    }

    fn slug(&mut self, name: &'static str, default: &str) -> String {
        let text = self.text(name).to_owned();
        if text.is_empty() {
            return default.to_owned();
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !text.chars().all(allowed) || text.len() > 100 {
            self.wrong(
                name,
                format!("`{text}` is no slug"),
                "letters, digits, - and _, at most 100",
            );
        }
        text
    }

    fn template(&mut self) -> Option<GroupTemplate> {
        let text = match self.text("vlan_group_template") {
            "" => "{vrf}-ClickCluster-{Site}",
            text => text,
        };
        match GroupTemplate::parse(text) {
            Ok(template) => Some(template),
            Err(detail) => {
                self.wrong(
                    "vlan_group_template",
                    detail,
                    "a name with {vrf} and {site} or {Site} in it",
                );
                None
            }
        }
    }

    fn addresses(&mut self) -> AddressPolicy {
        let policy = AddressPolicy::from_settings(
            self.text("prefix_lengths"),
            self.text("site_prefixes"),
            self.text("reserved_prefixes"),
        );
        policy.unwrap_or_else(|errors| {
            for error in errors {
                let detail = format!("in `{}`, {}", error.piece, error.why);
                self.wrong(error.setting, detail, error.right);
            }
            AddressPolicy::default()
        })
    }

    fn rate_limit(&mut self) -> Option<RateLimit> {
        let text = self.text("rate_limit");
        if text.is_empty() {
            return None;
        }
        match RateLimit::parse(text) {
            Ok(limit) => Some(limit),
            Err(detail) => {
                let expected =
                    "calls a second such as `10/s`, or `10/s burst 20`, each from 1 to 1000";
                self.wrong("rate_limit", detail, expected);
                None
            }
        }
    }

    fn number(&mut self, name: &'static str, default: u64, least: u64, most: u64) -> u64 {
        let text = self.text(name).to_owned();
        if text.is_empty() {
            return default;
        }
        match text.parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                let expected = format!("a whole number from {least} to {most}");
                self.wrong(name, format!("`{text}` is not in range"), expected);
                default
            }
        }
    }

    /// Something that is off unless it is turned on.
    fn switch(&mut self, name: &'static str) -> bool {
        let text = self.text(name).to_owned();
        if !matches!(text.as_str(), "" | "on" | "off") {
            self.wrong(name, format!("`{text}` is neither"), "on or off");
        }
        text == "on"
    }

    fn seconds(&mut self, name: &'static str, default: u64, least: u64, most: u64) -> Duration {
        Duration::from_secs(self.number(name, default, least, most))
    }

    fn level(&mut self) -> Level {
        let text = self.text("log_level").to_owned();
        if text.is_empty() {
            return Level::default();
        }
        Level::parse(&text).unwrap_or_else(|| {
            self.wrong(
                "log_level",
                format!("`{text}` is no level"),
                "off, error, warn or info",
            );
            Level::default()
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(texts: &[(&'static str, &str)]) -> Result<Settings, Vec<Mistake>> {
        Settings::parse(texts.iter().map(|(n, t)| (*n, (*t).to_owned())).collect())
    }

    const NETBOX: [(&str, &str); 2] = [
        ("netbox_url", "https://netbox.example.com"),
        ("netbox_token", "nbt_abc.def"),
    ];

    #[test]
    fn address_and_token_of_netbox_are_enough() {
        let settings = parse(&NETBOX).unwrap();
        assert_eq!(
            settings.access,
            Access::Tokens(vec![]),
            "without tokens nobody gets in"
        );
        assert_eq!(settings.lifetimes.fresh, Duration::from_secs(300));
        assert_eq!(settings.max_in_flight, 4);
        assert_eq!(settings.rate_limit, None);
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let mistakes = parse(&[
            ("netbox_url", "netbox"),
            ("auth", "maybe"),
            ("cache_ttl", "601"),
            ("rate_limit", "10/m"),
            ("require_if_match", "true"),
            ("log_level", "loud"),
            ("vlan_group_template", "{vrf}"),
            ("prefix_lengths", "29-16"),
            ("site_prefixes", "site1"),
        ])
        .unwrap_err();
        let named: Vec<&str> = mistakes.iter().map(|m| m.setting).collect();
        assert_eq!(
            named,
            [
                "netbox_url",
                "netbox_token",
                "auth",
                "vlan_group_template",
                "prefix_lengths",
                "site_prefixes",
                "cache_ttl",
                "rate_limit",
                "require_if_match",
                "log_level"
            ]
        );
    }

    #[test]
    fn no_secret_is_shown() {
        let settings = parse(&NETBOX).unwrap();
        assert!(!format!("{settings:?}").contains("nbt_"));
        let mistakes = parse(&[NETBOX[0], ("netbox_token", "nbt_a b\u{7f}")]).unwrap_err();
        assert!(!format!("{mistakes:?}").contains("nbt_a"));
    }
}
