//! The service that segment-edge replaces, as far as it answers GET: the shapes and rules of its own source, from the rows of a double.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bench_harness::netbox::{Db, Double, Kind, Row};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use regex::RegexBuilder;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

/// The setting SITES.
const SITES: [&str; 3] = ["site1", "site2", "site3"];

/// Spoils an answer: path with query, and the body.
pub(crate) type Twist = fn(&str, &mut Value);

/// A request as it came: method, path with query, `Authorization`.
pub(crate) type Got = (Method, String, Option<String>);

pub(crate) struct Before {
    pub(crate) url: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Before {
    pub(crate) async fn start(double: &Arc<Double>) -> Self {
        Self::spoiled(double, |_, _| {}).await
    }

    /// The same with some answers spoiled.
    pub(crate) async fn spoiled(double: &Arc<Double>, twist: Twist) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let (seen, double) = (Arc::clone(&got), Arc::clone(double));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (seen, double) = (Arc::clone(&seen), Arc::clone(&double));
                let service = service_fn(move |request: Request<Incoming>| {
                    let answer = answer(&double, &request, twist, &seen);
                    async move { Ok::<_, Infallible>(answer) }
                });
                tokio::spawn(async move {
                    let _closed = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { url, got }
    }

    /// All requests so far.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

fn answer(
    double: &Double,
    request: &Request<Incoming>,
    twist: Twist,
    seen: &Mutex<Vec<Got>>,
) -> Response<Full<Bytes>> {
    let path = request.uri().path_and_query().unwrap().as_str();
    let token = request.headers().get("authorization");
    let token = token.map(|token| token.to_str().unwrap().to_owned());
    seen.lock()
        .unwrap()
        .push((request.method().clone(), path.to_owned(), token));
    let (status, mut body) = respond(&double.state(), path);
    twist(path, &mut body);
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response
}

fn respond(db: &Db, path: &str) -> (StatusCode, Value) {
    let url = Url::parse(&format!("http://before.test{path}")).unwrap();
    let parameter = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    };
    let body = match url.path() {
        "/api/health" => health(db),
        "/api/sites" => json!({"sites": SITES}),
        "/api/vrfs" => {
            json!({"vrfs": db.rows(Kind::Vrf).values().map(|vrf| vrf.text("name")).collect::<Vec<_>>()})
        }
        "/api/stats" => Value::from(stats(db)),
        // Parameters that it does not know are not looked at.
        "/api/segments" => Value::from(listed(db, parameter("site"), parameter("allocated"))),
        "/api/segments/search" => {
            let mut found = listed(db, parameter("site"), parameter("allocated"));
            let text = parameter("q").unwrap();
            found.retain(|segment| finds(segment, &text));
            Value::from(found)
        }
        path => {
            let id = path.strip_prefix("/api/segments/").unwrap();
            match listed(db, None, None)
                .into_iter()
                .find(|segment| segment["_id"] == id)
            {
                Some(segment) => segment,
                None => {
                    return (
                        StatusCode::NOT_FOUND,
                        json!({"detail": "Segment not found"}),
                    );
                }
            }
        }
    };
    (StatusCode::OK, body)
}

fn listed(db: &Db, site: Option<String>, allocated: Option<String>) -> Vec<Value> {
    let mut segments: Vec<Value> = db
        .rows(Kind::Prefix)
        .values()
        .filter_map(|row| segment(db, row))
        .collect();
    segments.retain(|segment| {
        let cluster = !segment["cluster_name"].is_null();
        site.as_ref().is_none_or(|site| segment["site"] == *site)
            && allocated
                .as_ref()
                .is_none_or(|wanted| (wanted == "true") == cluster)
    });
    segments.sort_by_key(|segment| segment["vlan_id"].as_u64().unwrap_or(0));
    segments
}

/// A prefix as a segment; none without a site or a VRF.
fn segment(db: &Db, prefix: &Row) -> Option<Value> {
    let site = db.get(Kind::SiteGroup, prefix.reference("scope_id")?)?;
    let vrf = db.get(Kind::Vrf, prefix.reference("vrf")?)?;
    let vlan = prefix
        .reference("vlan")
        .and_then(|id| db.get(Kind::Vlan, id));
    let cluster = prefix
        .custom("Cluster")
        .as_str()
        .filter(|text| !text.is_empty());
    let active = prefix.text("status") == "active";
    let now = "2025-11-20T12:57:26.000001Z";
    Some(json!({
        "_id": prefix.id.to_string(),
        "site": site.text("slug"),
        "vlan_id": vlan.map(|vlan| vlan.int("vid")),
        "epg_name": vlan.map(|vlan| vlan.text("name")).unwrap_or_default(),
        "segment": prefix.net()?.to_string(),
        "vrf": vrf.text("name"),
        "dhcp": prefix.custom("DHCP").as_bool().unwrap_or(false),
        "description": prefix.text("comments"),
        "cluster_name": cluster,
        "allocated_at": cluster.filter(|_| !active).map(|_| now),
        "released": active,
        "released_at": null,
    }))
}

/// The search text is a pattern for four fields, and a VLAN id when it is a number.
fn finds(segment: &Value, text: &str) -> bool {
    let pattern = RegexBuilder::new(text)
        .case_insensitive(true)
        .build()
        .unwrap();
    let mut fields = ["cluster_name", "epg_name", "description", "segment"].iter();
    let vlan_id = text
        .parse::<u64>()
        .is_ok_and(|vid| segment["vlan_id"] == vid);
    vlan_id || fields.any(|field| pattern.is_match(segment[*field].as_str().unwrap_or_default()))
}

fn stats(db: &Db) -> Vec<Value> {
    let of_site = |site: &&str| {
        let segments = listed(db, Some((*site).to_owned()), None);
        let is_allocated =
            |segment: &&Value| !segment["cluster_name"].is_null() && segment["released"] == false;
        let (total, allocated) = (segments.len(), segments.iter().filter(is_allocated).count());
        json!({"site": site, "total_segments": total, "allocated": allocated, "available": total - allocated, "utilization": 0.0})
    };
    SITES.iter().map(of_site).collect()
}

fn health(db: &Db) -> Value {
    json!({
        "status": "healthy", "timestamp": "2025-11-20T12:57:26.493140", "sites": SITES, "storage_type": "netbox",
        "storage": "accessible", "netbox_status": "connected", "total_segments": listed(db, None, None).len(),
    })
}
