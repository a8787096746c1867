//! Hints about joins: `df.hint("broadcast")`, `/*+ MERGE(t) */`.
//!
//! A hint marks what it was put on; the join that takes it as a side, through projections and filters as in Spark,
//! lifts the mark above itself, where the planner finds it. A mark that meets no join means nothing.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, ExprNode, Relation, RelationNode};
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::Result;
use firesteel_common::nodes::{JoinHint, JoinStrategy};
use std::sync::Arc;

/// The strategy that a hint's name asks for.
pub(super) fn strategy(name: &str) -> Option<JoinStrategy> {
    Some(match name.to_lowercase().as_str() {
        "broadcast" | "broadcastjoin" | "mapjoin" => JoinStrategy::Broadcast,
        "merge" | "shuffle_merge" | "mergejoin" => JoinStrategy::Merge,
        "shuffle_hash" => JoinStrategy::ShuffleHash,
        "shuffle_replicate_nl" => JoinStrategy::ReplicateNestedLoop,
        _ => return None,
    })
}

impl Resolver<'_> {
    /// `input`, or the relations in it that `parameters` name, marked.
    pub(super) fn marked(
        &mut self,
        input: &Relation,
        name: &str,
        strategy: JoinStrategy,
        parameters: &[Expr],
    ) -> Result<Resolved> {
        if parameters.is_empty() {
            let input = self.relation(input)?;
            let mark = mark(input.plan, strategy);
            return Ok(Resolved { plan: mark, scope: input.scope });
        }
        let mut input = input.clone();
        for table in parameters.iter().filter_map(last_name) {
            mark_named(&mut input, name, &table, self.settings.case_sensitive);
        }
        self.relation(&input)
    }
}

fn mark(input: LogicalPlan, strategy: JoinStrategy) -> LogicalPlan {
    let node = JoinHint { input, left: Some(strategy), right: None, right_columns: Vec::new() };
    LogicalPlan::Extension(Extension { node: Arc::new(node) })
}

/// `plan` without the marks that a join of it takes, and the first of them.
pub(super) fn unmarked(plan: LogicalPlan) -> (LogicalPlan, Option<JoinStrategy>) {
    match &plan {
        LogicalPlan::Extension(extension) => {
            match extension.node.as_any().downcast_ref::<JoinHint>() {
                Some(hint) if hint.right_columns.is_empty() => {
                    let own = hint.left;
                    let (input, below) = unmarked(hint.input.clone());
                    (input, own.or(below))
                }
                _ => (plan, None),
            }
        }
        LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::SubqueryAlias(_) => {
            let Some(input) = plan.inputs().first().map(|input| (*input).clone()) else {
                return (plan, None);
            };
            match unmarked(input) {
                (_, None) => (plan, None),
                (input, strategy) => match plan.with_new_exprs(plan.expressions(), vec![input]) {
                    Ok(changed) => (changed, strategy),
                    Err(_) => (plan, None),
                },
            }
        }
        _ => (plan, None),
    }
}

/// The join with its sides' hints above it.
pub(super) fn hinted(
    join: LogicalPlan,
    left: Option<JoinStrategy>,
    right: Option<JoinStrategy>,
) -> LogicalPlan {
    let LogicalPlan::Join(node) = &join else { return join };
    if left.is_none() && right.is_none() {
        return join;
    }
    let columns = node.right.schema().fields().iter();
    let right_columns = columns.map(|field| field.name().clone()).collect();
    let node = JoinHint { input: join, left, right, right_columns };
    LogicalPlan::Extension(Extension { node: Arc::new(node) })
}

/// The last part of a relation's name in a hint.
fn last_name(parameter: &Expr) -> Option<String> {
    match &parameter.node {
        ExprNode::Attribute { name, .. } => name.last().cloned(),
        ExprNode::Literal(crate::spec::Literal::String(name)) => {
            name.rsplit('.').next().map(ToOwned::to_owned)
        }
        _ => None,
    }
}

/// Puts the hint on the tables and aliases called `table`; an alias of another name hides what is in it.
fn mark_named(relation: &mut Relation, hint: &str, table: &str, case_sensitive: bool) {
    let is_same = |name: &str| match case_sensitive {
        true => name == table,
        false => name.eq_ignore_ascii_case(table),
    };
    let found = match relation.node.as_mut() {
        RelationNode::NamedTable(named) => named.name.last().is_some_and(|name| is_same(name)),
        RelationNode::Alias { name, .. } => is_same(name),
        RelationNode::Project { input, .. }
        | RelationNode::Filter { input, .. }
        | RelationNode::Having { input, .. }
        | RelationNode::Qualify { input, .. }
        | RelationNode::Sort { input, .. }
        | RelationNode::Limit { input, .. }
        | RelationNode::WindowClause { input, .. }
        | RelationNode::Deduplicate { input, .. }
        | RelationNode::Hint { input, .. } => {
            mark_named(input, hint, table, case_sensitive);
            false
        }
        RelationNode::Aggregate(aggregate) => {
            mark_named(&mut aggregate.input, hint, table, case_sensitive);
            false
        }
        RelationNode::Join(join) => {
            mark_named(&mut join.left, hint, table, case_sensitive);
            mark_named(&mut join.right, hint, table, case_sensitive);
            false
        }
        _ => false,
    };
    if found {
        let input = relation.clone();
        let (name, parameters) = (hint.to_owned(), Vec::new());
        *relation = RelationNode::Hint { input, name, parameters }.into();
    }
}
