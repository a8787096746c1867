//! `df.show()` and the notebook's HTML table.

use super::limit::limited;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::Relation;
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::nodes::{ShowFormat, ShowString};
use firesteel_common::{Result, SparkType, StructField};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn show_string(
        &mut self,
        input: &Relation,
        rows: i32,
        truncate: i32,
        vertical: bool,
    ) -> Result<Resolved> {
        let format = if vertical { ShowFormat::Vertical } else { ShowFormat::Table };
        self.shown(input, rows, truncate, format, "show_string")
    }

    pub(super) fn html_string(
        &mut self,
        input: &Relation,
        rows: i32,
        truncate: i32,
    ) -> Result<Resolved> {
        self.shown(input, rows, truncate, ShowFormat::Html, "html_string")
    }

    fn shown(
        &mut self,
        input: &Relation,
        rows: i32,
        truncate: i32,
        format: ShowFormat,
        name: &str,
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let input = self.in_shown_order(input);
        let rows = usize::try_from(rows.max(0)).unwrap_or(0);
        let truncate = usize::try_from(truncate.max(0)).unwrap_or(0);
        let names = input.scope.columns.iter().map(|own| own.field.name.clone()).collect();
        // One row more than is shown tells whether there are more.
        let fetch = i64::try_from(rows + 1).unwrap_or(i64::MAX);
        let limited = limited(input, None, Some(fetch));
        let mut context = ExprContext::new(&limited.scope, Clause::Select);
        let mut items = Vec::with_capacity(limited.scope.columns.len());
        for own in &limited.scope.columns {
            context.fields.insert(own.to_arrow());
            items.push(self.shown_value(ResolvedExpr::of_column(own), &context)?);
        }
        let strings = self.project(&limited, items)?;
        let strings = self.exact(strings)?;
        let internal = self.fresh();
        let node = ShowString::try_new(strings.plan, names, rows, truncate, format, &internal)?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        let field = StructField::new(name, SparkType::string(), false);
        let column = Column::new(internal, field, Vec::new());
        Ok(Resolved { plan, scope: Arc::new(Scope::new(vec![column])) })
    }

    /// A value as `show` prints it: as a cast to string does, but binary as hexadecimal bytes.
    fn shown_value(&self, value: ResolvedExpr, context: &ExprContext) -> Result<ResolvedExpr> {
        let data_type = value.spark_type()?;
        if data_type == SparkType::string() {
            return Ok(value);
        }
        let name = value.name.clone();
        let expr = firesteel_functions::cast::pretty_string(value.arg(), self.settings)?;
        self.typed(expr, name, context)
    }
}
