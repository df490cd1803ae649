//! What the documents take for granted: a NetBox, segment-edge before it, and others. Each document gets its own, on which its commands
//! are run in order.

use std::any::Any;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bench_harness::host::{Component, Host, Metering, Reuse, Settings};
use bench_harness::netbox::{Cell, Data, Double, DoubleSettings, Kind, Matcher};
use bench_harness::process::{Fate, Moment, Served};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::before::Before;
use crate::files::root;

/// The token that `cargo xtask up` would have made: of the role `admin`.
const TOKEN: &str = "the-token-of-the-documents";

/// What stands in a document for something else here, and is the same wherever it stands: ports that may be taken, times that would
/// only be waited for, and limits that a busy machine does not keep.
const SHORTER: [(&str, &str); 6] = [
    (
        "bench-harness record",
        "bench-harness record --listen 127.0.0.1:0",
    ),
    (
        "bench-harness replay",
        "bench-harness replay --listen 127.0.0.1:0",
    ),
    ("--duration 30s", "--duration 1s"),
    ("--duration 10s", "--duration 1s"),
    ("--max-p99 500ms", "--max-p99 30s"),
    ("--latency 50ms", "--latency 1ms"),
];

/// A place to run commands on.
pub(crate) struct Ground {
    /// What is in the environment.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Addresses as the document has them, and where that is here.
    addresses: Vec<(&'static str, String)>,
    _kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl Ground {
    /// The ground of this name, made anew.
    pub(crate) async fn named(name: &str) -> Self {
        match name {
            "" => usual().await,
            "killed" => killed().await,
            "moved" => moved().await,
            "stale" => stale().await,
            "stopped" => stopped().await,
            "webhook" => webhook().await,
            other => panic!("no ground is called {other}"),
        }
    }

    fn before(url: &str) -> Self {
        let mut variables = vec![("EDGE", url.to_owned()), ("FROM", url.to_owned())];
        for name in ["TOKEN", "EDGE_TOKEN", "SEGMENT_EDGE_TOKEN"] {
            variables.push((name, TOKEN.to_owned()));
        }
        Self {
            variables,
            addresses: vec![("https://edge.example.com", url.to_owned())],
            _kept: Vec::new(),
        }
    }

    fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    fn address(mut self, documented: &'static str, here: &str) -> Self {
        self.addresses.push((documented, here.to_owned()));
        self
    }

    fn keeping(mut self, what: impl Any + Send + Sync) -> Self {
        self._kept.push(Box::new(what));
        self
    }

    /// A command of the document as it is to be run here.
    pub(crate) fn to_here(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (documented, here) in SHORTER {
            text = text.replace(documented, here);
        }
        for (documented, here) in &self.addresses {
            text = text.replace(documented, here);
        }
        text
    }

    /// What was printed here as the document would have it.
    pub(crate) fn to_document(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (documented, here) in &self.addresses {
            text = text.replace(here.as_str(), documented);
        }
        text
    }
}

fn wasm() -> std::path::PathBuf {
    root().join("target/wasm32-wasip2/release/segment_edge.wasm")
}

fn component() -> &'static Component {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    COMPONENT.get_or_init(|| {
        Component::load_cached(&wasm(), Metering::Off).expect("run `cargo xtask build` first")
    })
}

async fn double(data: Data) -> Arc<Double> {
    Arc::new(Double::start(DoubleSettings::with(data)).await.unwrap())
}

fn tokens() -> String {
    let digest = Sha256::digest(TOKEN.as_bytes());
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("demo:admin:{hash}")
}

/// Without tokens.
fn open(double: &Double) -> Settings {
    // One instance serves all of a document, however slow the machine is, so that the numbers of calls are always the same.
    let reuse = Reuse {
        max_requests: 1_000_000,
        idle: Duration::from_secs(600),
        ..Reuse::default()
    };
    Settings::new()
        .variable("netbox_url", double.url())
        .variable("netbox_token", double.token())
        .variable("auth", "off")
        .variable("site_prefixes", "site1=172.16.0.0/12")
        .allow_host(double.url())
        .reuse(reuse)
}

fn guarded(settings: Settings) -> Settings {
    settings
        .variable("auth", "on")
        .variable("api_tokens", tokens())
}

async fn served(settings: Settings) -> Host {
    Host::start(component(), settings).await.unwrap()
}

