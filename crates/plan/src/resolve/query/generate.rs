//! A generator in a SELECT list: `SELECT a, explode(b)`.

use crate::resolve::expression::{Clause, ExprContext, Generator, ResolvedExpr};
use crate::resolve::output::renamed;
use crate::resolve::{Column, Resolved, Resolver};
use crate::spec::{Expr, ExprNode};
use arrow::datatypes::FieldRef;
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::nodes::Generate;
use firesteel_common::{Result, SparkError, StructField};
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
        let mut found: Option<(usize, Generator, Vec<String>)> = None;
        for (position, expr) in exprs.iter().enumerate() {
            let Some((generator, aliases)) = self.generator(expr, &mut context)? else { continue };
            if found.is_some() {
                let n = exprs.iter().filter(|expr| may_be_generator(expr)).count();
                return Err(SparkError::analysis(
                    "UNSUPPORTED_GENERATOR.MULTI_GENERATOR",
                    format!(
                        "The generator is not supported: only one generator allowed per SELECT \
                         clause but found {n}."
                    ),
                )
                .with("num", n.to_string()));
            }
            found = Some((position, generator, aliases));
        }
        let Some((position, generator, aliases)) = found else { return Ok(None) };
        let names = generator.column_names(&aliases)?;
        let mut items = self.select_items(&exprs[..position], &mut context)?;
        let after = self.select_items(&exprs[position + 1..], &mut context)?;
        let with_partition = self.with_partition_columns(input.clone(), &mut context)?;
        let (plan, columns) = self.generate(with_partition.plan, &generator, &names, Vec::new())?;
        items.extend(columns.iter().map(ResolvedExpr::of_column));
        items.extend(after);
        self.project(&Resolved { plan, scope: Arc::clone(&input.scope) }, items).map(Some)
    }

    /// `plan` with the generator's columns added under `names`.
    pub(super) fn generate(
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
fn may_be_generator(expr: &Expr) -> bool {
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
