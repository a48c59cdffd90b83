//! What every widget shows, ready as bytes: replaced when it changes, read without a lock. Polls never reach an
//! actor or the database.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::domain::{Mode, OfficeId, TenantId, Widget};
use crate::engine::{OfficeAvailability, SetupEvent};
use crate::protocol::wire::availability_body;
use crate::store::{OfficeOnBoard, WidgetOnBoard};

/// Adding a widget copies the pointers of one shard only: at 100,000 widgets 40 µs instead of 3 ms.
const SHARDS: usize = 64;

/// One widget's answer.
pub struct Ready {
    /// The body of the answer.
    pub body: Bytes,
    /// Its strong entity tag, with quotes.
    pub etag: Box<str>,
    /// The best mode of its offices.
    pub mode: Mode,
    /// Its offices in their order.
    pub offices: Vec<OfficeOnBoard>,
}

/// A widget and its answer.
pub struct WidgetEntry {
    /// Whose widget it is.
    pub tenant_id: TenantId,
    /// The widget.
    pub widget: Widget,
    ready: ArcSwap<Ready>,
}

impl WidgetEntry {
    fn new(on_board: WidgetOnBoard) -> Self {
        Self {
            tenant_id: on_board.tenant_id,
            widget: on_board.widget,
            ready: ArcSwap::from_pointee(Ready::new(on_board.offices)),
        }
    }

    /// The answer as it is now.
    #[must_use]
    pub fn ready(&self) -> Arc<Ready> {
        self.ready.load_full()
    }
}

impl Ready {
    fn new(offices: Vec<OfficeOnBoard>) -> Self {
        let mode = offices
            .iter()
            .map(|office| office.shown.mode)
            .max()
            .unwrap_or(Mode::Hidden);
        let shown = offices.iter().map(|office| (&office.name, &office.shown));
        let body = availability_body(mode, shown);
        let digest = Sha256::digest(&body);
        // 8 bytes: a wrong 304 once in 2^64 changes is less likely than a broken cache.
        let tag = digest
            .first_chunk()
            .map_or(0, |bytes| u64::from_be_bytes(*bytes));
        Self {
            body: Bytes::from(body),
            etag: format!("\"{tag:016x}\"").into(),
            mode,
            offices,
        }
    }
}

type Shard = ArcSwap<HashMap<Box<str>, Arc<WidgetEntry>>>;

/// Every widget of every tenant, by its key.
pub struct Board {
    shards: Vec<Shard>,
    hasher: RandomState,
    by_tenant: std::sync::Mutex<HashMap<TenantId, Vec<Arc<WidgetEntry>>>>,
}

impl Board {
    /// A board of these widgets.
    #[must_use]
    pub fn new(widgets: Vec<WidgetOnBoard>) -> Self {
        let hasher = RandomState::new();
        let mut shards: Vec<HashMap<Box<str>, Arc<WidgetEntry>>> =
            (0..SHARDS).map(|_| HashMap::new()).collect();
        let mut by_tenant: HashMap<TenantId, Vec<Arc<WidgetEntry>>> = HashMap::new();
        for on_board in widgets {
            let entry = Arc::new(WidgetEntry::new(on_board));
            let key = entry.widget.key.as_str();
            shards[shard(&hasher, key)].insert(key.into(), Arc::clone(&entry));
            by_tenant.entry(entry.tenant_id).or_default().push(entry);
        }
        Self {
            shards: shards.into_iter().map(ArcSwap::from_pointee).collect(),
            hasher,
            by_tenant: by_tenant.into(),
        }
    }

