//! Reading: lists with filters and pages, and single objects.

use super::filters;
use super::paging::Page;
use super::query::Query;
use super::serialise::{self, View};
use crate::netbox::call::Call;
use crate::netbox::db::{Db, Row};
use crate::netbox::reply::Reply;
use crate::netbox::schema::{Kind, Model, Shape};

impl View {
    pub(super) fn of(query: &Query) -> Self {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        Self {
            brief: query.on("brief"),
            only: query
                .names("fields")
                .filter(|names| names.iter().any(|name| !name.is_empty()))
                .map(owned),
            omit: query.names("omit").map(owned).unwrap_or_default(),
            fresh: false,
        }
    }
}

/// Answers `GET` on a list.
pub(super) fn read(db: &Db, call: &Call, model: &'static Model) -> Reply {
    let query = Query::parse(call.query.as_deref());
    let test = match filters::compile(db, model.kind, &query) {
        Ok(test) => test,
        Err(errors) => return errors.reply(),
    };
    let page = match Page::of(&query, call.max_page) {
        Ok(page) => page,
        Err(reply) => return reply,
    };
    let rows = db.rows(model.kind);
    let mut found: Vec<&Row> = match page.start {
        Some(start) => rows
            .range(start..)
            .map(|(_, row)| row)
            .filter(|row| test(row))
            .take(page.limit)
            .collect(),
        None => rows.values().filter(|row| test(row)).collect(),
    };
    if page.start.is_none() {
        sort(db, model.kind, &mut found, query.last("ordering"));
    }
    let view = View::of(&query);
    page.answer(
        call,
        &query,
        &found,
        |row| row.id,
        |out, row| serialise::row(out, db, &call.base, model.kind, row, &view),
    )
}

fn sort(db: &Db, kind: Kind, rows: &mut [&Row], ordering: Option<&str>) {
    rows.sort_by(|a, b| {
        for name in ordering.unwrap_or("").split(',') {
            let (name, back) = match name.strip_prefix('-') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let order = match kind.model().field(name).map(|field| &field.shape) {
                Some(Shape::Id) => a.id.cmp(&b.id),
                Some(Shape::Created) => a.created.cmp(&b.created),
                Some(Shape::LastUpdated) => a.last_updated.cmp(&b.last_updated),
                Some(Shape::Text { .. } | Shape::Choice(_)) => a.text(name).cmp(b.text(name)),
                Some(Shape::Int { .. }) => a.int(name).cmp(&b.int(name)),
                Some(Shape::Net) => a.net().cmp(&b.net()),
                Some(Shape::Ref(_)) => a.reference(name).cmp(&b.reference(name)),
                _ => continue,
            };
            let order = if back { order.reverse() } else { order };
            if order.is_ne() {
                return order;
            }
        }
        db.model_order(kind, a, b)
    });
}

/// Answers `GET` on one object.
pub(super) fn read_one(db: &Db, call: &Call, model: &'static Model, id: u64) -> Reply {
    let Some(row) = db.get(model.kind, id) else {
        return Reply::missing(model.class);
    };
    let view = View::of(&Query::parse(call.query.as_deref()));
    one(db, call, model, row, &view, 200)
}

/// One object with its ETag.
pub(super) fn one(
    db: &Db,
    call: &Call,
    model: &'static Model,
    row: &Row,
    view: &View,
    status: u16,
) -> Reply {
    let mut body = String::new();
    serialise::row(&mut body, db, &call.base, model.kind, row, view);
    Reply::json(status, body).with("ETag", row.last_updated.etag())
}
