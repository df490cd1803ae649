//! `cargo xtask test`: every check and test, one step after another; what mostly waits goes on beside them.

use std::process::Command;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use crate::debian::{self, Package};
use crate::run::{self, say};
use crate::{component, netbox, verify, workspace};

/// The cargo-deny that is installed when there is none.
const CARGO_DENY: &str = "0.20.2";

/// How much to test.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Without the real NetBox and without cargo-deny, for daily use
    #[arg(long)]
    fast: bool,
}

/// The steps done so far, with their times.
struct Steps {
    begun: Instant,
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    fn run(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        say(format!(
            "\n== {name} (at {} s)",
            self.begun.elapsed().as_secs()
        ));
        let begun = Instant::now();
        let result = work();
        self.done.push((name, begun.elapsed()));
        result.with_context(|| {
            format!(
                "step `{name}` failed after {:.1} s",
                begun.elapsed().as_secs_f64()
            )
        })
    }

    fn table(&self) -> String {
        let line =
            |name: &str, time: Duration| format!("{name:<32}{:>9.1} s\n", time.as_secs_f64());
        let mut text: String = self
            .done
            .iter()
            .map(|(name, time)| line(name, *time))
            .collect();
        text.push_str(&line("all", self.begun.elapsed()));
        text
    }
}

/// Runs all steps; the first that fails ends it and is named.
///
/// # Errors
/// The failed step's.
pub(crate) fn test(arguments: &Arguments) -> Result<()> {
    let mut steps = Steps {
        begun: Instant::now(),
        done: Vec::new(),
    };
    let result = thread::scope(|scope| {
        let result = (|| {
            steps.run("format", || {
                run::visible(run::cargo().args(["fmt", "--all", "--check"]))
            })?;
            // Both take minutes on a fresh machine and mostly wait (downloads, the database): they go on beside the compiler.
            let beside = (!arguments.fast).then(|| {
                (
                    scope.spawn(cargo_deny),
                    scope.spawn(|| netbox::up(&netbox::Ports::default()).map(drop)),
                )
            });
            checks(&mut steps)?;
            for (what, installed) in [
                ("the dashboard is", browser()),
                (
                    "the commands of the documents are",
                    tools_of_the_documents(),
                ),
            ] {
                let Err(error) = installed else { continue };
                if !arguments.fast {
                    return Err(error.context(format!("{what} not tested; --fast skips them")));
                }
                say(format!("  {what} not tested: {error:#}"));
            }
            let mut variables = Vec::new();
            if let Some((deny, netbox)) = beside {
                steps.run("licences, bans and sources", || {
                    join(deny)?;
                    run::visible(
                        run::cargo()
                            .args([
                                "deny",
                                "--workspace",
                                "check",
                                "bans",
                                "licenses",
                                "sources",
                            ])
                            .env("PATH", path_with_tools()?),
                    )
                })?;
                steps.run("build the tests", || {
                    run::visible(&mut tests(&["--no-run"]))
                })?;
                steps.run("a real NetBox", || {
                    join(netbox)?;
                    netbox::reset()
                })?;
                variables = netbox::environment()?;
                variables.push(("SEGMENT_EDGE_REAL".into(), "1".into()));
            }
            steps.run("tests", || run::visible(tests(&[]).envs(variables)))?;
            steps.run(
                "end-to-end tests, WASIp2",
                || run::visible(&mut on_wasip2()),
            )?;
            steps.run("exact figures", || verify::exactly(false))?;
            if !arguments.fast {
                steps.run("exact figures, a real NetBox", || verify::exactly(true))?;
            }
            steps.run("build the benchmarks", || {
                run::visible(run::cargo().args(["bench", "--workspace", "--no-run"]))
            })
        })();
        if result.is_err() {
            run::stop_children();
        }
        result
    });
    say(format!("\n{}", steps.table()));
    result.map(|()| {
        say(if arguments.fast {
            "all steps passed (without the real NetBox and cargo-deny)"
        } else {
            "all steps passed"
        })
    })
}

