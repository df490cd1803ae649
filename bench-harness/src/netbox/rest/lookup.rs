//! The lookups behind `__` in filter names.

use ipnet::IpNet;

/// A prefix, or an address as the prefix of its full length.
pub(crate) fn net_or_host(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

/// A test of a number against the wanted ones.
pub(super) fn number(look: &str) -> Option<fn(i64, &[i64]) -> bool> {
    Some(match look {
        "" => |have, wanted| wanted.contains(&have),
        "n" => |have, wanted| !wanted.contains(&have),
        "gt" => |have, wanted| wanted.iter().any(|value| have > *value),
        "gte" => |have, wanted| wanted.iter().any(|value| have >= *value),
        "lt" => |have, wanted| wanted.iter().any(|value| have < *value),
        "lte" => |have, wanted| wanted.iter().any(|value| have <= *value),
        _ => return None,
    })
}

/// A test of a text against the wanted ones.
pub(super) fn text(look: &str) -> Option<fn(&str, &[String]) -> bool> {
    fn any(have: &str, wanted: &[String], test: impl Fn(&str, &str) -> bool) -> bool {
        let have = have.to_lowercase();
        wanted
            .iter()
            .any(|value| test(&have, &value.to_lowercase()))
    }
    Some(match look {
        "" => |have, wanted| wanted.iter().any(|value| value == have),
        "n" => |have, wanted| !wanted.iter().any(|value| value == have),
        "ie" => |have, wanted| any(have, wanted, |a, b| a == b),
        "nie" => |have, wanted| !any(have, wanted, |a, b| a == b),
        "ic" => |have, wanted| any(have, wanted, |a, b| a.contains(b)),
        "nic" => |have, wanted| !any(have, wanted, |a, b| a.contains(b)),
        "isw" => |have, wanted| any(have, wanted, |a, b| a.starts_with(b)),
        "nisw" => |have, wanted| !any(have, wanted, |a, b| a.starts_with(b)),
        "iew" => |have, wanted| any(have, wanted, |a, b| a.ends_with(b)),
        "niew" => |have, wanted| !any(have, wanted, |a, b| a.ends_with(b)),
        "empty" => |have, wanted| {
            wanted
                .iter()
                .any(|value| (value == "true") == have.is_empty())
        },
        _ => return None,
    })
}
