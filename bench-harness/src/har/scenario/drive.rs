//! The steps of the scenario.

use anyhow::Context as _;
use http::Method;
use ipnet::Ipv4Net;
use serde_json::{Value, json};

use super::edge::{Edge, Which};
use super::plan::{DESCRIPTION, NAMES, Plan};

/// The cluster that the scenario allocates to.
const CLUSTER: &str = "se-recording";
/// The most segments that an allocation can be told not to take.
const MOST_EXCLUDED: usize = 500;

/// Takes all steps: cold read, lists, look-ups, create, rename, allocate, release, revalidation, delete. The objects it made are gone
/// when it ends well; a VLAN group that it was the first to need stays ([`Ground`](super::Ground) removes it).
///
/// # Errors
/// When a step is not answered as it should be (the message names it), or its ground is taken.
pub async fn drive(edge: &mut Edge, plan: &Plan) -> anyhow::Result<()> {
    let segments = plan.segments()?;
    let length = segments
        .first()
        .map_or(0, |(_, network)| network.prefix_len());
    let known = read(edge, "cold read", "/api/segments").await?;
    read(edge, "first page", "/api/segments?limit=10").await?;
    let sites = read(edge, "sites", "/api/sites").await?;
    let vrfs = read(edge, "VRFs", "/api/vrfs").await?;
    read(edge, "statistics", "/api/stats").await?;
    let site = chosen(plan.site.as_deref(), &sites["sites"], "site")?;
    let vrf = chosen(plan.vrf.as_deref(), &vrfs["vrfs"], "VRF")?;
    let place = Place { site, vrf };
    let excluded = place.others(&known, length)?;

    let body = |n: usize| place.segment(n, &segments);
    let made = ask(edge, "create", Method::POST, "/api/segments", &body(0), 201).await?;
    let first = id(&made)?;
    let list = json!([body(1), body(2)]);
    let made = ask(
        edge,
        "create two at once",
        Method::POST,
        "/api/segments/bulk",
        &list,
        201,
    )
    .await?;
    let second = id(&made["results"][0]["segment"])?;
    let third = id(&made["results"][1]["segment"])?;

    let one = format!("/api/segments/{first}");
    read(edge, "get", &one).await?;
    let search = format!("/api/segments/search?q={}", plan.range.network());
    read(edge, "search by address", &search).await?;
    let name = json!({"epg_name": format!("{NAMES}1-RENAMED")});
    ask(edge, "rename", Method::PATCH, &one, &name, 200).await?;
    let names = json!([
        {"id": second, "epg_name": format!("{NAMES}2-RENAMED")},
        {"id": third, "epg_name": format!("{NAMES}3-RENAMED")},
    ]);
    ask(
        edge,
        "rename two at once",
        Method::PATCH,
        "/api/segments/bulk",
        &names,
        200,
    )
    .await?;

    let claim = json!({"cluster_name": CLUSTER, "site": place.site, "vrf": place.vrf,
        "prefix_length": length, "exclude": excluded});
    let got = ask(
        edge,
        "allocate",
        Method::POST,
        "/api/allocate-vlan",
        &claim,
        200,
    )
    .await?;
    let got = id(&got)?;
    let release = json!({"cluster_name": CLUSTER, "site": place.site, "vrf": place.vrf, "id": got});
    if ![&first, &second, &third].contains(&&got) {
        ask(
            edge,
            "give back",
            Method::POST,
            "/api/release-vlan",
            &release,
            200,
        )
        .await?;
        anyhow::bail!(
            "segment {got} was allocated, which is not the scenario's: somebody made it just now. It was released; try again"
        );
    }
    ask(
        edge,
        "allocate again",
        Method::POST,
        "/api/allocate-vlan",
        &claim,
        200,
    )
    .await?;
    ask(
        edge,
        "release",
        Method::POST,
        "/api/release-vlan",
        &release,
        200,
    )
    .await?;

    edge.age().await;
    let none = Value::Null;
    let list = (Method::GET, "/api/segments");
    edge.step(Which::Hasty, "revalidation", list, &none, 200)
        .await?;

    ask(edge, "delete", Method::DELETE, &one, &none, 204).await?;
    let rest = json!([second, third]);
    ask(
        edge,
        "delete two at once",
        Method::DELETE,
        "/api/segments/bulk",
        &rest,
        200,
    )
    .await?;
    read(edge, "list afterwards", "/api/segments").await?;
    Ok(())
}

async fn read(edge: &mut Edge, name: &str, path: &str) -> anyhow::Result<Value> {
    ask(edge, name, Method::GET, path, &Value::Null, 200).await
}

async fn ask(
    edge: &mut Edge,
    name: &str,
    method: Method,
    path: &str,
    body: &Value,
    expected: u16,
) -> anyhow::Result<Value> {
    edge.step(Which::Lasting, name, (method, path), body, expected)
        .await
}

/// Where the scenario's segments are.
struct Place {
    site: String,
    vrf: String,
}

impl Place {
    fn segment(&self, n: usize, segments: &[(u16, Ipv4Net)]) -> Value {
        let (vid, network) = segments[n];
        json!({"site": self.site, "vrf": self.vrf, "vlan_id": vid, "epg_name": format!("{NAMES}{}", n + 1),
            "segment": network.to_string(), "dhcp": true, "description": DESCRIPTION})
    }

    /// The free segments here that an allocation must not take, since they are not the scenario's.
    fn others(&self, known: &Value, length: u8) -> anyhow::Result<Vec<String>> {
        let suffix = format!("/{length}");
        let here = known.as_array().into_iter().flatten().filter(|segment| {
            segment["site"] == self.site.as_str() && segment["vrf"] == self.vrf.as_str()
        });
        let here: Vec<&Value> = here.collect();
        let has_cluster = |segment: &&&Value| {
            let names = segment["cluster_name"].as_str().unwrap_or_default();
            names.split(',').any(|name| name == CLUSTER)
        };
        anyhow::ensure!(
            !here.iter().any(|segment| has_cluster(&segment)),
            "the cluster {CLUSTER} has a segment at site {} in VRF {} already: release it first",
            self.site,
            self.vrf
        );
        let free = here.iter().filter(|segment| {
            let network = segment["segment"].as_str().unwrap_or_default();
            segment["cluster_name"].is_null() && network.ends_with(&suffix)
        });
        let ids: Vec<String> = free.map(|segment| id(segment)).collect::<Result<_, _>>()?;
        anyhow::ensure!(
            ids.len() <= MOST_EXCLUDED,
            "{} segments of the size /{length} are free at site {} in VRF {}, and an allocation can leave out {MOST_EXCLUDED}: choose a range \
             of another size, or another site or VRF",
            ids.len(),
            self.site,
            self.vrf
        );
        Ok(ids)
    }
}

fn chosen(wanted: Option<&str>, known: &Value, what: &str) -> anyhow::Result<String> {
    let wanted = wanted.or_else(|| known[0].as_str());
    let wanted = wanted.with_context(|| format!("NetBox has no {what} that the token may see"))?;
    Ok(wanted.to_owned())
}

fn id(segment: &Value) -> anyhow::Result<String> {
    let id = segment["id"].as_str();
    Ok(id
        .with_context(|| format!("a segment without an id: {segment}"))?
        .to_owned())
}
