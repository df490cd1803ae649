//! What the component and its rivals all do.

use super::super::ground::wanted;
use super::{Played, Scenario, Work, day};
use crate::verify::anyone::Anyone;
use crate::verify::ground::{Ground, Laid, SITE, VRF};
use crate::verify::subject::{Claim, Id, Manner};

/// The `n`-th cluster that wants a segment, or has one.
pub(super) fn claim(n: usize) -> Claim {
    Claim {
        cluster: format!("v-{n}"),
        site: SITE.to_owned(),
        vrf: VRF.to_owned(),
    }
}

pub(super) async fn make_ready(
    work: Work,
    subject: &mut dyn Anyone,
    _laid: &Laid,
) -> anyhow::Result<()> {
    if work == Work::ListAfterWrite {
        subject.create(&[wanted(0)], Manner::OneByOne).await?;
    }
    Ok(())
}

pub(super) async fn play(
    scenario: &Scenario,
    subject: &mut dyn Anyone,
    ground: &Ground,
    laid: &Laid,
) -> anyhow::Result<Played> {
    let manner = scenario.manner.unwrap_or(Manner::OneByOne);
    let before = ground.ledger().count();
    let mut played = Played {
        requests: if manner == Manner::Bulk { 1 } else { 10 },
        ..Played::default()
    };
    match scenario.work {
        Work::Start => {
            subject.start().await?;
            for _ in 0..scenario.instances {
                played.seen = subject.list().await?;
            }
            played.requests = scenario.instances;
        }
        Work::Restart => {
            subject.restart().await?;
            played.seen = subject.list().await?;
            played.requests = 1;
        }
        Work::List | Work::ListAfterWrite => {
            for _ in 0..scenario.instances {
                played.seen = subject.list().await?;
            }
            played.requests = scenario.instances;
        }
        Work::Get => {
            let id = laid.segments.first().copied().unwrap_or_default();
            played.seen = vec![subject.get(id).await?];
            played.requests = 1;
        }
        Work::References => {
            subject.references().await?;
            played.requests = 2;
        }
        Work::Create(n) => {
            let wanted: Vec<_> = (0..n).map(wanted).collect();
            subject.create(&wanted, manner).await?;
            played.requests = played.requests.min(n);
        }
        Work::Rename => {
            let names: Vec<(Id, String)> = laid
                .segments
                .iter()
                .enumerate()
                .map(|(n, id)| (*id, format!("V_RENAMED_{n}")))
                .collect();
            subject.rename(&names, manner).await?;
        }
        Work::Renumber => {
            let numbers: Vec<(Id, u16)> = laid.segments.iter().map(|id| (*id, 3_000)).collect();
            played.refused = !subject.renumber(&numbers, manner).await?;
            played.requests = 1;
        }
        Work::Allocate => {
            let claims: Vec<Claim> = (0..10).map(claim).collect();
            subject.allocate(&claims, manner).await?;
        }
        Work::Release => {
            let claims: Vec<Claim> = (0..10).map(claim).collect();
            subject.release(&claims, manner).await?;
        }
        Work::Delete => subject.delete(&laid.segments, manner).await?,
        // The first has its VLAN with the second, the third has one alone.
        Work::CleanUp => {
            let ids: Vec<Id> = laid.segments.iter().step_by(2).copied().collect();
            subject.delete(&ids, manner).await?;
            played.requests = ids.len();
        }
        Work::Day => return day::play(subject, ground, laid).await,
        Work::Page | Work::Reads | Work::ReadsAfterWrite | Work::Revalidate => {
            anyhow::bail!("only the component does this");
        }
    }
    played.counted = played.requests;
    if ground.ledger().count() == before {
        played.hits = played.requests;
    }
    Ok(played)
}
