//! Argument values: variables put in, types checked as graphql-core checks them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use async_graphql_parser::Positioned;
use async_graphql_parser::types::{BaseType, Type, VariableDefinition};
use async_graphql_value::{ConstValue, Value};

use super::problem::Problem;

/// The variables of an operation with the values given.
#[derive(Debug, Default)]
pub(super) struct Variables {
    known: BTreeMap<String, (Type, ConstValue)>,
    order: Vec<(String, async_graphql_parser::Pos)>,
    used: RefCell<BTreeSet<String>>,
}

impl Variables {
    pub(super) fn read(
        definitions: &[Positioned<VariableDefinition>],
        given: &serde_json::Value,
    ) -> Result<Self, Problem> {
        let mut all = Self::default();
        for definition in definitions {
            let name = definition.node.name.node.as_str();
            let kind = &definition.node.var_type.node;
            let default = definition
                .node
                .default_value
                .as_ref()
                .map(|value| value.node.clone());
            let value = match given.get(name) {
                Some(value) => ConstValue::from_json(value.clone()).unwrap_or(ConstValue::Null),
                None => default.unwrap_or(ConstValue::Null),
            };
            if !kind.nullable && matches!(value, ConstValue::Null) {
                let expected = if given.get(name).is_some() {
                    format!("Expected value of non-null type '{kind}' not to be null.")
                } else {
                    format!("Expected a value of non-null type '{kind}' to be provided.")
                };
                return Err(Problem::new(&format!(
                    "Variable '${name}' has invalid value: {expected}"
                ))
                .at(definition.pos));
            }
            all.order.push((name.to_owned(), definition.pos));
            all.known.insert(name.to_owned(), (kind.clone(), value));
        }
        Ok(all)
    }

    /// graphql-core refuses a query that defines a variable and does not use it.
    pub(super) fn all_used(&self, operation: Option<&str>) -> Result<(), Problem> {
        let used = self.used.borrow();
        let Some((name, pos)) = self.order.iter().find(|(name, _)| !used.contains(name)) else {
            return Ok(());
        };
        let of = operation
            .map(|operation| format!(" in operation '{operation}'"))
            .unwrap_or_default();
        Err(Problem::new(&format!("Variable '${name}' is never used{of}.")).at(*pos))
    }

    /// The value of a leaf: a variable must have the type of its place.
    fn leaf(&self, value: &Value, wanted: &str, list: bool) -> Result<ConstValue, Problem> {
        let Value::Variable(name) = value else {
            return value
                .clone()
                .into_const_with(|name| self.plain(name.as_str()));
        };
        let value = self.plain(name.as_str())?;
        let Some((kind, _)) = self.known.get(name.as_str()) else {
            return Ok(value);
        };
        let (named, is_list) = match &kind.base {
            BaseType::Named(name) => (name.as_str().to_owned(), false),
            BaseType::List(inner) => (inner.base_name(), true),
        };
        if named != wanted || is_list != list {
            let place = if list {
                format!("[{wanted}!]")
            } else {
                wanted.to_owned()
            };
            return Err(Problem::new(&format!(
                "Variable '${name}' of type '{kind}' used in position expecting type '{place}'."
            )));
        }
        Ok(value)
    }

    fn plain(&self, name: &str) -> Result<ConstValue, Problem> {
        self.used.borrow_mut().insert(name.to_owned());
        match self.known.get(name) {
            Some((_, value)) => Ok(value.clone()),
            None => Err(Problem::new(&format!("Variable '${name}' is not defined."))),
        }
    }

    /// A text; `None` for null.
    pub(super) fn text(&self, value: &Value) -> Result<Option<String>, Problem> {
        text(&self.leaf(value, "String", false)?)
    }

    /// A moment as text, NetBox's `DateTime`; `None` for null.
    pub(super) fn date(&self, value: &Value) -> Result<Option<String>, Problem> {
        text(&self.leaf(value, "DateTime", false)?)
    }

    /// The number behind an `ID`; an id that is no number stands for nothing and becomes 0.
    pub(super) fn id(&self, value: &Value) -> Result<Option<u64>, Problem> {
        id(&self.leaf(value, "ID", false)?)
    }

    /// A whole number.
    pub(super) fn int(&self, value: &Value) -> Result<Option<i64>, Problem> {
        int(&self.leaf(value, "Int", false)?)
    }

