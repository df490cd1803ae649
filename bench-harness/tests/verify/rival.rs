//! Rivals: the component under another name, honest, or leaving out the last of several creates.

use std::path::Path;

use bench_harness::host::{Component, Metering};
use bench_harness::netbox::Secret;
use bench_harness::verify::{Claim, Edge, Id, Manner, Seen, Subject, Wanted};
use url::Url;

#[derive(Debug)]
pub(crate) struct Other {
    edge: Edge,
    lazy: bool,
}

fn other(wasm: &Path, netbox: &Url, token: &Secret, lazy: bool) -> Other {
    let component = Component::load_cached(wasm, Metering::Off).unwrap();
    let netbox = netbox.as_str().trim_end_matches('/');
    let edge = Edge::new(&component, netbox, token.reveal(), 1);
    Other { edge, lazy }
}

pub(crate) fn honest(wasm: &Path, netbox: &Url, token: &Secret) -> Other {
    other(wasm, netbox, token, false)
}

pub(crate) fn lazy(wasm: &Path, netbox: &Url, token: &Secret) -> Other {
    other(wasm, netbox, token, true)
}

impl Subject for Other {
    fn name(&self) -> &'static str {
        if self.lazy { "lazy" } else { "honest" }
    }

    async fn start(&mut self) -> anyhow::Result<()> {
        self.edge.start().await
    }

    async fn list(&self) -> anyhow::Result<Vec<Seen>> {
        self.edge.list().await
    }

    async fn get(&self, id: Id) -> anyhow::Result<Seen> {
        self.edge.get(id).await
    }

    async fn references(&self) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        self.edge.references().await
    }

    async fn create(&self, wanted: &[Wanted], manner: Manner) -> anyhow::Result<Vec<Id>> {
        let made = wanted.len() - usize::from(self.lazy);
        self.edge.create(&wanted[..made], manner).await
    }

    async fn rename(&self, names: &[(Id, String)], manner: Manner) -> anyhow::Result<()> {
        self.edge.rename(names, manner).await
    }

    async fn renumber(&self, numbers: &[(Id, u16)], manner: Manner) -> anyhow::Result<bool> {
        self.edge.renumber(numbers, manner).await
    }

    async fn allocate(&self, claims: &[Claim], manner: Manner) -> anyhow::Result<Vec<Id>> {
        self.edge.allocate(claims, manner).await
    }

    async fn release(&self, claims: &[Claim], manner: Manner) -> anyhow::Result<()> {
        self.edge.release(claims, manner).await
    }

    async fn delete(&self, ids: &[Id], manner: Manner) -> anyhow::Result<()> {
        self.edge.delete(ids, manner).await
    }
}
