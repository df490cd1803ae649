//! Finishing what a killed writer has left, and what could not be undone: what is half there goes, what is whole stays.

mod create;
mod delete;
mod update;

use serde::Serialize;

use super::Service;
use super::intents::{Intent, Key, Unread, Work};
use super::withdraw::Gone;
use crate::catalogue::Change;
use crate::log::Level;
use crate::netbox::rows::{Prefix, Vlan};
use crate::netbox::{NetboxError, Trail};
use crate::timestamp::Timestamp;

/// How many abandoned intents one write finishes before it goes about its own business.
const AT_ONCE: usize = 4;
/// How far a row may be older than an intent, by NetBox's clock in whole seconds, and still come of it.
const SLACK: std::time::Duration = std::time::Duration::from_secs(3);

/// An intent that was left, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Healed {
    /// What was being written.
    pub what: String,
    /// When it began, in the form of RFC 3339.
    pub since: String,
    /// Whether NetBox is consistent again.
    pub finished: bool,
    /// What was found and done, or why nothing could be.
    pub outcome: String,
}

/// Why an intent could not be finished.
#[derive(Debug, thiserror::Error)]
enum Unhealed {
    #[error(transparent)]
    Netbox(#[from] NetboxError),
    #[error("still there: {}", .0.join(", "))]
    Left(Vec<String>),
    #[error("somebody else has finished it, or taken it over, meanwhile")]
    Superseded,
    #[error("the key-value store does not answer")]
    Unread,
}

impl Service {
    /// How many intents are open, and how many of them belong to nobody any more.
    pub async fn open_intents(&self) -> (usize, usize) {
        let keys = self.intents.list().await;
        let now = self.host.now();
        let abandoned = keys.iter().filter(|key| key.until < now).count();
        (keys.len(), abandoned)
    }

    /// Finishes everything that was left. With `force` also what may still be at work: for when no other instance runs.
    ///
    /// # Errors
    /// [`super::ServiceError`] when NetBox can't be read.
    pub async fn reconcile(&self, trail: &Trail, force: bool) -> super::Result<Vec<Healed>> {
        self.current(trail).await?;
        // A write of a single call leaves no intent, and nothing half done; but it may be unknown here.
        self.keeper.read_anew(trail).await?;
        Ok(self.finish_intents(trail, force, usize::MAX).await)
    }

    /// Finishes some of what was left, before a write.
    pub(super) async fn heal(&self, trail: &Trail) {
        for healed in self.finish_intents(trail, false, AT_ONCE).await {
            let level = if healed.finished {
                Level::Info
            } else {
                Level::Warn
            };
            let detail = format!("{}: {}", healed.what, healed.outcome);
            self.logger.line(level, "healed", &detail);
        }
    }

    /// Whether a write under way makes this VLAN, so that it is not left behind.
    pub(super) async fn being_made_by_others(
        &self,
        group: u64,
        vid: u16,
        own: Option<&Key>,
    ) -> bool {
        for key in self.intents.list().await {
            if Some(&key) == own {
                continue;
            }
            let makes = match self.intents.get(&key).await {
                Ok(Some(intent)) => intent.work.vlans().contains(&(group, vid)),
                Ok(None) | Err(Unread::Form) => false,
                Err(Unread::Store) => true,
            };
            if makes && key.until >= self.host.now() {
                return true;
            }
        }
        false
    }

    async fn finish_intents(&self, trail: &Trail, force: bool, most: usize) -> Vec<Healed> {
        let due = |keys: Vec<Key>, now: Timestamp| {
            let due = keys.into_iter().filter(move |key| force || key.until < now);
            due.take(most).collect::<Vec<_>>()
        };
        let seen = due(self.intents.sort(self.keeper.intents()), self.host.now());
        if seen.is_empty() {
            return Vec::new();
        }
        let mut healed = Vec::new();
        for key in seen {
            healed.extend(self.finish_one(trail, key).await);
        }
        healed
    }

