//! Logical nodes of ours (`firesteel_common::nodes`) → operators.

use crate::operators::{
    CoalesceExec, GenerateExec, PartitionColumnsExec, RangeRepartitionExec, RecursionLimitExec,
    RepartitionExec, ShowStringExec, SortWithinPartitionsExec, TailExec,
};
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, DataFusionError, Result};
use datafusion::execution::context::QueryPlanner;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, LogicalPlan, SortExpr, UserDefinedLogicalNode};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};
use firesteel_common::nodes::{
    Generate, PartitionColumns, RecursionLimit, Repartition, RepartitionScheme, ShowString,
    SortWithinPartitions, Tail,
};
use std::sync::Arc;

/// DataFusion's planner with ours for our nodes.
#[derive(Debug)]
pub(crate) struct NodeQueryPlanner;

#[async_trait]
impl QueryPlanner for NodeQueryPlanner {
    async fn create_physical_plan(
        &self,
        logical_plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(NodePlanner)])
            .create_physical_plan(logical_plan, session)
            .await
    }
}

struct NodePlanner;

#[async_trait]
impl ExtensionPlanner for NodePlanner {
    async fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        planning_ctx: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let (Some(logical), Some(input)) = (logical_inputs.first(), physical_inputs.first()) else {
            return Ok(None);
        };
        let input = Arc::clone(input);
        let exprs = Exprs { planner, schema: logical.schema(), session, planning_ctx };
        let node = node.as_any();
        let plan: Arc<dyn ExecutionPlan> = if let Some(node) = node.downcast_ref::<Tail>() {
            Arc::new(TailExec::new(input, node.limit))
        } else if let Some(node) = node.downcast_ref::<RecursionLimit>() {
            Arc::new(RecursionLimitExec::new(input, node.levels))
        } else if let Some(node) = node.downcast_ref::<PartitionColumns>() {
            Arc::new(PartitionColumnsExec::new(input, node.columns.clone()))
        } else if let Some(node) = node.downcast_ref::<Generate>() {
            let rows = exprs.physical(&node.rows)?;
            Arc::new(GenerateExec::new(input, rows, node.columns.clone(), node.outer))
        } else if let Some(node) = node.downcast_ref::<ShowString>() {
            Arc::new(ShowStringExec::new(input, node.clone()))
        } else if let Some(node) = node.downcast_ref::<SortWithinPartitions>() {
            match exprs.ordering(&node.order)? {
                Some(order) => Arc::new(SortWithinPartitionsExec::new(input, order)),
                None => input,
            }
        } else if let Some(node) = node.downcast_ref::<Repartition>() {
            repartition(node, input, &exprs)?
        } else {
            return Ok(None);
        };
        Ok(Some(plan))
    }
}

/// Plans expressions over the input of one node.
struct Exprs<'a> {
    planner: &'a dyn PhysicalPlanner,
    schema: &'a DFSchema,
    session: &'a dyn Session,
    planning_ctx: &'a PhysicalPlanningContext,
}

impl Exprs<'_> {
    fn physical(&self, expr: &Expr) -> Result<Arc<dyn PhysicalExpr>> {
        self.planner.create_physical_expr(expr, self.schema, self.session, self.planning_ctx)
    }

    /// None when every key is a constant that was folded away.
    fn ordering(&self, order: &[SortExpr]) -> Result<Option<LexOrdering>> {
        let order = order.iter().map(|key| {
            let options = datafusion::arrow::compute::SortOptions::new(!key.asc, key.nulls_first);
            Ok(PhysicalSortExpr::new(self.physical(&key.expr)?, options))
        });
        Ok(LexOrdering::new(order.collect::<Result<Vec<_>>>()?))
    }
}

fn repartition(
    node: &Repartition,
    input: Arc<dyn ExecutionPlan>,
    exprs: &Exprs<'_>,
) -> Result<Arc<dyn ExecutionPlan>> {
    if node.partitions == 0 {
        return Err(DataFusionError::Internal("repartition into 0 partitions".into()));
    }
    let id = match &node.scheme {
        RepartitionScheme::Coalesce => {
            return Ok(Arc::new(CoalesceExec::new(input, node.partitions)));
        }
        RepartitionScheme::Range(order) => match exprs.ordering(order)? {
            Some(order) => {
                return Ok(Arc::new(RangeRepartitionExec::new(input, order, node.partitions)));
            }
            None => None,
        },
        RepartitionScheme::RoundRobin => None,
        RepartitionScheme::ById(expr) => Some(exprs.physical(expr)?),
    };
    let schema = input.schema();
    let exchange = RepartitionExec::try_new(input, id, node.partitions)?;
    // The key column has done its work.
    let columns = schema.fields().iter().enumerate().map(|(position, field)| {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), position));
        (column, field.name().clone())
    });
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), Arc::new(exchange))?))
}
