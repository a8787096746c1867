//! Projections: where user names meet internal names.

use super::expression::{ResolvedExpr, windows};
use super::scope::Column;
use super::{Below, Resolved, Resolver, Scope};
use arrow::datatypes::{Field, FieldRef};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column as PlanColumn, DFSchema};
use datafusion::logical_expr::expr::Alias;
use datafusion::logical_expr::{Expr, LogicalPlan, Projection};
use firesteel_common::{Result, StructField};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A reference to the plan's column `internal`.
pub(crate) fn column(internal: &str) -> Expr {
    Expr::Column(PlanColumn::new_unqualified(internal))
}

/// `expr` under the internal name `internal`.
pub(crate) fn named(expr: Expr, internal: &str) -> Expr {
    match &expr {
        Expr::Column(column) if column.relation.is_none() && column.name == internal => expr,
        _ => Expr::Alias(Alias::new(expr, None::<&str>, internal)),
    }
}

/// A projection whose output fields are known, so that DataFusion need not derive them again:
/// deriving looks every column up by name, which is quadratic in wide tables.
pub(crate) fn projection(input: LogicalPlan, exprs: Vec<(Expr, FieldRef)>) -> Result<LogicalPlan> {
    let (exprs, fields): (Vec<_>, Vec<_>) = exprs.into_iter().unzip();
    let fields = fields.into_iter().map(|field| (None, field)).collect();
    let schema = DFSchema::new_with_metadata(fields, HashMap::new())?;
    let projection = Projection::try_new_with_schema(exprs, Arc::new(input), Arc::new(schema))?;
    Ok(LogicalPlan::Projection(projection))
}

/// `field` under another name.
pub(crate) fn renamed(field: &FieldRef, name: &str) -> FieldRef {
    if field.name() == name {
        return Arc::clone(field);
    }
    Arc::new(Field::clone(field).with_name(name))
}

