//! One object: its number, its times and its stored values.

use ipnet::IpNet;
use serde_json::Value;

use crate::netbox::clock::Stamp;
use crate::netbox::schema::{Kind, Shape};

/// A stored value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text, or the value of a choice.
    Text(String),
    /// The id of another object.
    Ref(u64),
    /// A prefix.
    Net(IpNet),
    /// Custom fields, ranges and the like.
    Json(Value),
}

/// One object.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number, unique within its kind.
    pub id: u64,
    /// When it was made.
    pub created: Stamp,
    /// When it was last written, even if nothing changed.
    pub last_updated: Stamp,
    cells: Vec<(&'static str, Cell)>,
}

impl Row {
    /// A row of this kind with every value at its default and no times.
    #[must_use]
    pub fn blank(kind: Kind, id: u64) -> Self {
        let cells = kind
            .model()
            .fields
            .iter()
            .filter(|field| field.stored())
            .map(|field| {
                let cell = match &field.shape {
                    Shape::Text { null: false, .. } => Cell::Text(String::new()),
                    Shape::Int { default, .. } => Cell::Int(*default),
                    Shape::Bool(default) => Cell::Bool(*default),
                    Shape::Choice(choices) => choices
                        .first()
                        .map_or(Cell::Null, |choice| Cell::Text(choice.0.into())),
                    Shape::CustomFields => Cell::Json(Value::Object(serde_json::Map::new())),
                    Shape::Ranges => Cell::Json(serde_json::json!([[1, 4094]])),
                    Shape::Json(default) => {
                        Cell::Json(serde_json::from_str(default).unwrap_or(Value::Null))
                    }
                    _ => Cell::Null,
                };
                (field.name, cell)
            })
            .collect();
        Self {
            id,
            created: Stamp::default(),
            last_updated: Stamp::default(),
            cells,
        }
    }

    /// The value of a stored field; null for a name the model does not have.
    #[must_use]
    pub fn get(&self, name: &str) -> &Cell {
        self.cells
            .iter()
            .find(|(field, _)| *field == name)
            .map_or(&Cell::Null, |(_, cell)| cell)
    }

    /// Changes a stored field; a name the model does not have is ignored.
    pub fn set(&mut self, name: &str, value: Cell) {
        if let Some(cell) = self.cells.iter_mut().find(|(field, _)| *field == name) {
            cell.1 = value;
        }
    }

    /// The text of a field, empty when it has none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Cell::Text(text) => text,
            _ => "",
        }
    }

    /// The whole number of a field, 0 when it has none.
    #[must_use]
    pub fn int(&self, name: &str) -> i64 {
        match self.get(name) {
            Cell::Int(value) => *value,
            _ => 0,
        }
    }

    /// The id of the object a field refers to.
    #[must_use]
    pub fn reference(&self, name: &str) -> Option<u64> {
        match self.get(name) {
            Cell::Ref(id) => Some(*id),
            _ => None,
        }
    }

    /// The prefix of a prefix row.
    #[must_use]
    pub fn net(&self) -> Option<IpNet> {
        match self.get("prefix") {
            Cell::Net(net) => Some(*net),
            _ => None,
        }
    }

    /// The value of a custom field; null when it is not set.
    #[must_use]
    pub fn custom(&self, name: &str) -> &Value {
        match self.get("custom_fields") {
            Cell::Json(values) => values.get(name).unwrap_or(&Value::Null),
            _ => &Value::Null,
        }
    }

    /// Sets the value of a custom field.
    pub fn set_custom(&mut self, name: &str, value: Value) {
        if let Some((_, Cell::Json(Value::Object(values)))) = self
            .cells
            .iter_mut()
            .find(|(field, _)| *field == "custom_fields")
        {
            values.insert(name.to_owned(), value);
        }
    }

    /// The stored values in the model's order.
    #[must_use]
    pub fn cells(&self) -> &[(&'static str, Cell)] {
        &self.cells
    }

    /// Whether the two rows hold the same values, whatever their times.
    #[must_use]
    pub fn same_values(&self, other: &Self) -> bool {
        self.cells == other.cells
    }
}
