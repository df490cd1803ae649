//! What the double answers, and NetBox's error bodies.

use super::json::{self, Object};

/// An answer, before the headers every NetBox answer has.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type`; none for an empty answer.
    pub content_type: Option<String>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// Whether it carries `API-Version`, as every REST answer does.
    pub rest: bool,
}

/// The page NetBox shows for an unknown path, much shortened.
const NOT_FOUND_PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\" data-netbox-version=\"4.7.3\">\n  <head><title>Page Not Found | NetBox</title></head>\n  <body><h1>Page Not Found</h1></body>\n</html>\n";

impl Reply {
    /// A JSON answer of the REST API.
    #[must_use]
    pub(super) fn json(status: u16, body: String) -> Self {
        Self {
            status,
            content_type: Some("application/json".into()),
            headers: Vec::new(),
            body,
            rest: true,
        }
    }

    /// An answer without a body.
    #[must_use]
    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: None,
            headers: Vec::new(),
            body: String::new(),
            rest: true,
        }
    }

    /// Any text that is not JSON.
    #[must_use]
    pub(super) fn text(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type: Some(content_type.into()),
            headers: Vec::new(),
            body: body.into(),
            rest: false,
        }
    }

    /// `{"detail": …}`.
    #[must_use]
    pub(super) fn detail(status: u16, text: &str) -> Self {
        Self::json(status, format!("{{\"detail\":{}}}", json::text(text)))
    }

    /// The HTML page for an unknown path.
    #[must_use]
    pub(super) fn not_found_page() -> Self {
        Self::text(404, "text/html; charset=utf-8", NOT_FOUND_PAGE)
    }

    /// 404 for an object that is not there.
    #[must_use]
    pub(super) fn missing(class: &str) -> Self {
        Self::detail(404, &format!("No {class} matches the given query."))
    }

    /// 403 for a token that may not.
    #[must_use]
    pub(super) fn forbidden() -> Self {
        Self::detail(403, "You do not have permission to perform this action.")
    }

    /// 500 as NetBox answers an exception it did not expect, such as a broken database constraint.
    #[must_use]
    pub(super) fn exception(exception: &str, error: &str) -> Self {
        let mut body = String::new();
        let mut object = Object::new(&mut body);
        object.text("error", error);
        object.text("exception", exception);
        object.text("netbox_version", "4.7.3");
        object.text("python_version", "3.12.1");
        object.end();
        Self::json(500, body)
    }

    /// The same answer with one more header.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// The errors of one object, by field, in the order found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Errors {
    fields: Vec<(String, String)>,
}

impl Errors {
    /// One message for one field.
    pub(crate) fn one(field: &str, message: &str) -> Self {
        let mut errors = Self::default();
        errors.add(field, &[message]);
        errors
    }

    /// Messages for a field.
    pub(crate) fn add(&mut self, field: &str, messages: &[impl AsRef<str>]) {
        let mut body = String::new();
        json::list(&mut body, messages, |out, message| {
            json::push_text(out, message.as_ref());
        });
        self.fields.push((field.into(), body));
    }

    /// Finished JSON for a field.
    pub(crate) fn add_json(&mut self, field: &str, body: String) {
        self.fields.push((field.into(), body));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// `{"field": ["…"]}`.
    pub(crate) fn json(&self) -> String {
        let mut body = String::new();
        let mut object = Object::new(&mut body);
        for (field, errors) in &self.fields {
            object.raw(field, errors);
        }
        object.end();
        body
    }

    /// 400 with these errors.
    pub(crate) fn reply(&self) -> Reply {
        Reply::json(400, self.json())
    }
}
