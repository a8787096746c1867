//! AND and OR that do not compute what the left side has decided, as in Spark.
//!
//! `x <> 0 AND 1 / x > 0` must not divide by zero. DataFusion evaluates both sides over all rows of a
//! batch unless few are left, so a right side that may fail gets only the rows that need it.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::compute::{and_kleene, or_kleene};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, Operator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{
    BinaryExpr, Column, InListExpr, IsNotNullExpr, IsNullExpr, LikeExpr, Literal, NotExpr,
};
use datafusion::physical_expr::{conjunction, split_conjunction};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Puts [`LazyLogical`] into filters and projections. In a filter, conjuncts that cannot fail go first:
/// DataFusion merges a filter of an outer query before that of the inner one.
#[derive(Debug)]
pub(crate) struct ShortCircuit;

impl PhysicalOptimizerRule for ShortCircuit {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let any = node.as_ref() as &dyn Any;
            if let Some(filter) = any.downcast_ref::<FilterExec>() {
                let parts = split_conjunction(filter.predicate());
                let (plain, other): (Vec<_>, Vec<_>) =
                    parts.into_iter().partition(|part| cannot_fail(part));
                if other.is_empty() {
                    return Ok(Transformed::no(node));
                }
                let predicate = lazy(conjunction(plain.into_iter().chain(other).cloned()))?;
                let builder = FilterExecBuilder::from(filter).with_predicate(predicate);
                return Ok(Transformed::yes(Arc::new(builder.build()?)));
            }
            if let Some(project) = any.downcast_ref::<ProjectionExec>() {
                let is_lazy = |own: &ProjectionExpr| {
                    own.expr.exists(|part| Ok(needs_laziness(part))).unwrap_or(false)
                };
                if !project.expr().iter().any(is_lazy) {
                    return Ok(Transformed::no(node));
                }
                let exprs = project
                    .expr()
                    .iter()
                    .map(|own| Ok((lazy(Arc::clone(&own.expr))?, own.alias.clone())))
                    .collect::<Result<Vec<_>>>()?;
                let input = Arc::clone(project.input());
                return Ok(Transformed::yes(Arc::new(ProjectionExec::try_new(exprs, input)?)));
            }
            Ok(Transformed::no(node))
        })
        .data()
    }

    fn name(&self) -> &str {
        "short_circuit"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn lazy(expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
    expr.transform_up(|node| {
        if !needs_laziness(&node) {
            return Ok(Transformed::no(node));
        }
        let Some(binary) = node.downcast_ref::<BinaryExpr>() else {
            return Ok(Transformed::no(node));
        };
        let lazy = LazyLogical {
            left: Arc::clone(binary.left()),
            is_and: *binary.op() == Operator::And,
            right: Arc::clone(binary.right()),
        };
        Ok(Transformed::yes(Arc::new(lazy) as Arc<dyn PhysicalExpr>))
    })
    .data()
}

fn needs_laziness(expr: &Arc<dyn PhysicalExpr>) -> bool {
    expr.downcast_ref::<BinaryExpr>().is_some_and(|binary| {
        matches!(binary.op(), Operator::And | Operator::Or) && !cannot_fail(binary.right())
    })
}

/// Whether `expr` is made of columns, literals, comparisons and logic only.
fn cannot_fail(expr: &Arc<dyn PhysicalExpr>) -> bool {
    let own = match expr.downcast_ref::<BinaryExpr>() {
        Some(binary) => {
            use Operator::{
                And, Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq, Or,
            };
            matches!(
                binary.op(),
                And | Or | Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom
            )
        }
        None => {
            expr.is::<Column>()
                || expr.is::<Literal>()
                || expr.is::<NotExpr>()
                || expr.is::<IsNullExpr>()
                || expr.is::<IsNotNullExpr>()
                || expr.is::<InListExpr>()
                || expr.is::<LikeExpr>()
        }
    };
    own && expr.children().into_iter().all(cannot_fail)
}

/// `left AND right` or `left OR right`.
#[derive(Debug, Eq)]
struct LazyLogical {
    left: Arc<dyn PhysicalExpr>,
    is_and: bool,
    right: Arc<dyn PhysicalExpr>,
}

impl PartialEq for LazyLogical {
    fn eq(&self, other: &Self) -> bool {
        self.is_and == other.is_and && self.left.eq(&other.left) && self.right.eq(&other.right)
    }
}

impl Hash for LazyLogical {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.left.hash(state);
        self.is_and.hash(state);
        self.right.hash(state);
    }
}

impl LazyLogical {
    fn word(&self) -> &'static str {
        if self.is_and { "AND" } else { "OR" }
    }
}

impl fmt::Display for LazyLogical {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "({} {} {})", self.left, self.word(), self.right)
    }
}

impl PhysicalExpr for LazyLogical {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        Ok(self.left.nullable(schema)? || self.right.nullable(schema)?)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let n_rows = batch.num_rows();
        let left = self.left.evaluate(batch)?.into_array(n_rows)?;
        let decided = booleans(&left)?;
        // A null leaves both AND and OR open.
        let open: BooleanArray = (0..n_rows)
            .map(|row| Some(decided.is_null(row) || decided.value(row) == self.is_and))
            .collect();
        let n_open = open.true_count();
        if n_open == 0 {
            return Ok(ColumnarValue::Array(left));
        }
        let right = if n_open == n_rows {
            self.right.evaluate(batch)?
        } else {
            self.right.evaluate_selection(batch, &open)?
        };
        let right = right.into_array(n_rows)?;
        let right = booleans(&right)?;
        let both =
            if self.is_and { and_kleene(decided, right)? } else { or_kleene(decided, right)? };
        Ok(ColumnarValue::Array(Arc::new(both)))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.left, &self.right]
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        let [left, right] = <[_; 2]>::try_from(children).map_err(|children: Vec<_>| {
            DataFusionError::Internal(format!("a logical operator got {} sides", children.len()))
        })?;
        Ok(Arc::new(Self { left, is_and: self.is_and, right }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(")?;
        self.left.fmt_sql(f)?;
        write!(f, " {} ", self.word())?;
        self.right.fmt_sql(f)?;
        write!(f, ")")
    }
}

fn booleans(array: &ArrayRef) -> Result<&BooleanArray> {
    array.as_boolean_opt().ok_or_else(|| {
        DataFusionError::Internal(format!("a logical operator got {}", array.data_type()))
    })
}
