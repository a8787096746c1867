//! An order of joins as operators.

use super::graph::{Graph, Tree, with_columns};
use datafusion::arrow::datatypes::Schema;
use datafusion::common::{JoinSide, JoinType, Result, internal_datafusion_err};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, conjunction};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::HashJoinExecBuilder;
use datafusion::physical_plan::joins::utils::{ColumnIndex, JoinFilter};
use datafusion::physical_plan::projection::ProjectionExec;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The joins of `tree` with the columns of `plan`, whose graph this is.
pub(super) fn build(
    graph: &Graph,
    tree: &Tree,
    plan: &Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let needed = graph.outputs.iter().copied().collect();
    let joined = part(graph, tree, &needed)?;
    let schema = plan.schema();
    let exprs = graph.outputs.iter().zip(schema.fields()).map(|(column, field)| {
        let expr = joined.column(*column).ok_or_else(|| missing(*column))?;
        Ok((Arc::new(expr) as Arc<dyn PhysicalExpr>, field.name().clone()))
    });
    let exprs = exprs.collect::<Result<Vec<_>>>()?;
    let is_same = joined.columns == graph.outputs && joined.plan.schema() == schema;
    match is_same {
        true => Ok(joined.plan),
        false => Ok(Arc::new(ProjectionExec::try_new(exprs, joined.plan)?)),
    }
}

/// Some relations joined, and which columns of the graph it shows.
struct Part {
    plan: Arc<dyn ExecutionPlan>,
    columns: Vec<usize>,
}

impl Part {
    fn place(&self, column: usize) -> Option<usize> {
        self.columns.iter().position(|other| *other == column)
    }

    fn column(&self, column: usize) -> Option<Column> {
        let place = self.place(column)?;
        Some(Column::new(self.plan.schema().field(place).name(), place))
    }
}

fn missing(column: usize) -> datafusion::common::DataFusionError {
    internal_datafusion_err!("column {column} of ordered joins is missing")
}

fn part(graph: &Graph, tree: &Tree, needed: &BTreeSet<usize>) -> Result<Part> {
    let (left, right) = match tree {
        Tree::Relation(relation) => {
            return Ok(Part {
                plan: Arc::clone(&graph.relations[*relation]),
                columns: graph.columns[*relation].clone().collect(),
            });
        }
        Tree::Join(left, right) => (left.as_ref(), right.as_ref()),
    };
    let (left_set, right_set) = (left.relations(), right.relations());
    let keys = (0..graph.classes.len())
        .filter_map(|class| Some((graph.key(class, left_set)?, graph.key(class, right_set)?)));
    let keys: Vec<_> = keys.collect();
    let filters = graph.filters.iter().filter(|filter| {
        let needs = filter.relations;
        needs & !(left_set | right_set) == 0 && needs & !left_set != 0 && needs & !right_set != 0
    });
    let filter = filters.map(|filter| Arc::clone(&filter.expr)).collect::<Vec<_>>();
    let filter = (!filter.is_empty()).then(|| conjunction(filter));
    let mut below = needed.clone();
    let keys_and_filter =
        keys.iter().flat_map(|(left, right)| [&left.expr, &right.expr]).chain(&filter);
    for expr in keys_and_filter {
        below.extend(collect_columns(expr).iter().map(Column::index));
    }
    let left = part(graph, left, &below)?;
    let right = part(graph, right, &below)?;
    let on = keys.into_iter().map(|(left_key, right_key)| {
        let local = |expr, part: &Part| with_columns(expr, |column| part.column(column));
        let (one, other) = (local(&left_key.expr, &left), local(&right_key.expr, &right));
        one.zip(other).ok_or_else(|| missing(0))
    });
    let on = on.collect::<Result<Vec<_>>>()?;
    let filter = filter.map(|filter| join_filter(&filter, &left, &right)).transpose()?;
    let all: Vec<usize> = left.columns.iter().chain(&right.columns).copied().collect();
    // The last join gives the columns in their order, the others in any.
    let is_last = *needed == graph.outputs.iter().copied().collect()
        && tree.relations() == graph.written.relations();
    let has_duplicates = graph.outputs.len() != needed.len();
    let columns: Vec<usize> = match is_last && !has_duplicates {
        true => graph.outputs.clone(),
        false => all.iter().copied().filter(|column| needed.contains(column)).collect(),
    };
    let places = columns.iter().map(|column| all.iter().position(|other| other == column));
    let places = places.collect::<Option<Vec<_>>>().ok_or_else(|| missing(0))?;
    let is_whole = places.iter().copied().eq(0..all.len());
    let join = HashJoinExecBuilder::new(left.plan, right.plan, on, JoinType::Inner)
        .with_filter(filter)
        .with_partition_mode(graph.mode)
        .with_projection((!is_whole).then_some(places))
        .build_exec()?;
    Ok(Part { plan: join, columns })
}

fn join_filter(filter: &Arc<dyn PhysicalExpr>, left: &Part, right: &Part) -> Result<JoinFilter> {
    let columns: BTreeSet<usize> = collect_columns(filter).iter().map(Column::index).collect();
    let columns: Vec<usize> = columns.into_iter().collect();
    let mut indices = Vec::new();
    let mut fields = Vec::new();
    for column in &columns {
        let (side, part, index) = match (left.place(*column), right.place(*column)) {
            (Some(index), _) => (JoinSide::Left, left, index),
            (None, Some(index)) => (JoinSide::Right, right, index),
            (None, None) => return Err(missing(*column)),
        };
        indices.push(ColumnIndex { index, side });
        fields.push(part.plan.schema().field(index).clone());
    }
    let place = |column| columns.iter().position(|other| *other == column);
    let expr = with_columns(filter, |column| {
        let place = place(column)?;
        Some(Column::new(fields[place].name(), place))
    });
    let expr = expr.ok_or_else(|| missing(0))?;
    Ok(JoinFilter::new(expr, indices, Arc::new(Schema::new(fields))))
}
