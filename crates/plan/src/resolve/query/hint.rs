//! Hints: those about partitions act here, those about joins in `join_hint`; others are accepted and have no effect.

use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, ExprNode, Literal, Relation};
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn hint(
        &mut self,
        input: &Relation,
        name: &str,
        parameters: &[Expr],
    ) -> Result<Resolved> {
        let (n_partitions, columns) = match parameters.split_first() {
            Some((first, rest)) => match partition_count(first) {
                Some(n) => (Some(n), rest),
                None => (None, parameters),
            },
            None => (None, parameters),
        };
        let columns: Vec<Expr> = columns.iter().map(column_named).collect::<Result<_>>()?;
        let columns = columns.as_slice();
        match name.to_lowercase().as_str() {
            "coalesce" => match n_partitions {
                Some(n) => self.repartition(input, n, false),
                None => Err(invalid(name)),
            },
            "repartition" if columns.is_empty() => match n_partitions {
                Some(n) => self.repartition(input, n, true),
                None => self.repartition_by_expression(input, &[], None),
            },
            "repartition" => self.repartition_by_expression(input, columns, n_partitions),
            "repartition_by_range" => {
                let keys: Vec<Expr> = columns
                    .iter()
                    .map(|key| match key.node {
                        ExprNode::SortOrder(_) => key.clone(),
                        _ => ExprNode::SortOrder(crate::spec::SortOrder {
                            child: Box::new(key.clone()),
                            ascending: true,
                            nulls_first: None,
                        })
                        .into(),
                    })
                    .collect();
                self.repartition_by_expression(input, &keys, n_partitions)
            }
            "rebalance" => {
                // Adaptive in Spark; sizes are the runner's concern here.
                let input = self.relation(input)?;
                let mut context = ExprContext::new(&input.scope, Clause::Other);
                for column in columns {
                    self.expr(column, &mut context)?;
                }
                Ok(input)
            }
            _ => match super::join_hint::strategy(name) {
                Some(strategy) => self.marked(input, name, strategy, parameters),
                None => self.relation(input),
            },
        }
    }
}

/// The DataFrame API names columns by strings.
fn column_named(expr: &Expr) -> Result<Expr> {
    match &expr.node {
        ExprNode::Literal(Literal::String(name)) => {
            Ok(Expr::attribute(crate::sql::parse_name(name)?))
        }
        _ => Ok(expr.clone()),
    }
}

fn partition_count(expr: &Expr) -> Option<usize> {
    match &expr.node {
        ExprNode::Literal(Literal::Integer(n)) => usize::try_from(*n).ok(),
        ExprNode::Literal(Literal::Long(n)) => usize::try_from(*n).ok(),
        _ => None,
    }
}

fn invalid(name: &str) -> SparkError {
    let name = name.to_uppercase();
    SparkError::analysis(
        "_LEGACY_ERROR_TEMP_1048",
        format!("{name} Hint expects a partition number as a parameter."),
    )
    .with("hintName", name)
}
