//! Which path means what.

use http::Method;

use super::export::Form;
use super::pages::Page;
use super::problem::Problem;
use crate::segment::SegmentId;
use crate::settings::Role;

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/api/segments`
    Segments,
    /// `/api/segments/search`
    Search,
    /// `/api/segments/bulk`
    Bulk,
    /// `/api/segments/provision`
    Provision,
    /// `/api/segments/{id}`
    Segment(SegmentId),
    /// `/api/segments/{id}/clusters`
    Clusters(SegmentId),
    /// `/api/allocate-vlan`
    Allocate,
    /// `/api/release-vlan`
    Release,
    /// `/api/reconcile`
    Reconcile,
    /// `/api/sites`
    Sites,
    /// `/api/vrfs`
    Vrfs,
    /// `/api/stats`
    Stats,
    /// `/api/export/segments/csv`, and `/excel`
    ExportSegments(Form),
    /// `/api/export/stats/csv`, and `/excel`
    ExportStats(Form),
    /// `/api/health`
    Health,
    /// `/api/hooks/netbox`
    Hook,
    /// `/api/openapi.json`
    OpenApi,
    /// `/metrics`
    Metrics,
    /// `/`, and what the dashboard loads.
    Page(&'static Page),
}

impl Route {
    /// All of the API, with some id where there is one; the dashboard is not part of it.
    pub(crate) const ALL: &'static [Self] = &[
        Self::Segments,
        Self::Search,
        Self::Segment(SegmentId(1)),
        Self::Clusters(SegmentId(1)),
        Self::Bulk,
        Self::Provision,
        Self::Allocate,
        Self::Release,
        Self::Sites,
        Self::Vrfs,
        Self::Stats,
        Self::ExportSegments(Form::Csv),
        Self::ExportSegments(Form::Excel),
        Self::ExportStats(Form::Csv),
        Self::ExportStats(Form::Excel),
        Self::Reconcile,
        Self::Hook,
        Self::Health,
        Self::Metrics,
        Self::OpenApi,
    ];

    /// Its path, with `{id}` in the place of an id.
    pub(crate) const fn template(self) -> &'static str {
        match self {
            Self::Segments => "/api/segments",
            Self::Search => "/api/segments/search",
            Self::Segment(_) => "/api/segments/{id}",
            Self::Clusters(_) => "/api/segments/{id}/clusters",
            Self::Bulk => "/api/segments/bulk",
            Self::Provision => "/api/segments/provision",
            Self::Allocate => "/api/allocate-vlan",
            Self::Release => "/api/release-vlan",
            Self::Sites => "/api/sites",
            Self::Vrfs => "/api/vrfs",
            Self::Stats => "/api/stats",
            Self::Reconcile => "/api/reconcile",
            Self::Hook => "/api/hooks/netbox",
            Self::Health => "/api/health",
            Self::OpenApi => "/api/openapi.json",
            Self::Metrics => "/metrics",
            Self::Page(_) => "/",
            Self::ExportSegments(Form::Csv) => "/api/export/segments/csv",
            Self::ExportSegments(Form::Excel) => "/api/export/segments/excel",
            Self::ExportStats(Form::Csv) => "/api/export/stats/csv",
            Self::ExportStats(Form::Excel) => "/api/export/stats/excel",
        }
    }

    /// What a path stands for; a slash at its end does not matter.
    pub(crate) fn find(path: &str) -> Result<Self, Problem> {
        let inner = path
            .strip_prefix("/api/")
            .map(|p| p.strip_suffix('/').unwrap_or(p));
        match inner {
            Some("segments") => Ok(Self::Segments),
            Some("segments/search") => Ok(Self::Search),
            Some("segments/bulk") => Ok(Self::Bulk),
            Some("segments/provision") => Ok(Self::Provision),
            Some("allocate-vlan") => Ok(Self::Allocate),
            Some("release-vlan") => Ok(Self::Release),
            Some("reconcile") => Ok(Self::Reconcile),
            Some("sites") => Ok(Self::Sites),
            Some("vrfs") => Ok(Self::Vrfs),
            Some("stats") => Ok(Self::Stats),
            Some("export/segments/csv") => Ok(Self::ExportSegments(Form::Csv)),
            Some("export/segments/excel") => Ok(Self::ExportSegments(Form::Excel)),
            Some("export/stats/csv") => Ok(Self::ExportStats(Form::Csv)),
            Some("export/stats/excel") => Ok(Self::ExportStats(Form::Excel)),
            Some("health") => Ok(Self::Health),
            Some("hooks/netbox") => Ok(Self::Hook),
            Some("openapi.json") => Ok(Self::OpenApi),
            Some(other) => {
                let rest = other.strip_prefix("segments/").unwrap_or_default();
                let (id, clusters) = match rest.strip_suffix("/clusters") {
                    Some(id) => (id, true),
                    None => (rest, false),
                };
                match (SegmentId::parse(id), clusters) {
                    (Ok(id), true) => Ok(Self::Clusters(id)),
                    (Ok(id), false) => Ok(Self::Segment(id)),
                    (Err(_), _) => Err(Problem::no_such_path(path)),
                }
            }
            None if matches!(path, "/metrics" | "/metrics/") => Ok(Self::Metrics),
            None => Page::at(path)
                .map(Self::Page)
                .ok_or_else(|| Problem::no_such_path(path)),
        }
    }

    /// Its place in [`crate::metrics::labels::ROUTES`].
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Segments => 1,
            Self::Search => 2,
            Self::Bulk => 3,
            Self::Provision => 4,
            Self::Segment(_) => 5,
            Self::Clusters(_) => 6,
            Self::Allocate => 7,
            Self::Release => 8,
            Self::Reconcile => 9,
            Self::Sites => 10,
            Self::Vrfs => 11,
            Self::Stats => 12,
            Self::Health => 13,
            Self::Hook => 14,
            Self::Metrics => 15,
            Self::ExportSegments(Form::Csv) => 16,
            Self::ExportStats(Form::Csv) => 17,
            Self::OpenApi => 18,
            Self::Page(_) => 19,
            Self::ExportSegments(Form::Excel) => 20,
            Self::ExportStats(Form::Excel) => 21,
        }
    }

    /// The methods it takes; HEAD goes with GET.
    pub(crate) fn methods(self) -> &'static [Method] {
        match self {
            Self::Segments => &[Method::GET, Method::POST],
            Self::Segment(_) => &[Method::GET, Method::PUT, Method::PATCH, Method::DELETE],
            Self::Bulk => &[Method::POST, Method::PATCH, Method::DELETE],
            Self::Clusters(_) => &[Method::PUT],
            Self::Provision | Self::Allocate | Self::Release | Self::Reconcile | Self::Hook => {
                &[Method::POST]
            }
            _ => &[Method::GET],
        }
    }

    /// The role that it takes with this method.
    pub(crate) fn role(self, method: &Method) -> Role {
        match (self, method) {
            (Self::Reconcile, _) => Role::Admin,
            (_, &Method::GET) => Role::Read,
            _ => Role::Write,
        }
    }

    /// Whether no token is needed: to see that we are alive, where a signature stands in for it, and where there is no data.
    pub(crate) fn open(self, query: &str) -> bool {
        matches!(self, Self::Hook | Self::OpenApi | Self::Page(_))
            || (self == Self::Health && query.is_empty())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::metrics::labels::ROUTES;

    #[test]
    fn every_path_is_what_it_says() {
        assert_eq!(Route::find("/api/segments").unwrap(), Route::Segments);
        assert_eq!(Route::find("/api/segments/").unwrap(), Route::Segments);
        assert_eq!(Route::find("/api/segments/search").unwrap(), Route::Search);
        assert_eq!(
            Route::find("/api/segments/12").unwrap(),
            Route::Segment(SegmentId(12))
        );
        assert_eq!(
            Route::find("/api/segments/12/clusters").unwrap(),
            Route::Clusters(SegmentId(12))
        );
        assert_eq!(Route::find("/api/segments/bulk").unwrap(), Route::Bulk);
        for page in ["/", "/assets/dashboard.js"] {
            assert!(matches!(Route::find(page).unwrap(), Route::Page(_)));
        }
        for wrong in [
            "",
            "/assets",
            "/assets/../",
            "/dashboard.html",
            "/api",
            "/api/segment",
            "/api/segments/abc",
            "/api/segments/1/2",
            "/api/segments//",
            "/api/segments/clusters",
            "/api/segments/1/clusters/2",
            "/api/segments/bulk/clusters",
            "/API/segments",
        ] {
            assert!(Route::find(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_template_is_the_path_of_its_route() {
        for route in Route::ALL {
            let path = route.template().replace("{id}", "1");
            assert_eq!(Route::find(&path).unwrap(), *route);
            assert!(!route.methods().is_empty());
        }
    }

    #[test]
    fn every_route_has_the_number_of_its_template() {
        for (number, template) in ROUTES.iter().enumerate().skip(1) {
            let path = template.replace("{id}", "12");
            let found = Route::find(&path).unwrap().number();
            assert_eq!(usize::from(found), number, "{template}");
        }
    }

    #[test]
    fn only_liveness_and_what_is_signed_and_what_has_no_data_are_open() {
        assert!(Route::Health.open(""));
        assert!(Route::find("/").unwrap().open("q=a"));
        assert!(Route::Hook.open(""));
        assert!(!Route::Health.open("deep=true"));
        assert!(!Route::Segments.open(""));
    }
}
