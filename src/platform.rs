//! The ports: all that segment-edge asks of the host it runs on.
//!
//! Each trait is one thing a host does. `spin` implements them on spin-sdk, for hosts with WASIp3 and with WASIp2.
//! A component's instance is single-threaded, so nothing here is `Send`.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use http::{Request, Response};

use crate::timestamp::Timestamp;

/// Why an outgoing HTTP request brought no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The host does not let the component reach this address (Spin: `allowed_outbound_hosts`).
    #[error("the host does not allow requests to this address")]
    NotAllowed,
    /// Nobody took the connection; the request did not leave.
    #[error("no connection: {0}")]
    Connect(String),
    /// No complete response within the time given; the request may have been carried out.
    #[error("no answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The connection broke after it was made; the request may have been carried out.
    #[error("the connection broke: {0}")]
    Broken(String),
}

/// Sends HTTP requests.
pub trait Outbound {
    /// Sends `request` and reads the whole response, in `timeout` altogether.
    ///
    /// # Errors
    /// [`SendError`] when there is no complete response.
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> LocalBoxFuture<'_, Result<Response<Bytes>, SendError>>;
}

/// The key-value store could not be read or written; the text is for the log.
#[derive(Clone, Debug, thiserror::Error)]
#[error("key-value store: {0}")]
pub struct StoreError(pub String);

/// The key-value store that all instances share. No listing by prefix, no compare-and-swap: Spin's interface has neither.
pub trait Store {
    /// The value under `key`, if any.
    fn get(&self, key: String) -> LocalBoxFuture<'_, Result<Option<Vec<u8>>, StoreError>>;
    /// Puts `value` under `key`. Values over 1 MB are refused by some hosts.
    fn set(&self, key: String, value: Vec<u8>) -> LocalBoxFuture<'_, Result<(), StoreError>>;
    /// Removes `key`; not there is not an error.
    fn delete(&self, key: String) -> LocalBoxFuture<'_, Result<(), StoreError>>;
    /// Every key in the store.
    fn keys(&self) -> LocalBoxFuture<'_, Result<Vec<String>, StoreError>>;
}

/// Time and waiting.
pub trait Clock {
    /// The wall clock, UTC.
    fn now(&self) -> Timestamp;
    /// Time since some fixed instant; never goes back.
    fn monotonic(&self) -> Duration;
    /// Waits.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()>;
}

/// Randomness for request ids, key names and jitter.
pub trait Random {
    /// Sixty-four bits from a source that nobody can predict.
    fn random(&self) -> u64;
}

/// Settings and secrets.
pub trait Variables {
    /// The value of the variable `name`; `None` when it is not defined.
    fn variable(&self, name: &'static str) -> LocalBoxFuture<'_, Option<String>>;
}

/// The log.
pub trait Log {
    /// Writes one line.
    fn line(&self, line: &str);
}

/// Wakes the task that waits for the other half.
pub type Wake = Box<dyn FnOnce()>;

/// Lets the task of one request wait for that of another.
pub trait Signals {
    /// Two halves: calling the first completes the second, whichever tasks hold them.
    fn signal(&self) -> (Wake, LocalBoxFuture<'static, ()>);
}

/// Work that goes on after the response has been sent.
pub trait Background {
    /// Starts `work`; the host drops it when the instance ends.
    fn spawn(&self, work: LocalBoxFuture<'static, ()>);
    /// Whether this instance may serve further requests. If not, nothing is gained by putting work off for them.
    fn may_serve_more(&self) -> bool;
}

/// A host: all ports together.
pub trait Platform:
    Outbound + Store + Clock + Random + Variables + Log + Signals + Background
{
}

impl<T> Platform for T where
    T: Outbound + Store + Clock + Random + Variables + Log + Signals + Background
{
}

/// The host, shared by whoever needs one of its ports.
pub type Host = Rc<dyn Platform>;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
pub(crate) mod testing {
    //! A host for tests: a store in memory, a clock that goes on by what is slept, no network.

    use super::*;
    use futures_util::FutureExt;
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;
    use std::task::Poll;

    /// The host for tests.
    #[derive(Default)]
    pub(crate) struct TestHost {
        store: RefCell<BTreeMap<String, Vec<u8>>>,
        drawn: Cell<u64>,
        slept: Cell<Duration>,
        /// Whether the store takes a turn to list its keys.
        pub(crate) slow: Cell<bool>,
        /// Whether it fails to.
        pub(crate) unlistable: Cell<bool>,
        /// Whether the store takes nothing.
        pub(crate) full: Cell<bool>,
    }

    /// A new host for a test.
    pub(crate) fn host() -> Host {
        Rc::new(TestHost::default())
    }

    impl Outbound for TestHost {
        fn send(
            &self,
            _: Request<Bytes>,
            _: Duration,
        ) -> LocalBoxFuture<'_, Result<Response<Bytes>, SendError>> {
            async { Err(SendError::NotAllowed) }.boxed_local()
        }
    }

    impl Store for TestHost {
        fn get(&self, key: String) -> LocalBoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
            async move { Ok(self.store.borrow().get(&key).cloned()) }.boxed_local()
        }
        fn set(&self, key: String, value: Vec<u8>) -> LocalBoxFuture<'_, Result<(), StoreError>> {
            if self.full.get() {
                return async { Err(StoreError("full".to_owned())) }.boxed_local();
            }
            self.store.borrow_mut().insert(key, value);
            async { Ok(()) }.boxed_local()
        }
        fn delete(&self, key: String) -> LocalBoxFuture<'_, Result<(), StoreError>> {
            self.store.borrow_mut().remove(&key);
            async { Ok(()) }.boxed_local()
        }
        fn keys(&self) -> LocalBoxFuture<'_, Result<Vec<String>, StoreError>> {
            let mut wait = self.slow.get();
            std::future::poll_fn(move |context| {
                if std::mem::take(&mut wait) {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Ready(match self.unlistable.get() {
                    true => Err(StoreError("no listing".to_owned())),
                    false => Ok(self.store.borrow().keys().cloned().collect()),
                })
            })
            .boxed_local()
        }
    }

    impl Clock for TestHost {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(0).plus(self.slept.get())
        }
        fn monotonic(&self) -> Duration {
            self.slept.get()
        }
        fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
            self.slept.set(self.slept.get() + duration);
            async {}.boxed_local()
        }
    }

    impl Random for TestHost {
        fn random(&self) -> u64 {
            self.drawn.set(self.drawn.get() + 1);
            self.drawn.get()
        }
    }

    impl Variables for TestHost {
        fn variable(&self, _: &'static str) -> LocalBoxFuture<'_, Option<String>> {
            async { None }.boxed_local()
        }
    }

    impl Log for TestHost {
        fn line(&self, _: &str) {}
    }

    impl Signals for TestHost {
        fn signal(&self) -> (Wake, LocalBoxFuture<'static, ()>) {
            let (wake, woken) = futures_channel::oneshot::channel();
            let wake = Box::new(move || wake.send(()).unwrap_or_default());
            (wake, woken.map(drop).boxed_local())
        }
    }

    impl Background for TestHost {
        fn spawn(&self, _: LocalBoxFuture<'static, ()>) {}
        fn may_serve_more(&self) -> bool {
            true
        }
    }
}
