//! Errors as the client sees them: RFC 9457 problem details.

mod kind;
mod layers;

pub use kind::Kind;

use http::header::{self, HeaderName};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::route::Route;
use crate::netbox::Trail;
use crate::segment::Violation;
use crate::service::error::{Obstacle, Shortage};
use crate::settings::{Mistake, Role};

/// When a client may try again after a failure that nobody gave a time for, in seconds.
const SOON: u64 = 5;

/// An error as the client sees it.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<Value>,
    left: Vec<String>,
    /// What only some kinds of problems have.
    more: Option<Box<Map<String, Value>>>,
    headers: Vec<(HeaderName, String)>,
}

impl Problem {
    /// A problem with nothing but the essentials.
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            left: Vec::new(),
            more: None,
            headers: Vec::new(),
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.kind.status()
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
        Self::new(Kind::Malformed, detail)
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
        Self::new(Kind::Invalid, detail).listing(&violations)
    }

    fn listing(mut self, violations: &[Violation]) -> Self {
        self.errors = violations.iter().map(|v| json!(v)).collect();
        self
    }

    /// 401: nobody we know.
    pub(super) fn unauthorised(why: &str) -> Self {
        Self::new(
            Kind::Unauthorised,
            format!("{why}; send `Authorization: Bearer <token>` with a token from the setting api_tokens"),
        )
        .header(header::WWW_AUTHENTICATE, "Bearer realm=\"segment-edge\"")
    }

    /// 409: the first request with this key is still running.
    pub(super) fn key_running() -> Self {
        Self::new(
            Kind::KeyRunning,
            "nothing was carried out for this one; send it again to get the answer of the first",
        )
        .retry_after(1)
    }

    /// 422: the key belongs to another request.
    pub(super) fn key_reused() -> Self {
        Self::new(
            Kind::KeyReused,
            "nothing was carried out; a key stands for one method, path, query and body: send another one with another key",
        )
    }

    /// 503: whether a request was carried out before can't be known.
    pub(super) fn store_unavailable(why: &str) -> Self {
        Self::new(
            Kind::StoreUnavailable,
            format!(
                "{why}, so nobody can say whether this request was carried out before; nothing was carried out now"
            ),
        )
        .retry_after(SOON)
    }

    /// 503: the counts of all instances can't be had.
    pub(super) fn no_figures(why: &str) -> Self {
        Self::new(
            Kind::StoreUnavailable,
            format!("{why}; without it nobody knows what the other instances have counted"),
        )
        .retry_after(SOON)
    }

    /// 428: a change that does not say what it is based on.
    pub(super) fn no_if_match() -> Self {
        Self::new(
            Kind::IfMatchRequired,
            "nothing was changed; send `If-Match`, or `if_match` with each item of a list, with the ETag that a GET of the \
             segment gives, or `*` for whatever it is now (setting require_if_match)",
        )
    }

    /// 403: the token may not do this.
    pub(super) fn forbidden(name: &str, has: Role, wanted: Role) -> Self {
        Self::new(
            Kind::Forbidden,
            format!(
                "token `{name}` has the role {}, and this takes {}",
                has.word(),
                wanted.word()
            ),
        )
    }

    /// 401: a delivery that is not signed as it must be.
    pub(super) fn unsigned(why: &str) -> Self {
        Self::new(Kind::Unsigned, why).header(
            header::WWW_AUTHENTICATE,
            "HMAC-SHA512 realm=\"segment-edge\", header=\"X-Hook-Signature\"",
        )
    }

    /// 404: deliveries are not taken.
    pub(super) fn hooks_off() -> Self {
        Self::new(
            Kind::HooksOff,
            "the setting webhook_secret is empty; set it to the secret of NetBox's webhook to have its deliveries taken here",
        )
    }

    /// 404: no such path.
    pub(super) fn no_such_path(path: &str) -> Self {
        let paths: Vec<&str> = Route::ALL.iter().map(|route| route.template()).collect();
        Self::new(
            Kind::NoSuchPath,
            format!(
                "there is nothing at `{path}`; there are {}, and the dashboard at /",
                paths.join(", ")
            ),
        )
    }

    /// 405: the path does not take this method.
    pub(super) fn method(method: &Method, allowed: &[Method]) -> Self {
        let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        let allowed = allowed.join(", ");
        Self::new(
            Kind::MethodNotAllowed,
            format!("{method} is not possible here; {allowed} would be"),
        )
        .header(header::ALLOW, allowed)
    }

    /// 500: the settings are wrong.
    pub(super) fn misconfigured(mistakes: &[Mistake]) -> Self {
        let mut problem = Self::new(
            Kind::Misconfigured,
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
            Kind::Conflict,
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

    /// 409: it would have been done, but another item of the same list failed.
    fn withheld() -> Self {
        Self::new(
            Kind::Withheld,
            "not carried out, because another item of the list failed; nothing was changed",
        )
    }

    /// 409: no segment is free; where some are.
    fn none_free(shortage: &Shortage) -> Self {
        let mut problem = Self::new(
            Kind::NoneFree,
            format!("{}; nothing was changed", shortage.detail),
        );
        let counts = json!({
            "total": shortage.total,
            "allocated": shortage.allocated,
            "unsuitable": shortage.unsuitable,
        });
        let place = |(site, vrf, available): &(String, String, usize)| json!({"site": site, "vrf": vrf, "available": available});
        let alternatives: Vec<Value> = shortage.alternatives.iter().map(place).collect();
        let mut more = Map::new();
        more.insert("counts".to_owned(), counts);
        more.insert("alternatives".to_owned(), alternatives.into());
        problem.more = Some(Box::new(more));
        problem
    }

    /// The problem of a whole list: what is wrong with each of its items, by index.
    pub(super) fn of_list(wrong: Vec<(usize, Self)>) -> Self {
        // What must be mended first comes first; items that only fell with the others say nothing.
        let weight = |problem: &Self| match problem.status().as_u16() {
            _ if problem.kind == Kind::Withheld => 0,
            500.. => 6,
            422 => 5,
            400 => 4,
            412 | 428 => 3,
            404 => 2,
            _ => 1,
        };
        let said = wrong
            .iter()
            .filter(|(_, p)| p.kind != Kind::Withheld)
            .count();
        let first = wrong.iter().max_by_key(|(_, problem)| weight(problem));
        let Some((_, first)) = first else {
            return Self::withheld();
        };
        let mut whole = Self {
            detail: match said {
                0 | 1 => format!("one item is wrong, see `errors`; {}", first.detail),
                n => format!("{n} items are wrong, see `errors`; nothing was changed"),
            },
            errors: Vec::new(),
            left: Vec::new(),
            ..first.clone()
        };
        for (index, problem) in wrong {
            whole.left.extend(problem.left.clone());
            if problem.kind != Kind::Withheld {
                whole.errors.extend(problem.under(index).errors);
            }
        }
        if !whole.left.is_empty() {
            whole.detail = whole.detail.replace("; nothing was changed", "");
        }
        whole
    }

    /// The same problem, naming the line that its item was on, where it came from lines.
    pub(super) fn on_line(mut self, line: Option<&usize>) -> Self {
        if let (Some(line), true) = (line, self.kind != Kind::Withheld) {
            for error in &mut self.errors {
                let detail = error["detail"].as_str().unwrap_or_default();
                error["detail"] = format!("Line {line}: {detail}").into();
            }
            self.detail = format!("line {line}: {}", self.detail);
        }
        self
    }

    /// The same problem seen from the list that its item is in.
    fn under(mut self, index: usize) -> Self {
        if self.errors.is_empty() {
            self.errors
                .push(json!({"pointer": "", "rule": self.kind.word(), "detail": self.detail}));
        }
        for error in &mut self.errors {
            let pointer = error["pointer"].as_str().unwrap_or_default();
            error["pointer"] = format!("/{index}{pointer}").into();
        }
        self
    }

    /// The body as a value, without what belongs to the request.
    pub(super) fn value(&self) -> Value {
        let mut body = Map::new();
        body.insert(
            "type".to_owned(),
            format!("urn:segment-edge:problem:{}", self.kind.word()).into(),
        );
        body.insert("title".to_owned(), self.kind.title().into());
        body.insert("status".to_owned(), self.kind.status().as_u16().into());
        body.insert("detail".to_owned(), self.detail.clone().into());
        if !self.errors.is_empty() {
            body.insert("errors".to_owned(), self.errors.clone().into());
        }
        if !self.left.is_empty() {
            body.insert("left".to_owned(), self.left.clone().into());
        }
        body.extend(self.more.iter().flat_map(|more| (**more).clone()));
        Value::Object(body)
    }

    /// The body (RFC 9457, section 3).
    pub(super) fn json(&self, path: &str, trail: &Trail) -> Vec<u8> {
        let mut body = self.value();
        body["instance"] = path.into();
        body["request_id"] = trail.request_id().into();
        body.to_string().into_bytes()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::service::ServiceError;

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
