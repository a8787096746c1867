//! Logical nodes of ours (`firesteel_common::nodes`) → operators.

use crate::join_hints;
use crate::join_order::estimated_rows;
use crate::operators::{
    CoalesceExec, CollectMetricsExec, GenerateExec, MapInPythonExec, ObservedAggregate,
    ObservedResults, PartitionColumnsExec, PythonColumnsExec, PythonGroupsExec, PythonRowsExec,
    PythonRowsFlags, PythonWindowsExec, RangeKeyExec, RecursionLimitExec, RepartitionExec,
    RepartitionKeyExec, ShowStringExec, SingleRowExec, SortWithinPartitionsExec, TailExec,
};
use crate::sharing::{SharedRows, SharedRowsExec, share_equal_subplans};
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, DataFusionError, Result};
use datafusion::execution::context::QueryPlanner;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{
    Expr, ExprSchemable, LogicalPlan, SortExpr, UserDefinedLogicalNode, UserDefinedLogicalNodeCore,
};
use datafusion::physical_expr::aggregate::LoweredAggregateBuilder;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};
use firesteel_common::SparkError;
use firesteel_common::nodes::{
    CollectMetrics, Generate, GroupShape, JoinHint, MapInPython, PartitionColumns, PythonColumns,
    PythonGroups, PythonRows, RecursionLimit, Repartition, RepartitionScheme, ShowString,
    SingleRow, SortWithinPartitions, Tail,
};
use firesteel_common::operator::UnaryExec;
use std::sync::Arc;

/// Most rows of a join that are kept for several readers. Of more, each reader's own filters save more than sharing:
/// TPC-DS query 11, which reads sales of customers for two years, took three times as long.
const SHARED_ROWS_MAX: f64 = 262_144.0;

/// DataFusion's planner with ours for our nodes.
#[derive(Debug)]
pub(crate) struct NodeQueryPlanner {
    /// Whether equal parts of a query share their rows. Not where tasks are made of bytes ([`crate::sharing`]).
    pub share: bool,
}

#[async_trait]
impl QueryPlanner for NodeQueryPlanner {
    async fn create_physical_plan(
        &self,
        logical_plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let shared = match self.share {
            true => share_equal_subplans(logical_plan)?,
            false => None,
        };
        DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(NodePlanner)])
            .create_physical_plan(shared.as_ref().unwrap_or(logical_plan), session)
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
            TailExec { limit: node.limit }.over(input)?
        } else if let Some(node) = node.downcast_ref::<RecursionLimit>() {
            RecursionLimitExec::new(node.levels, node.rows).over(input)?
        } else if let Some(node) = node.downcast_ref::<PartitionColumns>() {
            PartitionColumnsExec { columns: node.columns.clone() }.over(input)?
        } else if let Some(node) = node.downcast_ref::<Generate>() {
            let rows = exprs.physical(&node.rows)?;
            let columns = node.columns.clone();
            GenerateExec { rows, columns, outer: node.outer }.over(input)?
        } else if let Some(node) = node.downcast_ref::<ShowString>() {
            show_string(node).over(input)?
        } else if let Some(node) = node.downcast_ref::<SharedRows>() {
            match node.is_reduced || estimated_rows(&input).is_some_and(|it| it <= SHARED_ROWS_MAX)
            {
                true => Arc::new(SharedRowsExec::mark(node.id, input)),
                false => input,
            }
        } else if node.is::<SingleRow>() {
            SingleRowExec.over(input)?
        } else if let Some(node) = node.downcast_ref::<SortWithinPartitions>() {
            match exprs.ordering(&node.order)? {
                Some(order) => SortWithinPartitionsExec { order }.over(input)?,
                None => input,
            }
        } else if let Some(node) = node.downcast_ref::<CollectMetrics>() {
            collect_metrics(node, input, &exprs)?
        } else if let Some(node) = node.downcast_ref::<PythonColumns>() {
            python_columns(node, &exprs)?.over(input)?
        } else if let Some(node) = node.downcast_ref::<PythonGroups>() {
            python_groups(node, &exprs, input)?
        } else if let Some(node) = node.downcast_ref::<PythonRows>() {
            python_rows(node, &exprs)?.over(input)?
        } else if let Some(node) = node.downcast_ref::<MapInPython>() {
            let (inputs, columns) = (node.inputs.clone(), node.columns.clone());
            MapInPythonExec::new(Arc::clone(&node.task), inputs, columns).over(input)?
        } else if let Some(node) = node.downcast_ref::<JoinHint>() {
            join_hints::planned(node, input)?
        } else if let Some(node) = node.downcast_ref::<Repartition>() {
            repartition(node, input, &exprs)?
        } else {
            return Ok(None);
        };
        Ok(Some(plan))
    }
}

fn python_columns(node: &PythonColumns, exprs: &Exprs<'_>) -> Result<PythonColumnsExec> {
    let args = node.args.iter().map(|arg| exprs.physical(arg)).collect::<Result<Vec<_>>>()?;
    let inputs = node.args.iter().map(|arg| Ok(arg.to_field(exprs.schema)?.1));
    let inputs = inputs.collect::<Result<Vec<_>>>()?;
    Ok(PythonColumnsExec::new(Arc::clone(&node.task), args, inputs, node.columns.clone()))
}

