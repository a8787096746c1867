//! A tree of inner joins as what it means: relations and conditions.

use crate::rules::cannot_fail;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{JoinSide, JoinType, NullEquality, Result};
use datafusion::physical_expr::expressions::{CastExpr, Column};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, split_conjunction};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;
use std::any::Any;
use std::ops::Range;
use std::sync::Arc;

/// A set of relations, one bit each.
pub(super) type Relations = u64;

/// Expressions are over columns of the graph: those of the first relation, then those of the second, and so on.
pub(super) struct Graph {
    pub relations: Vec<Arc<dyn ExecutionPlan>>,
    /// The columns of each relation.
    pub columns: Vec<Range<usize>>,
    /// Keys that are equal in every row of the result; members of one class are of different relations or not.
    pub classes: Vec<Vec<Key>>,
    pub filters: Vec<Filter>,
    /// The columns of the result.
    pub outputs: Vec<usize>,
    pub written: Tree,
    pub mode: PartitionMode,
}

#[derive(Clone)]
pub(super) struct Key {
    pub relation: usize,
    pub expr: Arc<dyn PhysicalExpr>,
}

/// A condition that is no equality of two relations.
pub(super) struct Filter {
    pub relations: Relations,
    pub expr: Arc<dyn PhysicalExpr>,
}

/// An order of joins.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    Relation(usize),
    /// The first is the smaller one.
    Join(Box<Tree>, Box<Tree>),
}

impl Tree {
    pub fn relations(&self) -> Relations {
        match self {
            Tree::Relation(relation) => 1 << relation,
            Tree::Join(left, right) => left.relations() | right.relations(),
        }
    }
}

impl Graph {
    /// None if `plan` is no inner join, or if there is nothing to be ordered.
    pub fn of(plan: &Arc<dyn ExecutionPlan>) -> Option<Self> {
        let join = inner_join(plan)?;
        let mut graph = Self {
            relations: Vec::new(),
            columns: Vec::new(),
            classes: Vec::new(),
            filters: Vec::new(),
            outputs: Vec::new(),
            written: Tree::Relation(0),
            mode: *join.partition_mode(),
        };
        let (outputs, written) = graph.add(plan)?;
        let n_relations = graph.relations.len();
        if n_relations < 3 || n_relations > Relations::BITS as usize || outputs.is_empty() {
            return None;
        }
        (graph.outputs, graph.written) = (outputs, written);
        Some(graph)
    }

    /// The relation that has a column.
    pub fn relation_of(&self, column: usize) -> usize {
        self.columns.iter().position(|columns| columns.contains(&column)).unwrap_or_default()
    }

    /// The key of `class` that stands for it in `relations`.
    pub fn key(&self, class: usize, relations: Relations) -> Option<&Key> {
        self.classes[class].iter().find(|key| relations & (1 << key.relation) != 0)
    }

    /// Adds what is joined in `plan`; its columns. None: an order is not ours to choose.
    fn add(&mut self, plan: &Arc<dyn ExecutionPlan>) -> Option<(Vec<usize>, Tree)> {
        if let Some((columns, join)) = columns_of_join(plan) {
            let (all, tree) = self.add(join)?;
            let columns = columns.iter().map(|column| all.get(*column).copied());
            return Some((columns.collect::<Option<_>>()?, tree));
        }
        let Some(join) = inner_join(plan) else {
            let start = self.columns.last().map_or(0, |columns| columns.end);
            let columns = start..start + plan.schema().fields().len();
            self.relations.push(Arc::clone(plan));
            self.columns.push(columns.clone());
            return Some((columns.collect(), Tree::Relation(self.relations.len() - 1)));
        };
        let (left, left_tree) = self.add(join.left())?;
        let (right, right_tree) = self.add(join.right())?;
        for (left_key, right_key) in join.on() {
            let left_key = self.single(over(left_key, |at| left.get(at).copied())?)?;
            let right_key = self.single(over(right_key, |at| right.get(at).copied())?)?;
            self.equate(left_key, right_key);
        }
        if let Some(filter) = join.filter() {
            let expr = over(filter.expression(), |at| {
                let column = filter.column_indices().get(at)?;
                match column.side {
                    JoinSide::Left => left.get(column.index).copied(),
                    JoinSide::Right => right.get(column.index).copied(),
                    JoinSide::None => None,
                }
            })?;
            for part in split_conjunction(&expr) {
                if !cannot_fail(part) {
                    return None;
                }
                let relations = self.relations_of(part);
                // Of two relations or more; DataFusion has put others below.
                if relations.count_ones() < 2 {
                    return None;
                }
                self.filters.push(Filter { relations, expr: Arc::clone(part) });
            }
        }
        let mut columns: Vec<_> = left.into_iter().chain(right).collect();
        if let Some(projection) = join.projection.as_ref() {
            let picked = projection.iter().map(|at| columns.get(*at).copied());
            columns = picked.collect::<Option<_>>()?;
        }
        Some((columns, Tree::Join(Box::new(left_tree), Box::new(right_tree))))
    }

