//! What went wrong with an outbound call: a text for the log, and one of the codes that WASI has for the guest.

use hyper_util::client::legacy;
use std::error::Error as StdError;
use std::io;
use wasmtime_wasi_http::Error;

/// The whole chain of causes, for which the guest's code has no room, and that code.
pub(super) fn explain(error: &legacy::Error) -> (String, Error) {
    let mut texts: Vec<String> = chain(error).map(ToString::to_string).collect();
    texts.dedup();
    let causes = texts.join(": ");
    if error.is_connect() {
        let code = connect_error(error, &causes);
        return (causes, code);
    }
    let code = match find::<hyper::Error>(error) {
        Some(hyper) if hyper.is_parse() => Error::HttpProtocolError,
        Some(hyper) if hyper.is_user() => Error::InternalError(Some(causes.clone())),
        _ => Error::ConnectionTerminated,
    };
    (causes, code)
}

fn connect_error(error: &legacy::Error, causes: &str) -> Error {
    match find::<rustls::Error>(error) {
        Some(rustls::Error::InvalidCertificate(_)) => return Error::TlsCertificateError,
        Some(_) => return Error::TlsProtocolError,
        None => {}
    }
    if causes.contains("dns error") {
        return Error::DnsError {
            rcode: None,
            info_code: None,
        };
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::TimedOut) => Error::ConnectionTimeout,
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => {
            Error::ConnectionTerminated
        }
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            Error::DestinationUnavailable
        }
        _ => Error::ConnectionRefused,
    }
}

/// An error and its causes. `io::Error` hides the one it wraps from `source`, so that one is looked up apart.
fn chain<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|wrapped| wrapped as &(dyn StdError + 'static));
        wrapped.or_else(|| error.source())
    })
}

fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    chain(error).find_map(|error| error.downcast_ref())
}
