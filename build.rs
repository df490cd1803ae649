//! Packs the files that the component serves as they are: they are text, and it has a limit.

use std::io::Write as _;
use std::path::Path;

use flate2::{Compression, GzBuilder};

/// The files, by their paths from here.
const SERVED: [&str; 1] = ["src/api/openapi.json"];

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    for path in SERVED {
        println!("cargo::rerun-if-changed={path}");
        // No time and no name in it: the same text gives the same bytes.
        let mut packed = GzBuilder::new().write(Vec::new(), Compression::best());
        packed.write_all(&std::fs::read(path)?)?;
        let name = Path::new(path).file_name().unwrap_or_default();
        let mut name = name.to_os_string();
        name.push(".gz");
        std::fs::write(Path::new(&out).join(name), packed.finish()?)?;
    }
    Ok(())
}
