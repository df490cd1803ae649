//! Reading and writing HAR files. A file is there as a whole or not at all.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::model::Har;
use super::scrub::Scrubber;

impl Har {
    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read, or is no HAR; the message names the file, and the place in it.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} can't be read", path.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is no HAR 1.2 file", path.display()))
    }

    /// The file as text.
    ///
    /// # Errors
    /// Never in practice: every part of it can be written as JSON.
    pub fn text(&self) -> anyhow::Result<String> {
        let mut text =
            serde_json::to_string_pretty(self).context("a HAR that can't be written as JSON")?;
        text.push('\n');
        Ok(text)
    }

    /// Writes the file in one step, after the check that no secret is in it. What was there stays when that fails.
    ///
    /// # Errors
    /// When a secret is still in it (the message says where), or the file can't be written.
    pub fn write(&self, path: &Path, scrubber: &Scrubber) -> anyhow::Result<()> {
        scrubber.check(self)?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let cannot = || format!("{} can't be written", path.display());
        let mut file = NamedTempFile::new_in(folder).with_context(cannot)?;
        file.write_all(self.text()?.as_bytes())
            .with_context(cannot)?;
        file.as_file().sync_all().with_context(cannot)?;
        file.persist(path).with_context(cannot)?;
        Ok(())
    }
}
