//! The command line of the harness. `bench-harness help` lists what it can do.

mod cli;

use clap::Parser;

/// Runs the segment-edge component as Spin would, beside a NetBox double that counts every call.
#[derive(Debug, Parser)]
#[command(name = "bench-harness", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Compare(Box<cli::compare::Compare>),
    Serve(cli::serve::Serve),
    NetboxDouble(cli::double::NetboxDouble),
    Netbox(cli::netbox::Netbox),
    Report(cli::report::Report),
    Record(Box<cli::record::Record>),
    Replay(cli::replay::Replay),
    Har(cli::har::HarFiles),
    Load(Box<cli::load::Load>),
    Verify(cli::verify::Verify),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Compare(compare) => compare.run().await,
        Command::Serve(serve) => serve.run().await,
        Command::NetboxDouble(double) => double.run().await,
        Command::Netbox(netbox) => netbox.run().await,
        Command::Report(report) => report.run(),
        Command::Record(record) => record.run().await,
        Command::Replay(replay) => replay.run().await,
        Command::Har(har) => har.run(),
        Command::Load(load) => load.run().await,
        Command::Verify(verify) => verify.run().await,
    }
}
