//! One row: a scenario, played by one subject in one setting.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use futures::future::BoxFuture;

use super::anyone::Rival;
use super::edge::Edge;
use super::ground::{Ground, RealNetBox, State};
use super::outcome::{Figures, Row};
use super::scenario::{Played, Scenario};
use super::subject::Seen;
use super::timeline::spans;
use crate::host::Component;

/// How often a scenario for one instance is played until the engine opens no second one.
const ATTEMPTS: usize = 10;
/// How often a row of the component is played at the most.
const REPETITIONS: usize = 8;

/// Leads the component's calls somewhere else than straight to NetBox: takes NetBox's address and gives the one to use. For tests of
/// this tool.
pub type Detour = Box<dyn Fn(String) -> BoxFuture<'static, anyhow::Result<String>>>;

/// A row and what it left behind.
pub(super) struct Measured {
    pub(super) row: Row,
    pub(super) state: State,
    pub(super) seen: Vec<Seen>,
}

/// Where and with what rows are measured.
pub(super) struct Measure<'a> {
    pub(super) component: &'a Component,
    pub(super) netbox: Option<&'a RealNetBox>,
    pub(super) detour: Option<&'a Detour>,
}

struct Once {
    figures: Figures,
    timeline: Vec<super::outcome::Span>,
    state: State,
    played: Played,
    one_instance_each: bool,
}

impl Measure<'_> {
    async fn ground(&self, scenario: &Scenario) -> anyhow::Result<Ground> {
        match self.netbox {
            None => Ground::double(scenario.segments).await,
            Some(netbox) => Ground::real(netbox).await,
        }
    }

    /// The component's row, played until `enough` of it, a few times at most; the fastest counts, since a busy machine only makes it
    /// slower. A failure is in the row.
    pub(super) async fn component(
        &self,
        scenario: &Scenario,
        added: u64,
        enough: impl Fn(&Row) -> bool,
    ) -> Measured {
        let mut walls = Vec::new();
        let mut best: Option<Measured> = None;
        loop {
            let row = blank(scenario, "segment-edge", added);
            let measured = match self.component_kept_to_its_instances(scenario, added).await {
                Ok(once) => finish(row, once),
                Err(error) => return failed(row, &error),
            };
            walls.push(measured.row.figures.wall_ms);
            let mut fastest = match best.take() {
                Some(best) if best.row.figures.wall_ms <= measured.row.figures.wall_ms => best,
                _ => measured,
            };
            if walls.len() == REPETITIONS || enough(&fastest.row) {
                fastest.row.figures.walls_ms = walls;
                return fastest;
            }
            best = Some(fastest);
        }
    }

    async fn component_kept_to_its_instances(
        &self,
        scenario: &Scenario,
        added: u64,
    ) -> anyhow::Result<Once> {
        for _ in 0..ATTEMPTS {
            let once = self.component_once(scenario, added).await?;
            if once.one_instance_each || !scenario.needs_one_instance_each() {
                return Ok(once);
            }
        }
        bail!(
            "the engine opened a second instance in each of {ATTEMPTS} attempts: the machine is too busy to measure this"
        )
    }

    async fn component_once(&self, scenario: &Scenario, added: u64) -> anyhow::Result<Once> {
        let ground = self.ground(scenario).await?;
        let url = match self.detour {
            Some(detour) => detour(ground.url()).await?,
            None => ground.url(),
        };
        let mut edge = Edge::new(
            self.component,
            &url,
            ground.token().reveal(),
            scenario.instances,
        );
        for (name, value) in scenario.variables() {
            edge = edge.variable(name, value);
        }
        let result = self.component_on(scenario, added, &ground, &mut edge).await;
        edge.stop().await;
        cleared(&ground, result).await
    }

    async fn component_on(
        &self,
        scenario: &Scenario,
        added: u64,
        ground: &Ground,
        edge: &mut Edge,
    ) -> anyhow::Result<Once> {
        let laid = ground.lay(scenario.lie).await?;
        scenario.make_ready(edge, &laid).await?;
        scenario.make_ready_alone(edge, &laid).await?;
        let fuel = edge.fuel().await?;
        let clock = Clock::start(ground, added);
        let played = if scenario.is_own() {
            scenario.play_alone(edge, ground, &laid).await
        } else {
            scenario.play(edge, ground, &laid).await
        };
        let (mut figures, timeline) = clock.stop(ground, added, &played).await?;
        let played = played?;
        figures.guest_memory_bytes = Some(edge.peak_memory());
        let one_instance_each = edge.is_one_instance_each();
        if self.component.is_metered() {
            figures.fuel = Some(edge.fuel_since(fuel).await);
        }
        Ok(Once {
            figures,
            timeline,
            state: ground.state().await?,
            played,
            one_instance_each,
        })
    }

    /// A rival's row. A failure is in the row.
    pub(super) async fn rival(&self, rival: &Rival, scenario: &Scenario, added: u64) -> Measured {
        let row = blank(scenario, rival.name(), added);
        match self.rival_once(rival, scenario, added).await {
            Ok(once) => {
                let refused = once.played.refused;
                let mut measured = finish(row, once);
                if refused {
                    measured.row.failure =
                        Some("it can't do this, and answers as if it had".to_owned());
                }
                measured
            }
            Err(error) => failed(row, &error),
        }
    }

    async fn rival_once(
        &self,
        rival: &Rival,
        scenario: &Scenario,
        added: u64,
    ) -> anyhow::Result<Once> {
        let ground = self.ground(scenario).await?;
        let result = rival_on(rival, scenario, added, &ground).await;
        cleared(&ground, result).await
    }
}

