//! Lists of writes: read, and answered item by item or as a whole.

use http::StatusCode;
use serde_json::{Value, json};

use super::Incoming;
use super::body::{json, media_type};
use super::import;
use super::options::Options;
use super::problem::Problem;
use super::reply::Reply;
use super::segments::guarded;
use crate::netbox::Trail;
use crate::segment::{Change, Draft, Rule, SegmentId, Violation};
use crate::service::delete::Doomed;
use crate::service::forecast::{Forecast, together};
use crate::service::update::{Alteration, Wish};
use crate::service::{Atomicity, Deleted, Result as Done, Service, Tagged};

/// The most items in one list.
pub(super) const MOST: usize = 500;

/// An item of a list, or what is wrong with it.
pub(super) type Item<T> = Result<T, Problem>;

/// The items of a body that is a list.
pub(super) fn items(body: &Value, right: &'static str) -> Result<Vec<Value>, Problem> {
    let Value::Array(items) = body else {
        let found = "not a list";
        return Err(Problem::invalid(vec![Violation::new(
            "",
            Rule::Type { found, right },
        )]));
    };
    counted(items.len())?;
    Ok(items.clone())
}

/// Refuses a list of this length if it is too long, or empty.
pub(super) fn counted(length: usize) -> Result<(), Problem> {
    if (1..=MOST).contains(&length) {
        return Ok(());
    }
    let rule = Rule::ListLength { length, most: MOST };
    Err(Problem::invalid(vec![Violation::new("", rule)]))
}

/// Has the good items of a list carried out, and puts the answers in their places. In a whole, one bad item is enough.
async fn run<T, R>(
    items: Vec<Item<T>>,
    lines: &[usize],
    atomicity: Atomicity,
    carry_out: impl AsyncFnOnce(Vec<T>) -> Done<Vec<Done<R>>>,
) -> Result<Vec<Item<R>>, Problem> {
    let whole = atomicity == Atomicity::All;
    if items.iter().any(Result::is_err) && whole {
        let wrong = items.into_iter().enumerate();
        let wrong = wrong.filter_map(|(index, item)| Some((index, item.err()?)));
        return Err(Problem::of_list(wrong.collect()));
    }
    let mut places: Vec<Result<(), Problem>> = Vec::new();
    let mut good = Vec::new();
    for item in items {
        places.push(item.map(|item| good.push(item)));
    }
    let done = if good.is_empty() {
        Vec::new()
    } else {
        carry_out(good).await?
    };
    let mut done = done.into_iter();
    let mut answers = Vec::new();
    for (index, place) in places.into_iter().enumerate() {
        let line = lines.get(index);
        let told = |error| Problem::from(error).on_line(line);
        match place {
            Err(problem) => answers.push(Err(problem)),
            Ok(()) => answers.extend(done.next().map(|answer| answer.map_err(told))),
        }
    }
    if whole && answers.iter().any(Result::is_err) {
        let wrong = answers.into_iter().enumerate();
        let wrong = wrong.filter_map(|(index, answer)| Some((index, answer.err()?)));
        return Err(Problem::of_list(wrong.collect()));
    }
    Ok(answers)
}

/// Carries out a list, or says what would be done; `show` gets the place of each answer too. `lines` are those that the items
/// were on, if they were.
pub(super) async fn carried_out<T, R>(
    options: Options,
    items: Vec<Item<T>>,
    lines: &[usize],
    good: StatusCode,
    would: impl AsyncFnOnce(Vec<T>) -> Done<Vec<Done<Forecast>>>,
    carry_out: impl AsyncFnOnce(Vec<T>) -> Done<Vec<Done<R>>>,
    show: impl Fn(usize, R) -> Value,
) -> Result<Reply, Problem> {
    if options.dry_run {
        return forecast_list(run(items, lines, options.atomicity, would).await?);
    }
    let done = run(items, lines, options.atomicity, carry_out)
        .await?
        .into_iter();
    let shown = done
        .enumerate()
        .map(|(index, one)| one.map(|one| show(index, one)));
    Ok(answers(good, shown.collect()))
}