    /// Finishes one write whose writer is gone; `None` when somebody else has.
    pub(super) async fn finish_one(&self, trail: &Trail, key: Key) -> Option<Healed> {
        let _one_at_a_time = self.healing.take().await;
        let intent = match self.intents.get(&key).await {
            Ok(intent) => intent?,
            Err(unread) => return Some(self.pass_over(key, unread).await),
        };
        let outcome = self.finish(trail, &key, &intent).await;
        let healed = Healed {
            what: intent.work.describe(),
            since: intent.started.to_string(),
            finished: outcome.is_ok(),
            outcome: match &outcome {
                Ok(done) => done.clone(),
                Err(error) => error.to_string(),
            },
        };
        match outcome {
            Ok(_) => self.intents.close(Some(key)).await,
            Err(Unhealed::Superseded) => return None,
            Err(_) => self.intents.postpone(key, &intent).await,
        }
        Some(healed)
    }

    /// Nobody has finished it or taken it over. Asked just before anything is taken back.
    async fn still_to_do(&self, key: &Key) -> Result<(), Unhealed> {
        match self.intents.get(key).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(Unhealed::Superseded),
            Err(_) => Err(Unhealed::Unread),
        }
    }

    /// Says that an intent can't be read. One in a form that is not ours goes: it would be in the way of others for good.
    async fn pass_over(&self, key: Key, unread: Unread) -> Healed {
        let since = key.until.to_string();
        let outcome = match unread {
            Unread::Store => Unhealed::Unread.to_string(),
            Unread::Form => {
                self.intents.close(Some(key)).await;
                "its note is not in a form that this version reads, and was removed".to_owned()
            }
        };
        Healed {
            what: "an unknown write".to_owned(),
            since,
            finished: false,
            outcome,
        }
    }

    async fn finish(&self, trail: &Trail, key: &Key, intent: &Intent) -> Result<String, Unhealed> {
        // What became of it in the meantime, in our own catalogue as well.
        self.keeper.read_anew(trail).await?;
        let offset = |now: Timestamp| self.host.now().since(now);
        let started = match self.client.netbox_time() {
            Some(now) => intent.started.minus(offset(now) + SLACK),
            None => intent.started.minus(SLACK),
        };
        match &intent.work {
            Work::Create { fate, segments } => {
                let list = create::List {
                    fate: *fate,
                    segments,
                    started,
                };
                self.finish_create(trail, key, list).await
            }
            Work::Update { fate, segments } => {
                let list = update::List {
                    fate: *fate,
                    segments,
                    started,
                };
                self.finish_update(trail, key, list).await
            }
            Work::Delete { segments } => self.finish_delete(trail, segments, true).await,
            Work::Clear { segments } => self.finish_delete(trail, segments, false).await,
        }
    }

    async fn remove(
        &self,
        trail: &Trail,
        prefixes: &[Prefix],
        vlans: &[Vlan],
    ) -> Result<(), Unhealed> {
        let (mut changes, mut left) = (Vec::new(), Vec::new());
        let gone = self.clear_prefixes(trail, prefixes).await;
        for (row, gone) in prefixes.iter().zip(gone) {
            match gone {
                Gone::Yes => changes.push(Change::PrefixGone(row.id)),
                _ => left.push(format!("prefix {} ({})", row.id, row.cidr)),
            }
        }
        let gone = self.clear_vlans(trail, vlans).await;
        for (row, gone) in vlans.iter().zip(gone) {
            match gone {
                Gone::Yes => changes.push(Change::VlanGone(row.id)),
                // Somebody has put a prefix on it since: it is theirs now.
                Gone::InUse => {}
                Gone::No(error) => left.push(format!("VLAN {} ({error})", row.id)),
            }
        }
        if !changes.is_empty() {
            self.keeper.wrote(changes).await;
        }
        if left.is_empty() {
            Ok(())
        } else {
            Err(Unhealed::Left(left))
        }
    }
}
