//! A generator in a SELECT list: `SELECT a, explode(b)`.

use crate::resolve::expression::aggregates::contains_aggregate;
use crate::resolve::expression::{Clause, ExprContext, Generator, ResolvedExpr};
use crate::resolve::output::renamed;
use crate::resolve::{Column, Resolved, Resolver};
use crate::spec::{Expr, ExprNode};
use arrow::datatypes::FieldRef;
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::nodes::Generate;
use firesteel_common::{Result, StructField};
use std::sync::Arc;

impl Resolver<'_> {
    /// The SELECT list, if one of its items is a generator.
    pub(super) fn project_generator(
        &mut self,
        input: &Resolved,
        exprs: &[Expr],
    ) -> Result<Option<Resolved>> {
        if !exprs.iter().any(may_be_generator) {
            return Ok(None);
        }
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let mut found: Vec<(usize, Generator, Vec<String>)> = Vec::new();
        for (position, expr) in exprs.iter().enumerate() {
            if let Some((generator, aliases)) = self.generator(expr, &mut context)? {
                found.push((position, generator, aliases));
            }
        }
        if found.is_empty() {
            return Ok(None);
        }
        let mut groups = Vec::with_capacity(found.len() + 1);
        let mut start = 0;
        for (position, _, _) in &found {
            groups.push(self.select_items(&exprs[start..*position], &mut context)?);
            start = position + 1;
        }
        let last = self.select_items(&exprs[start..], &mut context)?;
        let others = groups.iter().flatten().chain(&last);
        let mut rows = found.iter().map(|(_, generator, _)| &generator.rows);
        if rows.any(contains_aggregate) || others.map(|item| &item.expr).any(contains_aggregate) {
            // The caller makes one group of all rows.
            return Ok(None);
        }
        let mut plan = self.with_partition_columns(input.clone(), &mut context)?.plan;
        let mut items = Vec::new();
        // Each generator multiplies the rows of those before it.
        for ((_, generator, aliases), before) in found.into_iter().zip(groups) {
            let names = generator.column_names(&aliases)?;
            let (with, columns) = self.generate(plan, &generator, &names, Vec::new())?;
            plan = with;
            items.extend(before);
            items.extend(columns.iter().map(ResolvedExpr::of_column));
        }
        items.extend(last);
        self.project(&Resolved { plan, scope: Arc::clone(&input.scope) }, items).map(Some)
    }

    /// `plan` with the generator's columns added under `names`.
    pub(crate) fn generate(
        &mut self,
        plan: LogicalPlan,
        generator: &Generator,
        names: &[String],
        qualifier: Vec<String>,
    ) -> Result<(LogicalPlan, Vec<Column>)> {
        let mut fields: Vec<FieldRef> = Vec::with_capacity(names.len());
        let mut columns = Vec::with_capacity(names.len());
        for (field, name) in generator.columns.iter().zip(names) {
            let internal = self.fresh();
            let nullable = field.is_nullable() || generator.outer;
            let field = Arc::new(field.as_ref().clone().with_nullable(nullable));
            let field = renamed(&field, &internal);
            let mut shown = StructField::from_arrow(&field)?;
            shown.name.clone_from(name);
            fields.push(field);
            columns.push(Column::new(internal, shown, qualifier.clone()));
        }
        let node = Generate::try_new(plan, generator.rows.clone(), fields, generator.outer)?;
        Ok((LogicalPlan::Extension(Extension { node: Arc::new(node) }), columns))
    }
}

/// Whether `expr` has the form of a generator; most SELECT lists have none that does.
pub(super) fn may_be_generator(expr: &Expr) -> bool {
    match &expr.node {
        ExprNode::Alias { expr, .. } => may_be_generator(expr),
        ExprNode::Function(function) => function.name.last().is_some_and(|name| {
            firesteel_functions::lookup(name).is_some_and(|found| {
                matches!(found.builder, firesteel_functions::Builder::Generator(_))
            })
        }),
        ExprNode::Sql(_) => true,
        _ => false,
    }
}
