//! A subquery for all rows around it at once.
//!
//! The values of the outer side that the subquery refers to, each combination once, stand beside each
//! leaf of the subquery (Neumann and Kemper, "Unnesting arbitrary queries"): references become
//! columns, groups and limits hold per combination, and the outer side joins on them in the end.
//!
//! ```text
//!   Aggregate max(y)                   outer ⋈ x = d
//!     Filter y <= outer(x)      ⟶        D ⟕ Aggregate max(y) BY d
//!       u                                   Filter y <= d
//!                                             D × u            D = DISTINCT x AS d
//! ```

use crate::resolve::fresh_name;
use crate::resolve::output::{column, named, projection, renamed};
use arrow::datatypes::FieldRef;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, JoinConstraint, JoinType, NullEquality};
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, Extension, Filter, Join, LogicalPlan, Union, Values, Window,
};
use firesteel_common::nodes::{Generate, PartitionColumns};
use firesteel_common::{Result, SparkError};
use std::collections::HashMap;
use std::sync::Arc;

/// The combinations of values that a subquery refers to.
pub(in crate::resolve) struct Domain {
    pub(super) plan: LogicalPlan,
    /// A column of the outer side, and what it is called in `plan`.
    columns: Vec<(String, String)>,
}

impl Domain {
    /// What `inner` refers to, of `outer`.
    ///
    /// # Errors
    /// When `inner` refers to what `outer` does not have: a column that was aggregated, say.
    pub(in crate::resolve) fn of(outer: &LogicalPlan, inner: &LogicalPlan) -> Result<Self> {
        let mut exprs: Vec<(Expr, FieldRef)> = Vec::new();
        let mut columns: Vec<(String, String)> = Vec::new();
        for reference in inner.all_out_ref_exprs() {
            let Expr::OuterReferenceColumn(_, own) = reference else { continue };
            let Ok(field) = outer.schema().field_with_unqualified_name(&own.name) else {
                return Err(out_of_reach());
            };
            if columns.iter().all(|(name, _)| *name != own.name) {
                let name = fresh_name();
                let field = Arc::new(field.clone());
                exprs.push((named(column(&own.name), &name), renamed(&field, &name)));
                columns.push((own.name, name));
            }
        }
        let values = projection(outer.clone(), exprs)?;
        let groups = columns.iter().map(|(_, own)| column(own)).collect();
        let node = Aggregate::try_new(Arc::new(values), groups, Vec::new())?;
        Ok(Self { plan: LogicalPlan::Aggregate(node), columns })
    }

    /// `plan` for the whole domain, beside its columns.
    ///
    /// # Errors
    /// When the plan has an operator that does not know how.
    pub(super) fn apply(&self, plan: &LogicalPlan) -> Result<LogicalPlan> {
        self.unnested(plan)?.ok_or_else(out_of_reach)
    }

    /// The outer side's columns beside the domain's: what the outer side joins on.
    pub(in crate::resolve) fn on(&self) -> Vec<(Expr, Expr)> {
        self.columns.iter().map(|(outer, own)| (column(outer), column(own))).collect()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Expr> + '_ {
        self.columns.iter().map(|(_, own)| column(own))
    }

    /// The domain's columns as items of a projection.
    pub(super) fn passed(&self) -> Vec<(Expr, FieldRef)> {
        let fields = self.plan.schema().fields().iter();
        fields.map(|field| (column(field.name()), Arc::clone(field))).collect()
    }

    /// `expr` with references to the outer side as columns of the domain.
    pub(super) fn own(&self, expr: &Expr) -> Result<Expr> {
        let replaced = expr.clone().transform(|node| match &node {
            Expr::OuterReferenceColumn(_, outer) => {
                let mut columns = self.columns.iter();
                Ok(match columns.find(|(name, _)| *name == outer.name) {
                    Some((_, own)) => Transformed::yes(column(own)),
                    None => Transformed::no(node),
                })
            }
            _ => Ok(Transformed::no(node)),
        })?;
        Ok(replaced.data)
    }

    /// `plan`, which has the domain's columns, with these under other names; the names.
    pub(super) fn under_other_names(
        &self,
        plan: LogicalPlan,
    ) -> Result<(LogicalPlan, Vec<(Expr, Expr)>)> {
        let mut on = Vec::with_capacity(self.columns.len());
        let mut exprs = Vec::new();
        for field in plan.schema().fields() {
            let is_own = self.columns.iter().any(|(_, own)| own == field.name());
            if !is_own {
                exprs.push((column(field.name()), Arc::clone(field)));
                continue;
            }
            let name = fresh_name();
            exprs.push((named(column(field.name()), &name), renamed(field, &name)));
            on.push((column(field.name()), column(&name)));
        }
        Ok((projection(plan, exprs)?, on))
    }

