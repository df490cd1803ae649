//! Bodies, both ways.

use wasip2::http::types::{IncomingBody, http_error_code};
use wasip2::io::streams::StreamError;
use wstd::io::AsyncOutputStream;
use wstd::runtime::AsyncPollable;

pub(super) use wasip2::http::types::OutgoingBody;

/// The most bytes that are asked for at once.
const PIECE: u64 = 256 * 1024;

/// Why a body was not read to its end.
pub(super) enum Unread {
    /// It has more bytes than were allowed.
    TooLarge,
    /// It broke off; why.
    Broken(String),
}

/// Reads a body to its end, if that comes within `limit` bytes.
pub(super) async fn read(body: IncomingBody, limit: usize) -> Result<Vec<u8>, Unread> {
    let taken = |()| Unread::Broken("its body was taken already".to_owned());
    let stream = body.stream().map_err(taken)?;
    let mut whole = Vec::new();
    loop {
        match stream.read(PIECE) {
            Ok(piece) if piece.is_empty() => {
                AsyncPollable::new(stream.subscribe()).wait_for().await;
            }
            Ok(piece) if piece.len() > limit.saturating_sub(whole.len()) => {
                return Err(Unread::TooLarge);
            }
            Ok(piece) if whole.is_empty() => whole = piece,
            Ok(piece) => whole.extend_from_slice(&piece),
            Err(StreamError::Closed) => return Ok(whole),
            Err(StreamError::LastOperationFailed(error)) => {
                let why = match http_error_code(&error) {
                    Some(code) => code.to_string(),
                    None => error.to_debug_string(),
                };
                return Err(Unread::Broken(why));
            }
        }
    }
}

/// Writes a whole body; nothing when the other side is gone.
pub(super) async fn write(body: OutgoingBody, bytes: &[u8]) -> Option<()> {
    let stream = AsyncOutputStream::new(body.write().ok()?);
    stream.write_all(bytes).await.ok()?;
    // A stream that is still there when its body ends would be a trap.
    drop(stream);
    OutgoingBody::finish(body, None).ok()
}
