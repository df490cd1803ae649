//! `spin:variables@3.0.0` and `fermyon:spin/variables@2.0.0`: the component's settings, by name.

use super::bindings::p2::fermyon::spin::variables as p2;
use super::bindings::spin::variables::variables::{Error, Host, HostWithStore};
use super::state::{SpinInterfaces, SpinView};
use std::collections::BTreeMap;
use wasmtime::component::Accessor;

/// The prefix of the environment variables that Spin reads variables from.
const ENVIRONMENT_PREFIX: &str = "SPIN_VARIABLE_";

/// Reads `SPIN_VARIABLE_<UPPER>` from the environment, as Spin's environment provider does: `SPIN_VARIABLE_NETBOX_URL` is `netbox_url`.
pub fn from_environment() -> BTreeMap<String, String> {
    from_pairs(std::env::vars())
}

fn from_pairs(pairs: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    pairs
        .filter_map(|(name, value)| {
            let name = name.strip_prefix(ENVIRONMENT_PREFIX)?.to_ascii_lowercase();
            Some((name, value))
        })
        .collect()
}

/// Whether `name` is one that Spin's manifest would take: a lower-case letter first, then lower-case letters, digits and `_`,
/// with no `_` at the end and no two in a row.
pub fn is_valid_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn look_up(variables: &BTreeMap<String, String>, name: &str) -> Result<String, Error> {
    if !is_valid_name(name) {
        return Err(Error::InvalidName(format!(
            "{name:?}: a variable's name has lower-case letters, digits and single '_' inside, and starts with a letter"
        )));
    }
    variables
        .get(name)
        .cloned()
        .ok_or_else(|| Error::Undefined(format!("no variable named {name:?}")))
}

impl Host for SpinView<'_> {}

impl<T> HostWithStore<T> for SpinInterfaces {
    async fn get(
        accessor: &Accessor<T, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        Ok(accessor.with(|mut access| look_up(access.get().variables, &name)))
    }
}

impl p2::Host for SpinView<'_> {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<String, p2::Error>> {
        Ok(look_up(self.variables, &name).map_err(|error| match error {
            Error::InvalidName(text) => p2::Error::InvalidName(text),
            Error::Undefined(text) => p2::Error::Undefined(text),
            Error::Provider(text) => p2::Error::Provider(text),
            Error::Other(text) => p2::Error::Other(text),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undefined_variable_and_a_bad_name_are_told_apart() {
        let variables = BTreeMap::from([("netbox_url".to_owned(), "http://n".to_owned())]);
        assert_eq!(
            look_up(&variables, "netbox_url").ok().as_deref(),
            Some("http://n")
        );
        assert!(matches!(
            look_up(&variables, "tenant"),
            Err(Error::Undefined(_))
        ));
        for bad in ["", "Tenant", "a-b", "a__b", "a_", "1a", "_a"] {
            assert!(
                matches!(look_up(&variables, bad), Err(Error::InvalidName(_))),
                "{bad}"
            );
        }
    }

    #[test]
    fn only_prefixed_environment_variables_are_taken() {
        let pairs = [
            ("SPIN_VARIABLE_NETBOX_URL", "u"),
            ("PATH", "p"),
            ("SPIN_X", "x"),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let read = from_pairs(pairs.into_iter());
        assert_eq!(
            read,
            BTreeMap::from([("netbox_url".to_owned(), "u".to_owned())])
        );
    }
}
