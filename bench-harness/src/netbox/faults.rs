//! Faults for tests: what the double is to do wrong with the next calls of a kind.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// What goes wrong with a call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This answer instead of the work.
    Answer {
        /// The status.
        status: u16,
        /// The `Content-Type`.
        content_type: String,
        /// The body.
        body: String,
        /// Further headers, such as `Retry-After`.
        headers: Vec<(String, String)>,
    },
    /// This answer after the work was done: the caller is told of a failure that was none.
    AnswerAfter {
        /// The status.
        status: u16,
        /// The `Content-Type`.
        content_type: String,
        /// The body.
        body: String,
    },
    /// The connection is closed before the work.
    DropBefore,
    /// The work is done and the connection closed without an answer.
    DropAfter,
    /// The work waits this long.
    Delay(Duration),
    /// The work waits until the gate opens.
    Hold(Gate),
    /// The work is done, and the answer waits until the gate opens.
    HoldAnswer(Gate),
}

impl Fault {
    /// A JSON answer instead of the work.
    #[must_use]
    pub fn json(status: u16, body: &str) -> Self {
        Self::Answer {
            status,
            content_type: "application/json".into(),
            body: body.into(),
            headers: Vec::new(),
        }
    }

    /// An HTML answer instead of the work, as a proxy in front of NetBox gives it.
    #[must_use]
    pub fn html(status: u16, body: &str) -> Self {
        Self::Answer {
            status,
            content_type: "text/html".into(),
            body: body.into(),
            headers: Vec::new(),
        }
    }

    /// An HTML answer after the work was done.
    #[must_use]
    pub fn html_after(status: u16, body: &str) -> Self {
        Self::AnswerAfter {
            status,
            content_type: "text/html".into(),
            body: body.into(),
        }
    }

    /// 429 or 503 with `Retry-After` in seconds.
    #[must_use]
    pub fn throttled(status: u16, retry_after: u64) -> Self {
        Self::Answer {
            status,
            content_type: "text/plain".into(),
            body: "slow down".into(),
            headers: vec![("Retry-After".into(), retry_after.to_string())],
        }
    }
}

/// Holds calls back until a test opens it.
#[derive(Clone, Debug)]
pub struct Gate {
    waiting: Arc<Semaphore>,
    arrived: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            waiting: Arc::new(Semaphore::new(0)),
            arrived: Arc::new(Semaphore::new(0)),
        }
    }
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn closed() -> Self {
        Self::default()
    }

    /// Opens the gate for good.
    pub fn open(&self) {
        self.waiting.close();
    }

    /// Waits until one more call has come to the gate.
    pub async fn reached(&self) {
        if let Ok(permit) = self.arrived.acquire().await {
            permit.forget();
        }
    }

    pub(crate) async fn pass(&self) {
        self.arrived.add_permits(1);
        // The gate opens by closing the semaphore, which is the error awaited here.
        let _opened = self.waiting.acquire().await;
    }
}

/// Which calls a fault is for.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    method: Option<String>,
    path: Option<String>,
    body: Option<String>,
}

impl Matcher {
    /// Any call.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Calls with this method whose path (with query) contains this text.
    #[must_use]
    pub fn call(method: &str, path: &str) -> Self {
        Self {
            method: Some(method.into()),
            path: Some(path.into()),
            body: None,
        }
    }

    /// GraphQL calls.
    #[must_use]
    pub fn graphql() -> Self {
        Self::call("POST", "/graphql/")
    }

    /// Only calls whose body contains this text.
    #[must_use]
    pub fn with_body(mut self, text: &str) -> Self {
        self.body = Some(text.into());
        self
    }

    /// Whether a call is meant.
    #[must_use]
    pub fn matches(&self, method: &str, path: &str, body: &[u8]) -> bool {
        self.method.as_deref().is_none_or(|want| want == method)
            && self.path.as_deref().is_none_or(|want| path.contains(want))
            && self
                .body
                .as_deref()
                .is_none_or(|want| String::from_utf8_lossy(body).contains(want))
    }
}

/// The faults still to come, first come first served.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    planned: Vec<Plan>,
}

#[derive(Debug)]
struct Plan {
    matcher: Matcher,
    fault: Fault,
    /// Calls that match and are left alone first.
    after: usize,
    /// Calls it is for; `None`: all.
    times: Option<usize>,
}

impl Faults {
    /// Plans a fault for the next `times` calls; `None`: for all.
    pub(crate) fn plan(&mut self, matcher: Matcher, fault: Fault, times: Option<usize>) {
        self.planned.push(Plan {
            matcher,
            fault,
            after: 0,
            times,
        });
    }

    /// Plans a fault for the `n`-th call from now on, counted from 1.
    pub(crate) fn plan_nth(&mut self, n: usize, matcher: Matcher, fault: Fault) {
        self.planned.push(Plan {
            matcher,
            fault,
            after: n.saturating_sub(1),
            times: Some(1),
        });
    }

    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    /// The fault for this call, used up once.
    pub(crate) fn take(&mut self, method: &str, path: &str, body: &[u8]) -> Option<Fault> {
        let at = self.planned.iter_mut().position(|plan| {
            let matches = plan.matcher.matches(method, path, body);
            let due = matches && plan.after == 0;
            plan.after = plan.after.saturating_sub(usize::from(matches));
            due
        })?;
        let plan = self.planned.get_mut(at)?;
        let fault = plan.fault.clone();
        if let Some(times) = &mut plan.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.planned.remove(at);
            }
        }
        Some(fault)
    }
}
