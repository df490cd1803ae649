//! An error of a query: HTTP 200 with `errors`.

use async_graphql_parser::Pos;

use crate::netbox::json::{self, Object};

/// One error.
#[derive(Debug)]
pub(super) struct Problem {
    message: String,
    at: Option<Pos>,
    path: Option<String>,
}

impl Problem {
    pub(super) fn new(message: &str) -> Self {
        Self {
            message: message.into(),
            at: None,
            path: None,
        }
    }

    /// The place in the query, unless one is known already.
    pub(super) fn at(mut self, pos: Pos) -> Self {
        self.at = self.at.or(Some(pos));
        self
    }

    /// The key of the answer concerned, for errors that come up while a query runs.
    pub(super) fn path(mut self, key: &str) -> Self {
        self.path = Some(key.into());
        self
    }

    pub(super) fn json(&self) -> String {
        let mut out = String::new();
        let mut object = Object::new(&mut out);
        object.text("message", &self.message);
        if let Some(at) = self.at {
            let place = format!("[{{\"line\":{},\"column\":{}}}]", at.line, at.column);
            object.raw("locations", &place);
        }
        if let Some(path) = &self.path {
            object.raw("path", &format!("[{}]", json::text(path)));
        }
        object.end();
        out
    }
}

impl Problem {
    /// An error of an argument: at the value when the query was refused as a whole, at the field when it came up while running.
    pub(super) fn at_value(self, value: Pos, key: &str, field: Pos) -> Self {
        if self.path.is_some() {
            self.path(key).at(field)
        } else {
            self.at(value)
        }
    }
}
