//! `df.alias("x")` and `AS x(a, b)`.

use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::Relation;
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn alias_relation(
        &mut self,
        input: &Relation,
        name: &str,
        qualifier: &[String],
        names: &[String],
    ) -> Result<Resolved> {
        let mut input = self.relation(input)?;
        if !names.is_empty() {
            let n_columns = input.scope.columns.len();
            if names.len() != n_columns {
                return Err(SparkError::analysis(
                    "ASSIGNMENT_ARITY_MISMATCH",
                    format!(
                        "The number of columns or variables assigned or aliased: {} does not match \
                         the number of source expressions: {n_columns}.",
                        names.len()
                    ),
                )
                .with("numTarget", names.len().to_string())
                .with("numExpr", n_columns.to_string()));
            }
            input = self.renamed_columns(&input, names)?;
        }
        let mut qualifier = qualifier.to_vec();
        qualifier.push(name.to_owned());
        Ok(qualified(input, &qualifier))
    }
}

/// `input` with all columns under one qualifier. What lies below cannot be named any more.
pub(super) fn qualified(input: Resolved, qualifier: &[String]) -> Resolved {
    let columns = input.scope.columns.iter();
    let columns =
        columns.map(|own| Column { qualifier: qualifier.to_vec(), ..own.clone() }).collect();
    Resolved { plan: input.plan, scope: Arc::new(Scope::new(columns)) }
}