    /// True or false.
    pub(super) fn bool(&self, value: &Value) -> Result<Option<bool>, Problem> {
        match self.leaf(value, "Boolean", false)? {
            ConstValue::Null => Ok(None),
            ConstValue::Boolean(value) => Ok(Some(value)),
            other => Err(Problem::new(&format!(
                "Boolean cannot represent a non boolean value: {}",
                shown(&other)
            ))),
        }
    }

    /// A word of an enumeration such as `STATUS_ACTIVE`; as a variable it comes as text.
    pub(super) fn word(&self, value: &Value) -> Result<Option<String>, Problem> {
        match value
            .clone()
            .into_const_with(|name| self.plain(name.as_str()))?
        {
            ConstValue::Enum(word) => Ok(Some(word.as_str().to_owned())),
            ConstValue::String(word) => Ok(Some(word)),
            _ => Ok(None),
        }
    }

    /// A list of texts; one text stands for a list of one.
    pub(super) fn texts(&self, value: &Value) -> Result<Vec<String>, Problem> {
        self.list(value, "String", text)
    }

    /// A list of ids.
    pub(super) fn ids(&self, value: &Value) -> Result<Vec<u64>, Problem> {
        self.list(value, "ID", id)
    }

    /// A list of whole numbers.
    pub(super) fn ints(&self, value: &Value) -> Result<Vec<i64>, Problem> {
        self.list(value, "Int", int)
    }

    fn list<T>(
        &self,
        value: &Value,
        kind: &str,
        read: impl Fn(&ConstValue) -> Result<Option<T>, Problem>,
    ) -> Result<Vec<T>, Problem> {
        if let Value::List(items) = value {
            let items = items
                .iter()
                .map(|item| read(&self.leaf(item, kind, false)?));
            return items.filter_map(Result::transpose).collect();
        }
        let items = match self.leaf(value, kind, true)? {
            ConstValue::List(items) => items,
            ConstValue::Null => Vec::new(),
            one => vec![one],
        };
        items
            .iter()
            .filter_map(|item| read(item).transpose())
            .collect()
    }

    /// An input object as written, a variable put in whole; `None` for null.
    pub(super) fn object(&self, value: &Value) -> Result<Option<Vec<(String, Value)>>, Problem> {
        match value {
            Value::Object(fields) => Ok(Some(
                fields
                    .iter()
                    .map(|(name, value)| (name.as_str().to_owned(), value.clone()))
                    .collect(),
            )),
            Value::Variable(name) => self.object(&self.plain(name.as_str())?.into_value()),
            Value::Null => Ok(None),
            _ => Err(Problem::new("")),
        }
    }
}

trait BaseName {
    fn base_name(&self) -> String;
}

impl BaseName for Type {
    fn base_name(&self) -> String {
        match &self.base {
            BaseType::Named(name) => name.as_str().to_owned(),
            BaseType::List(inner) => inner.base_name(),
        }
    }
}

fn text(value: &ConstValue) -> Result<Option<String>, Problem> {
    match value {
        ConstValue::Null => Ok(None),
        ConstValue::String(text) => Ok(Some(text.clone())),
        other => Err(Problem::new(&format!(
            "String cannot represent a non string value: {}",
            shown(other)
        ))),
    }
}

fn id(value: &ConstValue) -> Result<Option<u64>, Problem> {
    match value {
        ConstValue::Null => Ok(None),
        ConstValue::String(text) => Ok(Some(text.parse().unwrap_or(0))),
        ConstValue::Number(number) if number.is_i64() || number.is_u64() => {
            Ok(Some(number.as_u64().unwrap_or(0)))
        }
        other => Err(Problem::new(&format!(
            "ID cannot represent a non-string and non-integer value: {}",
            shown(other)
        ))),
    }
}

fn int(value: &ConstValue) -> Result<Option<i64>, Problem> {
    match value {
        ConstValue::Null => Ok(None),
        ConstValue::Number(number) if number.as_i64().is_some() => Ok(number.as_i64()),
        other => Err(Problem::new(&format!(
            "Int cannot represent non-integer value: {}",
            shown(other)
        ))),
    }
}

/// A value as graphql-core prints it in messages.
pub(super) fn shown(value: &ConstValue) -> String {
    match value {
        ConstValue::Object(fields) if fields.is_empty() => "{}".into(),
        ConstValue::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", shown(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        ConstValue::List(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// The same for a value that may hold variables.
pub(super) fn shown_raw(value: &Value) -> String {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", shown_raw(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(shown_raw).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}
