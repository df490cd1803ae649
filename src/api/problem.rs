//! Errors as the client sees them: RFC 9457 problem details.

use std::time::Duration;

use http::header::{self, HeaderName};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::netbox::{NetboxError, Trail};
use crate::segment::Violation;
use crate::service::ServiceError;
use crate::service::error::Obstacle;
use crate::settings::{Mistake, Role};

/// When a client may try again after a failure that nobody gave a time for, in seconds.
const SOON: u64 = 5;

/// An error as the client sees it.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    /// A stable name of the kind of problem, the last part of `type`.
    kind: &'static str,
    title: &'static str,
    detail: String,
    errors: Vec<Value>,
    left: Vec<String>,
    headers: Vec<(HeaderName, String)>,
}

impl Problem {
    /// A problem with nothing but the essentials.
    pub(super) fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            title,
            detail: detail.into(),
            errors: Vec::new(),
            left: Vec::new(),
            headers: Vec::new(),
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn headers(&self) -> Vec<(HeaderName, String)> {
        self.headers.clone()
    }

    fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn retry_after(self, seconds: u64) -> Self {
        self.header(header::RETRY_AFTER, seconds.to_string())
    }

    /// 400: the request can't be read.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "The request can't be read",
            detail,
        )
    }

    /// 400: query parameters are wrong.
    pub(super) fn parameters(violations: Vec<Violation>) -> Self {
        Self::malformed("see `errors` for each wrong query parameter").listing(&violations)
    }

    /// 422: the body breaks rules.
    pub(super) fn invalid(violations: Vec<Violation>) -> Self {
        let detail = match violations.len() {
            1 => "one rule is broken; nothing was changed".to_owned(),
            n => format!("{n} rules are broken; nothing was changed"),
        };
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "The segment is not valid",
            detail,
        )
        .listing(&violations)
    }

    fn listing(mut self, violations: &[Violation]) -> Self {
        self.errors = violations.iter().map(|v| json!(v)).collect();
        self
    }

    /// 401: nobody we know.
    pub(super) fn unauthorised(why: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorised",
            "No valid token",
            format!("{why}; send `Authorization: Bearer <token>` with a token from the setting api_tokens"),
        )
        .header(header::WWW_AUTHENTICATE, "Bearer realm=\"segment-edge\"")
    }

    /// 403: the token may not do this.
    pub(super) fn forbidden(name: &str, has: Role, wanted: Role) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "The token may not do this",
            format!(
                "token `{name}` has the role {}, and this takes {}",
                has.word(),
                wanted.word()
            ),
        )
    }

    /// 404: no such path.
    pub(super) fn no_such_path(path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no-such-path",
            "There is nothing at this path",
            format!(
                "there is nothing at `{path}`; there are /api/segments, /api/segments/{{id}}, /api/segments/search, /api/sites, \
                 /api/vrfs, /api/stats and /api/health"
            ),
        )
    }

    /// 405: the path does not take this method.
    pub(super) fn method(method: &Method, allowed: &[Method]) -> Self {
        let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        let allowed = allowed.join(", ");
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "This path does not take this method",
            format!("{method} is not possible here; {allowed} would be"),
        )
        .header(header::ALLOW, allowed)
    }

    /// 500: the settings are wrong.
    pub(super) fn misconfigured(mistakes: &[Mistake]) -> Self {
        let mut problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "misconfigured",
            "The service is not set up right",
            "settings are wrong; see `errors` for each, mend them, and start again",
        );
        problem.errors = mistakes.iter().map(|m| json!(m)).collect();
        problem
    }

    fn conflict(obstacles: &[Obstacle]) -> Self {
        let details: Vec<&str> = obstacles
            .iter()
            .map(|o| o.detail.trim_end_matches('.'))
            .collect();
        let mut problem = Self::new(
            StatusCode::CONFLICT,
            "conflict",
            "Something is in the way",
            format!("{}; nothing was changed", details.join("; ")),
        );
        problem.errors = obstacles
            .iter()
            .map(|o| {
                json!({
                    "pointer": o.pointer,
                    "rule": o.code,
                    "detail": o.detail,
                    "expected": o.expected,
                    "rival": o.rival.map(|id| id.to_string()),
                })
            })
            .collect();
        problem
    }

    fn netbox(error: &NetboxError) -> Self {
        let detail = error.to_string();
        let at = |status, kind, title| Self::new(status, kind, title, detail.clone());
        match error {
            NetboxError::Unreachable(_) | NetboxError::Broken { .. } => at(
                StatusCode::SERVICE_UNAVAILABLE,
                "netbox-unreachable",
                "NetBox can't be reached",
            )
            .retry_after(SOON),
            NetboxError::Throttled { retry_after, .. } => {
                let seconds = retry_after
                    .unwrap_or(Duration::from_secs(SOON))
                    .as_secs()
                    .max(1);
                at(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "netbox-busy",
                    "NetBox asks for fewer requests",
                )
                .retry_after(seconds)
            }
            NetboxError::TimedOut { .. } => at(
                StatusCode::GATEWAY_TIMEOUT,
                "netbox-timeout",
                "NetBox did not answer in time",
            ),
            NetboxError::Refused { .. } => at(
                StatusCode::UNPROCESSABLE_ENTITY,
                "netbox-refused",
                "NetBox refused the change",
            ),
            NetboxError::Raced { .. } | NetboxError::InUse { .. } | NetboxError::Stale { .. } => {
                at(StatusCode::CONFLICT, "conflict", "Something is in the way")
            }
            NetboxError::Forbidden { .. } | NetboxError::NotAllowed => {
                let mut problem = at(
                    StatusCode::BAD_GATEWAY,
                    "netbox-forbidden",
                    "NetBox does not let us",
                );
                problem
                    .detail
                    .push_str("; GET /api/health?deep=true names the remedy");
                problem
            }
            NetboxError::Missing { .. } | NetboxError::Unusable { .. } => at(
                StatusCode::BAD_GATEWAY,
                "netbox-unusable",
                "NetBox's answer can't be used",
            ),
        }
    }

    /// The body (RFC 9457, section 3).
    pub(super) fn json(&self, path: &str, trail: &Trail) -> Vec<u8> {
        let mut body = Map::new();
        body.insert(
            "type".to_owned(),
            format!("urn:segment-edge:problem:{}", self.kind).into(),
        );
        body.insert("title".to_owned(), self.title.into());
        body.insert("status".to_owned(), self.status.as_u16().into());
        body.insert("detail".to_owned(), self.detail.clone().into());
        body.insert("instance".to_owned(), path.into());
        body.insert("request_id".to_owned(), trail.request_id().into());
        if !self.errors.is_empty() {
            body.insert("errors".to_owned(), self.errors.clone().into());
        }
        if !self.left.is_empty() {
            body.insert("left".to_owned(), self.left.clone().into());
        }
        Value::Object(body).to_string().into_bytes()
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::NoSuchSegment(_) => Self::new(
                StatusCode::NOT_FOUND,
                "no-such-segment",
                "There is no such segment",
                error.to_string(),
            ),
            ServiceError::Invalid(violations) => Self::invalid(violations),
            ServiceError::Conflict(obstacles) => Self::conflict(&obstacles),
            ServiceError::Changed(_) => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "changed",
                "The segment has changed",
                format!("{error}; read it again, and decide by what it is now"),
            ),
            ServiceError::Unprepared(what) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "netbox-unprepared",
                "NetBox lacks something we need",
                format!("{what}; GET /api/health?deep=true names the remedy"),
            )
            .retry_after(SOON),
            ServiceError::Netbox(error) => Self::netbox(&error),
            ServiceError::Left { error, left } => {
                let mut problem = Self::from(*error);
                problem.detail = problem.detail.replace("; nothing was changed", "");
                problem
                    .detail
                    .push_str("; what had been done could not be undone, see `left`");
                problem.left = left;
                problem
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_behind_is_told_and_not_denied() {
        let rival = Obstacle {
            code: "overlap",
            pointer: "/segment",
            rival: None,
            detail: "taken".to_owned(),
            expected: "other".to_owned(),
        };
        let error = ServiceError::Conflict(vec![rival]).leaving(vec!["VLAN 7".to_owned()]);
        let body = Problem::from(error).json("/api/segments", &Trail::new("r".to_owned()));
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["left"], json!(["VLAN 7"]));
        assert_eq!(body["status"], 409);
        assert!(
            !body["detail"]
                .as_str()
                .unwrap()
                .contains("nothing was changed")
        );
    }
}