    /// The widget of a key.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<Arc<WidgetEntry>> {
        self.shards[shard(&self.hasher, key)]
            .load()
            .get(key)
            .cloned()
    }

    /// The widget of an id; for sockets, whose token names it.
    #[must_use]
    pub fn find_of_tenant(
        &self,
        tenant_id: TenantId,
        widget_id: crate::domain::WidgetId,
    ) -> Option<Arc<WidgetEntry>> {
        let by_tenant = self
            .by_tenant
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut entries = by_tenant.get(&tenant_id)?.iter();
        entries.find(|entry| entry.widget.id == widget_id).cloned()
    }

    /// Puts these widgets of a tenant in the place of all that it has on the board.
    pub(super) fn replace(&self, tenant_id: TenantId, widgets: Vec<WidgetOnBoard>) {
        let entries: Vec<Arc<WidgetEntry>> = widgets
            .into_iter()
            .map(|on_board| Arc::new(WidgetEntry::new(on_board)))
            .collect();
        let mut by_tenant = self
            .by_tenant
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let before = by_tenant.remove(&tenant_id).unwrap_or_default();
        let key = |entry: &Arc<WidgetEntry>| entry.widget.key.clone();
        let kept: std::collections::HashSet<_> = entries.iter().map(key).collect();
        for gone in before.iter().map(key).filter(|key| !kept.contains(key)) {
            self.change_shard(gone.as_str(), |shard| {
                shard.remove(gone.as_str());
            });
        }
        for entry in &entries {
            let key = entry.widget.key.as_str();
            self.change_shard(key, |shard| {
                shard.insert(key.into(), Arc::clone(entry));
            });
        }
        if !entries.is_empty() {
            by_tenant.insert(tenant_id, entries);
        }
    }

    fn change_shard(&self, key: &str, change: impl Fn(&mut HashMap<Box<str>, Arc<WidgetEntry>>)) {
        self.shards[shard(&self.hasher, key)].rcu(|shard| {
            let mut shard = HashMap::clone(shard);
            change(&mut shard);
            shard
        });
    }

    /// Makes the answers of a tenant's widgets anew where an office shows something else.
    pub(super) fn update(
        &self,
        tenant_id: TenantId,
        changed: &BTreeMap<OfficeId, OfficeAvailability>,
    ) {
        let by_tenant = self
            .by_tenant
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for entry in by_tenant.get(&tenant_id).into_iter().flatten() {
            let before = entry.ready.load();
            let new = |office: &OfficeOnBoard| changed.get(&office.shown.office_id);
            if !before.offices.iter().any(|office| new(office).is_some()) {
                continue;
            }
            let offices = before.offices.iter().map(|office| OfficeOnBoard {
                name: office.name.clone(),
                shown: new(office).unwrap_or(&office.shown).clone(),
            });
            entry.ready.store(Arc::new(Ready::new(offices.collect())));
        }
    }
}

fn shard(hasher: &RandomState, key: &str) -> usize {
    usize::try_from(hasher.hash_one(key) % SHARDS as u64).unwrap_or(0)
}

/// Whether a change of the set-up changes which widgets there are, or what they show besides the mode.
pub(super) fn changes_board(change: &SetupEvent) -> bool {
    match change {
        SetupEvent::SettingsChanged(_)
        | SetupEvent::OfficeCreated(_)
        | SetupEvent::OfficeChanged(_)
        | SetupEvent::OfficeArchived(_)
        | SetupEvent::AgentChanged(..)
        | SetupEvent::WidgetCreated(_)
        | SetupEvent::WidgetChanged(_)
        | SetupEvent::WidgetArchived(_) => true,
        SetupEvent::AgentCreated(..)
        | SetupEvent::AgentArchived(_)
        | SetupEvent::QueueCreated(_)
        | SetupEvent::QueueChanged(_)
        | SetupEvent::MembersChanged(_)
        | SetupEvent::QueueArchived(_)
        | SetupEvent::StatusCreated(_)
        | SetupEvent::StatusChanged(_)
        | SetupEvent::StatusArchived(_)
        | SetupEvent::PauseCreated(_)
        | SetupEvent::PauseChanged(_)
        | SetupEvent::PauseArchived(_)
        | SetupEvent::SkillCreated(_)
        | SetupEvent::SkillChanged(_)
        | SetupEvent::SkillArchived(_)
        | SetupEvent::DispositionCreated(_)
        | SetupEvent::DispositionChanged(_)
        | SetupEvent::DispositionArchived(_)
        | SetupEvent::RoutingRuleCreated(_)
        | SetupEvent::RoutingRuleChanged(_)
        | SetupEvent::RoutingRuleArchived(_)
        | SetupEvent::BanCreated(_)
        | SetupEvent::BanChanged(_)
        | SetupEvent::BanLifted(_) => false,
    }
}
