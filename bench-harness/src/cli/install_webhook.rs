//! `bench-harness netbox install-webhook`: makes NetBox tell the component of every change that concerns it.

use anyhow::{Context as _, bail};
use bench_harness::netbox::{Api, Secret};
use serde_json::{Value, json};
use url::Url;

/// The name of both the webhook and the event rule; by it they are found again.
const NAME: &str = "segment-edge";
/// What the component keeps in its catalogue.
const OBJECT_TYPES: [&str; 5] = [
    "ipam.prefix",
    "ipam.vlan",
    "ipam.vlangroup",
    "ipam.vrf",
    "dcim.sitegroup",
];
const EVENTS: [&str; 3] = ["object_created", "object_updated", "object_deleted"];
const WEBHOOKS: &str = "/api/extras/webhooks/";
const EVENT_RULES: &str = "/api/extras/event-rules/";

/// Make NetBox tell the component of changes: create or update the webhook and the event rule named `segment-edge`.
#[derive(Debug, clap::Args)]
pub(crate) struct InstallWebhook {
    /// NetBox's address, such as https://netbox.example.com.
    #[arg(long, env = "NETBOX_URL", value_name = "URL")]
    netbox_url: Url,
    /// A NetBox token that may add and change webhooks and event rules. Better in the environment than on the command line.
    #[arg(
        long,
        env = "NETBOX_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    netbox_token: Secret,
    /// The component's address as NetBox reaches it, such as https://edge.example.com.
    #[arg(long, value_name = "URL")]
    edge_url: Url,
    /// What deliveries are signed with; the component's setting webhook_secret must be the same.
    #[arg(
        long,
        env = "WEBHOOK_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    secret: Secret,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

impl InstallWebhook {
    /// Creates or updates both, and says what was done.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        for line in self.install().await? {
            println!("{line}");
        }
        Ok(())
    }

    async fn install(&self) -> anyhow::Result<Vec<String>> {
        if self.secret.reveal().trim().is_empty() {
            bail!("the secret is empty; make one with `openssl rand -hex 32`");
        }
        let api = Api::new(&self.netbox_url, self.netbox_token.clone())?;
        let target = self
            .edge_url
            .join("/api/hooks/netbox")
            .context("--edge-url is no address that a path can be added to")?;
        let webhook = json!({
            "name": NAME, "payload_url": target.as_str(), "http_method": "POST",
            "http_content_type": "application/json", "additional_headers": "", "body_template": "",
            "secret": self.secret.reveal(),
            "description": "Tells segment-edge of changes; kept by `bench-harness netbox install-webhook`",
        });
        let mut said = Vec::new();
        let id = self
            .put(&api, WEBHOOKS, "webhook", &webhook, &mut said)
            .await?;
        let rule = json!({
            "name": NAME, "object_types": OBJECT_TYPES, "event_types": EVENTS, "enabled": true, "conditions": null,
            "action_type": "webhook", "action_object_type": "extras.webhook", "action_object_id": id,
            "description": "Tells segment-edge of changes; kept by `bench-harness netbox install-webhook`",
        });
        self.put(&api, EVENT_RULES, "event rule", &rule, &mut said)
            .await?;
        let go = if self.dry_run { "would go" } else { "go" };
        said.push(format!("deliveries {go} to {target}"));
        said.push(
            "needed besides: a background worker of NetBox (`manage.py rqworker`), which must reach that address, and the \
             setting webhook_secret of the component with the same secret"
                .to_owned(),
        );
        Ok(said)
    }

    /// Creates an object, or makes the one of this name what it must be; its id, which a dry run may not have.
    async fn put(
        &self,
        api: &Api,
        path: &str,
        what: &str,
        object: &Value,
        said: &mut Vec<String>,
    ) -> anyhow::Result<Option<u64>> {
        let found = api
            .call("GET", &format!("{path}?name={NAME}&limit=2"), None)
            .await?;
        let found = found["results"]
            .as_array()
            .with_context(|| format!("NetBox's list of {what}s has no results"))?;
        let known = match found.as_slice() {
            [] => None,
            [one] => Some(one),
            _ => bail!("NetBox has several {what}s named `{NAME}`; delete all but one"),
        };
        let would = if self.dry_run { "would be " } else { "" };
        let Some(known) = known else {
            said.push(format!("{what} `{NAME}`: {would}created"));
            if self.dry_run {
                return Ok(None);
            }
            return Ok(api.call("POST", path, Some(object)).await?["id"].as_u64());
        };
        let id = known["id"].as_u64();
        let differing = differing(known, object);
        if differing.is_empty() {
            said.push(format!("{what} `{NAME}`: is as it must be"));
            return Ok(id);
        }
        said.push(format!(
            "{what} `{NAME}`: {would}changed: {}",
            differing.join(", ")
        ));
        if !self.dry_run {
            let one = format!(
                "{path}{}/",
                id.with_context(|| format!("a {what} without an id"))?
            );
            api.call("PATCH", &one, Some(object)).await?;
        }
        Ok(id)
    }
}

/// The names of the fields that are not as they must be. NetBox shows a choice as `{value, label}`, and lists in its own order.
fn differing(known: &Value, wanted: &Value) -> Vec<String> {
    let plain = |value: &Value| match value {
        Value::Object(choice) => choice.get("value").cloned().unwrap_or_default(),
        Value::Array(items) => {
            let mut items = items.clone();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        other => other.clone(),
    };
    let fields = wanted.as_object().into_iter().flatten();
    fields
        .filter(|(name, value)| plain(&known[name.as_str()]) != plain(value))
        .map(|(name, _)| name.clone())
        .collect()
}

#[cfg(test)]
mod tests;
