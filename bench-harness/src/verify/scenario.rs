//! The workloads: what is there at the start, what is done, and by whom.

mod common;
mod day;
mod own;

use super::anyone::Anyone;
use super::edge::Edge;
use super::ground::{Ground, Laid, Lie};
use super::subject::{Manner, Seen};

use Manner::{AtOnce, Bulk, OneByOne};

/// One workload. Its key in `targets.toml` is [`Scenario::key`].
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its name: `create-10`.
    pub name: &'static str,
    /// What it does, for people.
    pub title: &'static str,
    /// How its operations are asked for, where there are several.
    pub manner: Option<Manner>,
    /// Segments in NetBox at the beginning, the scenario's own aside.
    pub segments: usize,
    /// Whether the catalogue is read before.
    pub warm: bool,
    /// Instances that share the work.
    pub instances: usize,
    pub(crate) lie: Lie,
    pub(crate) work: Work,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// By anyone.
    Start,
    Restart,
    List,
    ListAfterWrite,
    Get,
    References,
    Create(usize),
    Rename,
    Renumber,
    Allocate,
    Release,
    Delete,
    CleanUp,
    Day,
    /// By the component alone.
    Page,
    Reads,
    ReadsAfterWrite,
    Revalidate,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Played {
    /// Segments that the subject showed.
    pub(crate) seen: Vec<Seen>,
    /// Requests made.
    pub(crate) requests: usize,
    /// Of the requests that count for the hit rate: all, and those without a NetBox call.
    pub(crate) counted: usize,
    pub(crate) hits: usize,
    /// The subject can't do this.
    pub(crate) refused: bool,
}

impl Scenario {
    /// `create-10`, `create-10/bulk`, `create-10/at-once/4-instances`.
    #[must_use]
    pub fn key(&self) -> String {
        let mut key = self.name.to_owned();
        if let Some(manner) = self.manner {
            key.push('/');
            key.push_str(word(manner));
        }
        if self.instances > 1 {
            key.push_str(&format!("/{}-instances", self.instances));
        }
        key
    }

    /// Whether it is made of requests that only the component has.
    pub(crate) fn is_own(&self) -> bool {
        matches!(
            self.work,
            Work::Page | Work::Reads | Work::ReadsAfterWrite | Work::Revalidate
        )
    }

    /// Whether only the component plays it: what rivals don't have, and what would take them minutes.
    #[must_use]
    pub fn is_for_the_component_alone(&self) -> bool {
        self.is_own() || self.instances > 1 || self.segments > 100
    }

    /// Whether it writes: then it has a latency target.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(
            self.work,
            Work::Create(_)
                | Work::Rename
                | Work::Renumber
                | Work::Allocate
                | Work::Release
                | Work::Delete
                | Work::CleanUp
        )
    }

    /// Whether who gets what depends on the order in which simultaneous requests arrive.
    pub(crate) fn gives_by_chance(&self) -> bool {
        matches!(self.work, Work::Allocate | Work::Day)
            || (self.work == Work::Release && self.manner == Some(AtOnce))
    }

    /// What is added to each NetBox call, in milliseconds, in the order of the rows.
    pub(crate) fn added(&self, component: bool) -> &'static [u64] {
        match (self.work, self.manner) {
            // Reads that take hundreds of calls for some: what counts here is the hit rate.
            (Work::Day, _) => &[0],
            _ if !component || self.manner == Some(AtOnce) || self.segments > 1_000 => &[50],
            _ => &[50, 0, 5],
        }
    }

    pub(crate) fn needs_one_instance_each(&self) -> bool {
        self.manner == Some(AtOnce)
    }

    /// Before the clock runs.
    pub(crate) async fn make_ready(
        &self,
        subject: &mut dyn Anyone,
        laid: &Laid,
    ) -> anyhow::Result<()> {
        if self.work == Work::Start {
            return Ok(());
        }
        subject.start().await?;
        if self.warm {
            for _ in 0..self.instances {
                subject.list().await?;
            }
        }
        common::make_ready(self.work, subject, laid).await
    }

    /// What anyone does, with the clock running.
    pub(crate) async fn play(
        &self,
        subject: &mut dyn Anyone,
        ground: &Ground,
        laid: &Laid,
    ) -> anyhow::Result<Played> {
        common::play(self, subject, ground, laid).await
    }

    /// What only the component does, with the clock running.
    pub(crate) async fn play_alone(
        &self,
        edge: &Edge,
        ground: &Ground,
        laid: &Laid,
    ) -> anyhow::Result<Played> {
        own::play(self.work, edge, ground, laid).await
    }

    /// What the component does before, beyond [`Scenario::make_ready`].
    pub(crate) async fn make_ready_alone(&self, edge: &Edge, laid: &Laid) -> anyhow::Result<()> {
        own::make_ready(self.work, edge, laid).await
    }

    /// The component's variables, where the scenario needs others than usual.
    pub(crate) fn variables(&self) -> &'static [(&'static str, &'static str)] {
        match self.work {
            Work::Revalidate => &[("cache_ttl", "1"), ("stale_while_revalidate", "0")],
            _ => &[],
        }
    }
}

