//! What is known to be a secret, or to name a person, by its form or its name.

use std::sync::OnceLock;

use regex::{Captures, Regex};
use serde_json::Value;

/// What stands in a recording for what was removed.
pub const REMOVED: &str = "(removed)";
/// What stands for a person's name.
const SOMEBODY: &str = "user";
/// What stands for a person's address.
const SOMEBODYS_ADDRESS: &str = "user@netbox.invalid";

/// Members of a body that hold secrets, wherever they are.
const SECRET_MEMBERS: [&str; 14] = [
    "secret",
    "additional_headers",
    "password",
    "token",
    "plaintext",
    "auth_psk",
    "auth_key",
    "preshared_key",
    "private_key",
    "client_secret",
    "access_token",
    "refresh_token",
    "csrf_token",
    "csrfmiddlewaretoken",
];
/// Members that name a person, wherever they are.
const PERSONAL_MEMBERS: [&str; 5] = ["user_name", "username", "first_name", "last_name", "email"];

fn forms() -> &'static [(Regex, &'static str)] {
    static FORMS: OnceLock<Vec<(Regex, &'static str)>> = OnceLock::new();
    FORMS.get_or_init(|| {
        [
            // A v2 token, whole or only its key.
            (r"nbt_[A-Za-z0-9]+(\.[A-Za-z0-9]+)?", REMOVED),
            (
                r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
                SOMEBODYS_ADDRESS,
            ),
        ]
        .into_iter()
        .filter_map(|(form, by)| Some((Regex::new(form).ok()?, by)))
        .collect()
    })
}

/// The value of a form's hidden field against forged requests, in HTML.
fn csrf() -> Option<&'static Regex> {
    static CSRF: OnceLock<Option<Regex>> = OnceLock::new();
    CSRF.get_or_init(|| {
        Regex::new(r#"(?i)(csrf[a-z_-]*\\?["']?\s*[:=]?\s*(?:value|content)?\s*[:=]?\s*\\?["'])[A-Za-z0-9_-]{16,}"#).ok()
    })
    .as_ref()
}

/// Removes what is known by its form.
pub(super) fn remove(text: &str) -> String {
    let mut text = text.to_owned();
    for (form, by) in forms() {
        if form.is_match(&text) {
            text = form.replace_all(&text, *by).into_owned();
        }
    }
    match csrf() {
        Some(csrf) if csrf.is_match(&text) => csrf
            .replace_all(&text, |found: &Captures<'_>| {
                format!("{}{REMOVED}", &found[1])
            })
            .into_owned(),
        _ => text,
    }
}

/// Whether a header is a cookie or sets one.
pub(super) fn is_cookie(header: &str) -> bool {
    matches!(
        header.to_ascii_lowercase().as_str(),
        "cookie" | "set-cookie" | "cookie2" | "set-cookie2"
    )
}

/// Whether a header holds a token, a signature or the like.
pub(super) fn is_credential(header: &str) -> bool {
    let name = header.to_ascii_lowercase();
    let holds = |part: &str| name.contains(part);
    holds("authorization")
        || holds("authenticat")
        || holds("token")
        || holds("secret")
        || holds("api-key")
        || holds("apikey")
        || holds("csrf")
        || holds("xsrf")
        || holds("session")
        || holds("password")
        || holds("signature")
        || holds("remote-user")
        || holds("x-auth")
}

/// Whether a parameter of an address (`name=value`) holds a secret.
pub(super) fn is_secret_parameter(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    matches!(
        name.to_ascii_lowercase().as_str(),
        "token"
            | "key"
            | "api_key"
            | "apikey"
            | "access_token"
            | "password"
            | "secret"
            | "csrfmiddlewaretoken"
    )
}

/// Clears the members that hold secrets or name people; `users`: the body is of NetBox's users, where more do. Whether there were any.
pub(super) fn clear(value: &mut Value, users: bool) -> bool {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |any, item| clear(item, users) | any),
        Value::Object(members) => {
            let person = members.contains_key("username");
            let mut any = false;
            for (name, value) in members.iter_mut() {
                let name = name.as_str();
                let by = if SECRET_MEMBERS.contains(&name) || (users && name == "key") {
                    REMOVED
                } else if name == "email" {
                    SOMEBODYS_ADDRESS
                } else if PERSONAL_MEMBERS.contains(&name) || (person && name == "display") {
                    SOMEBODY
                } else {
                    any |= clear(value, users);
                    continue;
                };
                // What is not set says nothing, and a client may ask whether it is.
                let unset = value.is_null() || value == "";
                if !unset && *value != by {
                    *value = by.into();
                    any = true;
                }
            }
            any
        }
        _ => false,
    }
}
