//! `df.replace`: values replaced by others.

use super::na_fill::suits;
use crate::resolve::{Column, Resolved, Resolver};
use crate::spec::{CastMode, Expr, ExprNode, Literal, Relation};
use firesteel_common::Result;

impl Resolver<'_> {
    /// In `columns` (all when empty) whose type suits the replaced values: number, string, boolean.
    pub(super) fn na_replace(
        &mut self,
        input: &Relation,
        columns: &[String],
        replacements: &[(Literal, Literal)],
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let targets = self.named_positions(&input, columns)?;
        let sample = replacements
            .iter()
            .flat_map(|(old, new)| [old, new])
            .find(|value| !matches!(value, Literal::Null(_)));
        self.rewrite_columns(&input, |position, column| {
            let sample = sample?;
            let is_target = targets.contains(&position) && suits(sample, &column.field.data_type);
            is_target.then(|| replaced(column, replacements))
        })
    }
}

fn replaced(column: &Column, replacements: &[(Literal, Literal)]) -> Expr {
    let own = || Expr::attribute([column.field.name.clone()]);
    let cast = |value: &Literal| -> Expr {
        ExprNode::Cast {
            expr: Box::new(Expr::literal(value.clone())),
            to: column.field.data_type.clone(),
            mode: CastMode::Session,
        }
        .into()
    };
    let mut branches = Vec::with_capacity(2 * replacements.len() + 1);
    for (old, new) in replacements {
        // Compared as the comparison coerces: NaN is no integer, and no integer equals it.
        branches.push(Expr::call("=", vec![own(), Expr::literal(old.clone())]));
        branches.push(cast(new));
    }
    branches.push(own());
    Expr::call("when", branches)
}
