//! What the tests of the clients share: segment-edge as clients see it, and the programs that they are run by.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use bench_harness::host::Reuse;
use bench_harness::netbox::{Data, Double};
use sha2::{Digest as _, Sha256};

use crate::support::{Edge, double, settings, tell};

/// A token of the role `write`.
pub(crate) const TOKEN: &str = "a-token-that-may-write";

/// A token of the role `read`.
pub(crate) const READ_TOKEN: &str = "a-token-that-may-read";

/// The recorded 100 segments, and the component on a port before them, which lets in the two tokens.
pub(crate) async fn served() -> (Double, Edge) {
    let double = double(Data::Recorded100).await;
    let hash = |token: &str| -> String {
        let digest = Sha256::digest(token.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let tokens = format!(
        "ops:write:{},dashboard:read:{}",
        hash(TOKEN),
        hash(READ_TOKEN)
    );
    // One instance serves all of a test, however slow the machine is, so that the numbers of calls are always the same.
    let reuse = Reuse {
        idle: Duration::from_secs(600),
        ..Reuse::default()
    };
    let settings = settings(&double.url(), double.token())
        .variable("auth", "on")
        .variable("api_tokens", tokens)
        .variable("site_prefixes", "site1=172.16.0.0/12;site2=192.168.0.0/16")
        .reuse(reuse);
    (double, Edge::start(settings).await)
}

/// A file of the repository.
pub(crate) fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Says openly that a test is not run. On a CI machine it fails instead.
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    tell(&format!("skipped: {why}"));
}

/// Whether the machine has this program; if not, the test is skipped.
pub(crate) fn have(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        skip(&format!("there is no {program} on the PATH"));
    }
    found
}

/// Runs a program to its end without holding up the component, which may be served by the same thread.
pub(crate) async fn run(mut command: Command) -> Output {
    let told = format!("{command:?}");
    tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap_or_else(|error| panic!("{told} can't be run: {error}"))
}

/// What a program printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\r', "")
}
