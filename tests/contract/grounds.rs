//! Circumstances in which an operation gives one answer or the other.

use std::time::Duration;

use bench_harness::host::Settings;
use bench_harness::netbox::{Data, Double, Fault, Kind, Matcher};
use tokio::net::TcpListener;

use crate::support::{Edge, double, settings};

/// A token with the role `read`, and its entry in `api_tokens`.
pub(crate) const READER: &str = "reader-token-of-a-test";
const TOKENS: &str = "reader:read:9fb4fcb920822a80e9b63de578f6192d450560abf5d8ba9750165ea8b0433502";
/// Where a site has room for new segments.
pub(crate) const ROOM: &str = "site1=172.20.0.0/24";
/// The secret of the webhook.
pub(crate) const SECRET: &str = "a secret for tests";

/// A NetBox with the recorded 100 segments, and the component before it.
pub(crate) struct Ground {
    pub(crate) double: Double,
    pub(crate) edge: Edge,
}

/// All is well, but for what `change` does to the settings.
pub(crate) async fn ground(change: impl FnOnce(Settings) -> Settings) -> Ground {
    let double = double(Data::Recorded100).await;
    let settings = settings(&double.url(), double.token())
        .variable("webhook_secret", SECRET)
        .variable("netbox_timeout", "1");
    let edge = Edge::start(change(settings)).await;
    Ground { double, edge }
}

/// Tokens are looked at.
pub(crate) async fn guarded() -> Ground {
    ground(|s| s.variable("auth", "on").variable("api_tokens", TOKENS)).await
}

/// NetBox answers every call like this.
pub(crate) async fn failing(fault: Fault) -> Ground {
    let ground = ground(|s| s).await;
    ground.double.fail_always(Matcher::any(), fault);
    ground
}

/// NetBox answers too late.
pub(crate) async fn slow() -> Ground {
    failing(Fault::Delay(Duration::from_secs(20))).await
}

/// Nothing listens where NetBox should be.
pub(crate) async fn unreachable() -> Edge {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    Edge::start(settings(&url, "nbt_somekey.a-secret-of-this-test")).await
}

/// A NetBox without the tenant that new objects belong to.
pub(crate) async fn unprepared() -> Ground {
    let double = double(Data::NoSegments).await;
    double.edit(|db| assert!(db.delete(Kind::Tenant, 1)));
    let settings = settings(&double.url(), double.token());
    let edge = Edge::start(settings.variable("site_prefixes", ROOM)).await;
    Ground { double, edge }
}