fn python_groups(
    node: &PythonGroups,
    exprs: &Exprs<'_>,
    input: Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let keys = node.keys.iter().map(|key| key.clone().sort(true, true));
    let order = keys.chain(node.order.iter().cloned()).map(|key| {
        let options = datafusion::arrow::compute::SortOptions::new(!key.asc, key.nulls_first);
        Ok(PhysicalSortExpr::new(exprs.physical(&key.expr)?, options))
    });
    let order = order.collect::<Result<Vec<_>>>()?;
    let args = node.args.iter().map(|arg| exprs.physical(arg)).collect::<Result<Vec<_>>>()?;
    let (task, n_keys) = (Arc::clone(&node.task), node.keys.len());
    let fields = (node.inputs.clone(), node.columns.clone());
    if node.shape == GroupShape::Beside {
        let frames = node.frames.clone();
        return PythonWindowsExec::try_new(task, n_keys, order, args, frames, fields)?.over(input);
    }
    PythonGroupsExec::try_new(task, node.shape.clone(), n_keys, order, args, fields)?
        .in_order(node.in_order)
        .over(input)
}

fn python_rows(node: &PythonRows, exprs: &Exprs<'_>) -> Result<PythonRowsExec> {
    let parts = &node.parts;
    let args = parts.args.iter().map(|arg| exprs.physical(arg)).collect::<Result<Vec<_>>>()?;
    let inputs = parts.args.iter().map(|arg| Ok(arg.to_field(exprs.schema)?.1));
    let fields = (inputs.collect::<Result<Vec<_>>>()?, parts.columns.clone());
    let keys = parts.keys.iter().map(|key| key.clone().sort(true, true));
    let order: Vec<_> = keys.chain(parts.order.iter().cloned()).collect();
    let order = exprs.ordering(&order)?.into_iter().flatten().collect();
    let (keeps_input, single_partition) = (parts.keeps_input, parts.single_partition);
    let flags = PythonRowsFlags { keeps_input, single_partition };
    let n_keys = parts.keys.len();
    Ok(PythonRowsExec::new(Arc::clone(&parts.task), args, fields, flags, n_keys, order))
}

fn show_string(node: &ShowString) -> ShowStringExec {
    let column =
        UserDefinedLogicalNodeCore::schema(node).fields().first().map(|field| field.name().clone());
    ShowStringExec {
        names: node.names.clone(),
        rows: node.rows,
        truncate: node.truncate,
        format: node.format,
        column: column.unwrap_or_default(),
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

fn collect_metrics(
    node: &CollectMetrics,
    input: Arc<dyn ExecutionPlan>,
    exprs: &Exprs<'_>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let physical_schema = input.schema();
    let props = exprs.session.execution_props();
    let mut aggregates = Vec::with_capacity(node.aggregates.len());
    let mut fields = Vec::with_capacity(node.aggregates.len());
    for aggregate in &node.aggregates {
        let lowered = LoweredAggregateBuilder::new(
            aggregate,
            exprs.schema,
            &physical_schema,
            props,
            exprs.planning_ctx,
        )
        .build()?;
        if !lowered.order_bys.is_empty() {
            let feature = "observed aggregates that are ordered (WITHIN GROUP)";
            return Err(SparkError::unsupported(feature).into());
        }
        fields.push(lowered.aggregate.field());
        let (function, filter) = (lowered.aggregate, lowered.filter);
        aggregates.push(ObservedAggregate { function, filter });
    }
    let row = DFSchema::from_unqualified_fields(fields.into(), Default::default())?;
    let over_row = Exprs { schema: &row, ..*exprs };
    let values = node.results.iter();
    let values = values.map(|(field, expr)| Ok((Arc::clone(field), over_row.physical(expr)?)));
    let results =
        ObservedResults { name: node.name.clone(), values: values.collect::<Result<Vec<_>>>()? };
    Ok(Arc::new(CollectMetricsExec::new(input, aggregates, results)))
}

fn repartition(
    node: &Repartition,
    input: Arc<dyn ExecutionPlan>,
    exprs: &Exprs<'_>,
) -> Result<Arc<dyn ExecutionPlan>> {
    if node.partitions == 0 {
        return Err(DataFusionError::Internal("repartition into 0 partitions".into()));
    }
    let schema = input.schema();
    let n = node.partitions;
    let keyed = match &node.scheme {
        RepartitionScheme::Coalesce => return CoalesceExec { partitions: n }.over(input),
        RepartitionScheme::Range(order) => match exprs.ordering(order)? {
            Some(order) => RangeKeyExec::try_new(order, n)?.over(input)?,
            None => RepartitionKeyExec::try_new(None, n)?.over(input)?,
        },
        RepartitionScheme::RoundRobin => RepartitionKeyExec::try_new(None, n)?.over(input)?,
        RepartitionScheme::ById(expr) => {
            RepartitionKeyExec::try_new(Some(exprs.physical(expr)?), n)?.over(input)?
        }
    };
    let exchange = RepartitionExec { partitions: n }.over(keyed)?;
    // The key column has done its work.
    let columns = schema.fields().iter().enumerate().map(|(position, field)| {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), position));
        (column, field.name().clone())
    });
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), exchange)?))
}
