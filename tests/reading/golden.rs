//! Whole bodies, compared with files. `UPDATE_GOLDEN=1` writes the files anew.

use std::path::Path;

use serde_json::Value;

/// Compares a body with `tests/golden/{name}.json`.
#[track_caller]
pub(crate) fn assert_golden(name: &str, body: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(format!("{name}.json"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let text = serde_json::to_string_pretty(body).unwrap() + "\n";
        std::fs::write(&path, text).unwrap();
    }
    let text = std::fs::read_to_string(&path).expect("the golden file is there");
    let golden: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        *body, golden,
        "the body differs from tests/golden/{name}.json"
    );
}
