//! A double, a store, and hosts that come and go.

use std::path::Path;
use std::time::Duration;

use bench_harness::netbox::{Data, Double, DoubleSettings, Kind};
use bench_harness::process::{Process, Served};
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::picture::{segments, wrongs};

/// After this time nobody holds on to the intent of a dead writer of up to 50 segments: four times `netbox_timeout`.
pub(crate) const LEASE: Duration = Duration::from_millis(4_300);

/// The component that is tested: that of WASIp2 where `SEGMENT_EDGE_WASI` says so, as in the other end-to-end tests.
fn component() -> &'static str {
    match std::env::var("SEGMENT_EDGE_WASI").as_deref() {
        Ok("p2") => "segment_edge_wasip2.wasm",
        Ok("p3") | Err(_) => "segment_edge.wasm",
        Ok(other) => panic!("SEGMENT_EDGE_WASI is {other:?}: it must be p2 or p3"),
    }
}

pub(crate) struct Lab {
    pub(crate) double: Double,
    _folder: TempDir,
    pub(crate) served: Served,
}

impl Lab {
    /// The recorded 100 segments, and the component with a `netbox_timeout` of one second.
    pub(crate) async fn new() -> Self {
        let double = Double::start(DoubleSettings::with(Data::Recorded100))
            .await
            .unwrap();
        let folder = TempDir::new().unwrap();
        let binary = Path::new(env!("CARGO_BIN_EXE_bench-harness"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let wasm = root.join("target/wasm32-wasip2/release").join(component());
        assert!(wasm.exists(), "run `cargo xtask build` first");
        let store = folder.path().join("store.redb");
        let served = Served::before(&double.url(), double.token(), binary, &wasm, &store)
            .variable("netbox_timeout", "1");
        Self {
            double,
            _folder: folder,
            served,
        }
    }

    /// A host that knows all segments.
    pub(crate) async fn warm(&self) -> Process {
        let process = self.served.start().await.unwrap();
        let list = process.send(get("/api/segments")).await.unwrap();
        assert_eq!(list.status(), 200);
        process
    }

    /// How many VLANs and prefixes there are.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let db = self.double.state();
        (db.rows(Kind::Vlan).len(), db.rows(Kind::Prefix).len())
    }

    /// Everything hangs together, and the host knows it: nothing is left to be done.
    pub(crate) async fn assert_sound(&self, process: &Process, what: &str) {
        assert_eq!(wrongs(&self.double), Vec::<String>::new(), "{what}");
        let health = value(&process.send(get("/api/health?deep=true")).await.unwrap());
        let checks = health["checks"].as_array().unwrap();
        let intents = checks.iter().find(|check| check["name"] == "intents");
        assert_eq!(intents.unwrap()["detail"], "0 open", "{what}: {health}");
        let mut shown = value(&process.send(get("/api/segments")).await.unwrap());
        let shown = shown.as_array_mut().unwrap();
        for segment in shown.iter_mut() {
            let segment = segment.as_object_mut().unwrap();
            for own in ["allocated_at", "released_at", "released"] {
                segment.remove(own);
            }
        }
        let mut held = segments(&self.double.state());
        let by_id = |segment: &Value| segment["id"].as_str().unwrap().to_owned();
        shown.sort_by_key(by_id);
        held.sort_by_key(by_id);
        let differ = shown.iter().zip(&held).find(|(one, two)| one != two);
        assert!(
            differ.is_none() && shown.len() == held.len(),
            "{what}: shown and held: {differ:?}"
        );
    }
}

pub(crate) fn request(
    method: &Method,
    path: &str,
    key: Option<&str>,
    body: &Value,
) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let body = if body.is_null() {
        Bytes::new()
    } else {
        request = request.header("content-type", "application/json");
        Bytes::from(body.to_string())
    };
    request.body(body).unwrap()
}

pub(crate) fn get(path: &str) -> Request<Bytes> {
    request(&Method::GET, path, None, &Value::Null)
}

pub(crate) fn post(path: &str, body: &Value) -> Request<Bytes> {
    request(&Method::POST, path, None, body)
}

pub(crate) fn patch(path: &str, body: &Value) -> Request<Bytes> {
    request(&Method::PATCH, path, None, body)
}

pub(crate) fn reconcile() -> Request<Bytes> {
    post("/api/reconcile?force=true", &Value::Null)
}

pub(crate) fn value(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
}

/// The body of a new segment; another `n`, another segment.
pub(crate) fn segment(n: u8) -> Value {
    json!({
        "site": "site1", "vrf": "Network1", "vlan_id": 3000 + u16::from(n), "epg_name": format!("EPG_NEW_{n}"),
        "segment": format!("172.20.{n}.0/24"), "dhcp": true, "description": "made by a test"
    })
}
