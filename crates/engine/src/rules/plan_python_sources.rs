//! Data sources written in Python are asked how they are read: Spark's `PlanPythonDataSourceScan`.
//!
//! ```text
//!   Filter a > 2 AND f(b)          Filter f(b)
//!     PythonSource            →      MapInPython
//!                                      TableScan, a row per partition that the reader names
//! ```
//!
//! After DataFusion's rules: filters are then as near to the source as they come. A condition that the reader takes
//! over is not computed again.

use crate::python::{plan_data_source_read, push_data_source_filters};
use datafusion::arrow::array::{ArrayRef, BinaryArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNodeRecursion};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, Extension, Filter, LogicalPlan, LogicalPlanBuilder};
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use firesteel_common::nodes::{MapInPython, PythonSource};
use firesteel_common::python::{
    DataSourceRead, EvalType, PythonFunction, PythonTask, SourceFilter,
};
use firesteel_common::{SparkError, SparkType, StructField};
use serde_json::Value;
use std::sync::Arc;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Makes operators of all sources in Python. Blocks while they are asked.
#[derive(Debug, Default)]
pub(crate) struct PlanPythonSources;

impl OptimizerRule for PlanPythonSources {
    fn name(&self) -> &str {
        "plan_python_sources"
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let mut found = false;
        plan.apply_with_subqueries(|node| {
            found |= source(node).is_some();
            Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })?;
        if !found {
            return Ok(Transformed::no(plan));
        }
        // From above: a filter is seen before its source.
        plan.transform_down_with_subqueries(|node| {
            if let LogicalPlan::Filter(filter) = &node
                && let Some(found) = source(&filter.input)
            {
                return Ok(Transformed::yes(filtered(filter, found)?));
            }
            match source(&node) {
                Some(found) => Ok(Transformed::yes(rows(found, read(found, &[])?.0)?)),
                None => Ok(Transformed::no(node)),
            }
        })
    }
}

fn source(node: &LogicalPlan) -> Option<&PythonSource> {
    let LogicalPlan::Extension(Extension { node }) = node else { return None };
    node.as_any().downcast_ref()
}

fn filtered(filter: &Filter, source: &PythonSource) -> Result<LogicalPlan> {
    let mut conditions = split_conjunction_owned(filter.predicate.clone());
    if !source.scan.pushes_filters {
        let rows = rows(source, read(source, &[])?.0)?;
        return above(rows, conditions);
    }
    let mut pushed: Vec<(Expr, Value)> = Vec::new();
    let mut rest = Vec::new();
    let mut with_value = Vec::new();
    for condition in conditions.drain(..) {
        match SourceFilter::of(&condition).and_then(|own| Some((user_name(source, &own)?, own))) {
            Some((name, own)) => {
                if own.wants_value() && !with_value.contains(&own.column) {
                    with_value.push(own.column.clone());
                }
                pushed.push((condition, own.to_json(&name)));
            }
            None => rest.push(condition),
        }
    }
    // What follows of a comparison: its column is not null. Spark says so first.
    let implied = with_value.into_iter().filter_map(|column| {
        let field = source.columns.iter().find(|field| field.name() == &column.name)?;
        let condition = Expr::IsNotNull(Box::new(Expr::Column(column)));
        let is_known = pushed.iter().any(|(known, _)| *known == condition);
        if is_known || !field.is_nullable() {
            return None;
        }
        let own = SourceFilter::of(&condition)?;
        let name = user_name(source, &own)?;
        Some((condition, own.to_json(&name)))
    });
    let implied: Vec<_> = implied.collect();
    let (exprs, filters): (Vec<Expr>, Vec<Value>) = implied.into_iter().chain(pushed).unzip();
    let (read, taken) = read(source, &filters)?;
    let kept = exprs.into_iter().enumerate().filter(|(place, _)| !taken.contains(place));
    let kept = kept.map(|(_, condition)| condition).chain(rest).collect();
    above(rows(source, read)?, kept)
}

fn above(rows: LogicalPlan, conditions: Vec<Expr>) -> Result<LogicalPlan> {
    Ok(match conjunction(conditions) {
        Some(condition) => LogicalPlan::Filter(Filter::try_new(condition, Arc::new(rows))?),
        None => rows,
    })
}

/// The user's name of the column that `filter` is about.
fn user_name(source: &PythonSource, filter: &SourceFilter) -> Option<String> {
    let place = source.columns.iter().position(|own| *own.name() == filter.column.name)?;
    source.scan.schema.fields.get(place).map(|field| field.name.clone())
}

/// How the source is read, and the places of the `filters` that it takes over.
fn read(source: &PythonSource, filters: &[Value]) -> Result<(DataSourceRead, Vec<usize>)> {
    let scan = &source.scan;
    let schema = scan.schema.to_json().to_string();
    let ask = || -> firesteel_common::Result<_> {
        if !filters.is_empty() {
            let filters = Value::from(filters.to_vec()).to_string();
            return push_data_source_filters(scan, &schema, &filters);
        }
        Ok((plan_data_source_read(scan, &schema)?, Vec::new()))
    };
    let in_pool =
        Handle::try_current().is_ok_and(|own| own.runtime_flavor() == RuntimeFlavor::MultiThread);
    Ok(if in_pool { tokio::task::block_in_place(ask) } else { ask() }?)
}

/// One task per partition that the reader names.
fn rows(source: &PythonSource, read: DataSourceRead) -> Result<LogicalPlan> {
    const PARTITION: &str = "partition";
    let scan = &source.scan;
    let schema = Arc::new(Schema::new(vec![Field::new(PARTITION, DataType::Binary, true)]));
    let partitions = read.partitions.iter().map(|partition| {
        let column: ArrayRef = Arc::new(BinaryArray::from_vec(vec![partition]));
        Ok(vec![RecordBatch::try_new(Arc::clone(&schema), vec![column])?])
    });
    let partitions = partitions.collect::<Result<Vec<_>>>()?;
    if partitions.is_empty() {
        return Err(SparkError::internal("a data source without partitions").into());
    }
    let table = provider_as_source(Arc::new(MemTable::try_new(schema, partitions)?));
    let input = LogicalPlanBuilder::scan("python_partitions", table, None)?.build()?;
    let function = PythonFunction {
        name: scan.source.name.clone(),
        eval_type: EvalType::MAP_ARROW_ITER,
        command: read.command,
        version: scan.source.version.clone(),
        includes: Vec::new(),
        output_type: SparkType::Struct(scan.schema.clone()),
        deterministic: true,
        result_id: PythonFunction::next_result_id(),
        settings: Arc::clone(&scan.settings),
    };
    let inputs = vec![StructField::new(PARTITION, SparkType::Binary, true).to_arrow()];
    let task = Arc::new(PythonTask::over_rows(&function, false));
    let names = scan.schema.fields.iter().map(|field| field.name.clone()).collect();
    let node = MapInPython::try_new(input, task, inputs, source.columns.clone(), names)?;
    Ok(LogicalPlan::Extension(Extension { node: Arc::new(node) }))
}
