//! `nearestByJoin`: beside each row of the left side, the right rows that rank best.
//!
//! ```text
//!   Filter       row_number <= n
//!     Window       row_number() OVER (PARTITION BY left row ORDER BY rank)
//!       Join         left with a number per row, right, ON rank IS NOT NULL
//! ```

use crate::resolve::expression::{Clause, ExprContext, under_internal_names};
use crate::resolve::output::{column, named, projection, renamed};
use crate::resolve::{Resolved, Resolver, Scope};
use crate::spec::{self, ExprNode, JoinType, NearestByJoin, SortOrder};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::{Expr, ExprSchemable, Extension, Filter, LogicalPlan, lit};
use firesteel_common::nodes::{PartitionColumns, PartitionFunction};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

/// Most partners of a row that may be asked for.
const PARTNERS_MAX: i32 = 100_000;

/// Which of the possible partners of a left row are kept.
pub(super) struct Ranking {
    /// Over the columns of both sides.
    pub distance: Expr,
    pub ascending: bool,
    pub partners_max: i32,
    /// Inner or left.
    pub join_type: JoinType,
}

impl Resolver<'_> {
    pub(super) fn nearest_by_join(&mut self, join: &NearestByJoin) -> Result<Resolved> {
        if !(1..=PARTNERS_MAX).contains(&join.n_results) {
            return Err(invalid(
                "NUM_RESULTS_OUT_OF_RANGE",
                &format!(
                    "The number of results {} must be between 1 and {PARTNERS_MAX}.",
                    join.n_results
                ),
            ));
        }
        let join_type = match join.join_type.to_lowercase().replace('_', "").as_str() {
            "" | "inner" => JoinType::Inner,
            "left" | "leftouter" => JoinType::Left,
            other => {
                let message =
                    format!("Unsupported join type {other}. Supported: INNER, LEFT OUTER.");
                return Err(invalid("UNSUPPORTED_JOIN_TYPE", &message));
            }
        };
        let exact = match join.mode.to_lowercase().as_str() {
            "exact" => true,
            "approx" => false,
            other => {
                let message = format!("Unsupported mode {other}. Supported: approx, exact.");
                return Err(invalid("UNSUPPORTED_MODE", &message));
            }
        };
        let ascending = match join.direction.to_lowercase().as_str() {
            "distance" => true,
            "similarity" => false,
            other => {
                let message =
                    format!("Unsupported direction {other}. Supported: distance, similarity.");
                return Err(invalid("UNSUPPORTED_DIRECTION", &message));
            }
        };
        let left = self.relation(&join.left)?;
        let left = self.exact(left)?;
        let right = self.relation(&join.right)?;
        let right = self.exact(right)?;
        let scope = Arc::new(super::join::both(&left.scope, &right.scope));
        let mut context = ExprContext::new(&scope, Clause::Join);
        let rank = self.expr(&join.ranking, &mut context)?;
        if !context.partition_columns.is_empty() {
            return Err(match exact {
                true => invalid(
                    "NONDETERMINISTIC_RANKING_EXPRESSION",
                    &format!("The ranking expression \"{}\" must be deterministic.", rank.name),
                ),
                false => SparkError::unsupported("random ranks in nearestByJoin"),
            });
        }
        if matches!(rank.field.data_type(), DataType::Map(..)) {
            return Err(invalid(
                "NON_ORDERABLE_RANKING_EXPRESSION",
                &format!(
                    "The ranking expression \"{}\" of type \"{}\" is not orderable. Provide an \
                     expression that returns an orderable type, such as a numeric distance like \
                     abs(a.col - b.col) or a numeric similarity score.",
                    rank.name,
                    rank.spark_type()?.sql()
                ),
            )
            .with("expression", format!("\"{}\"", rank.name))
            .with("type", format!("\"{}\"", rank.spark_type()?.sql())));
        }
        let ranking = Ranking {
            distance: rank.expr.clone(),
            ascending,
            partners_max: join.n_results,
            join_type,
        };
        let condition = rank.expr.is_not_null();
        self.nearest(left, right, &scope, ranking, Some(condition))
    }

    /// Joins and keeps the best partners of each left row.
    pub(super) fn nearest(
        &mut self,
        left: Resolved,
        right: Resolved,
        scope: &Arc<Scope>,
        ranking: Ranking,
        condition: Option<Expr>,
    ) -> Result<Resolved> {
        let row_name = self.fresh();
        let numbers = vec![(row_name.clone(), PartitionFunction::MonotonicallyIncreasingId)];
        let node = PartitionColumns::try_new(left.plan, numbers)?;
        let left = Resolved {
            plan: LogicalPlan::Extension(Extension { node: Arc::new(node) }),
            scope: left.scope,
        };
        let joined = self.joined(left, right, ranking.join_type, condition)?;
        let rank_name = self.fresh();
        let fields = joined.plan.schema().fields();
        let mut exprs: Vec<(Expr, FieldRef)> =
            fields.iter().map(|field| (column(field.name()), Arc::clone(field))).collect();
        let rank_field = ranking.distance.to_field(joined.plan.schema())?.1;
        exprs.push((named(ranking.distance, &rank_name), renamed(&rank_field, &rank_name)));
        let work = under_internal_names(projection(joined.plan, exprs)?)?;
        let by = |name: &str| spec::Expr::attribute([name.to_owned()]);
        let position_name = self.fresh();
        let position: spec::Expr = ExprNode::Window(Box::new(spec::Window {
            function: spec::Expr::call("row_number", Vec::new()),
            partition_by: vec![by(&row_name)],
            order_by: vec![SortOrder {
                child: Box::new(by(&rank_name)),
                ascending: ranking.ascending,
                nulls_first: Some(false),
            }],
            frame: None,
            reference: None,
        }))
        .into();
        let work = self.with_computed(work, vec![(position_name.clone(), position)])?;
        let own = work.scope.columns.iter().find(|own| own.field.name == position_name);
        let Some(own) = own else { return Err(SparkError::internal("no row number")) };
        let best = column(&own.internal).lt_eq(lit(ranking.partners_max));
        let plan = LogicalPlan::Filter(Filter::try_new(best, Arc::new(work.plan))?);
        let columns = joined.scope.columns.clone();
        debug_assert_eq!(columns.len(), scope.columns.len());
        let exprs = columns.iter().map(|own| (column(&own.internal), own.to_arrow())).collect();
        Ok(Resolved { plan: projection(plan, exprs)?, scope: Arc::new(Scope::new(columns)) })
    }
}

/// A null of the field's type.
pub(super) fn null_of(field: &FieldRef) -> Result<Expr> {
    Ok(Expr::Literal(ScalarValue::try_from(field.data_type())?, None))
}

/// The columns of both sides, for types of expressions over them.
pub(super) fn joined_schema(left: &Resolved, right: &Resolved) -> Result<DFSchema> {
    Ok(left.plan.schema().join(right.plan.schema())?)
}

fn invalid(condition: &str, message: &str) -> SparkError {
    let condition = format!("NEAREST_BY_JOIN.{condition}");
    SparkError::analysis(condition, format!("Invalid nearest-by join. {message}"))
}
