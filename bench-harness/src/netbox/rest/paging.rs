//! Pages: by offset with a count, or by cursor (`start`, since NetBox 4.6) without one.

use super::query::Query;
use crate::netbox::call::Call;
use crate::netbox::reply::Reply;

/// NetBox's `PAGINATE_COUNT`.
const DEFAULT: usize = 50;

/// Which part of a list is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) limit: usize,
    pub(super) offset: usize,
    /// The least id wanted; `None` for paging by offset.
    pub(super) start: Option<u64>,
}

impl Page {
    pub(super) fn of(query: &Query, max: usize) -> Result<Self, Reply> {
        let limit = match query.last("limit").map(str::parse::<i64>) {
            Some(Ok(limit)) if limit > 0 => usize::try_from(limit).unwrap_or(max).min(max),
            Some(Ok(0)) => max,
            _ => DEFAULT,
        };
        let offset = query
            .last("offset")
            .and_then(|offset| offset.parse().ok())
            .unwrap_or(0);
        let start = match query.last("start") {
            None => None,
            Some(text) => {
                let refuse = |text: &str| {
                    let body = format!("[{}]", crate::netbox::json::text(text));
                    Reply::json(400, body)
                };
                if query.last("offset").is_some() {
                    return Err(refuse("'start' and 'offset' are mutually exclusive."));
                }
                if query.last("ordering").is_some() {
                    return Err(refuse(
                        "Ordering cannot be specified in conjunction with cursor-based pagination.",
                    ));
                }
                match text.parse::<i64>() {
                    Ok(start) if start >= 0 => Some(u64::try_from(start).unwrap_or(0)),
                    _ => {
                        return Err(refuse(
                            "Invalid 'start' parameter: must be a non-negative integer.",
                        ));
                    }
                }
            }
        };
        Ok(Self {
            limit,
            offset,
            start,
        })
    }

    /// Cuts the page out of the whole list, and writes the answer round it.
    pub(super) fn answer<T>(
        &self,
        call: &Call,
        query: &Query,
        rows: &[T],
        id: impl Fn(&T) -> u64,
        write: impl FnMut(&mut String, &T),
    ) -> Reply {
        let total = rows.len();
        let from = self.offset.min(total);
        let page = &rows[from..from.saturating_add(self.limit).min(total)];
        let address = |changes: &[(&str, Option<String>)]| -> String {
            let text = query.with(changes);
            crate::netbox::json::text(&format!("{}{}?{text}", call.base, call.path))
        };
        let limit = ("limit", Some(self.limit.to_string()));
        let null = || "null".to_owned();
        let (count, next, previous) = if self.start.is_some() {
            let next = match page.last() {
                Some(last) if page.len() == self.limit => {
                    address(&[limit, ("start", Some((id(last) + 1).to_string()))])
                }
                _ => null(),
            };
            (null(), next, null())
        } else {
            let next = if from + page.len() < total {
                let offset = (self.offset + self.limit).to_string();
                address(&[limit.clone(), ("offset", Some(offset))])
            } else {
                null()
            };
            let previous = match self.offset.checked_sub(self.limit) {
                _ if self.offset == 0 => null(),
                Some(offset) if offset > 0 => {
                    address(&[limit, ("offset", Some(offset.to_string()))])
                }
                _ => address(&[limit, ("offset", None)]),
            };
            (total.to_string(), next, previous)
        };
        let mut body =
            format!("{{\"count\":{count},\"next\":{next},\"previous\":{previous},\"results\":");
        crate::netbox::json::list(&mut body, page, write);
        body.push('}');
        Reply::json(200, body)
    }
}
