//! `fillna`: nulls (and NaN, in floating-point columns) replaced.

use super::rewrite_columns::called_as;
use crate::resolve::{Column, Resolved, Resolver};
use crate::spec::{CastMode, Expr, ExprNode, Literal, Relation};
use firesteel_common::{Result, SparkType};

impl Resolver<'_> {
    /// One value for all `columns` (all of the input's when empty) whose type it suits, or one value
    /// per column, which is then cast to the column's type whatever that is.
    pub(super) fn na_fill(
        &mut self,
        input: &Relation,
        columns: &[String],
        values: &[Literal],
    ) -> Result<Resolved> {
        let original = self.relation(input)?;
        let input = match columns {
            [] => self.distinctly_named(&original),
            _ => original.clone(),
        };
        let targets = self.named_positions(&input, columns)?;
        let filled = self.rewrite_columns(&input, |position, column| {
            let place = targets.iter().position(|target| *target == position)?;
            let value = match values {
                [only] => suits(only, &column.field.data_type).then_some(only)?,
                several => several.get(place)?,
            };
            Some(filled(column, value))
        })?;
        Ok(called_as(filled, &original))
    }
}

/// Whether one value for several columns applies to a column of this type.
pub(super) fn suits(value: &Literal, data_type: &SparkType) -> bool {
    match value {
        Literal::Boolean(_) => matches!(data_type, SparkType::Boolean),
        Literal::String(_) => data_type.is_string(),
        _ => data_type.is_numeric(),
    }
}

fn filled(column: &Column, value: &Literal) -> Expr {
    let data_type = &column.field.data_type;
    let own = Expr::attribute([column.field.name.clone()]);
    let cast = |value: Literal| -> Expr {
        ExprNode::Cast {
            expr: Box::new(Expr::literal(value)),
            to: data_type.clone(),
            mode: CastMode::Session,
        }
        .into()
    };
    let own = match data_type {
        SparkType::Float | SparkType::Double => {
            Expr::call("nanvl", vec![own, cast(Literal::Null(SparkType::Null))])
        }
        _ => own,
    };
    Expr::call("coalesce", vec![own, cast(value.clone())])
}
