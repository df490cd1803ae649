//! What is being written right now, noted in the store before the first call, so that nothing is left when we are killed.
//!
//! NetBox has no transaction over a VLAN and a prefix. Whoever starts a write of several calls puts an intent into the
//! store and takes it out when all is done or undone. An intent that outlives its lease belongs to nobody any more: the
//! next write, or `POST /api/reconcile`, finishes it. The lease is in the key's name, so one listing of the keys tells.
//!
//! Some intents may have what was written taken back: a part of a list that is to be whole, a change that was told to have
//! failed. Their keys say so, since a write for the same rows has to come to terms with them first (`precedence`).

use std::cell::RefCell;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalogue::codec;
use crate::log::{Level, Logger};
use crate::netbox::MOST;
use crate::netbox::rows::{Id, Prefix, Vlan};
use crate::platform::Host;
use crate::timestamp::Timestamp;

/// A segment that is being made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Making {
    /// The VLAN group.
    pub group: Id,
    /// The VLAN id.
    pub vid: u16,
    /// The VLAN's name.
    pub name: String,
    /// The VRF.
    pub vrf: Id,
    /// The CIDR.
    pub cidr: String,
    /// The clusters that it is made for.
    pub cluster: String,
}

/// A segment that is being changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changing {
    /// Its prefix, before.
    pub prefix: Prefix,
    /// Its VLAN, before.
    pub vlan: Vlan,
    /// Its prefix as it is to be; times and the id of a new VLAN aside.
    pub prefix_wanted: Prefix,
    /// Its VLAN as it is to be; times aside.
    pub vlan_wanted: Vlan,
    /// The VLAN that is to be made for it instead of one that it shares: group, VLAN id and name.
    pub new_vlan: Option<(Id, u16, String)>,
}

/// What is to stay of a write whose writer is gone: its caller got no answer, or one that said that it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// Whatever is complete.
    Each,
    /// All, if all of it is complete; else nothing.
    AllOrNone,
    /// Nothing: the caller was told that it failed.
    None,
}

/// What is being written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// Segments are being made.
    Create {
        /// Which of them are to stay.
        fate: Fate,
        /// The segments.
        segments: Vec<Making>,
    },
    /// Segments are being changed.
    Update {
        /// Which of the changes are to stay.
        fate: Fate,
        /// The segments.
        segments: Vec<Changing>,
    },
    /// Segments are being removed: each a prefix, and the VLAN that goes with it.
    Delete {
        /// The rows.
        segments: Vec<(Prefix, Vlan)>,
    },
    /// Segments were removed, or may be removed late. Those whose prefixes are there stay: their callers were told so.
    Clear {
        /// The rows.
        segments: Vec<(Prefix, Vlan)>,
    },
}

/// What two writes can't both have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A VLAN id in a VLAN group.
    Place(Id, u16),
    /// Addresses in a VRF.
    Addresses(Id, String),
    /// The row of a prefix that is there.
    Prefix(Id),
    /// The row of a VLAN that is there.
    Vlan(Id),
    /// A segment that is there: on a VLAN id in a VLAN group, with addresses in a VRF.
    Segment(Id, u16, Id, String),
}

impl Subject {
    /// The segment of these rows.
    #[must_use]
    pub fn segment(prefix: &Prefix, vlan: &Vlan) -> Option<Self> {
        let cidr = prefix.cidr.clone();
        Some(Self::Segment(vlan.group?, vlan.vid, prefix.vrf?, cidr))
    }
}

impl Work {
    /// Whether finishing it may take back what is there, so that a later write for the same must not be mistaken for it.
    #[must_use]
    pub fn takes_back(&self) -> bool {
        match self {
            Self::Create { fate, .. } => *fate != Fate::Each,
            Self::Update { .. } => true,
            Self::Delete { .. } | Self::Clear { .. } => false,
        }
    }

    /// Whether it is about any of these.
    #[must_use]
    pub fn concerns(&self, subjects: &[Subject]) -> bool {
        match self {
            Self::Create { segments, .. } => segments.iter().any(|s| s.is_among(subjects)),
            Self::Update { segments, .. } => segments.iter().any(|s| s.is_among(subjects)),
            Self::Delete { .. } | Self::Clear { .. } => false,
        }
    }

    /// The same without what is about these; `None` when nothing is left.
    #[must_use]
    pub fn without(mut self, subjects: &[Subject]) -> Option<Self> {
        let empty = match &mut self {
            Self::Create { segments, .. } => {
                segments.retain(|s| !s.is_among(subjects));
                segments.is_empty()
            }
            Self::Update { segments, .. } => {
                segments.retain(|s| !s.is_among(subjects));
                segments.is_empty()
            }
            Self::Delete { segments } | Self::Clear { segments } => segments.is_empty(),
        };
        (!empty).then_some(self)
    }

    fn size(&self) -> usize {
        match self {
            Self::Create { segments, .. } => segments.len(),
            Self::Update { segments, .. } => segments.len(),
            Self::Delete { segments } | Self::Clear { segments } => segments.len(),
        }
    }

