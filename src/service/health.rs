//! Whether all that we need is there, and what to do if not.

use serde::Serialize;
use serde_json::Value;

use super::Service;
use crate::netbox::client::Call;
use crate::netbox::pages::{PAGE, full};
use crate::netbox::{NetboxError, Trail};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it is as it must be.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// What to do, when it is not as it must or as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    fn good(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok: true,
            detail: detail.into(),
            remedy: None,
        }
    }

    /// Something that costs, but is no failure.
    fn warning(name: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..Self::good(name, detail)
        }
    }

    fn bad(name: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            name,
            ok: false,
            detail: detail.into(),
            remedy: Some(remedy.into()),
        }
    }
}

/// The objects whose reading and writing we depend on, as NetBox's address names them.
const WRITTEN: [(&str, &str); 3] = [
    ("prefixes", "/api/ipam/prefixes/"),
    ("VLANs", "/api/ipam/vlans/"),
    ("VLAN groups", "/api/ipam/vlan-groups/"),
];

impl Service {
    /// Looks at NetBox, the token's rights and the objects that we need. Never fails: what is wrong is a finding.
    pub async fn examine(&self, trail: &Trail) -> Vec<Finding> {
        let mut findings = vec![self.examine_store().await, self.examine_intents().await];
        let reached = self.examine_netbox(trail).await;
        let go_on = reached.ok;
        findings.push(reached);
        if go_on {
            findings.extend(self.examine_rights(trail).await);
            findings.push(self.examine_change_log(trail).await);
            findings.extend(self.examine_objects(trail).await);
        }
        findings
    }

    async fn examine_store(&self) -> Finding {
        match self.host.keys().await {
            Ok(_) => Finding::good("store", "the key-value store answers"),
            Err(error) => Finding::bad(
                "store",
                error.to_string(),
                "let the component use the key-value store `default`; until then every new instance reads NetBox",
            ),
        }
    }

    /// Writes under way, and those whose writers are gone. The next write finishes them, so they are no failure.
    async fn examine_intents(&self) -> Finding {
        match self.open_intents().await {
            (open, 0) => Finding::good("intents", format!("{open} open")),
            (open, abandoned) => Finding::warning(
                "intents",
                format!("{open} open, {abandoned} of them left by their writers"),
                "the next write finishes what was left, and so does POST /api/reconcile, which says why if it can't",
            ),
        }
    }

    async fn examine_netbox(&self, trail: &Trail) -> Finding {
        match self
            .client
            .call(trail, Call::get("read status", "/api/status/"))
            .await
        {
            Ok(status) => {
                let version = status["netbox-version"]
                    .as_str()
                    .unwrap_or("of unknown version");
                Finding::good("netbox", format!("NetBox {version} answers"))
            }
            Err(error @ NetboxError::Forbidden { .. }) => Finding::bad(
                "netbox",
                error.to_string(),
                "set netbox_token to a valid API token of NetBox that is not expired and is allowed from this address",
            ),
            Err(error @ NetboxError::NotAllowed) => Finding::bad(
                "netbox",
                error.to_string(),
                "put netbox_url into allowed_outbound_hosts of spin.toml",
            ),
            Err(error) => Finding::bad(
                "netbox",
                error.to_string(),
                "check netbox_url, and that NetBox runs and can be reached from here",
            ),
        }
    }

    /// What the token may do, and whether lists come in pages whose ends we know. It changes nothing: NetBox checks the right
    /// to write before it looks at the body, so that an empty list is refused with 403 when the token may not write.
    async fn examine_rights(&self, trail: &Trail) -> Vec<Finding> {
        let mut lacking = Vec::new();
        let mut findings = Vec::new();
        for (name, path) in WRITTEN {
            let mut read = Call::get("check the right to read", path);
            read.query = vec![("limit", PAGE.to_string()), ("fields", "id".to_owned())];
            match self.client.call(trail, read).await {
                Err(NetboxError::Forbidden { .. }) => lacking.push(format!("read {name}")),
                Ok(page) if findings.is_empty() => findings.extend(cut_unseen(&page)),
                _ => {}
            }
            let write = Call::write(
                "check the right to write",
                http::Method::POST,
                path.to_owned(),
                Some(serde_json::json!([])),
            );
            if let Err(NetboxError::Forbidden { .. }) = self.client.call(trail, write).await {
                lacking.push(format!("write {name}"));
            }
        }
        if lacking.is_empty() {
            let good = "the token may read and write prefixes, VLANs and VLAN groups";
            findings.insert(0, Finding::good("rights", good));
            return findings;
        }
        let bad = Finding::bad(
            "rights",
            format!("the token may not {}", lacking.join(", ")),
            "give the token's user in NetBox view, add, change and delete on prefixes, VLANs and VLAN groups, view on tenants, \
             roles, site groups and VRFs, and enable writing for the token",
        );
        findings.insert(0, bad);
        findings
    }

