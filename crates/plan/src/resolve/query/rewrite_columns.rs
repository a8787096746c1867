//! What the relations about nulls and statistics share: columns rewritten in place, columns by
//! name, and relations built over one that is resolved already.

use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::scope::same_name;
use crate::resolve::{Column, Resolved, Resolver, suggestion};
use crate::spec::{Expr, Relation, RelationNode};
use datafusion::logical_expr::{Filter, LogicalPlan};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    /// Every column of `input` in its place: what `rewrite` gives for it, or else itself.
    pub(super) fn rewrite_columns(
        &mut self,
        input: &Resolved,
        rewrite: impl Fn(usize, &Column) -> Option<Expr>,
    ) -> Result<Resolved> {
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let mut items = Vec::with_capacity(input.scope.columns.len());
        for (position, column) in input.scope.columns.iter().enumerate() {
            items.push(match rewrite(position, column) {
                Some(expr) => self.expr(&expr, &mut context)?.aliased(&column.field.name),
                None => ResolvedExpr::of_column(column),
            });
        }
        self.project(input, items)
    }

    /// `input` with columns that names can tell apart: where names repeat, each is called by its place.
    pub(super) fn distinctly_named(&self, input: &Resolved) -> Resolved {
        let columns = &input.scope.columns;
        let repeats = columns.iter().enumerate().any(|(position, own)| {
            let mut before = columns[..position].iter();
            before.any(|other| same_name(self.settings, &other.field.name, &own.field.name))
        });
        if !repeats {
            return input.clone();
        }
        let mut scope = (*input.scope).clone();
        for (position, own) in scope.columns.iter_mut().enumerate() {
            own.field.name = format!("column {position}");
        }
        Resolved { plan: input.plan.clone(), scope: Arc::new(scope) }
    }

    /// Positions of the columns called `names`; of all columns when there are no names.
    ///
    /// # Errors
    /// `UNRESOLVED_COLUMN.WITH_SUGGESTION`.
    pub(super) fn named_positions(&self, input: &Resolved, names: &[String]) -> Result<Vec<usize>> {
        let columns = &input.scope.columns;
        if names.is_empty() {
            return Ok((0..columns.len()).collect());
        }
        let position = |name: &String| {
            let bare =
                name.strip_prefix('`').and_then(|name| name.strip_suffix('`')).unwrap_or(name);
            columns
                .iter()
                .position(|column| same_name(self.settings, &column.field.name, bare))
                .ok_or_else(|| {
                    let all: Vec<&Column> = columns.iter().collect();
                    suggestion::unresolved_column(&[bare.to_owned()], &all)
                })
        };
        names.iter().map(position).collect()
    }

    /// `input` where `condition` is true.
    pub(super) fn filter_resolved(
        &mut self,
        input: Resolved,
        condition: &Expr,
    ) -> Result<Resolved> {
        let mut context = ExprContext::new(&input.scope, Clause::Where);
        let condition = self.expr(condition, &mut context)?;
        let input = self.with_partition_columns(input, &mut context)?;
        let filter = Filter::try_new(condition.expr, Arc::new(input.plan))?;
        Ok(Resolved { plan: LogicalPlan::Filter(filter), scope: input.scope })
    }

    /// `input` with more columns after its own, which keep their internal names.
    pub(crate) fn with_computed(
        &mut self,
        input: Resolved,
        columns: Vec<(String, Expr)>,
    ) -> Result<Resolved> {
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let mut items = self.all_columns(&input.scope);
        for (name, expr) in columns {
            items.push(self.expr(&expr.alias(name), &mut context)?);
        }
        let input = self.with_partition_columns(input, &mut context)?;
        self.project(&input, items)
    }

    /// The relation that was given under `number`, with fresh internal names.
    pub(super) fn resolved_before(&mut self, number: usize) -> Result<Resolved> {
        let resolved = self.given.get(number).cloned();
        let resolved = resolved.ok_or_else(|| SparkError::internal("no such resolved relation"))?;
        self.view(&resolved, &[])
    }

    /// A relation that stands for `resolved`; it may be used more than once.
    pub(crate) fn given(&mut self, resolved: Resolved) -> Relation {
        self.given.push(resolved);
        RelationNode::Resolved(self.given.len() - 1).into()
    }
}

/// `resolved` with its columns called as those of `original` are, by place.
pub(super) fn called_as(mut resolved: Resolved, original: &Resolved) -> Resolved {
    let scope = Arc::make_mut(&mut resolved.scope);
    for (own, before) in scope.columns.iter_mut().zip(&original.scope.columns) {
        own.field.name.clone_from(&before.field.name);
    }
    resolved
}
