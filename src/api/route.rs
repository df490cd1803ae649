//! Which path means what.

use http::Method;

use super::problem::Problem;
use crate::segment::SegmentId;

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/api/segments`
    Segments,
    /// `/api/segments/search`
    Search,
    /// `/api/segments/{id}`
    Segment(SegmentId),
    /// `/api/sites`
    Sites,
    /// `/api/vrfs`
    Vrfs,
    /// `/api/stats`
    Stats,
    /// `/api/health`
    Health,
}

impl Route {
    /// What a path stands for; a slash at its end does not matter.
    pub(crate) fn find(path: &str) -> Result<Self, Problem> {
        let inner = path
            .strip_prefix("/api/")
            .map(|p| p.strip_suffix('/').unwrap_or(p));
        match inner {
            Some("segments") => Ok(Self::Segments),
            Some("segments/search") => Ok(Self::Search),
            Some("sites") => Ok(Self::Sites),
            Some("vrfs") => Ok(Self::Vrfs),
            Some("stats") => Ok(Self::Stats),
            Some("health") => Ok(Self::Health),
            Some(other) => match other.strip_prefix("segments/").map(SegmentId::parse) {
                Some(Ok(id)) => Ok(Self::Segment(id)),
                _ => Err(Problem::no_such_path(path)),
            },
            None => Err(Problem::no_such_path(path)),
        }
    }

    /// The methods it takes; HEAD goes with GET.
    pub(crate) fn methods(self) -> &'static [Method] {
        match self {
            Self::Segments => &[Method::GET, Method::POST],
            Self::Segment(_) => &[Method::GET, Method::PUT, Method::PATCH, Method::DELETE],
            _ => &[Method::GET],
        }
    }

    /// Whether no token is needed: only to see that we are alive.
    pub(crate) fn open(self, query: &str) -> bool {
        self == Self::Health && query.is_empty()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_what_it_says() {
        assert_eq!(Route::find("/api/segments").unwrap(), Route::Segments);
        assert_eq!(Route::find("/api/segments/").unwrap(), Route::Segments);
        assert_eq!(Route::find("/api/segments/search").unwrap(), Route::Search);
        assert_eq!(
            Route::find("/api/segments/12").unwrap(),
            Route::Segment(SegmentId(12))
        );
        for wrong in [
            "/",
            "/api",
            "/api/segment",
            "/api/segments/abc",
            "/api/segments/1/2",
            "/api/segments//",
            "/API/segments",
        ] {
            assert!(Route::find(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_liveness_is_open() {
        assert!(Route::Health.open(""));
        assert!(!Route::Health.open("deep=true"));
        assert!(!Route::Segments.open(""));
    }
}
