//! Any [`Subject`] behind a pointer, so that one run can take several of them.

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use url::Url;

use super::subject::{Claim, Id, Manner, Seen, Subject, Wanted};
use crate::netbox::Secret;

type Answer<'a, T> = LocalBoxFuture<'a, anyhow::Result<T>>;

/// [`Subject`] as an object. Every subject is one.
pub trait Anyone {
    /// See [`Subject::name`].
    fn name(&self) -> &'static str;
    /// See [`Subject::start`].
    fn start(&mut self) -> Answer<'_, ()>;
    /// See [`Subject::restart`].
    fn restart(&mut self) -> Answer<'_, ()>;
    /// See [`Subject::list`].
    fn list(&self) -> Answer<'_, Vec<Seen>>;
    /// See [`Subject::get`].
    fn get(&self, id: Id) -> Answer<'_, Seen>;
    /// See [`Subject::references`].
    fn references(&self) -> Answer<'_, (Vec<String>, Vec<String>)>;
    /// See [`Subject::create`].
    fn create<'a>(&'a self, wanted: &'a [Wanted], manner: Manner) -> Answer<'a, Vec<Id>>;
    /// See [`Subject::rename`].
    fn rename<'a>(&'a self, names: &'a [(Id, String)], manner: Manner) -> Answer<'a, ()>;
    /// See [`Subject::renumber`].
    fn renumber<'a>(&'a self, numbers: &'a [(Id, u16)], manner: Manner) -> Answer<'a, bool>;
    /// See [`Subject::allocate`].
    fn allocate<'a>(&'a self, claims: &'a [Claim], manner: Manner) -> Answer<'a, Vec<Id>>;
    /// See [`Subject::release`].
    fn release<'a>(&'a self, claims: &'a [Claim], manner: Manner) -> Answer<'a, ()>;
    /// See [`Subject::delete`].
    fn delete<'a>(&'a self, ids: &'a [Id], manner: Manner) -> Answer<'a, ()>;
}

impl<S: Subject> Anyone for S {
    fn name(&self) -> &'static str {
        Subject::name(self)
    }

    fn start(&mut self) -> Answer<'_, ()> {
        Subject::start(self).boxed_local()
    }

    fn restart(&mut self) -> Answer<'_, ()> {
        Subject::restart(self).boxed_local()
    }

    fn list(&self) -> Answer<'_, Vec<Seen>> {
        Subject::list(self).boxed_local()
    }

    fn get(&self, id: Id) -> Answer<'_, Seen> {
        Subject::get(self, id).boxed_local()
    }

    fn references(&self) -> Answer<'_, (Vec<String>, Vec<String>)> {
        Subject::references(self).boxed_local()
    }

    fn create<'a>(&'a self, wanted: &'a [Wanted], manner: Manner) -> Answer<'a, Vec<Id>> {
        Subject::create(self, wanted, manner).boxed_local()
    }

    fn rename<'a>(&'a self, names: &'a [(Id, String)], manner: Manner) -> Answer<'a, ()> {
        Subject::rename(self, names, manner).boxed_local()
    }

    fn renumber<'a>(&'a self, numbers: &'a [(Id, u16)], manner: Manner) -> Answer<'a, bool> {
        Subject::renumber(self, numbers, manner).boxed_local()
    }

    fn allocate<'a>(&'a self, claims: &'a [Claim], manner: Manner) -> Answer<'a, Vec<Id>> {
        Subject::allocate(self, claims, manner).boxed_local()
    }

    fn release<'a>(&'a self, claims: &'a [Claim], manner: Manner) -> Answer<'a, ()> {
        Subject::release(self, claims, manner).boxed_local()
    }

    fn delete<'a>(&'a self, ids: &'a [Id], manner: Manner) -> Answer<'a, ()> {
        Subject::delete(self, ids, manner).boxed_local()
    }
}

type Maker = Box<dyn Fn(&Url, Secret) -> anyhow::Result<Box<dyn Anyone>>>;

/// Somebody who does the same work as the component, made anew for each row.
pub struct Rival {
    name: &'static str,
    make: Maker,
}

impl std::fmt::Debug for Rival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rival").field("name", &self.name).finish()
    }
}

impl Rival {
    /// A rival with this name in tables, made from NetBox's address and token.
    pub fn new<S: Subject + 'static>(
        name: &'static str,
        make: impl Fn(&Url, Secret) -> anyhow::Result<S> + 'static,
    ) -> Self {
        Self {
            name,
            make: Box::new(move |netbox, token| Ok(Box::new(make(netbox, token)?))),
        }
    }

    /// Its name in tables.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A new one before this NetBox.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn make(&self, netbox: &Url, token: Secret) -> anyhow::Result<Box<dyn Anyone>> {
        (self.make)(netbox, token)
    }
}
