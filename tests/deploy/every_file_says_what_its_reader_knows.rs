//! Each file is read by the form that Spin's source and the SpinApp's definition have; a key that they don't know is an error.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::files::{component_id, declared, text};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuntimeConfig {
    #[serde(default)]
    key_value_store: BTreeMap<String, Store>,
    #[serde(default)]
    client_tls: Vec<ClientTls>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum Store {
    Redis { url: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientTls {
    component_ids: Vec<String>,
    hosts: Vec<String>,
    ca_roots_file: Option<String>,
    ca_use_webpki_roots: Option<bool>,
    client_cert_file: Option<String>,
    client_private_key_file: Option<String>,
}

#[test]
fn the_store_may_be_in_redis() {
    let config: RuntimeConfig = toml::from_str(&text("deploy/runtime-config/redis.toml")).unwrap();
    let Store::Redis { url } = &config.key_value_store["default"];
    let scheme = url.parse::<url::Url>().unwrap().scheme().to_owned();
    assert!(["redis", "rediss"].contains(&scheme.as_str()), "{url}");
    assert_eq!(config.key_value_store.len(), 1);
    assert!(config.client_tls.is_empty());
}

#[test]
fn a_private_authority_is_trusted_for_netbox_alone() {
    let text = text("deploy/runtime-config/private-ca.toml");
    let config: RuntimeConfig = toml::from_str(&text).unwrap();
    let [tls] = config.client_tls.as_slice() else {
        panic!("one table");
    };
    assert_eq!(tls.component_ids, [component_id()]);
    assert!(tls.hosts.iter().all(|host| !host.contains(['/', ':'])));
    assert!(!tls.hosts.is_empty());
    assert!(tls.ca_roots_file.is_some() && tls.ca_use_webpki_roots.is_none());
    // Spin refuses one without the other.
    assert_eq!(
        tls.client_cert_file.is_some(),
        tls.client_private_key_file.is_some()
    );
    assert!(config.key_value_store.is_empty());
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SpinApp {
    api_version: String,
    kind: String,
    metadata: Metadata,
    spec: Spec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Spec {
    image: String,
    executor: String,
    replicas: u32,
    checks: BTreeMap<String, Check>,
    resources: BTreeMap<String, BTreeMap<String, String>>,
    variables: Vec<Variable>,
    runtime_config: AppRuntimeConfig,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Check {
    http_get: HttpGet,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpGet {
    path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Variable {
    name: String,
    value: Option<String>,
    value_from: Option<ValueFrom>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ValueFrom {
    secret_key_ref: KeyRef,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyRef {
    name: String,
    key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AppRuntimeConfig {
    key_value_stores: Vec<AppStore>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppStore {
    name: String,
    r#type: String,
    options: Vec<Variable>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Secret {
    api_version: String,
    kind: String,
    metadata: Metadata,
    r#type: String,
    string_data: BTreeMap<String, String>,
}

fn app() -> SpinApp {
    serde_saphyr::from_str(&text("deploy/spinkube/spinapp.yaml")).unwrap()
}

#[test]
fn the_spin_app_is_of_the_version_that_the_operator_knows() {
    let app = app();
    assert_eq!(app.api_version, "core.spinkube.dev/v1alpha1");
    assert_eq!(app.kind, "SpinApp");
    assert_eq!(app.metadata.name, component_id());
    assert_eq!(app.spec.executor, "containerd-shim-spin");
    assert!(app.spec.replicas >= 1);
    assert!(app.spec.resources["limits"].contains_key("memory"));
    for (name, check) in &app.spec.checks {
        assert!(["readiness", "liveness"].contains(&name.as_str()), "{name}");
        assert_eq!(check.http_get.path, "/api/health", "it takes no token");
    }
    let version = format!(":{}", env!("CARGO_PKG_VERSION"));
    assert!(app.spec.image.ends_with(&version), "{}", app.spec.image);
}

#[test]
fn the_spin_app_sets_only_what_the_manifest_declares_and_all_that_it_requires() {
    let spec = app().spec;
    let named: Vec<&str> = spec.variables.iter().map(|v| v.name.as_str()).collect();
    let set: BTreeSet<String> = named.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(set.len(), named.len(), "each once");
    let unknown: Vec<_> = set.difference(&declared()).cloned().collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let manifest = crate::files::manifest();
    for (name, variable) in manifest["variables"].as_table().unwrap() {
        if variable.get("required").is_some() {
            assert!(set.contains(name), "{name} is required");
        }
    }
    for variable in &spec.variables {
        let secret = manifest["variables"][&variable.name]
            .get("secret")
            .is_some();
        assert_eq!(variable.value.is_some(), !secret, "{}", variable.name);
        assert_eq!(variable.value_from.is_some(), secret, "{}", variable.name);
    }
    let [store] = spec.runtime_config.key_value_stores.as_slice() else {
        panic!("one store");
    };
    assert_eq!(
        (store.name.as_str(), store.r#type.as_str()),
        ("default", "redis")
    );
    assert_eq!(store.options.len(), 1);
    assert_eq!(store.options[0].name, "url");
}

#[test]
fn the_secret_has_every_key_that_the_spin_app_takes_and_no_other() {
    let spec = app().spec;
    let secret: Secret = serde_saphyr::from_str(&text("deploy/spinkube/secret.yaml")).unwrap();
    assert_eq!(
        (secret.api_version.as_str(), secret.kind.as_str()),
        ("v1", "Secret")
    );
    assert_eq!(secret.r#type, "Opaque");
    let options = spec
        .runtime_config
        .key_value_stores
        .iter()
        .flat_map(|s| &s.options);
    let taken = spec
        .variables
        .iter()
        .chain(options)
        .filter_map(|v| v.value_from.as_ref());
    let taken: BTreeSet<String> = taken
        .map(|from| {
            assert_eq!(from.secret_key_ref.name, secret.metadata.name);
            from.secret_key_ref.key.clone()
        })
        .collect();
    let there: BTreeSet<String> = secret.string_data.into_keys().collect();
    assert_eq!(there, taken);
}
