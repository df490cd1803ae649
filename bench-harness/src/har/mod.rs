//! Recordings of NetBox traffic as HAR 1.2: made, cleared of secrets, checked, and played back.
//!
//! - [`Har`] (`model.rs`): the format; `file.rs` reads and writes it, `exchange.rs` makes entries of calls on the wire.
//! - [`Scrubber`] (`scrub/`): removes tokens, cookies, names of hosts and people, and checks that none is left.
//! - [`Recorder`] (`recorder.rs`): the proxy before a NetBox that records.
//! - [`Replay`] (`replay/`): a server that answers as recorded, and says what was asked otherwise.
//! - [`scenario`]: drives the component through all it does, for a complete recording, and compares its answers afterwards.
//! - [`from_recordings`]: the project's own recordings of NetBox 4.7.3 as HAR.

mod diff;
mod exchange;
mod file;
mod from_recordings;
mod model;
mod recorder;
mod replay;
pub mod scenario;
mod scrub;

pub use exchange::Exchange;
pub use from_recordings::from_recordings;
pub use model::{
    Cache, Content, Creator, Entry, Har, Log, Pair, PostData, Request, Response, Timings,
};
pub use recorder::Recorder;
pub use replay::{Key, Latency, Mismatch, Mode, Replay, ReplayOptions};
pub use scrub::{ELSEWHERE, Leaks, REMOVED, Scrubber};
