//! `cargo xtask verify`: build, then hold the component to its targets.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::run::{self, say};
use crate::{component, netbox, workspace};

/// What `bench-harness verify` is told.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Before the real NetBox of `cargo xtask netbox up`, which must hold the 100 seeded segments
    #[arg(long)]
    real: bool,
    /// Options of `bench-harness verify`, such as --only create-10 --json FILE; `-- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    more: Vec<String>,
}

/// Builds the component and the harness and runs it.
///
/// # Errors
/// When a build fails, or a target is missed.
pub(crate) fn verify(arguments: &Arguments) -> Result<()> {
    say("building the component");
    let built = component::build()?;
    say("building the harness (the first time takes minutes: it compiles wasmtime)");
    // The whole workspace, as `test` builds it: by itself the harness would have other features, and wasmtime be compiled twice.
    run::visible(run::cargo().args(["build", "--release", "--workspace"]))?;
    let mut verify = command(&built.path);
    if arguments.real {
        before_the_real_netbox(&mut verify)?;
    }
    run::visible(verify.args(&arguments.more))
}

/// Holds the built component to the figures that are the same on every machine.
///
/// # Errors
/// When one is missed.
pub(crate) fn exactly(real: bool) -> Result<()> {
    let mut verify = command(&workspace::component());
    verify.arg("--exact");
    if real {
        before_the_real_netbox(verify.args(["--baselines", "off"]))?;
    }
    run::visible(&mut verify)
}

fn command(wasm: &Path) -> Command {
    let mut verify = run::command(workspace::native_target().join("release/bench-harness"));
    verify.arg("verify").arg("--wasm").arg(wasm);
    verify
}

fn before_the_real_netbox(verify: &mut Command) -> Result<()> {
    let variables = netbox::environment()?;
    let url = variables.iter().find(|(name, _)| name == "NETBOX_URL");
    let url = url.map(|(_, url)| url.clone()).unwrap_or_default();
    verify.args(["--netbox-url", &url, "--netbox-token", "NETBOX_TOKEN"]);
    verify.envs(variables);
    Ok(())
}