async fn rival_on(
    rival: &Rival,
    scenario: &Scenario,
    added: u64,
    ground: &Ground,
) -> anyhow::Result<Once> {
    let laid = ground.lay(scenario.lie).await?;
    let mut subject = rival.make(&ground.url().parse()?, ground.token().clone())?;
    scenario.make_ready(subject.as_mut(), &laid).await?;
    let clock = Clock::start(ground, added);
    let played = scenario.play(subject.as_mut(), ground, &laid).await;
    let (figures, timeline) = clock.stop(ground, added, &played).await?;
    Ok(Once {
        figures,
        timeline,
        state: ground.state().await?,
        played: played?,
        one_instance_each: true,
    })
}

/// A real NetBox is left as it was, whatever came before.
async fn cleared<T>(ground: &Ground, result: anyhow::Result<T>) -> anyhow::Result<T> {
    if !ground.is_double() {
        ground.clear().await?;
    }
    result
}

struct Clock {
    mark: crate::netbox::Mark,
    origin: u64,
    began: Instant,
}

impl Clock {
    fn start(ground: &Ground, added: u64) -> Self {
        ground.set_latency(Duration::from_millis(added));
        Self {
            mark: ground.ledger().mark(),
            origin: ground.ledger().now(),
            began: Instant::now(),
        }
    }

    async fn stop(
        self,
        ground: &Ground,
        added: u64,
        played: &anyhow::Result<Played>,
    ) -> anyhow::Result<(Figures, Vec<super::outcome::Span>)> {
        let wall = self.began.elapsed().as_micros() as f64 / 1_000.0;
        let calls = ground
            .calls_since(self.mark)
            .await
            .context("after the scenario")?;
        ground.set_latency(Duration::ZERO);
        let (requests, counted, hits) = match played {
            Ok(played) => (played.requests, played.counted, played.hits),
            Err(_) => (0, 0, 0),
        };
        let depth = calls.depth();
        let figures = Figures {
            calls: calls.count(),
            depth,
            peak_in_flight: calls.peak_concurrency(),
            netbox_bytes: calls.bytes(),
            wall_ms: wall,
            walls_ms: vec![wall],
            floor_ms: depth as f64 * added as f64,
            hit_rate: if counted == 0 {
                0.0
            } else {
                hits as f64 / counted as f64
            },
            requests,
            fuel: None,
            guest_memory_bytes: None,
        };
        Ok((figures, spans(&calls, self.origin)))
    }
}

fn blank(scenario: &Scenario, subject: &str, added: u64) -> Row {
    Row {
        scenario: scenario.name.to_owned(),
        title: scenario.title.to_owned(),
        manner: scenario.manner,
        subject: subject.to_owned(),
        segments: scenario.segments,
        warm: scenario.warm,
        instances: scenario.instances,
        added_ms: added,
        figures: Figures::default(),
        timeline: Vec::new(),
        checks: Vec::new(),
        original: None,
        failure: None,
    }
}

fn finish(mut row: Row, once: Once) -> Measured {
    row.figures = once.figures;
    row.timeline = once.timeline;
    Measured {
        row,
        state: once.state,
        seen: once.played.seen,
    }
}

fn failed(mut row: Row, error: &anyhow::Error) -> Measured {
    row.failure = Some(format!("{error:#}"));
    Measured {
        row,
        state: State::default(),
        seen: Vec::new(),
    }
}
