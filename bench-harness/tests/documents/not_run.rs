//! Commands of documents that are not run, each with the reason.

/// A command that is not run.
pub(crate) struct NotRun {
    /// The document.
    pub(crate) document: &'static str,
    /// How the command begins.
    pub(crate) begins: &'static str,
    /// Why it is not run.
    pub(crate) reason: &'static str,
}

const SPIN: &str = "there is no Spin 4.1 on the machines that test";
const KUBERNETES: &str = "there is no Kubernetes on the machines that test";
const TEST: &str = "it runs the test that would run it";
const STEP: &str = "it is a step of `cargo xtask test`, with fewer scenarios or repetitions";
const MINUTES: &str =
    "it measures for many minutes; what is built for it is built by `cargo xtask test`";
const BLESS: &str = "it writes a committed file";
const BUILD: &str = "it builds what runs the test; `cargo xtask test` begins with it";
const PORT: &str = "it builds, and serves until Ctrl-C on a port that may be taken; what it starts is started by other commands";
const COOKBOOK: &str = "tests/clients runs it and compares what it prints";

const fn not(document: &'static str, begins: &'static str, reason: &'static str) -> NotRun {
    NotRun {
        document,
        begins,
        reason,
    }
}

/// All of them. One that no command fits is a mistake too.
pub(crate) static NOT_RUN: &[NotRun] = &[
    not("README.md", "cargo xtask up", PORT),
    not("README.md", "cargo xtask test", TEST),
    not("README.md", "cargo xtask verify", STEP),
    not("README.md", "spin ", SPIN),
    not("docs/DEPLOY.md", "spin ", SPIN),
    not("docs/DEPLOY.md", "kubectl ", KUBERNETES),
    not("docs/HARNESS.md", "cargo xtask build", BUILD),
    not("docs/HARNESS.md", "cargo build", BUILD),
    not(
        "docs/PERFORMANCE.md",
        "cargo xtask verify -- --bless",
        BLESS,
    ),
    not("docs/PERFORMANCE.md", "cargo xtask verify", STEP),
    not("docs/PERFORMANCE.md", "cargo bench", MINUTES),
    not("clients/curl/cookbook.md", "", COOKBOOK),
];

/// Why a command of a document is not run; `None` when it is.
pub(crate) fn reason(document: &str, command: &str) -> Option<&'static NotRun> {
    NOT_RUN
        .iter()
        .find(|not| not.document == document && command.starts_with(not.begins))
}
