//! `withColumns`, `withColumnsRenamed` and `toDF`.

use super::generate::may_be_generator;
use super::grouping_sets::GroupingSets;
use crate::resolve::expression::aggregates::contains_aggregate;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::scope::{quote, same_name};
use crate::resolve::{Column, Resolved, Resolver};
use crate::spec::{Expr, Relation};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn with_columns(
        &mut self,
        input: &Relation,
        columns: &[(String, Expr, Option<String>)],
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        self.with_columns_over(input, columns)
    }

    pub(super) fn with_columns_over(
        &mut self,
        input: Resolved,
        columns: &[(String, Expr, Option<String>)],
    ) -> Result<Resolved> {
        for (position, (name, ..)) in columns.iter().enumerate() {
            if columns[..position].iter().any(|(other, ..)| same_name(self.settings, other, name)) {
                return Err(already_exists(name));
            }
        }
        let exprs: Vec<Expr> = columns
            .iter()
            .map(|(name, expr, metadata)| {
                crate::spec::ExprNode::Alias {
                    expr: Box::new(expr.clone()),
                    names: vec![name.clone()],
                    metadata: metadata.clone(),
                }
                .into()
            })
            .collect();
        let replaces = |own: &Column, name: &str| same_name(self.settings, &own.field.name, name);
        let scope = Arc::clone(&input.scope);
        let is_new = |name: &str| !scope.columns.iter().any(|own| replaces(own, name));
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let mut resolved = Vec::with_capacity(exprs.len());
        let mut generators = Vec::new();
        for (position, expr) in exprs.iter().enumerate() {
            let generator = match may_be_generator(expr) {
                true => self.generator(expr, &mut context)?,
                false => None,
            };
            resolved.push(match generator {
                Some(generator) => {
                    generators.push((position, generator));
                    None
                }
                None => Some(self.expr(expr, &mut context)?),
            });
        }
        let mut input = self.with_partition_columns(input, &mut context)?;
        for (position, (generator, aliases)) in generators {
            let names = generator.column_names(&aliases)?;
            let (plan, made) = self.generate(input.plan, &generator, &names, Vec::new())?;
            input.plan = plan;
            resolved[position] = made.first().map(ResolvedExpr::of_column);
        }
        let mut items: Vec<ResolvedExpr> = Vec::with_capacity(scope.columns.len() + 1);
        for own in &scope.columns {
            match columns
                .iter()
                .position(|(name, ..)| same_name(self.settings, &own.field.name, name))
            {
                // Every column of that name is replaced, the name written as in the call.
                Some(position) => match &resolved[position] {
                    Some(new) => items.push(new.clone()),
                    None => return Err(SparkError::internal("a column was replaced twice")),
                },
                None => items.push(ResolvedExpr::of_column(own)),
            }
        }
        for ((name, ..), new) in columns.iter().zip(&mut resolved) {
            if is_new(name) {
                items.extend(new.take());
            }
        }
        if items.iter().any(|item| contains_aggregate(&item.expr)) {
            // One group of all rows, which the other columns are no part of.
            let grouping = GroupingSets::plain(Vec::new());
            return self.grouped(input, grouping, items, None, context);
        }
        self.project(&input, items)
    }

    pub(super) fn with_columns_renamed(
        &mut self,
        input: &Relation,
        renames: &[(String, String)],
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let mut names: Vec<String> =
            input.scope.columns.iter().map(|own| own.field.name.clone()).collect();
        for (old, new) in renames {
            for name in names.iter_mut().filter(|name| same_name(self.settings, name, old)) {
                name.clone_from(new);
            }
        }
        self.renamed_columns(&input, &names)
    }

    pub(super) fn to_df(&mut self, input: &Relation, names: &[String]) -> Result<Resolved> {
        let input = self.relation(input)?;
        let n_columns = input.scope.columns.len();
        if n_columns != names.len() {
            return Err(SparkError::analysis(
                "ASSIGNMENT_ARITY_MISMATCH",
                format!(
                    "The number of columns or variables assigned or aliased: {} does not match the \
                     number of source expressions: {n_columns}.",
                    names.len()
                ),
            )
            .with("numTarget", names.len().to_string())
            .with("numExpr", n_columns.to_string()));
        }
        self.renamed_columns(&input, names)
    }

    /// The input's columns under `names`; those whose name changes are new columns.
    pub(super) fn renamed_columns(
        &mut self,
        input: &Resolved,
        names: &[String],
    ) -> Result<Resolved> {
        let items = input.scope.columns.iter().zip(names).map(|(own, name)| {
            let item = ResolvedExpr::of_column(own);
            if own.field.name == *name { item } else { item.aliased(name) }
        });
        let items = items.collect();
        self.project(input, items)
    }
}

pub(super) fn already_exists(name: &str) -> SparkError {
    let quoted = quote(&name.to_lowercase());
    SparkError::analysis(
        "COLUMN_ALREADY_EXISTS",
        format!(
            "The column {quoted} already exists. Choose another name or rename the existing column."
        ),
    )
    .with("columnName", quoted)
}
