//! TLS for outbound calls: the machine's own certificate authorities, so that a NetBox behind a company CA works.

use rustls::{ClientConfig, RootCertStore};
use std::sync::{Arc, OnceLock};

/// The machine's trusted roots; read once, as that takes milliseconds. `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.
/// A machine without any gets an empty list: plain HTTP works, HTTPS fails as an unknown issuer.
fn roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let read = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    };
    ROOTS.get_or_init(read).clone()
}

/// # Errors
/// When the crypto library offers no safe protocol version.
pub(crate) fn client_config() -> anyhow::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots())
        .with_no_client_auth();
    Ok(config)
}
