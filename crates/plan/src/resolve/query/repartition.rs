//! `repartition`, `repartitionByRange`, `coalesce`.

use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, ExprNode, Relation};
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::nodes::{Repartition, RepartitionScheme};
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
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
            if key.spark_type()? != SparkType::Integer {
                return Err(not_an_int(&key)?);
            }
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

/// Partitions that one machine can keep apart: each costs memory before it has a row.
const PARTITIONS_MAX: usize = 100_000;

/// Refuses numbers of partitions that cannot be.
///
/// # Errors
/// An illegal argument, as Spark for 0; beyond the limit Spark runs out of memory.
pub(super) fn check_partitions(partitions: usize) -> Result<()> {
    let rule = match partitions {
        0 => "must be positive".to_owned(),
        1..=PARTITIONS_MAX => return Ok(()),
        _ => format!("must not be more than {PARTITIONS_MAX}"),
    };
    let message = format!("requirement failed: Number of partitions ({partitions}) {rule}.");
    Err(SparkError::new(ErrorKind::IllegalArgument, "", message))
}

fn not_an_int(key: &ResolvedExpr) -> Result<SparkError> {
    let (name, own) = (&key.name, key.spark_type()?.sql());
    Ok(SparkError::analysis(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        format!(
            "Cannot resolve \"direct_shuffle_partition_id({name})\" due to data type mismatch: The \
             first parameter requires the \"INT\" type, however \"{name}\" has the type \"{own}\"."
        ),
    )
    .with("sqlExpr", format!("\"direct_shuffle_partition_id({name})\""))
    .with("paramIndex", "first")
    .with("requiredType", "\"INT\"")
    .with("inputSql", format!("\"{name}\""))
    .with("inputType", format!("\"{own}\"")))
}

fn repartitioned(
    input: Resolved,
    partitions: usize,
    scheme: RepartitionScheme,
) -> Result<Resolved> {
    // `coalesce` only ever makes fewer partitions than there are.
    if partitions == 0 || !matches!(scheme, RepartitionScheme::Coalesce) {
        check_partitions(partitions)?;
    }
    let node = Arc::new(Repartition { input: input.plan, partitions, scheme });
    Ok(Resolved { plan: LogicalPlan::Extension(Extension { node }), scope: input.scope })
}