/// The recorded 100 segments, and before them: segment-edge with a token, two without, and the service that it replaces. Besides, one
/// before a NetBox without segments.
async fn usual() -> Ground {
    let netbox = double(Data::Recorded100).await;
    let empty = double(Data::NoSegments).await;
    let edge = served(guarded(open(&netbox))).await;
    let (one, two) = (served(open(&netbox)).await, served(open(&netbox)).await);
    let vacant = guarded(open(&empty)).variable("site_prefixes", "");
    let vacant = served(vacant).await;
    let before = Before::start(&netbox).await;
    // Free a moment ago, for what a document starts by itself.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = free.local_addr().unwrap().to_string();
    Ground::before(&edge.url())
        .address("127.0.0.1:3200", &free)
        .variable("TO", &vacant.url())
        .variable("NETBOX_TOKEN", netbox.token())
        .address("https://netbox.example.com", &netbox.url())
        .address("http://127.0.0.1:3000", &one.url())
        .address("http://127.0.0.1:3001", &two.url())
        .address("http://127.0.0.1:8000", &before.url)
        .keeping((edge, one, two, vacant, netbox, empty))
}

/// A host was killed between the VLAN and the prefix of a create, and started again.
async fn killed() -> Ground {
    let netbox = double(Data::Recorded100).await;
    let folder = TempDir::new().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_bench-harness"));
    let store = folder.path().join("store.redb");
    let served = Served::before(&netbox.url(), netbox.token(), binary, &wasm(), &store)
        .variable("auth", "on")
        .variable("api_tokens", &tokens());
    let body = json!({"site": "site1", "vrf": "Network1", "vlan_id": 3009, "epg_name": "EPG_LOST", "segment": "172.20.9.0/24"});
    let create = Request::post("/api/segments")
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let vlan = Matcher::call("POST", "/api/ipam/vlans/");
    let process = served.start().await.unwrap();
    let fate = process.killed_at(&netbox, 1, vlan, Moment::AfterTheWork, create);
    assert!(matches!(fate.await.unwrap(), Fate::Killed));
    let process = served.start().await.unwrap();
    Ground::before(process.url()).keeping((process, netbox, folder))
}

/// One segment was created and one allocated; the service that is replaced and segment-edge have both just been started.
async fn moved() -> Ground {
    let netbox = double(Data::Recorded100).await;
    let first = served(open(&netbox)).await;
    let created = json!({"site": "site1", "vrf": "Network1", "vlan_id": 50, "epg_name": "EPG_MOVED", "segment": "172.20.0.0/24"});
    let allocated = json!({"cluster_name": "shop", "site": "site1", "vrf": "Network1"});
    for (path, body) in [
        ("/api/segments", created),
        ("/api/allocate-vlan", allocated),
    ] {
        let request = Request::post(format!("http://edge.test{path}"))
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let answer = first.handle(request).await.unwrap();
        assert!(answer.status().is_success(), "{path}: {answer:?}");
    }
    let before = Before::start(&netbox).await;
    let edge = served(guarded(open(&netbox))).await;
    Ground::before(&edge.url())
        .address("http://127.0.0.1:8000", &before.url)
        .keeping((edge, netbox))
}

/// The comments of a prefix were changed in NetBox, and the replaced service has not read them yet.
async fn stale() -> Ground {
    let netbox = double(Data::Recorded100).await;
    let comments = Cell::Text("gateway 10.0.6.1".into());
    netbox.edit(|db| db.change(Kind::Prefix, 7, |row| row.set("comments", comments)));
    let before = Before::spoiled(&netbox, |path, body| {
        let forget = |segment: &mut Value| {
            if segment["_id"] == "7" {
                segment["description"] = json!("");
            }
        };
        match body {
            Value::Array(list) => {
                let by_comments = ["q=gateway", "q=10%2E0%2E6%2E1"];
                list.retain(|segment| {
                    segment["_id"] != "7" || !by_comments.iter().any(|q| path.ends_with(q))
                });
                list.iter_mut().for_each(forget);
            }
            one => forget(one),
        }
    });
    let before = before.await;
    let edge = served(guarded(open(&netbox))).await;
    Ground::before(&edge.url())
        .address("http://127.0.0.1:8000", &before.url)
        .keeping((edge, netbox))
}

/// NetBox is not there.
async fn stopped() -> Ground {
    let netbox = double(Data::Recorded100).await;
    let settings = guarded(open(&netbox));
    let edge = served(settings).await;
    drop(netbox);
    Ground::before(&edge.url()).keeping(edge)
}

/// A NetBox to which a webhook can be added; the double has none.
async fn webhook() -> Ground {
    let netbox = MockServer::start().await;
    let none = json!({"count": 0, "next": null, "previous": null, "results": []});
    let found = ResponseTemplate::new(200).set_body_json(none);
    Mock::given(method("GET"))
        .respond_with(found)
        .mount(&netbox)
        .await;
    let made = ResponseTemplate::new(201).set_body_json(json!({"id": 7}));
    Mock::given(method("POST"))
        .respond_with(made)
        .mount(&netbox)
        .await;
    Ground::before("https://edge.example.com")
        .variable("NETBOX_TOKEN", "nbt_abc.def")
        .address("https://netbox.example.com", &netbox.uri())
        .keeping(netbox)
}
