//! One request of the table, and how its answers are compared.

/// Whose token a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Full,
    FullV1,
    ReadOnly,
    NoPermissions,
    WrongV1,
    WrongV2,
    Nobody,
}

/// A request. `<name>` in path, headers and body stands for an id, `<name.etag>` for a tag that an earlier answer gave, and
/// `<tag>` for what makes the names of this run its own.
#[derive(Clone, Debug)]
pub struct Step {
    pub method: &'static str,
    pub path: String,
    pub who: Who,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    pub keep: Option<&'static str>,
    /// Compare keys and types only: the answer speaks of objects that are not this test's.
    pub shape_only: bool,
    /// The status that both must give.
    pub status: u16,
}

impl Step {
    pub fn new(method: &'static str, path: &str, body: Option<&str>, status: u16) -> Self {
        Self {
            method,
            path: path.to_owned(),
            who: Who::Full,
            headers: Vec::new(),
            body: body.map(ToOwned::to_owned),
            keep: None,
            shape_only: false,
            status,
        }
    }

    pub fn by(mut self, who: Who) -> Self {
        self.who = who;
        self
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Remembers the id and the tag of the answer under this name; of a list `name.0`, `name.1` and so on.
    pub fn keep(mut self, name: &'static str) -> Self {
        self.keep = Some(name);
        self
    }

    pub fn shape(mut self) -> Self {
        self.shape_only = true;
        self
    }
}

pub fn get(path: &str, status: u16) -> Step {
    Step::new("GET", path, None, status)
}

pub fn post(path: &str, body: &str, status: u16) -> Step {
    Step::new("POST", path, Some(body), status)
}

pub fn patch(path: &str, body: &str, status: u16) -> Step {
    Step::new("PATCH", path, Some(body), status)
}

pub fn delete(path: &str, status: u16) -> Step {
    Step::new("DELETE", path, None, status)
}

/// A GraphQL query with the variables that the component sends.
pub fn graphql(query: &str, variables: &serde_json::Value) -> Step {
    let body = serde_json::json!({"query": query, "variables": variables});
    post("/graphql/", &body.to_string(), 200)
}
