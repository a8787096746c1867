//! `df.alias("x")` and `AS x(a, b)`.

use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::{Relation, RelationNode};
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
        let is_inline_table = matches!(*input.node, RelationNode::InlineTable { .. });
        let mut input = self.relation(input)?;
        if !names.is_empty() {
            let n_columns = input.scope.columns.len();
            if names.len() != n_columns && is_inline_table {
                let n_names = names.len();
                return Err(SparkError::analysis(
                    "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH",
                    format!(
                        "Invalid inline table. Inline table expected {n_names} columns but found \
                         {n_columns} columns in row 0."
                    ),
                )
                .with("expectedNumCols", n_names.to_string())
                .with("actualNumCols", n_columns.to_string())
                .with("rowIndex", "0"));
            }
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
    let file_metadata = input.scope.file_metadata.clone();
    let file_metadata = file_metadata.map(|own| Column { qualifier: qualifier.to_vec(), ..own });
    let scope = Scope { file_metadata, ..Scope::new(columns) };
    Resolved { plan: input.plan, scope: Arc::new(scope) }
}
