//! `repartition`, `repartitionByRange`, `coalesce`.

use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, ExprNode, Relation};
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::nodes::{Repartition, RepartitionScheme};
use firesteel_common::{ErrorKind, Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn repartition(
        &mut self,
        input: &Relation,
        partitions: usize,
        shuffle: bool,
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let scheme =
            if shuffle { RepartitionScheme::RoundRobin } else { RepartitionScheme::Coalesce };
        repartitioned(input, partitions, scheme)
    }

    /// Keys with a direction ask for ranges, keys without for hashes.
    pub(super) fn repartition_by_expression(
        &mut self,
        input: &Relation,
        exprs: &[Expr],
        partitions: Option<usize>,
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let partitions = partitions.unwrap_or(self.settings.shuffle_partitions);
        let mut context = ExprContext::new(&input.scope, Clause::Other);
        if let [Expr { node: ExprNode::DirectShufflePartitionId(key), .. }] = exprs {
            let key = self.expr(key, &mut context)?;
            return repartitioned(input, partitions, RepartitionScheme::ById(key.expr));
        }
        if exprs.iter().any(|expr| matches!(expr.node, ExprNode::SortOrder(_))) {
            let mut keys = Vec::with_capacity(exprs.len());
            for expr in exprs {
                let order = match &expr.node {
                    ExprNode::SortOrder(order) => order.clone(),
                    _ => crate::spec::SortOrder {
                        child: Box::new(expr.clone()),
                        ascending: true,
                        nulls_first: None,
                    },
                };
                keys.push(self.sort_order(&order, &mut context)?.0);
            }
            return repartitioned(input, partitions, RepartitionScheme::Range(keys));
        }
        let keys = self.args(exprs, &mut context)?;
        if keys.is_empty() {
            return repartitioned(input, partitions, RepartitionScheme::RoundRobin);
        }
        let args = keys.iter().map(|key| key.arg()).collect();
        let hash = self.call_builtin("hash", args, String::new(), &context)?;
        let n = i32::try_from(partitions).unwrap_or(i32::MAX);
        let n = self.literal(&crate::spec::Literal::Integer(n))?;
        let partition = self.build_scalar("pmod", vec![hash.arg(), n.arg()])?;
        repartitioned(input, partitions, RepartitionScheme::ById(partition))
    }
}

fn repartitioned(
    input: Resolved,
    partitions: usize,
    scheme: RepartitionScheme,
) -> Result<Resolved> {
    if partitions == 0 {
        return Err(SparkError::new(
            ErrorKind::IllegalArgument,
            "",
            "requirement failed: Number of partitions (0) must be positive.",
        ));
    }
    let node = Arc::new(Repartition { input: input.plan, partitions, scheme });
    Ok(Resolved { plan: LogicalPlan::Extension(Extension { node }), scope: input.scope })
}
