use std::collections::BTreeSet;

use regex::Regex;

use crate::files::{component_id, declared, manifest, manifest_wasip2, text};

/// The settings that the component reads: its list of them.
fn read_by_the_component() -> BTreeSet<String> {
    let source = text("src/settings/read.rs");
    let list = Regex::new(r"const NAMES: \[&str; (\d+)\] = \[([^\]]*)\]").unwrap();
    let found = list.captures(&source).expect("the list of names");
    let name = Regex::new(r#""([a-z_]+)""#).unwrap();
    let names: BTreeSet<String> = name.captures_iter(&found[2]).map(|c| c[1].into()).collect();
    assert_eq!(names.len().to_string(), found[1], "every name was found");
    names
}

#[test]
fn what_the_component_reads_is_declared_and_handed_to_it_and_nothing_else() {
    let read = read_by_the_component();
    assert_eq!(declared(), read, "[variables] of spin.toml");
    let manifest = manifest();
    let component = &manifest["component"][&component_id()];
    let handed = component["variables"].as_table().unwrap();
    let names: BTreeSet<String> = handed.keys().cloned().collect();
    assert_eq!(
        names, read,
        "[component.segment-edge.variables] of spin.toml"
    );
    for (name, value) in handed {
        let expected = format!("{{{{ {name} }}}}");
        assert_eq!(value.as_str(), Some(expected.as_str()), "{name}");
    }
}

#[test]
fn the_manifest_for_wasip2_differs_in_the_component_and_its_build_alone() {
    let path = ["component", "segment-edge"];
    let take = |manifest: &mut toml::Table| {
        let component = manifest[path[0]][path[1]].as_table_mut().unwrap();
        let source = component.remove("source").unwrap();
        let build = component["build"].as_table_mut().unwrap();
        (source, build.remove("command").unwrap())
    };
    let (mut one, mut other) = (manifest(), manifest_wasip2());
    let (source, command) = take(&mut one);
    let (source_wasip2, command_wasip2) = take(&mut other);
    assert_eq!(one, other);
    for (source, command, profile, options) in [
        (source, command, "release", "--release"),
        (
            source_wasip2,
            command_wasip2,
            "wasip2",
            "--profile wasip2 --no-default-features --features wasip2",
        ),
    ] {
        let made = format!("target/wasm32-wasip2/{profile}/segment_edge.wasm");
        assert_eq!(source.as_str(), Some(&*made));
        let build = format!("cargo build --target wasm32-wasip2 {options}");
        assert_eq!(command.as_str(), Some(&*build));
    }
    let cargo: toml::Table = text("Cargo.toml").parse().unwrap();
    assert!(cargo["features"].get("wasip2").is_some() && cargo["profile"].get("wasip2").is_some());
}

#[test]
fn each_variable_is_required_or_has_a_default_and_secrets_are_marked() {
    let manifest = manifest();
    for (name, variable) in manifest["variables"].as_table().unwrap() {
        let flag = |key: &str| variable.get(key).and_then(toml::Value::as_bool) == Some(true);
        let default = variable.get("default").and_then(toml::Value::as_str);
        assert_ne!(flag("required"), default.is_some(), "{name}");
        let secret = ["netbox_token", "api_tokens", "webhook_secret"].contains(&name.as_str());
        assert_eq!(flag("secret"), secret, "{name}");
    }
}

#[test]
fn the_readme_explains_every_setting_and_no_other() {
    let readme = text("README.md");
    let (_, section) = readme.split_once("\n## Settings\n").expect("the section");
    let section = section.split("\n## ").next().unwrap();
    // The first cell of a row has one setting, or some that belong together.
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells: Vec<&str> = cells.filter_map(|row| row.split(" | ").next()).collect();
    let name = Regex::new("[a-z_]+").unwrap();
    let explained: BTreeSet<String> = cells
        .iter()
        .flat_map(|cell| name.find_iter(cell))
        .map(|found| found.as_str().to_owned())
        .collect();
    assert_eq!(explained, declared());
}

/// Numbers with their units, as the table has them, and everything else between backticks.
#[test]
fn the_readme_has_the_defaults_of_the_manifest() {
    let readme = text("README.md");
    let manifest = manifest();
    for (name, variable) in manifest["variables"].as_table().unwrap() {
        let Some(default) = variable.get("default").and_then(toml::Value::as_str) else {
            continue;
        };
        let row = readme
            .lines()
            .find(|line| line.starts_with("| `") && line.contains(&format!("`{name}`")))
            .unwrap_or_else(|| panic!("`{name}` has no row"));
        let told = row.split(" | ").nth(1).unwrap();
        let found = match default.parse::<u64>() {
            Ok(_) => told.replace(',', "").split(' ').next() == Some(default),
            Err(_) => default.is_empty() || told.contains(&format!("`{default}`")),
        };
        assert!(
            found,
            "`{name}` is `{default}` by default, and the README says {told}"
        );
    }
}

#[test]
fn the_component_may_call_netbox_and_use_the_store_that_exists_everywhere() {
    let manifest = manifest();
    let component = &manifest["component"][&component_id()];
    let list = |key: &str| component[key].as_array().unwrap().clone();
    assert_eq!(list("allowed_outbound_hosts"), ["{{ netbox_url }}".into()]);
    assert_eq!(list("key_value_stores"), ["default".into()]);
    assert_eq!(
        manifest["trigger"]["http"][0]["route"].as_str(),
        Some("/...")
    );
    assert_eq!(
        manifest["trigger"]["http"][0]["component"].as_str(),
        Some(component_id().as_str())
    );
}
