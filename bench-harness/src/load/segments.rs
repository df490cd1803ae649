//! Segments of the load's own: writes work on them, and nothing of it is left.

use std::collections::VecDeque;

use anyhow::{Context as _, ensure};
use http::Method;
use ipnet::Ipv4Net;
use serde_json::{Value, json};

use super::client::{Ask, Client};
use super::mix::Operation;

/// Segments in one list.
const LIST: usize = 100;
/// The EPG names of the load begin with this; by it and the description they are known.
const NAMES: &str = "SE-LOAD-";
const DESCRIPTION: &str = "made by bench-harness load; may be deleted";
/// The size of most segments.
const LENGTH: u8 = 28;
/// The size of those that are there to be allocated, so that an allocation finds no others.
const FREE: u8 = 29;
/// The most segments that an allocation can be told not to take.
const MOST_EXCLUDED: usize = 500;

/// Where writes work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The site's slug; `None`: the first that is known.
    pub site: Option<String>,
    /// The VRF's name; `None`: the first that is known.
    pub vrf: Option<String>,
    /// The addresses of the load's segments, each a /28.
    pub range: Ipv4Net,
    /// The first and the last of their VLAN ids.
    pub vlans: (u16, u16),
}

impl Default for Place {
    fn default() -> Self {
        Self {
            site: None,
            vrf: None,
            // Set aside for tests of network devices (RFC 2544).
            range: Ipv4Net::new_assert([198, 18, 0, 0].into(), 15),
            vlans: (2001, 3999),
        }
    }
}

/// What is known of the target, and the load's own segments.
#[derive(Debug)]
pub(super) struct Segments {
    run: String,
    site: String,
    vrf: String,
    excluded: Vec<String>,
    /// Ids and EPG names of segments there before, to be read.
    known: Vec<(String, String)>,
    fresh: VecDeque<Value>,
    to_release: VecDeque<Value>,
    to_delete: VecDeque<String>,
    claims: usize,
    writes: bool,
}

impl Segments {
    /// Looks at the target, and makes what the planned operations need. What was made is removed when it fails.
    pub(super) async fn prepare(
        client: &Client,
        place: &Place,
        plan: &[Operation],
    ) -> anyhow::Result<Self> {
        let count = |wanted| {
            plan.iter()
                .filter(|operation| **operation == wanted)
                .count()
        };
        let writes = plan.iter().any(|operation| operation.writes());
        let reads = plan.iter().any(|operation| *operation != Operation::Health);
        let mut segments = Self {
            run: format!("{NAMES}{:08x}-", fastrand::u32(..)),
            site: String::new(),
            vrf: String::new(),
            excluded: Vec::new(),
            known: Vec::new(),
            fresh: VecDeque::new(),
            to_release: VecDeque::new(),
            to_delete: VecDeque::new(),
            claims: 0,
            writes,
        };
        if !reads {
            return Ok(segments);
        }
        let list = client.must(&Ask::get("/api/segments")).await?;
        let list = list.as_array().context("the list of segments is no list")?;
        for segment in list {
            let text = |name: &str| segment[name].as_str().unwrap_or_default().to_owned();
            segments.known.push((text("id"), text("epg_name")));
        }
        let asks = count(Operation::Get) + count(Operation::Search);
        ensure!(
            asks == 0 || !segments.known.is_empty(),
            "the mix has get or search, and there are no segments to read: leave them out, or make some"
        );
        if !writes {
            return Ok(segments);
        }
        segments.settle(client, place, list).await?;
        let (creates, allocates) = (count(Operation::Create), count(Operation::Allocate));
        let (releases, deletes) = (count(Operation::Release), count(Operation::Delete));
        let mut bodies = segments.bodies(place, creates + allocates + releases + deletes)?;
        segments.fresh = bodies.drain(..creates).collect();
        for body in &mut bodies[..allocates] {
            let network = body["segment"].as_str().unwrap_or_default();
            body["segment"] = network.replace("/28", &format!("/{FREE}")).into();
        }
        let stop = allocates + releases;
        for (n, body) in bodies[allocates..stop].iter_mut().enumerate() {
            body["cluster_name"] = format!("{}r{n}", segments.run.to_lowercase()).into();
        }
        if let Err(error) = segments.stock(client, &bodies, (allocates, stop)).await {
            return Err(match segments.clean_up(client).await {
                Ok(()) => error,
                Err(left) => error.context(format!("and cleaning up failed: {left:#}")),
            });
        }
        Ok(segments)
    }

    /// Chooses site and VRF, and looks which free segments there are not the load's.
    async fn settle(
        &mut self,
        client: &Client,
        place: &Place,
        list: &[Value],
    ) -> anyhow::Result<()> {
        let first = async |path: &str, name: &str| {
            let known = client.must(&Ask::get(path)).await?;
            let first = known[name][0].as_str().map(str::to_owned);
            first.with_context(|| format!("{path} knows none"))
        };
        self.site = match &place.site {
            Some(site) => site.clone(),
            None => first("/api/sites", "sites").await?,
        };
        self.vrf = match &place.vrf {
            Some(vrf) => vrf.clone(),
            None => first("/api/vrfs", "vrfs").await?,
        };
        let suffix = format!("/{FREE}");
        let free = list.iter().filter(|segment| {
            segment["site"] == self.site.as_str()
                && segment["vrf"] == self.vrf.as_str()
                && segment["cluster_name"].is_null()
                && segment["segment"]
                    .as_str()
                    .is_some_and(|network| network.ends_with(&suffix))
        });
        let ids = free.filter_map(|segment| segment["id"].as_str().map(str::to_owned));
        self.excluded = ids.collect();
        ensure!(
            self.excluded.len() <= MOST_EXCLUDED,
            "{} segments of the size /{FREE} are free at site {} in VRF {}, and an allocation can leave out {MOST_EXCLUDED}: choose another \
             site or VRF",
            self.excluded.len(),
            self.site,
            self.vrf
        );
        Ok(())
    }

