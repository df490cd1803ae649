//! Packs the files that the component serves as they are: they are text, and it has a limit.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

/// The description of the API, by its path from here.
const DESCRIPTION: &str = "src/api/openapi.json";
/// The folder with the dashboard and the page that shows the API.
const PAGES: &str = "src/pages";

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={PAGES}");
    let mut served = vec![PathBuf::from(DESCRIPTION)];
    for entry in std::fs::read_dir(PAGES)? {
        served.push(entry?.path());
    }
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    for path in served {
        println!("cargo::rerun-if-changed={}", path.display());
        // No time and no name in it: the same text gives the same bytes.
        let mut packed = GzBuilder::new().write(Vec::new(), Compression::best());
        packed.write_all(&std::fs::read(&path)?)?;
        let name = path.file_name().unwrap_or_default();
        let mut name = name.to_os_string();
        name.push(".gz");
        std::fs::write(Path::new(&out).join(name), packed.finish()?)?;
    }
    Ok(())
}