/// What needs no running service: the component, lints and documentation. All native steps use the release profile, so
/// that nothing (wasmtime above all) is compiled twice.
fn checks(steps: &mut Steps) -> Result<()> {
    steps.run("component", || {
        let built = component::build()?;
        if !built.warnings.is_empty() {
            bail!(
                "the component's code has warnings:\n{}",
                built.warnings.join("\n")
            );
        }
        Ok(())
    })?;
    if component::target_ready()? {
        steps.run("clippy (components)", || {
            for features in [&[][..], &["--no-default-features", "--features", "wasip2"]] {
                let mut clippy = run::cargo();
                clippy.args([
                    "clippy",
                    "--release",
                    "--package",
                    "segment-edge",
                    "--lib",
                    "--target",
                    component::TARGET,
                ]);
                run::visible(clippy.args(features).args(["--", "-D", "warnings"]))?;
            }
            Ok(())
        })?;
    }
    steps.run("clippy (native)", || {
        run::visible(run::cargo().args([
            "clippy",
            "--release",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    steps.run("documentation", || {
        run::visible(
            run::cargo()
                .args(["doc", "--release", "--workspace", "--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    })
}

/// `cargo test` of the workspace, free of variables that would point it at another NetBox.
fn tests(more: &[&str]) -> Command {
    let mut command = run::cargo();
    command
        .args(["test", "--release", "--workspace"])
        .args(more)
        .env_remove("SEGMENT_EDGE_REAL");
    for name in [
        "NETBOX_URL",
        "NETBOX_TOKEN",
        "NETBOX_TOKEN_V1",
        "NETBOX_TOKEN_READONLY",
        "NETBOX_TOKEN_NOPERM",
    ] {
        command.env_remove(name);
    }
    command
}

/// The end-to-end tests over the component of WASIp2.
fn on_wasip2() -> Command {
    let suites = [
        "reading",
        "writing",
        "lists",
        "failing",
        "killed",
        "pacing",
        "races",
        "deploy",
        "clients",
        "contract",
        "dashboard",
    ];
    let mut command = tests(&[]);
    for suite in suites {
        command.args(["--test", suite]);
    }
    command
        .env("SEGMENT_EDGE_WASI", "p2")
        .env("RACE_ROUNDS", "800");
    command
}

fn join(beside: ScopedJoinHandle<'_, Result<()>>) -> Result<()> {
    beside
        .join()
        .map_err(|_| anyhow!("it stopped unexpectedly"))?
}

/// Installs Debian's Chromium when there is no browser that the tests of the dashboard know.
fn browser() -> Result<()> {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    if names.iter().any(|name| run::which(name).is_some()) {
        return Ok(());
    }
    debian::install(
        &[Package {
            name: "chromium",
            file: "/usr/bin/chromium",
        }],
        "the test of the dashboard",
    )
}

/// Installs what the commands of the documents take besides bash and coreutils, and may be missing.
fn tools_of_the_documents() -> Result<()> {
    const TOOLS: [Package; 3] = [
        Package {
            name: "curl",
            file: "/usr/bin/curl",
        },
        Package {
            name: "jq",
            file: "/usr/bin/jq",
        },
        Package {
            name: "openssl",
            file: "/usr/bin/openssl",
        },
    ];
    if TOOLS.iter().all(|tool| run::which(tool.name).is_some()) {
        return Ok(());
    }
    debian::install(&TOOLS, "the test of the documents")
}

/// Installs cargo-deny under `target/tools` when none is on the path.
fn cargo_deny() -> Result<()> {
    if run::which("cargo-deny").is_some() || workspace::tools().join("bin/cargo-deny").exists() {
        return Ok(());
    }
    let mut install = run::cargo();
    install
        .args([
            "install",
            "cargo-deny",
            "--locked",
            "--version",
            CARGO_DENY,
            "--root",
        ])
        .arg(workspace::tools());
    // It runs for a second: compiling it without optimisation saves minutes.
    install
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env_remove("CARGO_TARGET_DIR");
    run::logged(
        &mut install,
        "installing cargo-deny",
        &run::log_file("cargo-deny"),
    )
}

fn path_with_tools() -> Result<std::ffi::OsString> {
    let mut path = vec![workspace::tools().join("bin")];
    path.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    Ok(std::env::join_paths(path)?)
}
