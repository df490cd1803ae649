//! Tokens, as NetBox 4.7 checks them: by the `nbt_` prefix and not by the word in front, and with 403 for every failure.

use uuid::Uuid;

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Everything.
    Full,
    /// Reading only.
    ReadOnly,
    /// Nothing: REST says 403, GraphQL gives empty lists.
    Nothing,
}

/// The tokens the double takes.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) full: String,
    pub(crate) full_v1: String,
    pub(crate) read_only: String,
    pub(crate) no_permissions: String,
}

fn hex(length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        text.push_str(&Uuid::new_v4().simple().to_string());
    }
    text.truncate(length);
    text
}

fn v2() -> String {
    format!("nbt_{}.{}", hex(12), hex(40))
}

impl Tokens {
    pub(crate) fn random() -> Self {
        Self {
            full: v2(),
            full_v1: hex(40),
            read_only: v2(),
            no_permissions: v2(),
        }
    }

    /// What the `Authorization` header allows; the error is the text of the 403, `None` when there are no credentials at all.
    pub(crate) fn check(&self, header: Option<&str>) -> Result<Access, Option<&'static str>> {
        let header = header.ok_or(None)?;
        let (scheme, value) = header.split_once(' ').ok_or(None)?;
        if !scheme.eq_ignore_ascii_case("token") && !scheme.eq_ignore_ascii_case("bearer") {
            return Err(None);
        }
        let value = value.trim();
        if value == self.full || value == self.full_v1 {
            Ok(Access::Full)
        } else if value == self.read_only {
            Ok(Access::ReadOnly)
        } else if value == self.no_permissions {
            Ok(Access::Nothing)
        } else if value.starts_with("nbt_") {
            Err(Some("Invalid v2 token"))
        } else {
            Err(Some("Invalid v1 token"))
        }
    }
}