impl Resolver<'_> {
    /// Projects `input` to `items`, which may hold window functions but no aggregates.
    ///
    /// A column that is only passed on keeps its internal name; everything else, aliased columns
    /// included, is a new column.
    pub(crate) fn project(
        &mut self,
        input: &Resolved,
        items: Vec<ResolvedExpr>,
    ) -> Result<Resolved> {
        let below = Below { scope: Arc::clone(&input.scope), aggregation: None };
        self.project_over(input.plan.clone(), items, Some(Arc::new(below)))
    }

    /// As [`Resolver::project`], with what names may refer to under the projection.
    pub(crate) fn project_over(
        &mut self,
        plan: LogicalPlan,
        mut items: Vec<ResolvedExpr>,
        below: Option<Arc<Below>>,
    ) -> Result<Resolved> {
        for item in &mut items {
            let expr = std::mem::take(&mut item.expr);
            item.expr = self.predicate_subqueries_as_counts(expr, plan.schema())?;
        }
        let plan = windows::extract(self, plan, &mut items)?;
        let mut used: HashSet<String> = HashSet::new();
        let mut columns = Vec::with_capacity(items.len());
        let mut exprs = Vec::with_capacity(items.len());
        for item in items {
            let (internal, column) = self.output_column(&item, &mut used)?;
            exprs.push((named(item.expr, &internal), renamed(&item.field, &internal)));
            columns.push(column);
        }
        let plan = merge_or_project(plan, exprs)?;
        Ok(Resolved { plan, scope: Arc::new(Scope { columns, hidden: Vec::new(), below }) })
    }

    fn output_column(
        &mut self,
        item: &ResolvedExpr,
        used: &mut HashSet<String>,
    ) -> Result<(String, Column)> {
        let field = item.spark_field()?;
        if let (Some(source), Expr::Column(plan_column)) = (&item.column, &item.expr) {
            let mut column = Column { field, ..source.clone() };
            if !used.insert(plan_column.name.clone()) {
                column.internal = self.fresh();
                used.insert(column.internal.clone());
            }
            return Ok((column.internal.clone(), column));
        }
        let internal = self.fresh();
        used.insert(internal.clone());
        Ok((internal.clone(), Column::new(internal, field, Vec::new())))
    }

    /// The visible columns of `scope`, as expressions over its plan.
    pub(crate) fn all_columns(&self, scope: &Scope) -> Vec<ResolvedExpr> {
        scope.columns.iter().map(ResolvedExpr::of_column).collect()
    }

    /// `plan` cut to the columns of `scope`, where it has more.
    pub(crate) fn cut(&self, plan: LogicalPlan, scope: &Scope) -> Result<LogicalPlan> {
        let n_columns = scope.columns.len() + scope.hidden.len();
        if plan.schema().fields().len() == n_columns {
            return Ok(plan);
        }
        let exprs = scope.columns.iter().chain(&scope.hidden);
        projection(plan, exprs.map(|own| (column(&own.internal), own.to_arrow())).collect())
    }

    /// `resolved` without hidden columns and without memory of what lies below, its columns in
    /// order: what an operator needs that looks at positions.
    pub(crate) fn exact(&self, resolved: Resolved) -> Result<Resolved> {
        let plan_names = resolved.plan.schema().fields().iter().map(|field| field.name().as_str());
        let columns = &resolved.scope.columns;
        let is_exact = plan_names.eq(columns.iter().map(|column| column.internal.as_str()));
        let scope = Arc::new(Scope::new(columns.clone()));
        if is_exact {
            return Ok(Resolved { plan: resolved.plan, scope });
        }
        let exprs = scope.columns.iter().map(|own| (column(&own.internal), own.to_arrow()));
        Ok(Resolved { plan: projection(resolved.plan, exprs.collect())?, scope })
    }

    /// `plan` with the column `internal` in its output, if a projection somewhere below had only
    /// dropped it.
    pub(crate) fn expose(&self, plan: &LogicalPlan, internal: &str) -> Result<Option<LogicalPlan>> {
        if plan.schema().has_column_with_unqualified_name(internal) {
            return Ok(Some(plan.clone()));
        }
        let input = match plan {
            LogicalPlan::Projection(node) => &node.input,
            LogicalPlan::Filter(node) => &node.input,
            LogicalPlan::Sort(node) => &node.input,
            LogicalPlan::Limit(node) => &node.input,
            LogicalPlan::Window(node) => &node.input,
            LogicalPlan::Extension(node) => match node.node.inputs().as_slice() {
                [_] if node.node.name() != "ShowString" => {
                    return self.expose_under_extension(plan, internal);
                }
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let Some(input) = self.expose(input, internal)? else { return Ok(None) };
        if let LogicalPlan::Projection(node) = plan {
            let field = input.schema().field_with_unqualified_name(internal)?.clone();
            let fields = node.schema.fields().iter().cloned();
            let mut exprs: Vec<_> = node.expr.iter().cloned().zip(fields).collect();
            exprs.push((column(internal), field));
            return projection(input, exprs).map(Some);
        }
        Ok(Some(plan.with_new_exprs(plan.expressions(), vec![input])?))
    }

    fn expose_under_extension(
        &self,
        plan: &LogicalPlan,
        internal: &str,
    ) -> Result<Option<LogicalPlan>> {
        let [input] = plan.inputs()[..] else { return Ok(None) };
        let Some(input) = self.expose(input, internal)? else { return Ok(None) };
        Ok(Some(plan.with_new_exprs(plan.expressions(), vec![input])?))
    }
}

/// Most operators in an expression that a merge may copy into more than one place.
const EXPRESSION_SIZE_MERGED_MAX: usize = 64;

/// A projection over `input`, or one projection instead of two: chained `withColumn`s would
/// otherwise make a plan of a thousand levels.
fn merge_or_project(input: LogicalPlan, exprs: Vec<(Expr, FieldRef)>) -> Result<LogicalPlan> {
    let LogicalPlan::Projection(inner) = &input else { return projection(input, exprs) };
    let definitions: HashMap<&str, &Expr> = inner
        .schema
        .fields()
        .iter()
        .zip(&inner.expr)
        .map(|(field, expr)| (field.name().as_str(), unaliased(expr)))
        .collect();
    // What the merged projection drops must still be found under it, for ORDER BY: a column that
    // the lower projection computed or renamed has to stay.
    let kept: HashSet<&str> = exprs
        .iter()
        .filter_map(|(expr, _)| match expr {
            Expr::Column(own) => Some(own.name.as_str()),
            _ => None,
        })
        .collect();
    let loses_none = definitions.iter().all(|(name, definition)| {
        kept.contains(name) || matches!(definition, Expr::Column(own) if own.name == *name)
    });
    if !loses_none {
        return projection(input.clone(), exprs);
    }
    let mut merged = Vec::with_capacity(exprs.len());
    let mut is_used: HashSet<String> = HashSet::new();
    for (expr, field) in &exprs {
        // A computed column may be used once, and large expressions do not grow without end.
        let mut allowed = !expr.is_volatile() && !contains_subquery(expr);
        let mut size = 0_usize;
        expr.apply(|node| {
            size += 1;
            if let Expr::Column(reference) = node {
                match definitions.get(reference.name.as_str()) {
                    Some(Expr::Column(_) | Expr::Literal(..)) => {}
                    Some(definition) => {
                        size += n_nodes(definition);
                        allowed &= is_used.insert(reference.name.clone())
                            && !definition.is_volatile()
                            && !contains_subquery(definition);
                    }
                    None => allowed = false,
                }
            }
            Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
        })?;
        let passes_through = matches!(expr, Expr::Column(_));
        if !allowed || (!passes_through && size > EXPRESSION_SIZE_MERGED_MAX) {
            return projection(input.clone(), exprs);
        }
        let replaced = expr.clone().transform(|node| match &node {
            Expr::Column(reference) => Ok(match definitions.get(reference.name.as_str()) {
                Some(definition) => Transformed::yes((*definition).clone()),
                None => Transformed::no(node),
            }),
            _ => Ok(Transformed::no(node)),
        })?;
        merged.push((named(unaliased(&replaced.data).clone(), field.name()), Arc::clone(field)));
    }
    projection(inner.input.as_ref().clone(), merged)
}

fn unaliased(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => &alias.expr,
        other => other,
    }
}

