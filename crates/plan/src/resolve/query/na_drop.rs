//! `dropna`: rows with too few values removed. NaN counts as no value.

use super::rewrite_columns::called_as;
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Literal, Relation};
use firesteel_common::{Result, SparkType};

impl Resolver<'_> {
    /// Keeps rows with at least `min_non_nulls` values among `columns`; none: no null at all.
    pub(super) fn na_drop(
        &mut self,
        input: &Relation,
        columns: &[String],
        min_non_nulls: Option<i32>,
    ) -> Result<Resolved> {
        let original = self.relation(input)?;
        let input = match columns {
            [] => self.distinctly_named(&original),
            _ => original.clone(),
        };
        let targets = self.named_positions(&input, columns)?;
        let present = targets.iter().map(|position| {
            let column = &input.scope.columns[*position];
            let own = Expr::attribute([column.field.name.clone()]);
            let not_null = Expr::call("isnotnull", vec![own.clone()]);
            match column.field.data_type {
                SparkType::Float | SparkType::Double => {
                    let not_nan = Expr::call("not", vec![Expr::call("isnan", vec![own])]);
                    Expr::call("and", vec![not_null, not_nan])
                }
                _ => not_null,
            }
        });
        let condition = match min_non_nulls {
            None => present.reduce(|left, right| Expr::call("and", vec![left, right])),
            Some(least) => {
                let one = || Expr::literal(Literal::Integer(1));
                let zero = || Expr::literal(Literal::Integer(0));
                let counts = present.map(|found| Expr::call("if", vec![found, one(), zero()]));
                counts
                    .reduce(|left, right| Expr::call("+", vec![left, right]))
                    .map(|n| Expr::call(">=", vec![n, Expr::literal(Literal::Integer(least))]))
            }
        };
        match condition {
            Some(condition) => Ok(called_as(self.filter_resolved(input, &condition)?, &original)),
            None => Ok(original),
        }
    }
}