fn word(manner: Manner) -> &'static str {
    match manner {
        OneByOne => "one-by-one",
        AtOnce => "at-once",
        Bulk => "bulk",
    }
}

/// All scenarios, in the order of the table.
#[must_use]
pub fn all() -> Vec<Scenario> {
    let read = |name, title, segments, warm, lie, work| Scenario {
        name,
        title,
        manner: None,
        segments,
        warm,
        instances: 1,
        lie,
        work,
    };
    let write = |name, title, manner, lie, work| Scenario {
        manner,
        ..read(name, title, 100, true, lie, work)
    };
    let four = |scenario: Scenario| Scenario {
        instances: 4,
        ..scenario
    };
    let mut all = vec![
        read(
            "start-100",
            "start with 100 VLANs, then list them",
            100,
            false,
            Lie::Nothing,
            Work::Start,
        ),
        read(
            "new-instance-100",
            "new process beside a warm store, then list",
            100,
            true,
            Lie::Nothing,
            Work::Restart,
        ),
        read(
            "list-100-cold",
            "list 100, nothing known",
            100,
            false,
            Lie::Nothing,
            Work::List,
        ),
        read(
            "list-1000-cold",
            "list 1,000, nothing known",
            1_000,
            false,
            Lie::Nothing,
            Work::List,
        ),
        read(
            "list-10000-cold",
            "a page of 10,000, nothing known",
            10_000,
            false,
            Lie::Nothing,
            Work::Page,
        ),
        read(
            "list-100-warm",
            "list 100 again",
            100,
            true,
            Lie::Nothing,
            Work::List,
        ),
        read(
            "list-after-write",
            "list after a write",
            100,
            true,
            Lie::Group,
            Work::ListAfterWrite,
        ),
        read(
            "get-warm",
            "one segment",
            100,
            true,
            Lie::Free(1),
            Work::Get,
        ),
        read(
            "references-warm",
            "sites and VRFs",
            100,
            true,
            Lie::Nothing,
            Work::References,
        ),
        read(
            "reads-warm",
            "list, page, search, get, stats, sites, VRFs",
            100,
            true,
            Lie::Nothing,
            Work::Reads,
        ),
        read(
            "reads-after-write",
            "the same after a write",
            100,
            true,
            Lie::Free(1),
            Work::ReadsAfterWrite,
        ),
        read(
            "revalidate-100",
            "cache expired, nothing changed",
            100,
            true,
            Lie::Nothing,
            Work::Revalidate,
        ),
        read(
            "revalidate-10000",
            "cache of 10,000 expired, nothing changed",
            10_000,
            true,
            Lie::Nothing,
            Work::Revalidate,
        ),
        write("create-1", "create 1", None, Lie::Group, Work::Create(1)),
        write(
            "create-1-new-group",
            "create 1, VLAN group new",
            None,
            Lie::Vrf,
            Work::Create(1),
        ),
        Scenario {
            warm: false,
            ..write(
                "create-1-cold",
                "create 1, nothing known",
                None,
                Lie::Group,
                Work::Create(1),
            )
        },
    ];
    let manners = |name, title, lie, work, manners: &[Manner]| -> Vec<Scenario> {
        manners
            .iter()
            .map(|manner| write(name, title, Some(*manner), lie, work))
            .collect()
    };
    let every = [Bulk, AtOnce, OneByOne];
    all.extend(manners(
        "create-10",
        "create 10",
        Lie::Group,
        Work::Create(10),
        &every,
    ));
    all.extend(manners(
        "create-10-new-group",
        "create 10, VLAN group new",
        Lie::Vrf,
        Work::Create(10),
        &[Bulk, OneByOne],
    ));
    all.extend(manners(
        "rename-10",
        "rename the EPG of 10",
        Lie::Free(10),
        Work::Rename,
        &every,
    ));
    all.push(write(
        "renumber-1",
        "change the vlan_id of 1",
        None,
        Lie::Free(1),
        Work::Renumber,
    ));
    all.extend(manners(
        "allocate-10",
        "allocate 10",
        Lie::Free(12),
        Work::Allocate,
        &every,
    ));
    all.extend(manners(
        "release-10",
        "release 10",
        Lie::Taken(10),
        Work::Release,
        &every,
    ));
    all.extend(manners(
        "delete-10",
        "delete 10 with their VLANs",
        Lie::Free(10),
        Work::Delete,
        &[Bulk, OneByOne],
    ));
    all.push(write(
        "clean-up",
        "delete 2: one VLAN goes, a shared one stays",
        Some(OneByOne),
        Lie::Shared,
        Work::CleanUp,
    ));
    all.push(read(
        "mixed-day",
        "300 operations, 90 % reads",
        100,
        true,
        Lie::Free(20),
        Work::Day,
    ));
    let shared: Vec<Scenario> = all
        .iter()
        .filter(|scenario| {
            matches!(
                scenario.key().as_str(),
                "start-100"
                    | "list-after-write"
                    | "create-10/at-once"
                    | "create-10/one-by-one"
                    | "rename-10/at-once"
                    | "mixed-day"
            )
        })
        .map(|scenario| four(*scenario))
        .collect();
    all.extend(shared);
    all
}