fn n_nodes(expr: &Expr) -> usize {
    let mut size = 0;
    // The closure never fails.
    let _ = expr.apply(|_| {
        size += 1;
        Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
    });
    size
}

fn contains_subquery(expr: &Expr) -> bool {
    expr.exists(|node| {
        Ok(matches!(node, Expr::ScalarSubquery(_) | Expr::Exists(_) | Expr::InSubquery(_)))
    })
    .unwrap_or(true)
}

impl Column {
    /// The field of the column in the plan.
    pub(crate) fn to_arrow(&self) -> FieldRef {
        renamed(&self.field.to_arrow(), &self.internal)
    }
}

impl ResolvedExpr {
    /// The whole of a column.
    pub(crate) fn of_column(own: &Column) -> Self {
        ResolvedExpr {
            expr: column(&own.internal),
            field: own.to_arrow(),
            name: own.field.name.clone(),
            output_name: None,
            is_named: true,
            column: Some(own.clone()),
            metadata: None,
        }
    }

    /// What the user sees of the expression as an output column.
    pub(crate) fn spark_field(&self) -> Result<StructField> {
        let mut field = StructField::from_arrow(&self.field)?;
        field.name = self.output_name().to_owned();
        match (&self.metadata, &self.column) {
            (Some(metadata), _) => field.metadata.clone_from(metadata),
            (None, Some(column)) => field.metadata.clone_from(&column.field.metadata),
            (None, None) => field.metadata.clear(),
        }
        Ok(field)
    }
}