/// The answers of a list: as a whole when all is well, else each with its status (207, RFC 4918, section 13).
fn answers(good: StatusCode, answers: Vec<Item<Value>>) -> Reply {
    let failed = answers.iter().filter(|answer| answer.is_err()).count();
    let succeeded = answers.len() - failed;
    let each = answers.into_iter().enumerate();
    let results = each.map(|(index, answer)| match answer {
        Ok(mut value) => {
            value["index"] = index.into();
            value["status"] = good.as_u16().into();
            value
        }
        Err(problem) => json!({
            "index": index,
            "status": problem.status().as_u16(),
            "problem": problem.value(),
        }),
    });
    let results: Vec<Value> = results.collect();
    let status = if failed == 0 {
        good
    } else {
        StatusCode::MULTI_STATUS
    };
    let body = json!({"succeeded": succeeded, "failed": failed, "results": results});
    Reply::json(status, &body)
}

/// What a dry run says.
fn forecast(forecasts: Vec<Forecast>) -> Reply {
    let whole = together(forecasts);
    let segments: Vec<Value> = whole
        .segments
        .iter()
        .map(|segment| {
            let mut shown = json!(segment.view());
            if segment.id == SegmentId(0) {
                shown["id"] = Value::Null;
            }
            shown
        })
        .collect();
    let body = json!({
        "dry_run": true,
        "message": "Nothing was changed; NetBox would be asked to do what `netbox_writes` says",
        "netbox_writes": whole.writes,
        "segments": segments,
    });
    Reply::json(StatusCode::OK, &body)
}

/// A dry run of one write.
pub(super) fn forecast_one(forecasts: Vec<Done<Forecast>>) -> Result<Reply, Problem> {
    Ok(forecast(forecasts.into_iter().collect::<Done<_>>()?))
}

/// A dry run of a list: each bad item is named, whatever `atomic` says.
fn forecast_list(forecasts: Vec<Item<Forecast>>) -> Result<Reply, Problem> {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for (index, forecast) in forecasts.into_iter().enumerate() {
        match forecast {
            Ok(forecast) => good.push(forecast),
            Err(problem) => wrong.push((index, problem)),
        }
    }
    if wrong.is_empty() {
        Ok(forecast(good))
    } else {
        Err(Problem::of_list(wrong))
    }
}

/// A segment in the answer to a list.
pub(super) fn shown(found: &Tagged) -> Value {
    json!({"segment": found.segment.view(), "etag": found.etag})
}

/// `POST /api/segments/bulk`: a list of segments to be made, as JSON or as CSV.
pub(super) async fn create(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let options = Options::of_list(call)?;
    let max_body = service.settings().max_body;
    let (drafts, lines) = if media_type(call) == import::KIND {
        import::drafts(call, max_body)?
    } else {
        let body = json(call, max_body)?;
        let drafts = items(&body, "a list of segments")?;
        let parse = |item| Draft::parse(item).map_err(Problem::invalid);
        (drafts.iter().map(parse).collect(), Vec::new())
    };
    let would = async |drafts| service.would_create(trail, drafts).await;
    let make = async |drafts| service.create_all(trail, drafts, options.atomicity).await;
    let show = |_, made| shown(&made);
    carried_out(
        options,
        drafts,
        &lines,
        StatusCode::CREATED,
        would,
        make,
        show,
    )
    .await
}

/// `PATCH /api/segments/bulk`: a list of changes, each with the `id` of its segment and, if the caller cares, `if_match`.
pub(super) async fn change(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let options = Options::of_list(call)?;
    let body = json(call, service.settings().max_body)?;
    let mut seen = Vec::new();
    let wishes = items(&body, "a list of changes, each with an `id`")?;
    let wishes: Vec<Item<Wish>> = wishes
        .into_iter()
        .map(|item| {
            let mut wish = wish(item, &mut seen).map_err(Problem::invalid)?;
            wish.expected = guarded(service, wish.expected)?;
            Ok(wish)
        })
        .collect();
    let would = async |wishes| service.would_update(trail, wishes).await;
    let update = async |wishes| service.update_all(trail, wishes, options.atomicity).await;
    let show = |_, changed| shown(&changed);
    carried_out(options, wishes, &[], StatusCode::OK, would, update, show).await
}