    fn relations_of(&self, expr: &Arc<dyn PhysicalExpr>) -> Relations {
        let columns = collect_columns(expr);
        columns.iter().fold(0, |all, column| all | 1 << self.relation_of(column.index()))
    }

    /// The key that `expr` is of one relation.
    fn single(&self, expr: Arc<dyn PhysicalExpr>) -> Option<Key> {
        let relations = self.relations_of(&expr);
        let is_key = relations.count_ones() == 1 && is_safe_key(&expr);
        is_key.then(|| Key { relation: relations.trailing_zeros() as usize, expr })
    }

    fn equate(&mut self, left: Key, right: Key) {
        let class_of = |classes: &[Vec<Key>], key: &Key| {
            classes.iter().position(|class| class.iter().any(|other| other.expr.eq(&key.expr)))
        };
        let (at_left, at_right) = (class_of(&self.classes, &left), class_of(&self.classes, &right));
        match (at_left, at_right) {
            (None, None) => self.classes.push(vec![left, right]),
            (Some(class), None) => self.classes[class].push(right),
            (None, Some(class)) => self.classes[class].push(left),
            (Some(one), Some(other)) if one != other => {
                let moved = self.classes.remove(one.max(other));
                self.classes[one.min(other)].extend(moved);
            }
            _ => {}
        }
    }
}

/// Whether a key can be computed of rows that the written order would have dropped before.
fn is_safe_key(expr: &Arc<dyn PhysicalExpr>) -> bool {
    let Some(cast) = (expr.as_ref() as &dyn Any).downcast_ref::<CastExpr>() else {
        return cannot_fail(expr);
    };
    let is_column = (cast.expr().as_ref() as &dyn Any).is::<Column>();
    // Casts to a type that holds every value of the other are all that coercion writes here.
    let is_wider = match cast.cast_type() {
        DataType::Int64 | DataType::Float64 | DataType::Utf8 => true,
        DataType::Decimal128(precision, scale) => i16::from(*precision) - i16::from(*scale) >= 20,
        _ => false,
    };
    is_column && is_wider
}

/// A join that may change its place.
fn inner_join(plan: &Arc<dyn ExecutionPlan>) -> Option<&HashJoinExec> {
    let join = (plan.as_ref() as &dyn Any).downcast_ref::<HashJoinExec>()?;
    let is_inner = *join.join_type() == JoinType::Inner
        && join.null_equality() == NullEquality::NullEqualsNothing
        && !join.null_aware
        && join.fetch().is_none();
    is_inner.then_some(join)
}

/// A projection that only picks columns of such a join, and the join.
fn columns_of_join(plan: &Arc<dyn ExecutionPlan>) -> Option<(Vec<usize>, &Arc<dyn ExecutionPlan>)> {
    let projection = (plan.as_ref() as &dyn Any).downcast_ref::<ProjectionExec>()?;
    inner_join(projection.input())?;
    let columns = projection.expr().iter().map(|part| {
        let column = (part.expr.as_ref() as &dyn Any).downcast_ref::<Column>()?;
        Some(column.index())
    });
    Some((columns.collect::<Option<_>>()?, projection.input()))
}

/// `expr` over columns of the graph, which have no names; none if one has no place.
pub(super) fn over(
    expr: &Arc<dyn PhysicalExpr>,
    place: impl Fn(usize) -> Option<usize>,
) -> Option<Arc<dyn PhysicalExpr>> {
    with_columns(expr, |column| Some(Column::new("", place(column)?)))
}

/// `expr` with other columns; none if one is missing.
pub(super) fn with_columns(
    expr: &Arc<dyn PhysicalExpr>,
    other: impl Fn(usize) -> Option<Column>,
) -> Option<Arc<dyn PhysicalExpr>> {
    let mut is_whole = true;
    let result: Result<Arc<dyn PhysicalExpr>> = Arc::clone(expr)
        .transform_up(|part| {
            let Some(column) = (part.as_ref() as &dyn Any).downcast_ref::<Column>() else {
                return Ok(Transformed::no(part));
            };
            let Some(moved) = other(column.index()) else {
                is_whole = false;
                return Ok(Transformed::new(part, false, TreeNodeRecursion::Stop));
            };
            let moved: Arc<dyn PhysicalExpr> = Arc::new(moved);
            Ok(Transformed::yes(moved))
        })
        .data();
    result.ok().filter(|_| is_whole)
}
