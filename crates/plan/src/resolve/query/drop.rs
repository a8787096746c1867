//! `df.drop`: columns by name or by expression; what is not there is no error.

use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::scope::same_name;
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, ExprNode, Relation};
use firesteel_common::Result;

impl Resolver<'_> {
    pub(super) fn drop_columns(
        &mut self,
        input: &Relation,
        columns: &[Expr],
        names: &[String],
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let mut dropped: Vec<String> = Vec::new();
        for name in names {
            let found = input.scope.columns.iter();
            dropped.extend(
                found
                    .filter(|own| same_name(self.settings, &own.field.name, name))
                    .map(|own| own.internal.clone()),
            );
        }
        for expr in columns {
            let (ExprNode::Attribute { .. } | ExprNode::Sql(_)) = &expr.node else {
                let resolved = self.expr(expr, &mut context)?;
                dropped.extend(resolved.column.map(|own| own.internal));
                continue;
            };
            match self.expr(expr, &mut context) {
                Ok(resolved) => dropped.extend(resolved.column.map(|own| own.internal)),
                Err(error)
                    if error.condition().starts_with("UNRESOLVED_COLUMN")
                        || error.condition() == "CANNOT_RESOLVE_DATAFRAME_COLUMN" => {}
                Err(error) => return Err(error),
            }
        }
        let left = input.scope.columns.iter().filter(|own| !dropped.contains(&own.internal));
        let items: Vec<_> = left.map(ResolvedExpr::of_column).collect();
        self.project(&input, items)
    }
}