/// `DELETE /api/segments/bulk`: a list of ids, or of objects with `id` and `if_match`.
pub(super) async fn delete(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let options = Options::of_list(call)?;
    let body = json(call, service.settings().max_body)?;
    let mut seen = Vec::new();
    let doomed = items(&body, "a list of segment ids")?;
    let doomed: Vec<Item<Doomed>> = doomed
        .into_iter()
        .map(|item| {
            let Doomed { id, expected } = one_doomed(item, &mut seen).map_err(Problem::invalid)?;
            let expected = guarded(service, expected)?;
            Ok(Doomed { id, expected })
        })
        .collect();
    let ids: Vec<String> = doomed
        .iter()
        .map(|item| {
            item.as_ref()
                .map_or_else(|_| String::new(), |d| d.id.to_string())
        })
        .collect();
    let would = async |doomed| service.would_delete(trail, doomed).await;
    let delete = async |doomed| service.delete_all(trail, doomed, options.atomicity).await;
    let show = |index: usize, gone: Deleted| json!({"id": ids.get(index), "left": gone.left});
    carried_out(options, doomed, &[], StatusCode::OK, would, delete, show).await
}

fn wish(mut item: Value, seen: &mut Vec<SegmentId>) -> Result<Wish, Vec<Violation>> {
    if !item.is_object() {
        return Change::parse(&item).map_or_else(Err, |_| Err(Vec::new()));
    }
    let (id, expected, mut wrong) = target(&mut item, seen);
    match (Change::parse(&item), id) {
        (Ok(change), Some(id)) if wrong.is_empty() => Ok(Wish {
            id,
            change: Alteration::Change(Box::new(change)),
            expected,
        }),
        (change, _) => {
            wrong.extend(change.err().into_iter().flatten());
            Err(wrong)
        }
    }
}

fn one_doomed(item: Value, seen: &mut Vec<SegmentId>) -> Result<Doomed, Vec<Violation>> {
    let mut item = match item {
        Value::String(id) => json!({ "id": id }),
        other => other,
    };
    let (id, expected, mut wrong) = target(&mut item, seen);
    for name in item
        .as_object()
        .into_iter()
        .flat_map(|members| members.keys())
    {
        if name != "id" {
            let rule = Rule::UnknownField {
                name: name.clone(),
                nearest: None,
                fields: &["id", "if_match"],
            };
            wrong.push(Violation::of_member(name, rule));
        }
    }
    match id {
        Some(id) if wrong.is_empty() => Ok(Doomed { id, expected }),
        _ => Err(wrong),
    }
}

/// Which segment an item means, in which state, and what is wrong with that. `if_match` is taken out of the item.
fn target(
    item: &mut Value,
    seen: &mut Vec<SegmentId>,
) -> (Option<SegmentId>, Option<String>, Vec<Violation>) {
    const ID: &str = "a string: the id of a segment, such as \"12\"";
    const TAG: &str = "a string: the ETag that the segment had";
    let mut wrong = Vec::new();
    let Some(members) = item.as_object_mut() else {
        return (None, None, wrong_item());
    };
    let expected = match members.remove("if_match") {
        None | Some(Value::Null) => None,
        Some(Value::String(tag)) => Some(tag),
        Some(_) => {
            let rule = Rule::Type {
                found: "not a string",
                right: TAG,
            };
            wrong.push(Violation::of_member("if_match", rule));
            None
        }
    };
    let id = match members.get("id").map(Value::as_str) {
        None => Err(Rule::Required { right: ID }),
        Some(None) => Err(Rule::Type {
            found: "not a string",
            right: ID,
        }),
        Some(Some(text)) => SegmentId::parse(text),
    };
    match id {
        Ok(id) if seen.contains(&id) => {
            let given = format!("Segment {id}");
            wrong.push(Violation::of_member("id", Rule::Repeated { given }));
            (None, expected, wrong)
        }
        Ok(id) => {
            seen.push(id);
            (Some(id), expected, wrong)
        }
        Err(rule) => {
            wrong.push(Violation::of_member("id", rule));
            (None, expected, wrong)
        }
    }
}

fn wrong_item() -> Vec<Violation> {
    let rule = Rule::NotAnObject {
        found: "something else",
    };
    vec![Violation::new("", rule)]
}
