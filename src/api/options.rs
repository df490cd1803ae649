//! The query parameters of writes.

use super::Incoming;
use super::body::no_extras;
use super::problem::Problem;
use crate::segment::{Rule, Violation};
use crate::service::Atomicity;

/// How a write is to be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Whether a list is a whole.
    pub atomicity: Atomicity,
    /// Also finish what may still be at work.
    pub force: bool,
}

const TRUTH: &str = "true or false";

impl Options {
    /// Those of a write of one segment.
    pub(super) fn of_one(call: &Incoming) -> Result<Self, Problem> {
        Self::read(call, &["dry_run"])
    }

    /// Those of a list.
    pub(super) fn of_list(call: &Incoming) -> Result<Self, Problem> {
        Self::read(call, &["dry_run", "atomic"])
    }

    /// Those of finishing what was left.
    pub(super) fn of_reconcile(call: &Incoming) -> Result<Self, Problem> {
        Self::read(call, &["force"])
    }

    fn read(call: &Incoming, known: &[&str]) -> Result<Self, Problem> {
        no_extras(call, known)?;
        let mut options = Self {
            dry_run: false,
            atomicity: Atomicity::All,
            force: false,
        };
        let mut wrong = Vec::new();
        let mut seen = Vec::new();
        for (name, value) in call.parameters() {
            if seen.contains(&name) {
                wrong.push(Violation::of_parameter(&name, Rule::ParameterRepeated));
                continue;
            }
            match (name.as_str(), value.as_str()) {
                ("dry_run", "true" | "false") => options.dry_run = value == "true",
                ("force", "true" | "false") => options.force = value == "true",
                ("atomic", "true") => options.atomicity = Atomicity::All,
                ("atomic", "false") => options.atomicity = Atomicity::Each,
                (_, "") => wrong.push(Violation::of_parameter(&name, Rule::ParameterEmpty)),
                _ => {
                    let rule = Rule::ParameterValue {
                        given: value,
                        right: TRUTH,
                    };
                    wrong.push(Violation::of_parameter(&name, rule));
                }
            }
            seen.push(name);
        }
        if wrong.is_empty() {
            Ok(options)
        } else {
            Err(Problem::parameters(wrong))
        }
    }
}
