//! The data set: N segments, segment `i` always the same.
//!
//! Small sets go in through NetBox's API, with change log and all; what goes beyond is copied in by SQL, in seconds
//! instead of minutes, and has no change log: it is for measuring reads.

use anyhow::{Context, Result};

use super::lab::Lab;
use super::{log, postgres, step};
use crate::run;

/// How many segments go in through the API at most.
const BY_API: u32 = 200;
/// The most that the address plan of the data set (10.0.0.0/8 in /24s) has room for.
const MOST: u32 = 32_000;

const BY_API_SCRIPT: &str = include_str!("seed.py");
const BY_SQL_SCRIPT: &str = include_str!("seed.sql");

/// Adds what is missing of the first `segments` segments.
pub(crate) fn seed(lab: &Lab, segments: u32) -> Result<()> {
    anyhow::ensure!(
        (1..=MOST).contains(&segments),
        "{segments} segments: between 1 and {MOST} are possible"
    );
    step(&format!("seeding {segments} segments"), || {
        let mut script = run::command(lab.venv("python"));
        script.args(["-c", BY_API_SCRIPT, &segments.min(BY_API).to_string()]);
        script
            .env("NETBOX_URL", lab.url())
            .env("NETBOX_TOKEN", lab.secret("TOKEN_V1")?);
        run::logged(&mut script, "seeding by the API", &log("seed"))
            .context("the data set could not be written")?;
        if segments > BY_API {
            let sql = BY_SQL_SCRIPT.replace("{SEGMENTS}", &segments.to_string());
            let counts = postgres::sql(lab, "netbox", &sql)?;
            run::say(format!("  now in NetBox: {counts}"));
        }
        Ok(())
    })
}
