//! NetBox before the scenario, and how it is brought back to that. Asks NetBox itself, past the recording.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::plan::{DESCRIPTION, NAMES, Plan};
use crate::netbox::Api;

const PREFIXES: &str = "/api/ipam/prefixes/";
const VLANS: &str = "/api/ipam/vlans/";
const GROUPS: &str = "/api/ipam/vlan-groups/";
/// Rows that NetBox answers at most.
const PAGE: usize = 1000;

/// What must be again afterwards.
#[derive(Debug)]
pub struct Ground {
    plan: Plan,
    groups: BTreeSet<u64>,
}

impl Ground {
    /// Looks at NetBox before the scenario. What an earlier one that was killed has left is removed.
    ///
    /// # Errors
    /// When NetBox can't be read, or somebody else's prefix is in the range; the message names it.
    pub async fn prepare(api: &Api, plan: &Plan) -> anyhow::Result<Self> {
        plan.segments()?;
        remove_ours(api, plan).await?;
        let query = format!(
            "{PREFIXES}?within_include={}&limit=1&fields=id,prefix",
            plan.range
        );
        let there = api.call("GET", &query, None).await?;
        if let Some(taken) = there["results"].get(0) {
            bail!(
                "NetBox has the prefix {} (id {}) in {}, where the scenario works: choose another range",
                taken["prefix"].as_str().unwrap_or("?"),
                taken["id"],
                plan.range
            );
        }
        Ok(Self {
            plan: plan.clone(),
            groups: groups(api).await?.into_iter().map(|(id, _)| id).collect(),
        })
    }

    /// Removes what the scenario has left, whether it ended well or not; what that was, in words.
    ///
    /// # Errors
    /// When something could not be removed; the message names it.
    pub async fn restore(&self, api: &Api) -> anyhow::Result<Vec<String>> {
        let mut removed = remove_ours(api, &self.plan).await?;
        for (id, row) in groups(api).await? {
            // Only one made meanwhile, and only if nobody uses it: NetBox refuses with 409 if somebody began to just now.
            if !self.groups.contains(&id) && row["vlan_count"] == 0 {
                remove(api, GROUPS, id).await?;
                removed.push(format!(
                    "VLAN group {id} ({})",
                    row["name"].as_str().unwrap_or("?")
                ));
            }
        }
        Ok(removed)
    }
}

async fn groups(api: &Api) -> anyhow::Result<Vec<(u64, Value)>> {
    let list = rows(api, &format!("{GROUPS}?fields=id,name,vlan_count")).await?;
    list.into_iter().map(|row| Ok((id(&row)?, row))).collect()
}

/// Removes the prefixes and VLANs of a scenario. NetBox ignores a filter that it does not know, so each row is looked at.
async fn remove_ours(api: &Api, plan: &Plan) -> anyhow::Result<Vec<String>> {
    let mut removed = Vec::new();
    let query = format!(
        "{PREFIXES}?within_include={}&fields=id,prefix,comments",
        plan.range
    );
    for row in rows(api, &query).await? {
        let network = row["prefix"].as_str().unwrap_or_default();
        let within = network
            .parse()
            .is_ok_and(|network: ipnet::Ipv4Net| plan.range.contains(&network));
        if within && row["comments"] == DESCRIPTION {
            remove(api, PREFIXES, id(&row)?).await?;
            removed.push(format!("prefix {network}"));
        }
    }
    let query = format!("{VLANS}?name__isw={NAMES}&fields=id,vid,name");
    for row in rows(api, &query).await? {
        let name = row["name"].as_str().unwrap_or_default();
        let vids = u64::from(plan.first_vlan)..=u64::from(plan.first_vlan) + 2;
        let ours = row["vid"].as_u64().is_some_and(|vid| vids.contains(&vid));
        if ours && name.starts_with(NAMES) {
            remove(api, VLANS, id(&row)?).await?;
            removed.push(format!("VLAN {name}"));
        }
    }
    Ok(removed)
}

async fn rows(api: &Api, query: &str) -> anyhow::Result<Vec<Value>> {
    let mut all = Vec::new();
    loop {
        let page = format!("{query}&limit={PAGE}&offset={}", all.len());
        let mut page = api.call("GET", &page, None).await?;
        let found = page["results"].as_array_mut().map(std::mem::take);
        let found = found.with_context(|| format!("NetBox's answer to {query} is no list"))?;
        let full = found.len() == PAGE;
        all.extend(found);
        if !full {
            return Ok(all);
        }
    }
}

async fn remove(api: &Api, path: &str, id: u64) -> anyhow::Result<()> {
    let path = format!("{path}{id}/");
    let removed = api.call("DELETE", &path, None).await;
    removed.with_context(|| format!("{path} could not be removed; please do so"))?;
    Ok(())
}

fn id(row: &Value) -> anyhow::Result<u64> {
    row["id"]
        .as_u64()
        .with_context(|| format!("a row without an id: {row}"))
}
