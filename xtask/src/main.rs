//! One command each: build, up, test, verify, netbox. `cargo xtask --help` lists them.

mod component;
mod debian;
mod debian_toolchain;
mod netbox;
mod run;
mod test;
mod up;
mod verify;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The tasks of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the components: target/wasm32-wasip2/release/segment_edge.wasm, and segment_edge_wasip2.wasm for hosts with WASIp2
    Build,
    /// Build everything and serve the component, with the NetBox double or a NetBox of yours
    Up(up::Arguments),
    /// Every check and test, a real NetBox included; installs what is missing
    Test(test::Arguments),
    /// Build everything, then hold the component to its targets: calls, depth, bytes, fuel, memory, latency
    Verify(verify::Arguments),
    /// A real NetBox 4.7 on loopback
    #[command(subcommand)]
    Netbox(netbox::Action),
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Build => component::build().map(drop),
        Task::Up(arguments) => up::up(&arguments),
        Task::Test(arguments) => test::test(&arguments),
        Task::Verify(arguments) => verify::verify(&arguments),
        Task::Netbox(action) => netbox::run(action),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain of causes alone: a backtrace of this tool helps nobody who reads it.
            let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
            run::say(format!("\nerror: {}", causes.join("\n  because: ")));
            ExitCode::FAILURE
        }
    }
}
