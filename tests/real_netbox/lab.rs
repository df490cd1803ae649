//! The real NetBox of the environment, left as it was found.

use std::panic::{AssertUnwindSafe, resume_unwind};

use bench_harness::netbox::CountingProxy;
use futures::FutureExt;
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Mutex;

use crate::support::{Edge, settings, tell};

/// Tests count calls and share one NetBox, so they take turns.
static TURN: Mutex<()> = Mutex::const_new(());

/// All addresses of these tests.
const OURS: &str = "172.29.0.0/16";

pub(crate) struct Lab {
    pub(crate) url: String,
    pub(crate) token: String,
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Another variable that `cargo xtask netbox up` gives.
pub(crate) fn required(name: &str) -> String {
    variable(name).unwrap_or_else(|| panic!("{name} is not set: `cargo xtask netbox up` prints it"))
}

/// Runs a test before the real NetBox, cleaning up before and after, also when it fails. Without a NetBox it is skipped, unless one is
/// called for.
pub(crate) async fn with(test: impl AsyncFnOnce(&Lab)) {
    let Some(url) = variable("NETBOX_URL") else {
        let wanted =
            variable("SEGMENT_EDGE_REAL").as_deref() == Some("1") || variable("CI").is_some();
        assert!(
            !wanted,
            "NETBOX_URL is not set: start a NetBox with `cargo xtask netbox up`, and set what it prints"
        );
        tell("skipped, since NETBOX_URL is not set: `cargo xtask netbox up` starts a NetBox");
        return;
    };
    let _turn = TURN.lock().await;
    let lab = Lab {
        url,
        token: required("NETBOX_TOKEN"),
    };
    lab.clear().await;
    let outcome = AssertUnwindSafe(test(&lab)).catch_unwind().await;
    lab.clear().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

impl Lab {
    /// The component before this NetBox, with a store of its own, and the proxy between them.
    pub(crate) async fn edge(&self) -> (CountingProxy, Edge) {
        let proxy = CountingProxy::start(&self.url).await.unwrap();
        let edge = Edge::start(settings(&proxy.url(), &self.token)).await;
        (proxy, edge)
    }

    /// The component before this NetBox, with a store of its own and nothing between.
    pub(crate) async fn direct(&self) -> Edge {
        Edge::start(settings(&self.url, &self.token)).await
    }

    /// Asks NetBox itself.
    pub(crate) async fn ask(&self, method: &Method, path: &str, body: &Value) -> (u16, Value) {
        let at = self.url.trim_start_matches("http://").trim_end_matches('/');
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut stream = tokio::net::TcpStream::connect(at).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {at}\r\nAuthorization: Bearer {}\r\nAccept: application/json\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// The rows of a list.
    pub(crate) async fn rows(&self, path: &str) -> Vec<Value> {
        let (status, page) = self.ask(&Method::GET, path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {page}");
        page["results"].as_array().unwrap().clone()
    }

    pub(crate) async fn prefixes(&self, within: &str) -> Vec<Value> {
        self.rows(&format!(
            "/api/ipam/prefixes/?within_include={within}&limit=1000"
        ))
        .await
    }

    /// The VLANs of these tests with this VLAN id.
    pub(crate) async fn vlans(&self, vid: u16) -> Vec<Value> {
        self.rows(&format!(
            "/api/ipam/vlans/?vid={vid}&name__isw=E2E-&limit=1000"
        ))
        .await
    }

    /// Removes all that these tests make, now or in an earlier run that was broken off.
    async fn clear(&self) {
        for (path, filter) in [
            ("prefixes", format!("within_include={OURS}")),
            ("vlans", "name__isw=E2E-".to_owned()),
            ("vlan-groups", "name__isw=E2E-".to_owned()),
            ("vrfs", "name__isw=E2E-".to_owned()),
        ] {
            for row in self
                .rows(&format!("/api/ipam/{path}/?{filter}&limit=1000&fields=id"))
                .await
            {
                let path = format!("/api/ipam/{path}/{}/", row["id"]);
                let (status, answer) = self.ask(&Method::DELETE, &path, &Value::Null).await;
                assert!(matches!(status, 204 | 404), "DELETE {path}: {answer}");
            }
        }
    }
}

/// A body for a segment of these tests.
pub(crate) fn wanted(vlan_id: u16, epg: &str, cidr: &str) -> Value {
    json!({
        "site": "site1", "vrf": "Network1", "vlan_id": vlan_id, "epg_name": format!("E2E-{epg}"),
        "segment": cidr, "dhcp": true, "description": "made by a test"
    })
}