    fn bodies(&self, place: &Place, wanted: usize) -> anyhow::Result<Vec<Value>> {
        let (first, last) = place.vlans;
        ensure!(
            first >= 1 && first <= last && last <= 4094,
            "{first}-{last} are no VLAN ids: expected a range within 1-4094"
        );
        let vlans = usize::from(last - first) + 1;
        let networks = place.range.trunc().subnets(LENGTH).with_context(|| {
            format!(
                "the range {} has no room for segments of the size /{LENGTH}",
                place.range
            )
        })?;
        let room = vlans.min(networks.count());
        ensure!(
            wanted <= room,
            "the writes need {wanted} segments of their own, and --vlans and --range have room for {room}: choose a lower rate, a shorter \
             duration, smaller shares of writes, or more room"
        );
        let bodies = (first..=last).zip(networks).take(wanted).enumerate();
        Ok(bodies.map(|(n, (vid, network))| json!({
            "site": self.site, "vrf": self.vrf, "vlan_id": vid, "epg_name": format!("{}{n}", self.run),
            "segment": network.to_string(), "description": DESCRIPTION,
        })).collect())
    }

    async fn stock(
        &mut self,
        client: &Client,
        bodies: &[Value],
        (allocates, stop): (usize, usize),
    ) -> anyhow::Result<()> {
        let mut made = Vec::new();
        for list in bodies.chunks(LIST) {
            let ask = Ask::with(Method::POST, "/api/segments/bulk", list.into());
            let answer = client
                .must(&ask)
                .await
                .context("the load's own segments could not be made")?;
            let results = answer["results"].as_array().into_iter().flatten();
            made.extend(results.map(|result| result["segment"].clone()));
        }
        ensure!(
            made.len() == bodies.len(),
            "{} of {} segments were made",
            made.len(),
            bodies.len()
        );
        for segment in &made[allocates..stop] {
            self.to_release.push_back(json!({"cluster_name": segment["cluster_name"], "site": self.site, "vrf": self.vrf, "id": segment["id"]}));
        }
        let ids = made[stop..]
            .iter()
            .filter_map(|segment| segment["id"].as_str());
        self.to_delete = ids.map(str::to_owned).collect();
        Ok(())
    }

    /// The request for an operation. Each write gets a segment of its own.
    pub(super) fn ask(
        &mut self,
        operation: Operation,
        dice: &mut fastrand::Rng,
    ) -> anyhow::Result<Ask> {
        let none_left = || format!("no segment is left for {operation}");
        let known = &self.known;
        Ok(match operation {
            Operation::List => Ask::get("/api/segments"),
            Operation::Page => Ask::get("/api/segments?limit=100"),
            Operation::Stats => Ask::get("/api/stats"),
            Operation::Health => Ask::get("/api/health"),
            Operation::Get => {
                let (id, _) = dice.choice(known).with_context(none_left)?;
                Ask::get(format!("/api/segments/{id}"))
            }
            Operation::Search => {
                let (_, name) = dice.choice(known).with_context(none_left)?;
                let q = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>();
                Ask::get(format!("/api/segments/search?q={q}"))
            }
            Operation::Create => {
                let body = self.fresh.pop_front().with_context(none_left)?;
                Ask::with(Method::POST, "/api/segments", body)
            }
            Operation::Allocate => {
                self.claims += 1;
                let cluster = format!("{}a{}", self.run.to_lowercase(), self.claims);
                let body = json!({"cluster_name": cluster, "site": self.site, "vrf": self.vrf,
                    "prefix_length": FREE, "exclude": self.excluded});
                Ask::with(Method::POST, "/api/allocate-vlan", body)
            }
            Operation::Release => {
                let body = self.to_release.pop_front().with_context(none_left)?;
                Ask::with(Method::POST, "/api/release-vlan", body)
            }
            Operation::Delete => {
                let id = self.to_delete.pop_front().with_context(none_left)?;
                Ask::with(Method::DELETE, format!("/api/segments/{id}"), Value::Null)
            }
        })
    }

    /// Removes all segments of this run.
    pub(super) async fn clean_up(&self, client: &Client) -> anyhow::Result<()> {
        if !self.writes {
            return Ok(());
        }
        let found = client
            .must(&Ask::get(format!("/api/segments/search?q={}", self.run)))
            .await?;
        let ours = found.as_array().into_iter().flatten().filter(|segment| {
            let name = segment["epg_name"].as_str().unwrap_or_default();
            name.starts_with(&self.run) && segment["description"] == DESCRIPTION
        });
        let ours: Vec<&Value> = ours.collect();
        let why = || format!("segments named {}… are left; please delete them", self.run);
        for list in ours.chunks(LIST) {
            let taken = list
                .iter()
                .filter(|segment| !segment["cluster_name"].is_null());
            let free: Vec<Value> = taken
                .map(|segment| json!({"id": segment["id"], "cluster_name": null}))
                .collect();
            if !free.is_empty() {
                let ask = Ask::with(Method::PATCH, "/api/segments/bulk", free.into());
                client.must(&ask).await.with_context(why)?;
            }
            let ids: Vec<Value> = list.iter().map(|segment| segment["id"].clone()).collect();
            let ask = Ask::with(Method::DELETE, "/api/segments/bulk", ids.into());
            client.must(&ask).await.with_context(why)?;
        }
        Ok(())
    }
}
