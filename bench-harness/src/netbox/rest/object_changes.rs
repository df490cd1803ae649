//! The change log: `GET /api/core/object-changes/`. It is the only place where deletes are seen.

use super::paging::Page;
use super::query::Query;
use super::serialise;
use crate::netbox::call::Call;
use crate::netbox::clock::Stamp;
use crate::netbox::db::{Cell, Change, Db, Row};
use crate::netbox::json::{self, Object};
use crate::netbox::reply::{Errors, Reply};

/// Answers a read of the list, or of one entry when `id` is given.
pub(super) fn read(db: &Db, call: &Call, id: Option<u64>) -> Reply {
    let query = Query::parse(call.query.as_deref());
    let only: Option<Vec<String>> = query
        .names("fields")
        .map(|names| names.into_iter().map(str::to_owned).collect());
    if let Some(id) = id {
        let Some(change) = db.changes().iter().find(|change| change.id == id) else {
            return Reply::missing("ObjectChange");
        };
        let mut body = String::new();
        write(&mut body, db, call, change, only.as_deref());
        return Reply::json(200, body);
    }
    let page = match Page::of(&query, call.max_page) {
        Ok(page) => page,
        Err(reply) => return reply,
    };
    let mut found: Vec<&Change> = db.changes().iter().collect();
    if let Err(errors) = keep(&mut found, &query) {
        return errors.reply();
    }
    match page.start {
        Some(start) => {
            found.retain(|change| change.id >= start);
            found.truncate(page.limit);
        }
        // Newest first, as the model orders them.
        None => found.reverse(),
    }
    page.answer(
        call,
        &query,
        &found,
        |change| change.id,
        |out, change| write(out, db, call, change, only.as_deref()),
    )
}

fn keep(found: &mut Vec<&Change>, query: &Query) -> Result<(), Errors> {
    for (name, values) in query.iter() {
        let one = values.last().map(String::as_str).unwrap_or_default();
        let has = |text: &str| values.iter().any(|value| value == text);
        match name {
            "changed_object_type" => {
                // A type that NetBox does not have matches nothing; it is no error.
                found.retain(|change| has(change.kind.model().object_type));
            }
            "changed_object_id" => found.retain(|change| has(&change.object.to_string())),
            "action" => found.retain(|change| has(change.action.choice().0)),
            "request_id" => found.retain(|change| has(&change.author.request_id)),
            "user_name" | "user" => found.retain(|change| has(&change.author.user)),
            "id__gt" | "id__gte" => {
                let least = one.parse::<u64>().unwrap_or(0) + u64::from(name == "id__gt");
                found.retain(|change| change.id >= least);
            }
            "time_after" | "time_before" => {
                let Some(at) = Stamp::parse(one) else {
                    return Err(Errors::one(name, "Enter a valid date/time."));
                };
                if name == "time_after" {
                    found.retain(|change| change.time >= at);
                } else {
                    found.retain(|change| change.time <= at);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn write(out: &mut String, db: &Db, call: &Call, change: &Change, only: Option<&[String]>) {
    let model = change.kind.model();
    let (action, label) = change.action.choice();
    let app = match model.object_type.split('.').next() {
        Some("ipam") => "IPAM",
        Some("dcim") => "DCIM",
        Some("tenancy") => "Tenancy",
        _ => "Customization",
    };
    let shows = |name: &str| only.is_none_or(|only| only.iter().any(|field| field == name));
    let mut object = Object::new(out);
    let names = [
        "id",
        "url",
        "display_url",
        "display",
        "time",
        "user",
        "user_name",
        "request_id",
        "action",
        "changed_object_type",
        "changed_object_id",
        "changed_object",
        "object_repr",
        "message",
        "prechange_data",
        "postchange_data",
    ];
    for name in names.into_iter().filter(|name| shows(name)) {
        let out = object.key(name);
        match name {
            "id" => out.push_str(&change.id.to_string()),
            "url" => json::push_text(
                out,
                &format!("{}/api/core/object-changes/{}/", call.base, change.id),
            ),
            "display_url" => {
                json::push_text(out, &format!("{}/core/changelog/{}/", call.base, change.id));
            }
            "display" => {
                let text = format!(
                    "{app} | {} {} {} by {}",
                    model.verbose,
                    change.repr,
                    label.to_lowercase(),
                    change.author.user
                );
                json::push_text(out, &text);
            }
            "time" => json::push_text(out, &change.time.rest()),
            "user" => {
                let mut user = Object::new(out);
                user.raw("id", "1");
                user.text("url", &format!("{}/api/users/users/1/", call.base));
                user.text("display", &change.author.user);
                user.text("username", &change.author.user);
                user.end();
            }
            "user_name" => json::push_text(out, &change.author.user),
            "request_id" => json::push_text(out, &change.author.request_id),
            "action" => {
                let mut choice = Object::new(out);
                choice.text("value", action);
                choice.text("label", label);
                choice.end();
            }
            "changed_object_type" => json::push_text(out, model.object_type),
            "changed_object_id" => out.push_str(&change.object.to_string()),
            "changed_object" => {
                serialise::nested(out, db, &call.base, change.kind, change.object);
            }
            "object_repr" => json::push_text(out, &change.repr),
            "message" => json::push_text(out, &change.author.message),
            "prechange_data" => data(out, change.before.as_ref()),
            _ => data(out, change.after.as_ref()),
        }
    }
    object.end();
}

/// The stored values as the change log keeps them.
fn data(out: &mut String, row: Option<&Row>) {
    let mut object = Object::new(out);
    for (name, cell) in row.map(Row::cells).unwrap_or_default() {
        let out = object.key(name);
        match cell {
            Cell::Null => out.push_str("null"),
            Cell::Bool(value) => out.push_str(&value.to_string()),
            Cell::Int(value) => out.push_str(&value.to_string()),
            Cell::Ref(id) => out.push_str(&id.to_string()),
            Cell::Text(text) => json::push_text(out, text),
            Cell::Net(net) => json::push_text(out, &net.to_string()),
            Cell::Json(value) => json::push_value(out, value),
        }
    }
    object.end();
}
