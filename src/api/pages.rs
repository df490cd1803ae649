//! The dashboard and the page that shows the API: pages, styles and scripts, as they lie in `src/pages`. They hold no data and
//! take no token; the calls that the pages make do.

use http::StatusCode;
use http::header::{self, HeaderName};

use super::Incoming;
use super::packed::{Packed, packed};
use super::reply::Reply;

/// A file of the dashboard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    path: &'static str,
    media_type: &'static str,
    file: Packed,
}

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! page {
    ($path:literal, $media_type:expr, $file:literal) => {
        Page {
            path: $path,
            media_type: $media_type,
            file: packed!($file),
        }
    };
}

static PAGES: [Page; 11] = [
    page!("/", HTML, "dashboard.html"),
    page!("/docs", HTML, "docs.html"),
    page!("/assets/docs.css", STYLE, "docs.css"),
    page!("/assets/docs.js", SCRIPT, "docs.js"),
    page!("/assets/dashboard.css", STYLE, "dashboard.css"),
    page!("/assets/dashboard.js", SCRIPT, "dashboard.js"),
    page!("/assets/actions.js", SCRIPT, "actions.js"),
    page!("/assets/api.js", SCRIPT, "api.js"),
    page!("/assets/dom.js", SCRIPT, "dom.js"),
    page!("/assets/form.js", SCRIPT, "form.js"),
    page!("/assets/freshness.js", SCRIPT, "freshness.js"),
];

/// Nothing from elsewhere, nothing inline, no frame around it, no form that leaves it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

impl Page {
    /// The file at a path, if there is one.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        PAGES.iter().find(|page| page.path == path)
    }
}

/// `GET /` and what the page loads.
pub(super) fn page(page: &'static Page, call: &Incoming) -> Reply {
    let etag = page.file.etag();
    let known = call.header("if-none-match").unwrap_or_default();
    // Weak comparison (RFC 9110, section 13.1.2).
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    let same = |tag: &str| tag == "*" || opaque(tag) == opaque(&etag);
    let reply = if known.split(',').map(str::trim).any(same) {
        Reply::empty(StatusCode::NOT_MODIFIED)
    } else {
        page.file.reply(page.media_type, call)
    };
    reply
        .with(header::ETAG, &etag)
        // The page and its scripts belong together: after an update none of them may be an old one.
        .with(header::CACHE_CONTROL, "no-cache")
        .with(header::CONTENT_SECURITY_POLICY, POLICY)
        .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with(header::REFERRER_POLICY, "no-referrer")
        .with(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn text(path: &str) -> String {
        String::from_utf8(Page::at(path).unwrap().file.whole()).unwrap()
    }

    #[test]
    fn all_that_the_files_name_is_there() {
        let html = text("/") + &text("/docs");
        for page in PAGES.iter().filter(|page| page.media_type != HTML) {
            let name = page.path.strip_prefix("/assets/").unwrap();
            let loads = |other: &Page| {
                let by_script = format!("from './{name}'");
                other.path != page.path && text(other.path).contains(&by_script)
            };
            assert!(
                html.contains(&format!("\"assets/{name}\"")) || PAGES.iter().any(loads),
                "nothing loads {name}"
            );
        }
        for page in &PAGES {
            let text = text(page.path);
            for after in text.split("from './").skip(1) {
                let name = after.split('\'').next().unwrap();
                assert!(
                    Page::at(&format!("/assets/{name}")).is_some(),
                    "{} loads {name}",
                    page.path
                );
            }
        }
    }

    #[test]
    fn the_tags_of_different_files_differ() {
        let mut tags: Vec<String> = PAGES.iter().map(|page| page.file.etag()).collect();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), PAGES.len());
    }

    #[test]
    fn the_pages_are_at_most_seventy_thousand_bytes() {
        let size: usize = PAGES.iter().map(|page| page.file.whole().len()).sum();
        assert!(size <= 70_000, "{size} bytes");
    }

    #[test]
    fn nothing_is_made_of_markup() {
        for page in &PAGES {
            for forbidden in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                " style=\"",
                "localStorage",
            ] {
                assert!(
                    !text(page.path).contains(forbidden),
                    "{}: {forbidden}",
                    page.path
                );
            }
        }
    }
}
