//! What the end-to-end tests share: the built component in the host, before the double or a real NetBox.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used
)]

pub mod contract;

use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use bench_harness::host::{Component, Host, KeyValue, Metering, Settings};
use bench_harness::netbox::{Data, Double, DoubleSettings};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;

/// Which of the two components is tested: `p3`, or `p2` where this variable says so.
const GENERATION: &str = "SEGMENT_EDGE_WASI";

/// Whether it is the component of WASIp2, of which an instance serves one request.
pub fn is_wasip2() -> bool {
    match std::env::var(GENERATION).as_deref() {
        Ok("p2") => true,
        Ok("p3") | Err(_) => false,
        Ok(other) => panic!("{GENERATION} is {other:?}: it must be p2 or p3"),
    }
}

/// Says it in the log of a run that passes too: the test harness keeps what is printed by macros of tests that pass.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// True where an instance serves one request: what is said of several in one instance can't be tried there. Says so.
///
/// A test that needs such an instance begins with `if left_out_on_wasip2("...") { return }`.
pub fn left_out_on_wasip2(needed: &str) -> bool {
    if is_wasip2() {
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        tell(&format!(
            "left out: {test}: {needed}, and an instance of WASIp2 serves one"
        ));
    }
    is_wasip2()
}

/// The built component. `cargo xtask build` makes it.
pub fn component() -> &'static Component {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    COMPONENT.get_or_init(|| {
        let name = match is_wasip2() {
            true => "segment_edge_wasip2.wasm",
            false => "segment_edge.wasm",
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("target/wasm32-wasip2/release")
            .join(name);
        Component::load_cached(&path, Metering::Off).expect("run `cargo xtask build` first")
    })
}

/// The settings that every test starts from: this NetBox, this token, anybody may do anything.
pub fn settings(netbox_url: &str, token: &str) -> Settings {
    Settings::new()
        .variable("netbox_url", netbox_url)
        .variable("netbox_token", token)
        .variable("auth", "off")
        .allow_host(netbox_url)
}

/// The component, served.
pub struct Edge {
    pub host: Host,
}

/// An answer, read.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Edge {
    /// Serves the component with these settings.
    pub async fn start(settings: Settings) -> Self {
        let host = Host::start(component(), settings)
            .await
            .expect("the host starts");
        Self { host }
    }

    /// Serves the component before a double.
    pub async fn before(double: &Double) -> Self {
        Self::start(settings(&double.url(), double.token())).await
    }

    /// Sends a request through the whole host, less the socket.
    pub async fn send(&self, request: Request<Bytes>) -> Reply {
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let response = self.host.handle(request).await.expect("a whole response");
        let (parts, bytes) = response.into_parts();
        let reply = Reply {
            status: parts.status,
            headers: parts.headers,
            bytes,
        };
        contract::check(&method, &path, &reply);
        reply
    }

    /// A request with headers and, unless it is null, a JSON body.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://edge.test{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let bytes = if body.is_null() {
            Bytes::new()
        } else {
            request = request.header("content-type", "application/json");
            Bytes::from(body.to_string())
        };
        self.send(request.body(bytes).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, &[], &Value::Null).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path, &[], body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PUT, path, &[], body).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PATCH, path, &[], body).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, &[], &Value::Null).await
    }
}

impl Drop for Edge {
    /// No test passes over a trap in silence, unless it fails for another reason already.
    fn drop(&mut self) {
        let traps = self.host.traps();
        if !std::thread::panicking() {
            assert!(traps.is_empty(), "the component trapped: {traps:#?}");
        }
    }
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The JSON body; panics with the body when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    /// What the component took by itself, without waiting for NetBox, in milliseconds (`Server-Timing`).
    pub fn own_time(&self) -> f64 {
        let dur = |part: &str| -> f64 {
            let (_, after) = part.split_once("dur=").unwrap();
            after.trim().parse().unwrap()
        };
        let (netbox, total) = self.header("server-timing").rsplit_once(',').unwrap();
        dur(total) - dur(netbox)
    }

    /// The value of `X-NetBox-Calls`.
    pub fn netbox_calls(&self) -> u32 {
        self.header("x-netbox-calls")
            .parse()
            .expect("every answer says its calls")
    }

    /// The same answer, when it has this status; panics with the body otherwise.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        self
    }

    /// The `rule` codes in the problem's `errors`.
    pub fn rules(&self) -> Vec<String> {
        let errors = self.json()["errors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        errors
            .iter()
            .map(|e| e["rule"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The `pointer`s in the problem's `errors`.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        errors
            .iter()
            .map(|e| e["pointer"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

/// A double with this data.
pub async fn double(data: Data) -> Double {
    Double::start(DoubleSettings::with(data))
        .await
        .expect("the double starts")
}

/// A double with the recorded 100 segments, and the component before it.
pub async fn recorded() -> (Double, Edge) {
    let double = double(Data::Recorded100).await;
    let edge = Edge::before(&double).await;
    (double, edge)
}

/// A body for a segment that nobody has in the recorded data set.
pub fn new_segment() -> Value {
    serde_json::json!({
        "site": "site1", "vrf": "Network1", "vlan_id": 3000, "epg_name": "EPG_NEW",
        "segment": "172.20.0.0/24", "dhcp": true, "description": "made by a test"
    })
}

/// An in-memory store that several hosts can share.
pub fn store() -> KeyValue {
    KeyValue::memory()
}

/// Waits until something holds, at most a few seconds.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..300 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come about");
}
