//! Waiting for another request's task.
//!
//! A component's instance serves several requests at once on one thread, each as a task of its own. A task can't wake another
//! by a plain `Waker` there: the host must do it. So everything that waits for another task waits for a [`Signals`] port, and
//! asks again when it was woken; it is not told what has changed.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use crate::platform::{Host, Signals, Wake};

/// Wakes whoever waits.
pub struct Bell {
    host: Host,
    waiting: RefCell<Vec<Wake>>,
}

impl Bell {
    /// A bell that nobody waits for.
    #[must_use]
    pub fn new(host: Host) -> Self {
        Self {
            host,
            waiting: RefCell::default(),
        }
    }

    /// Waits for the next [`Bell::ring`] after this call.
    pub async fn wait(&self) {
        let (wake, woken) = Signals::signal(&*self.host);
        self.waiting.borrow_mut().push(wake);
        woken.await;
    }

    /// Wakes all that wait now, the longest waiting first.
    pub fn ring(&self) {
        let waiting = self.waiting.take();
        waiting.into_iter().for_each(|wake| wake());
    }
}

/// For how long a task steps aside. What is ready at once does not let the host turn to other tasks, so it must be a time.
const ASIDE: Duration = Duration::from_millis(1);

/// Lets the tasks go on that have been woken already.
pub async fn step_aside(host: &Host) {
    host.sleep(ASIDE).await;
}

/// A number of permits, of which everybody may hold one.
pub struct Permits {
    free: Cell<usize>,
    bell: Bell,
}

/// A permit; dropping it gives it back.
pub struct Permit<'a>(&'a Permits);

impl Permits {
    /// So many permits.
    #[must_use]
    pub fn new(host: Host, count: usize) -> Self {
        Self {
            free: Cell::new(count),
            bell: Bell::new(host),
        }
    }

    /// Takes a permit if one is free.
    pub fn try_take(&self) -> Option<Permit<'_>> {
        let left = self.free.get().checked_sub(1)?;
        self.free.set(left);
        Some(Permit(self))
    }

    /// Waits for a permit.
    pub async fn take(&self) -> Permit<'_> {
        loop {
            if let Some(permit) = self.try_take() {
                return permit;
            }
            self.bell.wait().await;
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.free.set(self.0.free.get() + 1);
        self.0.bell.ring();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::platform::testing::host;
    use futures_util::FutureExt;

    #[test]
    fn the_second_waits_until_the_first_is_done() {
        let permits = Permits::new(host(), 1);
        let first = permits.take().now_or_never().unwrap();
        let mut second = Box::pin(permits.take());
        assert!(second.as_mut().now_or_never().is_none());
        assert!(permits.try_take().is_none());
        drop(first);
        assert!(second.now_or_never().is_some());
    }

    #[test]
    fn a_waiter_that_gave_up_does_not_keep_the_permit() {
        let permits = Permits::new(host(), 1);
        let first = permits.take().now_or_never().unwrap();
        let mut gone = Box::pin(permits.take());
        assert!(gone.as_mut().now_or_never().is_none());
        let mut third = Box::pin(permits.take());
        assert!(third.as_mut().now_or_never().is_none());
        drop(gone);
        drop(first);
        assert!(third.now_or_never().is_some());
    }
}
