//! A NetBox that answers as recorded, on `wiremock`.
//!
//! - `key.rs`: when a call counts as the recorded one.
//! - `book.rs`: what is recorded, and what has come so far.
//! - [`Mismatch`] (`mismatch.rs`) and `nearest.rs`: which recorded call comes nearest to one that was not expected, and what differs.
//! - `latency.rs`: how long answers wait.
//! - `answer.rs`: answers as the wire has them.

mod answer;
mod book;
mod key;
mod latency;
mod mismatch;
mod nearest;

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::model::Har;
use book::Book;

pub use key::Key;
pub use latency::Latency;
pub use mismatch::Mismatch;

/// What becomes of calls that were not recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// They are answered 501, and are a mismatch; so is a recorded call that does not come.
    #[default]
    Strict,
    /// They are answered 404, and nothing is a mismatch. A call that comes more often than recorded gets its last answer again.
    Loose,
}

/// How a recording is played back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplayOptions {
    /// Where; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What becomes of calls that were not recorded.
    pub mode: Mode,
    /// How long answers wait.
    pub latency: Latency,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            mode: Mode::Strict,
            latency: Latency::Recorded,
        }
    }
}

/// A running replay. It stops when dropped.
pub struct Replay {
    server: MockServer,
    book: Arc<Mutex<Book>>,
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

impl Replay {
    /// Starts to play a recording back.
    ///
    /// # Errors
    /// When the address can't be listened on, or a recorded answer can't be given: its body or a header is broken.
    pub async fn start(har: Har, options: ReplayOptions) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(options.listen)
            .with_context(|| format!("{} can't be listened on", options.listen))?;
        let book = Arc::new(Mutex::new(Book::open(har, options)?));
        let server = MockServer::builder()
            .listener(listener)
            .disable_request_recording()
            .start()
            .await;
        Mock::given(any())
            .respond_with(Answers(Arc::clone(&book)))
            .mount(&server)
            .await;
        Ok(Self { server, book })
    }

    /// `http://address:port`, to be used in place of NetBox's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// How many calls were answered as recorded.
    #[must_use]
    pub fn answered(&self) -> usize {
        lock(&self.book).answered()
    }

    /// Whether all that was recorded came, and nothing else.
    ///
    /// # Errors
    /// Each mismatch, the unexpected calls first; in [`Mode::Loose`] none.
    pub fn verify(&self) -> Result<(), Vec<Mismatch>> {
        let mismatches = lock(&self.book).mismatches();
        if mismatches.is_empty() {
            Ok(())
        } else {
            Err(mismatches)
        }
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Answers(Arc<Mutex<Book>>);

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        lock(&self.0).answer(request)
    }
}
