//! The parameters of a query string, as Django reads them.

use std::collections::BTreeMap;

/// Parameters by name; a repeated one keeps all its values in order.
#[derive(Debug, Default)]
pub(super) struct Query {
    values: BTreeMap<String, Vec<String>>,
}

impl Query {
    pub(super) fn parse(text: Option<&str>) -> Self {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(text.unwrap_or("").as_bytes()) {
            values
                .entry(name.into_owned())
                .or_default()
                .push(value.into_owned());
        }
        Self { values }
    }

    /// The last value of a parameter.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.last().map(String::as_str)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.values
            .iter()
            .map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// Whether a switch such as `brief` is on.
    pub(super) fn on(&self, name: &str) -> bool {
        self.last(name).is_some_and(|value| {
            matches!(
                value.to_ascii_lowercase().as_str(),
                "true" | "1" | "t" | "yes" | "y" | "on"
            )
        })
    }

    /// A comma-separated list such as `fields`.
    pub(super) fn names(&self, name: &str) -> Option<Vec<&str>> {
        self.last(name).map(|value| value.split(',').collect())
    }

    /// The query text again, sorted by name as REST framework writes it, with some parameters set (`Some`) or taken away (`None`).
    pub(super) fn with(&self, changes: &[(&str, Option<String>)]) -> String {
        let mut values = self.values.clone();
        for (name, value) in changes {
            match value {
                Some(value) => values.insert((*name).to_owned(), vec![value.clone()]),
                None => values.remove(*name),
            };
        }
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        for (name, list) in &values {
            for value in list {
                out.append_pair(name, value);
            }
        }
        out.finish()
    }
}
