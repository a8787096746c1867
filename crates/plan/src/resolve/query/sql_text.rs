//! `spark.sql(text, args)`: parsed here, so that its parameters can be resolved.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Parameter, Plan, SqlText};
use firesteel_common::{Result, SparkError};

/// Arguments of one SQL text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters {
    named: Vec<(String, Expr)>,
    positional: Vec<Expr>,
}

impl Resolver<'_> {
    pub(super) fn sql_text(&mut self, text: &SqlText) -> Result<Resolved> {
        let Plan::Query(query) =
            crate::sql::parse_statement_in(&text.query, self.settings.dialect)?
        else {
            return Err(SparkError::invalid_plan("a command where a query is expected"));
        };
        self.parameters
            .push(Parameters { named: text.named.clone(), positional: text.positional.clone() });
        let resolved = self.relation(&query);
        self.parameters.pop();
        resolved
    }

    /// The argument that a parameter marker stands for.
    pub(crate) fn parameter(&self, parameter: &Parameter) -> Result<Expr> {
        let arguments = self.parameters.last();
        let found = arguments.and_then(|arguments| match parameter {
            Parameter::Named(name) => {
                let mut named = arguments.named.iter();
                named.find(|(known, _)| known == name).map(|(_, value)| value)
            }
            Parameter::Positional(position) => arguments.positional.get(*position),
        });
        found.cloned().ok_or_else(|| {
            let name = match parameter {
                Parameter::Named(name) => name.clone(),
                Parameter::Positional(position) => format!("_{position}"),
            };
            SparkError::analysis(
                "UNBOUND_SQL_PARAMETER",
                format!(
                    "Found the unbound parameter: {name}. Please, fix `args` and provide a mapping \
                     of the parameter to either a SQL literal or collection constructor functions \
                     such as `map()`, `array()`, `struct()`."
                ),
            )
            .with("name", name)
        })
    }
}