    /// Without the change log everything is read again where a look at what changed would do.
    async fn examine_change_log(&self, trail: &Trail) -> Finding {
        let mut call = Call::get("check the change log", "/api/core/object-changes/");
        call.query = vec![("limit", "1".to_owned()), ("fields", "id".to_owned())];
        match self.client.call(trail, call).await {
            Ok(_) => Finding::good("change-log", "the token may read the change log"),
            Err(error) => Finding::warning(
                "change-log",
                format!(
                    "{error}; everything is read again each time, which is right, but takes longer"
                ),
                "give the token's user in NetBox view on object changes (core > object change)",
            ),
        }
    }

    async fn examine_objects(&self, trail: &Trail) -> Vec<Finding> {
        if let Err(error) = self.keeper.current(trail).await {
            return vec![Finding::bad(
                "catalogue",
                error.to_string(),
                "see the other findings",
            )];
        }
        // Objects may have been made since the catalogue was read; when that fails, what is known is looked at.
        let _ = self.keeper.look_again(trail).await;
        let ours = &self.settings.ours;
        let (tenant, role, sites, vrfs, incomplete, segments) = self.ask(|c| {
            (
                c.tenant,
                c.role,
                c.site_groups().count(),
                c.vrfs().count(),
                c.incomplete().count(),
                c.segments().count(),
            )
        });
        let object = |name, id: Option<u64>, what: &str, slug: &str, place: &str| match id {
            Some(id) => Finding::good(name, format!("{what} `{slug}` is there (id {id})")),
            None => Finding::bad(
                name,
                format!("NetBox has no {what} with the slug `{slug}`, or the token may not see it"),
                format!(
                    "create it in NetBox under {place}, or set `{name}` to the slug of the one you use"
                ),
            ),
        };
        let some = |name, count: usize, what: &str, place: &str| {
            if count > 0 {
                Finding::good(name, format!("{count} {what}"))
            } else {
                Finding::bad(
                    name,
                    format!("NetBox has no {what}, or the token may not see them"),
                    format!("create one under {place}"),
                )
            }
        };
        let mut findings = vec![
            object(
                "tenant",
                tenant,
                "tenant",
                &ours.tenant,
                "Organization > Tenants",
            ),
            object(
                "role",
                role,
                "IPAM role",
                &ours.role,
                "IPAM > Prefix & VLAN Roles",
            ),
            some("sites", sites, "site groups", "Organization > Site Groups"),
            some("vrfs", vrfs, "VRFs", "IPAM > VRFs"),
            self.examine_custom_fields(trail).await,
        ];
        findings.push(if incomplete == 0 {
            Finding::good("segments", format!("{segments} segments"))
        } else {
            let list: Vec<String> = self.ask(|c| {
                let of = |(p, lack): (&crate::netbox::rows::Prefix, &str)| {
                    format!("{} ({}) lacks {lack}", p.id, p.cidr)
                };
                c.incomplete().take(10).map(of).collect()
            });
            Finding::bad(
                "segments",
                format!(
                    "{segments} segments; {incomplete} prefixes of ours are no segments: {}",
                    list.join("; ")
                ),
                "give them what they lack in NetBox, or another role, or delete them",
            )
        });
        findings
    }

    async fn examine_custom_fields(&self, trail: &Trail) -> Finding {
        const REMEDY: &str = "create them under Customization > Custom Fields for IPAM > Prefix: `Cluster` as text, `DHCP` as boolean";
        let mut call = Call::get("read custom fields", "/api/extras/custom-fields/");
        call.query = vec![
            ("object_type", "ipam.prefix".to_owned()),
            ("limit", "1000".to_owned()),
        ];
        let answer = match self.client.call(trail, call).await {
            Ok(answer) => answer,
            Err(error) => {
                return Finding::bad(
                    "custom-fields",
                    error.to_string(),
                    "let the token's user view custom fields",
                );
            }
        };
        let fields = answer["results"].as_array().cloned().unwrap_or_default();
        let wrong: Vec<String> = [("Cluster", "text"), ("DHCP", "boolean")]
            .into_iter()
            .filter_map(|(name, kind)| {
                let Some(field) = fields.iter().find(|f| f["name"] == name) else {
                    return Some(format!("there is no `{name}`"));
                };
                let found = field["type"]["value"].as_str().unwrap_or("unknown");
                (found != kind).then(|| format!("`{name}` is of the type {found}"))
            })
            .collect();
        if wrong.is_empty() {
            Finding::good(
                "custom-fields",
                "`Cluster` (text) and `DHCP` (boolean) are there",
            )
        } else {
            Finding::bad("custom-fields", wrong.join("; "), REMEDY)
        }
    }
}

/// The finding for a page that NetBox cut at a number of rows at which GraphQL's silence would be taken for the end.
fn cut_unseen(page: &Value) -> Option<Finding> {
    let rows = page["results"].as_array()?.len();
    if page["next"].is_null() || full(rows) == rows {
        return None;
    }
    Some(Finding::bad(
        "page-size",
        format!("NetBox gives at most {rows} rows a page: what is beyond may not be seen"),
        "set MAX_PAGE_SIZE in NetBox's configuration to 1000 or more, or to 0",
    ))
}
