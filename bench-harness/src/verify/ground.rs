//! Where a scenario is played: a NetBox of its own (the double), or a real one that is left as it was.

mod rows;

use std::time::Duration;

use anyhow::{Context as _, bail};
use url::Url;

use crate::netbox::{
    Api, Calls, CountingProxy, Data, Double, DoubleSettings, Ledger, Mark, Secret,
};

pub(crate) use rows::{Laid, Lie, SITE, State, VRF, wanted};

/// How long NetBox calls that go on after the answer may take to end.
const QUIET: Duration = Duration::from_secs(10);

/// A real NetBox to play before.
#[derive(Clone, Debug)]
pub struct RealNetBox {
    /// `http://host:port`.
    pub url: Url,
    /// A token that may read and write.
    pub token: Secret,
}

enum Behind {
    Double(Box<Double>),
    Real(CountingProxy),
}

/// A NetBox, its ledger, and a way round the ledger to prepare and look.
pub(crate) struct Ground {
    behind: Behind,
    token: Secret,
    api: Api,
}

impl Ground {
    /// A double that nobody else has.
    pub(crate) async fn double(segments: usize) -> anyhow::Result<Self> {
        let data = match segments {
            100 => Data::Recorded100,
            more => Data::Generated(more),
        };
        let double = Double::start(DoubleSettings::with(data)).await?;
        let token: Secret = double.token().parse()?;
        let api = Api::new(&double.url().parse()?, token.clone())?;
        Ok(Self {
            behind: Behind::Double(Box::new(double)),
            token,
            api,
        })
    }

    /// A real NetBox behind a proxy that counts.
    pub(crate) async fn real(netbox: &RealNetBox) -> anyhow::Result<Self> {
        let proxy = CountingProxy::start(netbox.url.as_str()).await?;
        let api = Api::new(&netbox.url, netbox.token.clone())?;
        Ok(Self {
            behind: Behind::Real(proxy),
            token: netbox.token.clone(),
            api,
        })
    }

    /// What subjects take for NetBox: everything that goes there is counted.
    pub(crate) fn url(&self) -> String {
        match &self.behind {
            Behind::Double(double) => double.url(),
            Behind::Real(proxy) => proxy.url(),
        }
    }

    pub(crate) fn token(&self) -> &Secret {
        &self.token
    }

    pub(crate) fn is_double(&self) -> bool {
        matches!(self.behind, Behind::Double(_))
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        match &self.behind {
            Behind::Double(double) => double.ledger(),
            Behind::Real(proxy) => proxy.ledger(),
        }
    }

    /// Makes each later call take this much longer.
    pub(crate) fn set_latency(&self, latency: Duration) {
        match &self.behind {
            Behind::Double(double) => double.set_latency(latency),
            Behind::Real(proxy) => proxy.set_latency(latency),
        }
    }

    /// The calls since a mark, once none is under way any more.
    pub(crate) async fn calls_since(&self, mark: Mark) -> anyhow::Result<Calls> {
        let begun = std::time::Instant::now();
        loop {
            let calls = self.ledger().since(mark);
            if calls.0.iter().all(|call| call.end.is_some()) {
                return Ok(calls);
            }
            if begun.elapsed() > QUIET {
                bail!("a NetBox call was still under way {QUIET:?} after the last answer");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Makes the scenario's own rows.
    pub(crate) async fn lay(&self, lie: Lie) -> anyhow::Result<Laid> {
        if !self.is_double() {
            self.clear().await?;
        }
        rows::lay(&self.api, lie)
            .await
            .context("the scenario's own rows could not be made in NetBox")
    }

    /// What there is of the scenario's own rows, read from NetBox itself.
    pub(crate) async fn state(&self) -> anyhow::Result<State> {
        rows::state(&self.api).await
    }

    /// Removes the scenario's own rows.
    pub(crate) async fn clear(&self) -> anyhow::Result<()> {
        rows::clear(&self.api)
            .await
            .context("the scenario's own rows could not be removed from NetBox")
    }
}