    /// In words, for the log and for `POST /api/reconcile`.
    #[must_use]
    pub fn describe(&self) -> String {
        let list = |names: Vec<String>| match names.as_slice() {
            [] => "nothing".to_owned(),
            [one] => one.clone(),
            [first, .., last] => format!("{} segments from {first} to {last}", names.len()),
        };
        match self {
            Self::Create { segments, .. } => format!(
                "create {}",
                list(segments.iter().map(|s| s.cidr.clone()).collect())
            ),
            Self::Update { segments, .. } => format!(
                "change {}",
                list(segments.iter().map(|s| s.prefix.cidr.clone()).collect())
            ),
            Self::Delete { segments } | Self::Clear { segments } => format!(
                "delete {}",
                list(segments.iter().map(|(p, _)| p.cidr.clone()).collect())
            ),
        }
    }

    /// The VLANs that it makes: nobody else may take them for left behind.
    pub fn vlans(&self) -> Vec<(Id, u16)> {
        match self {
            Self::Create { segments, .. } => segments.iter().map(|s| (s.group, s.vid)).collect(),
            Self::Update { segments, .. } => {
                let new = segments.iter().filter_map(|s| s.new_vlan.as_ref());
                new.map(|(group, vid, _)| (*group, *vid)).collect()
            }
            Self::Delete { .. } | Self::Clear { .. } => Vec::new(),
        }
    }
}

impl Making {
    fn is_among(&self, subjects: &[Subject]) -> bool {
        subjects.iter().any(|subject| match subject {
            Subject::Place(group, vid) => (*group, *vid) == (self.group, self.vid),
            Subject::Addresses(vrf, cidr) => *vrf == self.vrf && *cidr == self.cidr,
            Subject::Segment(group, vid, vrf, cidr) => {
                (*group, *vid, *vrf) == (self.group, self.vid, self.vrf) && *cidr == self.cidr
            }
            Subject::Prefix(_) | Subject::Vlan(_) => false,
        })
    }
}

impl Changing {
    fn is_among(&self, subjects: &[Subject]) -> bool {
        let prefix = self.prefix != self.prefix_wanted || self.new_vlan.is_some();
        let vlan = self.vlan != self.vlan_wanted;
        prefix && subjects.contains(&Subject::Prefix(self.prefix.id))
            || vlan && subjects.contains(&Subject::Vlan(self.vlan.id))
    }
}

/// A write under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// When it began, by the writer's clock.
    pub started: Timestamp,
    /// Whether a later write for the same may take it over, since that makes good whatever may come of it.
    pub yields: bool,
    /// What is being written.
    pub work: Work,
}

/// An intent in the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Until when its writer may be at work.
    pub until: Timestamp,
    /// Whether finishing it may take something back.
    pub takes_back: bool,
    name: String,
}

/// Why an intent can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The store does not answer: it may be there.
    Store,
    /// It is there in a form that is not ours, such as that of another version.
    Form,
}

/// What a writer leaves that gives up.
#[derive(Clone, Debug)]
pub struct Rest {
    /// What is not as it should be.
    pub work: Work,
    /// How long to wait before it is finished: a write whose answer is late may still be carried out.
    pub pause: Duration,
    /// Whether a later write for the same may take it over.
    pub yields: bool,
}

/// The end of a key's name when finishing it may take something back.
const TAKES_BACK: &str = "-back";

/// The intents of all instances on one store.
pub struct Intents {
    host: Host,
    logger: Logger,
    root: String,
    lease: Duration,
    /// Those that this instance is at work on, and when each began.
    own: RefCell<Vec<(Key, Timestamp)>>,
    /// Those that this instance has left since the store was listed.
    left: RefCell<Vec<Key>>,
}

impl Intents {
    /// The intents whose keys begin with `root`, each of which is its writer's for `lease`, and longer when it is a long list.
    #[must_use]
    pub fn new(host: Host, logger: Logger, root: String, lease: Duration) -> Self {
        Self {
            host,
            logger,
            root,
            lease,
            own: RefCell::default(),
            left: RefCell::default(),
        }
    }

    /// Notes what is about to be written; `earlier` is since when a write that this one takes over was under way. `None` when
    /// the store can't: the write goes on, and is undone as long as we live.
    pub async fn open(&self, work: Work, earlier: Option<Timestamp>) -> Option<Key> {
        let now = self.host.now();
        // Each further call that the list is cut into takes its time.
        let calls = work.size().div_ceil(MOST).max(1);
        let lease = self.lease * u32::try_from(calls).unwrap_or(u32::MAX);
        let key = self.key(now.plus(lease), &work);
        let started = earlier.map_or(now, |earlier| earlier.min(now));
        let intent = Intent {
            started,
            yields: false,
            work,
        };
        let key = self.put(key, &intent).await?;
        self.own.borrow_mut().push((key.clone(), started));
        Some(key)
    }

    /// The write is done or undone: nothing is left of it.
    pub async fn close(&self, key: Option<Key>) {
        let Some(key) = key else { return };
        self.own.borrow_mut().retain(|(own, _)| *own != key);
        self.left.borrow_mut().retain(|left| *left != key);
        if let Err(error) = self.host.delete(key.name).await {
            self.warn(&error.to_string());
        }
    }

