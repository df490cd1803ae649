//! Reading the files of the repository.

use std::collections::BTreeSet;
use std::path::Path;

use toml::Table;

/// The text of a file of the repository.
#[track_caller]
pub(crate) fn text(path: &str) -> String {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(whole).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `spin.toml`.
pub(crate) fn manifest() -> Table {
    text("spin.toml").parse().expect("spin.toml is TOML")
}

/// `spin-wasip2.toml`.
pub(crate) fn manifest_wasip2() -> Table {
    let text = text("spin-wasip2.toml");
    text.parse().expect("spin-wasip2.toml is TOML")
}

/// The variables that `spin.toml` declares.
pub(crate) fn declared() -> BTreeSet<String> {
    let variables = manifest()["variables"].as_table().unwrap().clone();
    variables.into_iter().map(|(name, _)| name).collect()
}

/// The id of the one component in `spin.toml`.
pub(crate) fn component_id() -> String {
    let components = manifest()["component"].as_table().unwrap().clone();
    assert_eq!(components.len(), 1, "one component");
    components.into_iter().next().unwrap().0
}
