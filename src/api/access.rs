//! Whose token it is, and whether it may.

use http::{HeaderMap, header};

use super::problem::Problem;
use crate::settings::{Access, Role};

/// Whether a request may do what takes the role `wanted`; the name of its token, for the log.
pub(crate) fn allow(
    access: &Access,
    headers: &HeaderMap,
    wanted: Role,
) -> Result<Option<String>, Problem> {
    if *access == Access::Open {
        return Ok(None);
    }
    let presented = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok());
    let Some(presented) = presented else {
        return Err(Problem::unauthorised("there is no Authorization header"));
    };
    // The scheme is compared without regard to case (RFC 9110, section 11.1).
    let token = match presented.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => {
            return Err(Problem::unauthorised(
                "the Authorization header is not of the form `Bearer <token>`",
            ));
        }
    };
    let Some(token) = access.recognise(token) else {
        return Err(Problem::unauthorised("the token is not known"));
    };
    if token.role < wanted {
        return Err(Problem::forbidden(&token.name, token.role, wanted));
    }
    Ok(Some(token.name.clone()))
}