    /// The writer gives up, and something is left: whoever comes next may finish it.
    pub async fn abandon(&self, key: Option<Key>, rests: Vec<Rest>) {
        let now = self.host.now();
        // What is left was written since the write began: by then it may be old.
        let began = |(own, began): &(Key, Timestamp)| (Some(own) == key.as_ref()).then_some(*began);
        let started = self.own.borrow().iter().find_map(began).unwrap_or(now);
        let mut noted = true;
        for rest in rests {
            let next = self.key(now.plus(rest.pause), &rest.work);
            let intent = Intent {
                started,
                yields: rest.yields,
                work: rest.work,
            };
            match self.put(next, &intent).await {
                Some(next) => self.left.borrow_mut().push(next),
                None => noted = false,
            }
        }
        if noted {
            self.close(key).await;
        } else if let Some(key) = key {
            // The first note is better than none: it is finished when its lease is over.
            self.own.borrow_mut().retain(|(own, _)| *own != key);
        }
    }

    /// It can't be finished now: the next attempt is a lease later.
    pub async fn postpone(&self, key: Key, intent: &Intent) {
        let next = self.key(self.host.now().plus(self.lease), &intent.work);
        if let Some(next) = self.put(next, intent).await {
            self.close(Some(key)).await;
            self.left.borrow_mut().push(next);
        }
    }

    /// A later write takes over what this one has to do with `subjects`.
    pub async fn yield_to(&self, key: Key, intent: Intent, subjects: &[Subject]) {
        if let Some(work) = intent.work.without(subjects) {
            let rest = Intent { work, ..intent };
            let next = self.key(key.until, &rest.work);
            match self.put(next, &rest).await {
                Some(next) => self.left.borrow_mut().push(next),
                None => return,
            }
        }
        self.close(Some(key)).await;
    }

    /// All intents, those that were left alone longest first; none when the store does not answer.
    pub async fn list(&self) -> Vec<Key> {
        self.try_list().await.unwrap_or_default()
    }

    /// All intents, those that were left alone longest first; `None` when the store does not answer.
    pub async fn try_list(&self) -> Option<Vec<Key>> {
        let names = match self.host.keys().await {
            Ok(names) => names,
            Err(error) => {
                self.warn(&error.to_string());
                return None;
            }
        };
        let keys = self.read_all(names);
        self.left.borrow_mut().retain(|left| keys.contains(left));
        Some(keys)
    }

    /// The intents among these keys, and what this instance has left since they were listed; those that were left alone
    /// longest first.
    #[must_use]
    pub fn sort(&self, names: Vec<String>) -> Vec<Key> {
        let mut keys = self.read_all(names);
        keys.extend(self.left.borrow().iter().cloned());
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn read_all(&self, names: Vec<String>) -> Vec<Key> {
        let mut keys: Vec<Key> = names.into_iter().filter_map(|n| self.read(n)).collect();
        keys.sort_unstable();
        keys
    }

    /// Whether this instance is at work on it: its claims keep others in the instance away.
    #[must_use]
    pub fn is_own(&self, key: &Key) -> bool {
        self.own.borrow().iter().any(|(own, _)| own == key) && key.until >= self.host.now()
    }

    /// An intent; `None` when it is gone by now.
    ///
    /// # Errors
    /// [`Unread`].
    pub async fn get(&self, key: &Key) -> Result<Option<Intent>, Unread> {
        let found = match self.host.get(key.name.clone()).await {
            Ok(found) => found,
            Err(error) => {
                self.warn(&error.to_string());
                return Err(Unread::Store);
            }
        };
        let Some(bytes) = found else {
            self.left.borrow_mut().retain(|left| left != key);
            return Ok(None);
        };
        codec::decode(&bytes).map(Some).ok_or(Unread::Form)
    }

    async fn put(&self, key: Key, intent: &Intent) -> Option<Key> {
        let bytes = codec::encode(intent)?;
        match self.host.set(key.name.clone(), bytes).await {
            Ok(()) => Some(key),
            Err(error) => {
                self.warn(&error.to_string());
                None
            }
        }
    }

    fn key(&self, until: Timestamp, work: &Work) -> Key {
        let takes_back = work.takes_back();
        let name = format!(
            "{}{:016x}-{:016x}{}",
            self.root,
            until.micros(),
            self.host.random(),
            if takes_back { TAKES_BACK } else { "" }
        );
        Key {
            until,
            takes_back,
            name,
        }
    }

    fn read(&self, name: String) -> Option<Key> {
        let (until, _) = name.strip_prefix(&self.root)?.split_once('-')?;
        let until = Timestamp::from_micros(i64::from_str_radix(until, 16).ok()?);
        Some(Key {
            until,
            takes_back: name.ends_with(TAKES_BACK),
            name,
        })
    }

    fn warn(&self, detail: &str) {
        self.logger.line(Level::Warn, "intents", detail);
    }
}

#[cfg(test)]
#[path = "intents_tests.rs"]
mod tests;
