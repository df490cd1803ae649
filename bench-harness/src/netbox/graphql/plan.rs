//! From the selections of a query to a plan: what to read and what to show, every name checked before anything runs.

use std::collections::HashMap;

use async_graphql_parser::types::{Field as Asked, Selection, SelectionSet};
use async_graphql_parser::{Pos, Positioned};
use async_graphql_value::Value;

use super::arguments::Variables;
use super::filters::{self, Test};
use super::lookups;
use super::problem::Problem;
use crate::netbox::db::Db;
use crate::netbox::schema::{Field, Kind, Shape};

/// A field of the query itself.
pub(super) enum Root {
    /// `__typename`.
    TypeName(String),
    /// A list.
    List {
        key: String,
        kind: Kind,
        test: Option<Test>,
        page: Page,
        picks: Vec<Pick>,
    },
    /// One object by id, known to exist.
    One {
        key: String,
        kind: Kind,
        id: u64,
        picks: Vec<Pick>,
    },
}

/// Which part of a list.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) start: Option<u64>,
    pub(super) offset: usize,
    pub(super) limit: Option<usize>,
}

/// What to show of one object.
pub(super) enum Pick {
    TypeName(String, &'static str),
    Scalar(String, &'static Field),
    /// Finished JSON.
    Fixed(String, &'static str),
    Object(String, &'static Field, Kind, Vec<Pick>),
    /// The scope: its own picks, already for a site group.
    Scope(String, Vec<Pick>),
    Family(String, Vec<(String, bool)>),
    /// The objects of another kind that refer to this one.
    Reverse(String, Kind, &'static str, Vec<Pick>),
}

struct Planner<'a> {
    db: &'a Db,
    fragments: &'a HashMap<&'a str, &'a SelectionSet>,
    variables: &'a Variables,
}

/// Plans the whole query.
pub(super) fn roots(
    db: &Db,
    fragments: &HashMap<&str, &SelectionSet>,
    variables: &Variables,
    set: &SelectionSet,
) -> Result<Vec<Root>, Problem> {
    let planner = Planner {
        db,
        fragments,
        variables,
    };
    let mut roots = Vec::new();
    for asked in planner.flatten(set, "Query")? {
        let name = asked.node.name.node.as_str();
        if name == "__typename" {
            roots.push(Root::TypeName(key(asked)));
            continue;
        }
        let listed = name.strip_suffix("_list");
        let model = Kind::ALL.map(Kind::model).into_iter().find(|model| {
            !model.graphql.is_empty() && model.graphql_field == listed.unwrap_or(name)
        });
        let Some(model) = model else {
            return Err(no_field(name, "Query", asked.pos));
        };
        let root = if listed.is_some() {
            planner.list(asked, model.kind)
        } else {
            planner.one(asked, model.kind)
        };
        roots.push(root.map_err(|problem| problem.at(asked.pos))?);
    }
    Ok(roots)
}

fn key(asked: &Positioned<Asked>) -> String {
    asked.node.response_key().node.as_str().to_owned()
}

fn no_field(name: &str, on: &str, pos: Pos) -> Problem {
    Problem::new(&format!("Cannot query field '{name}' on type '{on}'.")).at(pos)
}

impl<'a> Planner<'a> {
    /// The fields of a selection, fragments put in where they apply to the type.
    fn flatten(
        &self,
        set: &'a SelectionSet,
        on: &str,
    ) -> Result<Vec<&'a Positioned<Asked>>, Problem> {
        let mut fields = Vec::new();
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => fields.push(field),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    if condition.is_none_or(|condition| condition.node.on.node == on) {
                        fields.extend(self.flatten(&fragment.node.selection_set.node, on)?);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let Some(fragment) = self.fragments.get(name) else {
                        return Err(
                            Problem::new(&format!("Unknown fragment '{name}'.")).at(item.pos)
                        );
                    };
                    fields.extend(self.flatten(fragment, on)?);
                }
            }
        }
        Ok(fields)
    }

    fn list(&self, asked: &'a Positioned<Asked>, kind: Kind) -> Result<Root, Problem> {
        let name = asked.node.name.node.as_str();
        let (mut test, mut page) = (None, Page::default());
        for (argument, value) in &asked.node.arguments {
            let problem = match argument.node.as_str() {
                "filters" if matches!(value.node, Value::Null) => Ok(()),
                "filters" => filters::compile(self.db, self.variables, kind, &value.node)
                    .map(|compiled| test = Some(compiled)),
                "pagination" => self.page(&value.node).map(|read| page = read),
                other => Err(Problem::new(&format!(
                    "Unknown argument '{other}' on field 'Query.{name}'."
                ))
                .at(argument.pos)),
            };
            problem.map_err(|problem| problem.at_value(value.pos, &key(asked), asked.pos))?;
        }
        Ok(Root::List {
            key: key(asked),
            kind,
            test,
            page,
            picks: self.object(asked, kind)?,
        })
    }

    fn page(&self, value: &Value) -> Result<Page, Problem> {
        const KIND: &str = "OffsetPaginationInput";
        let (mut page, mut offset) = (Page::default(), None);
        for (name, inner) in lookups::fields(self.variables, value, KIND)? {
            let number = self.variables.int(&inner)?;
            match name.as_str() {
                "limit" => page.limit = number.and_then(|limit| usize::try_from(limit).ok()),
                "offset" => offset = number,
                "start" => match number.map(u64::try_from) {
                    Some(Err(_)) => {
                        return Err(
                            Problem::new("`start` must be greater than or equal to zero.").path(""),
                        );
                    }
                    Some(Ok(start)) => page.start = Some(start),
                    None => {}
                },
                _ => return Err(lookups::unknown(KIND, &name, value)),
            }
        }
        if page.start.is_some() && offset.is_some_and(|offset| offset != 0) {
            return Err(
                Problem::new("Cannot specify both `start` and `offset` in pagination.").path(""),
            );
        }
        page.offset = offset
            .and_then(|offset| usize::try_from(offset).ok())
            .unwrap_or(0);
        Ok(page)
    }

    fn one(&self, asked: &'a Positioned<Asked>, kind: Kind) -> Result<Root, Problem> {
        let name = asked.node.name.node.as_str();
        let id = asked
            .node
            .arguments
            .iter()
            .find(|(argument, _)| argument.node == "id");
        let Some((_, id)) = id else {
            return Err(Problem::new(&format!(
                "Field '{name}' argument 'id' of type 'ID!' is required, but it was not provided."
            )));
        };
        let id = self.variables.id(&id.node)?.unwrap_or(0);
        let picks = self.object(asked, kind)?;
        if self.db.get(kind, id).is_none() {
            let class = kind.model().class;
            return Err(
                Problem::new(&format!("{class} matching query does not exist.")).path(&key(asked)),
            );
        }
        Ok(Root::One {
            key: key(asked),
            kind,
            id,
            picks,
        })
    }

    fn object(&self, asked: &'a Positioned<Asked>, kind: Kind) -> Result<Vec<Pick>, Problem> {
        let on = kind.model().graphql;
        let set = &asked.node.selection_set.node;
        if set.items.is_empty() {
            return Err(must_select(asked, on));
        }
        let fields = self.flatten(set, on)?;
        fields
            .into_iter()
            .map(|field| self.pick(field, kind))
            .collect()
    }

    fn pick(&self, asked: &'a Positioned<Asked>, kind: Kind) -> Result<Pick, Problem> {
        let (name, on) = (asked.node.name.node.as_str(), kind.model().graphql);
        let scalar = |pick: Pick| {
            if asked.node.selection_set.node.items.is_empty() {
                return Ok(pick);
            }
            Err(Problem::new(&format!(
                "Field '{name}' must not have a selection since type 'String!' has no subfields."
            ))
            .at(asked.pos))
        };
        let reverse = |of: Kind, field: &'static str| -> Result<Pick, Problem> {
            Ok(Pick::Reverse(
                key(asked),
                of,
                field,
                self.object(asked, of)?,
            ))
        };
        match (kind, name) {
            (_, "__typename") => return scalar(Pick::TypeName(key(asked), on)),
            (_, "tags") => return Ok(Pick::Fixed(key(asked), "[]")),
            (_, "owner") | (Kind::Vlan, "site") => return Ok(Pick::Fixed(key(asked), "null")),
            (Kind::Vlan, "prefixes") => return reverse(Kind::Prefix, "vlan"),
            (Kind::Vrf, "prefixes") => return reverse(Kind::Prefix, "vrf"),
            (Kind::VlanGroup, "vlans") => return reverse(Kind::Vlan, "group"),
            (Kind::Prefix | Kind::VlanGroup, "scope") => {
                let set = &asked.node.selection_set.node;
                if set.items.is_empty() {
                    return Err(must_select(
                        asked,
                        &format!("{}ScopeType", on.trim_end_matches("Type")),
                    ));
                }
                let fields = self.flatten(set, "SiteGroupType")?;
                let picks = fields
                    .into_iter()
                    .map(|field| self.pick(field, Kind::SiteGroup));
                return Ok(Pick::Scope(key(asked), picks.collect::<Result<_, _>>()?));
            }
            (Kind::Prefix, "family") => {
                let mut parts = Vec::new();
                for field in self.flatten(&asked.node.selection_set.node, "IPAddressFamilyType")? {
                    match field.node.name.node.as_str() {
                        "value" => parts.push((key(field), true)),
                        "label" => parts.push((key(field), false)),
                        other => return Err(no_field(other, "IPAddressFamilyType", field.pos)),
                    }
                }
                return Ok(Pick::Family(key(asked), parts));
            }
            _ => {}
        }
        let absent = [
            "url",
            "display_url",
            "scope_type",
            "scope_id",
            "children",
            "utilization",
        ];
        let field = kind
            .model()
            .field(name)
            .filter(|field| {
                !absent.contains(&field.name) && !matches!(field.shape, Shape::Count(..))
            })
            .ok_or_else(|| no_field(name, on, asked.pos))?;
        match field.shape {
            Shape::Ref(to) => Ok(Pick::Object(key(asked), field, to, self.object(asked, to)?)),
            Shape::Fixed(json) => scalar(Pick::Fixed(key(asked), json)),
            _ => scalar(Pick::Scalar(key(asked), field)),
        }
    }
}

fn must_select(asked: &Positioned<Asked>, on: &str) -> Problem {
    let name = asked.node.name.node.as_str();
    Problem::new(&format!(
        "Field '{name}' of type '{on}' must have a selection of subfields. Did you mean '{name} {{ ... }}'?"
    ))
    .at(asked.pos)
}
