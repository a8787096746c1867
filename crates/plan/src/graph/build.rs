//! Relations and expressions in few words.

use crate::spec::{
    Aggregate, Expr, ExprNode, Grouping, Join, JoinCondition, JoinType, Literal, Relation,
    RelationNode, SetOperation, SetOperator,
};

pub(super) fn column(parts: &[&str]) -> Expr {
    Expr::attribute(parts.iter().copied())
}

/// All columns of the relation of that alias, or of the input.
pub(super) fn star(of: Option<&str>) -> Expr {
    let target = of.map(|alias| vec![alias.to_owned()]);
    ExprNode::Star { target, plan_id: None, except: Vec::new() }.into()
}

pub(super) fn call(function: &str, args: Vec<Expr>) -> Expr {
    Expr::call(function, args)
}

pub(super) fn equal(left: Expr, right: Expr) -> Expr {
    call("==", vec![left, right])
}

pub(super) fn not(expr: Expr) -> Expr {
    call("not", vec![expr])
}

/// The conjunction; true if there is nothing.
pub(super) fn all(conditions: Vec<Expr>) -> Expr {
    let mut conditions = conditions.into_iter();
    let first = conditions.next().unwrap_or_else(|| boolean(true));
    conditions.fold(first, |all, one| call("and", vec![all, one]))
}

pub(super) fn boolean(value: bool) -> Expr {
    Expr::literal(Literal::Boolean(value))
}

pub(super) fn integer(value: i32) -> Expr {
    Expr::literal(Literal::Integer(value))
}

/// Columns as one struct: all of the input's, or those named.
pub(super) fn packed(columns: Vec<Expr>, name: &str) -> Expr {
    let columns = if columns.is_empty() { vec![star(None)] } else { columns };
    call("struct", columns).alias(name)
}

pub(super) fn project(input: Relation, exprs: Vec<Expr>) -> Relation {
    RelationNode::Project { input, exprs }.into()
}

pub(super) fn filter(input: Relation, condition: Expr) -> Relation {
    RelationNode::Filter { input, condition }.into()
}

pub(super) fn alias(input: Relation, name: &str) -> Relation {
    let (qualifier, columns) = (Vec::new(), Vec::new());
    RelationNode::Alias { input, name: name.to_owned(), qualifier, columns }.into()
}

pub(super) fn join(
    left: Relation,
    right: Relation,
    join_type: JoinType,
    condition: JoinCondition,
) -> Relation {
    RelationNode::Join(Join { left, right, join_type, condition, lateral: false }).into()
}

pub(super) fn inner(left: Relation, right: Relation, condition: Expr) -> Relation {
    join(left, right, JoinType::Inner, JoinCondition::On(condition))
}

/// All rows of both, columns by place.
pub(super) fn union(left: Relation, right: Relation) -> Relation {
    set(left, right, SetOperator::Union, true, false)
}

/// All rows of both, columns by name; those of one side only are null in the other's rows.
pub(super) fn union_by_name(left: Relation, right: Relation) -> Relation {
    set(left, right, SetOperator::Union, true, true)
}

/// Distinct rows that are not in `right`.
pub(super) fn except(left: Relation, right: Relation) -> Relation {
    set(left, right, SetOperator::Except, false, false)
}

fn set(left: Relation, right: Relation, op: SetOperator, all: bool, by_name: bool) -> Relation {
    let operation = SetOperation { left, right, op, all, by_name, allow_missing_columns: by_name };
    RelationNode::SetOperation(operation).into()
}

pub(super) fn distinct(input: Relation) -> Relation {
    RelationNode::Deduplicate {
        input,
        columns: Vec::new(),
        all_columns: true,
        within_watermark: false,
    }
    .into()
}

pub(super) fn limit(input: Relation, n: i32) -> Relation {
    RelationNode::Limit { input, limit: integer(n) }.into()
}

pub(super) fn with_columns(input: Relation, columns: Vec<(&str, Expr)>) -> Relation {
    let columns = columns.into_iter().map(|(name, expr)| (name.to_owned(), expr, None));
    RelationNode::WithColumns { input, columns: columns.collect() }.into()
}

pub(super) fn drop_names(input: Relation, names: Vec<String>) -> Relation {
    RelationNode::Drop { input, columns: Vec::new(), names }.into()
}

/// Groups by columns, which come first, then aggregates.
pub(super) fn aggregate(input: Relation, by: Vec<Expr>, aggregates: Vec<Expr>) -> Relation {
    RelationNode::Aggregate(Aggregate {
        input,
        grouping: Grouping::By(by),
        aggregates,
        prepend_grouping: true,
        pivot: None,
    })
    .into()
}

/// Vertices with columns of a table that has a row per vertex: its `id`, and the columns `added`. Inner, by `id`.
pub fn with_vertex_columns(vertices: Relation, table: Relation, added: &[&str]) -> Relation {
    const VERTICES: &str = "__vertices";
    const TABLE: &str = "__table";
    let joined = inner(
        alias(vertices, VERTICES),
        alias(table, TABLE),
        equal(column(&[VERTICES, "id"]), column(&[TABLE, "id"])),
    );
    let mut columns = vec![star(Some(VERTICES))];
    columns.extend(added.iter().map(|name| column(&[TABLE, name])));
    project(joined, columns)
}