    /// `plan` for the whole domain at once, if it is of forms that are known here.
    pub(in crate::resolve) fn unnested(&self, plan: &LogicalPlan) -> Result<Option<LogicalPlan>> {
        if !refers_outside(plan)? {
            if matches!(plan, LogicalPlan::EmptyRelation(node) if node.produce_one_row) {
                return Ok(Some(self.plan.clone()));
            }
            return cross(self.plan.clone(), plan.clone()).map(Some);
        }
        match plan {
            LogicalPlan::Projection(node) => {
                let Some(input) = self.unnested(&node.input)? else { return Ok(None) };
                let mut exprs = self.passed();
                for (expr, field) in node.expr.iter().zip(node.schema.fields()) {
                    exprs.push((self.own(expr)?, Arc::clone(field)));
                }
                projection(input, exprs).map(Some)
            }
            LogicalPlan::Filter(node) => {
                let Some(input) = self.unnested(&node.input)? else { return Ok(None) };
                let predicate = self.own(&node.predicate)?;
                Ok(Some(LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(input))?)))
            }
            LogicalPlan::Sort(node) if node.fetch.is_none() => self.unnested(&node.input),
            LogicalPlan::Limit(node) => self.limited(node),
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let Some(input) = self.unnested(input)? else { return Ok(None) };
                Ok(Some(LogicalPlan::Distinct(Distinct::All(Arc::new(input)))))
            }
            LogicalPlan::Union(node) => self.union(node),
            LogicalPlan::Values(node) => self.values(node).map(Some),
            LogicalPlan::Window(node) => self.window(node),
            LogicalPlan::Aggregate(node) => self.grouped(node),
            LogicalPlan::Join(node) => self.joined(node),
            LogicalPlan::Extension(node) => self.extension(node),
            _ => Ok(None),
        }
    }

    /// Columns of a union are matched by position: the domain's come first everywhere.
    fn union(&self, union: &Union) -> Result<Option<LogicalPlan>> {
        let mut inputs = Vec::with_capacity(union.inputs.len());
        for input in &union.inputs {
            let Some(found) = self.unnested(input)? else { return Ok(None) };
            let mut exprs = self.passed();
            let fields = input.schema().fields().iter();
            exprs.extend(fields.map(|field| (column(field.name()), Arc::clone(field))));
            inputs.push(Arc::new(projection(found, exprs)?));
        }
        let fields = self.plan.schema().fields().iter().chain(union.schema.fields());
        let fields = fields.map(|field| (None, Arc::clone(field))).collect();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, HashMap::new())?);
        Ok(Some(LogicalPlan::Union(Union { inputs, schema })))
    }

    /// VALUES over references: each row for the whole domain.
    fn values(&self, values: &Values) -> Result<LogicalPlan> {
        let mut inputs = Vec::with_capacity(values.values.len());
        for row in &values.values {
            let mut exprs = self.passed();
            for (expr, field) in row.iter().zip(values.schema.fields()) {
                exprs.push((named(self.own(expr)?, field.name()), Arc::clone(field)));
            }
            inputs.push(Arc::new(projection(self.plan.clone(), exprs)?));
        }
        let Some(first) = inputs.first() else { return Err(out_of_reach()) };
        let schema = Arc::clone(first.schema());
        Ok(match <[_; 1]>::try_from(inputs) {
            Ok([only]) => Arc::unwrap_or_clone(only),
            Err(inputs) => LogicalPlan::Union(Union { inputs, schema }),
        })
    }

    /// Windows do not look beyond their combination.
    fn window(&self, window: &Window) -> Result<Option<LogicalPlan>> {
        let Some(input) = self.unnested(&window.input)? else { return Ok(None) };
        let mut exprs = Vec::with_capacity(window.window_expr.len());
        for expr in &window.window_expr {
            let changed = self.own(expr)?.transform(|node| match node {
                Expr::WindowFunction(mut function) => {
                    function.params.partition_by.splice(0..0, self.keys());
                    Ok(Transformed::yes(Expr::WindowFunction(function)))
                }
                other => Ok(Transformed::no(other)),
            })?;
            exprs.push(changed.data);
        }
        Ok(Some(LogicalPlan::Window(Window::try_new(exprs, Arc::new(input))?)))
    }

    fn extension(&self, extension: &Extension) -> Result<Option<LogicalPlan>> {
        let node = extension.node.as_any();
        if let Some(generate) = node.downcast_ref::<Generate>() {
            let Some(input) = self.unnested(&generate.input)? else { return Ok(None) };
            let rows = self.own(&generate.rows)?;
            let columns = generate.columns.clone();
            let node = Generate::try_new(input, rows, columns, generate.outer)?;
            return Ok(Some(LogicalPlan::Extension(Extension { node: Arc::new(node) })));
        }
        if node.is::<PartitionColumns>() {
            let inputs = extension.node.inputs();
            let [input] = inputs.as_slice() else { return Ok(None) };
            let Some(input) = self.unnested(input)? else { return Ok(None) };
            let node = extension.node.with_exprs_and_inputs(Vec::new(), vec![input])?;
            return Ok(Some(LogicalPlan::Extension(Extension { node })));
        }
        Ok(None)
    }
}

/// Whether `plan` has references to the query around it.
pub(in crate::resolve) fn refers_outside(plan: &LogicalPlan) -> Result<bool> {
    plan.exists(|node| {
        let mut refers = false;
        node.apply_expressions(|expr| {
            refers |= expr.contains_outer();
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(refers)
    })
    .map_err(Into::into)
}

pub(super) fn cross(left: LogicalPlan, right: LogicalPlan) -> Result<LogicalPlan> {
    let node = Join::try_new(
        Arc::new(left),
        Arc::new(right),
        Vec::new(),
        None,
        JoinType::Inner,
        JoinConstraint::On,
        NullEquality::NullEqualsNothing,
        false,
    )?;
    Ok(LogicalPlan::Join(node))
}

fn out_of_reach() -> SparkError {
    SparkError::analysis(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_REFERENCE",
        "Unsupported subquery expression: Expressions referencing the outer query are not supported \
         in this place.",
    )
}
