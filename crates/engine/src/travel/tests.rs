//! Plans of hand-made operators through bytes and back.

use super::codec::PlanCodec;
use super::restrict::restrict;
use super::stages::cut;
use super::{Wire, cluster_form, stage_input};
use crate::operators::{
    self, ForgetConstantsExec, GenerateExec, GroupingSetsExec, OrderedCoalesceExec,
    PartitionColumnsExec, RangeKeyExec, RecursionLimitExec, RepartitionKeyExec, ShowStringExec,
    SingleRowExec, SlicedProjectionExec, SortWithinPartitionsExec, TailExec,
};
use datafusion::arrow::array::{AsArray, Int64Array, RecordBatch};
use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Schema};
use datafusion::common::{Result, not_impl_err};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::displayable;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{ExecutionPlan, collect};
use firesteel_common::nodes::{PartitionFunction, ShowFormat};
use firesteel_common::operator::UnaryExec;
use firesteel_common::wire::FunctionCodec;
use std::sync::Arc;

/// The plans here have no functions.
#[derive(Debug)]
struct NoFunctions;

impl FunctionCodec for NoFunctions {
    fn encode_udf(&self, _: &ScalarUDF, _: &mut Vec<u8>) -> Result<()> {
        not_impl_err!("functions")
    }
    fn decode_udf(&self, _: &str, _: &[u8]) -> Result<Arc<ScalarUDF>> {
        not_impl_err!("functions")
    }
    fn encode_udaf(&self, _: &AggregateUDF, _: &mut Vec<u8>) -> Result<()> {
        not_impl_err!("functions")
    }
    fn decode_udaf(&self, _: &str, _: &[u8]) -> Result<Arc<AggregateUDF>> {
        not_impl_err!("functions")
    }
    fn encode_udwf(&self, _: &WindowUDF, _: &mut Vec<u8>) -> Result<()> {
        not_impl_err!("functions")
    }
    fn decode_udwf(&self, _: &str, _: &[u8]) -> Result<Arc<WindowUDF>> {
        not_impl_err!("functions")
    }
    fn encode_higher_order(&self, _: &HigherOrderUDF, _: &mut Vec<u8>) -> Result<()> {
        not_impl_err!("functions")
    }
    fn decode_higher_order(&self, _: &str, _: &[u8]) -> Result<Arc<HigherOrderUDF>> {
        not_impl_err!("functions")
    }
}

fn codec() -> PlanCodec {
    let mut operators = operators::operators();
    operators.push(stage_input::CODEC);
    let functions = Arc::new(NoFunctions);
    PlanCodec::new(Wire { operators, expressions: Vec::new(), functions })
}

/// Three partitions: 0 and 1, 10 and 11, 20 and 21.
fn numbers() -> Arc<dyn ExecutionPlan> {
    let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
    let partitions: Vec<_> = (0..3)
        .map(|p| {
            let column = Arc::new(Int64Array::from(vec![p * 10, p * 10 + 1]));
            vec![RecordBatch::try_new(Arc::clone(&schema), vec![column]).unwrap()]
        })
        .collect();
    MemorySourceConfig::try_new_exec(&partitions, schema, None).unwrap()
}

fn shown(plan: &Arc<dyn ExecutionPlan>) -> String {
    displayable(plan.as_ref()).indent(true).to_string()
}

/// One plan per operator of ours, but those whose tests need a running query.
fn plans() -> Vec<Arc<dyn ExecutionPlan>> {
    let n: Arc<dyn PhysicalExpr> = Arc::new(Column::new("n", 0));
    let options = SortOptions { descending: true, nulls_first: false };
    let order = LexOrdering::new([PhysicalSortExpr::new(Arc::clone(&n), options)]).unwrap();
    let random = vec![("r".to_owned(), PartitionFunction::Rand { seed: 7 })];
    let generated = vec![Arc::new(Field::new("x", DataType::Utf8, true))];
    let show = ShowStringExec {
        names: vec!["n".to_owned()],
        rows: 2,
        truncate: 20,
        format: ShowFormat::Vertical,
        column: "s".to_owned(),
    };
    let over = numbers;
    let renamed: Vec<(Arc<dyn PhysicalExpr>, String)> = vec![(Arc::clone(&n), "m".to_owned())];
    let projection = ProjectionExec::try_new(renamed, over()).unwrap();
    vec![
        ForgetConstantsExec.over(over()),
        GenerateExec { rows: Arc::clone(&n), columns: generated, outer: true }.over(over()),
        GroupingSetsExec { sets: vec![vec![false], vec![true]] }.over(over()),
        OrderedCoalesceExec::new(Some(4)).over(over()),
        PartitionColumnsExec { columns: random }.over(over()),
        RangeKeyExec::try_new(order.clone(), 3).unwrap().over(over()),
        RecursionLimitExec::new(Some(5), Some(6)).over(over()),
        RepartitionKeyExec::try_new(Some(n), 3).unwrap().over(over()),
        RepartitionKeyExec::by_partition(vec![0, 1, 1], 2).unwrap().over(over()),
        show.over(over()),
        SingleRowExec.over(over()),
        SlicedProjectionExec::of(&projection).over(over()),
        SortWithinPartitionsExec { order }.over(over()),
        TailExec { limit: 3 }.over(over()),
    ]
    .into_iter()
    .map(|plan| plan.unwrap())
    .collect()
}

#[test]
fn operators_come_back() {
    let plans = plans();
    for plan in &plans {
        let bytes = codec().encode(plan).unwrap();
        let back = codec().decode(&bytes, &TaskContext::default()).unwrap();
        assert_eq!(shown(&back), shown(plan));
        assert_eq!(back.schema(), plan.schema());
        assert_eq!(codec().encode(&back).unwrap(), bytes);
    }
    // A new operator stands in `plans`, or is seen through the client.
    let elsewhere = [
        "CollectMetricsExec",
        "GroupedWindowExec",
        "MapInPythonExec",
        "PythonColumnsExec",
        "PythonGroupsExec",
        "PythonRowsExec",
        "PythonWindowsExec",
        "SpillingHashJoinExec",
        "StoredRowsExec",
    ];
    for operator in operators::operators() {
        let known = plans.iter().any(|plan| plan.name() == operator.id);
        assert!(known || elsewhere.contains(&operator.id), "{} is not tested", operator.id);
    }
}

#[test]
fn strangers_are_errors() {
    let bytes = codec().encode(&TailExec { limit: 3 }.over(numbers()).unwrap()).unwrap();
    let none =
        Wire { operators: Vec::new(), expressions: Vec::new(), functions: Arc::new(NoFunctions) };
    let error = PlanCodec::new(none.clone()).decode(&bytes, &TaskContext::default()).unwrap_err();
    assert!(error.to_string().contains("TailExec"), "{error}");
    let error = PlanCodec::new(none).encode(&TailExec { limit: 3 }.over(numbers()).unwrap());
    assert!(error.unwrap_err().to_string().contains("does not travel"));
    // Cut short anywhere, bytes are an error or another plan, and no panic.
    for end in 0..bytes.len() {
        let _ = codec().decode(&bytes[..end], &TaskContext::default());
    }
}

#[tokio::test]
async fn a_task_knows_its_number() {
    let columns = vec![("id".to_owned(), PartitionFunction::SparkPartitionId)];
    let plan = PartitionColumnsExec { columns }.over(numbers()).unwrap();
    let plan = cluster_form::cluster_form(plan, codec().operators()).unwrap();
    let stages = cut(plan, &codec()).unwrap();
    assert_eq!(stages.len(), 1);
    let context = Arc::new(TaskContext::default());
    for task in 0..3 {
        let plan = codec().decode(&stages[0].bytes, &context).unwrap();
        let plan = restrict(plan, task).unwrap();
        let rows = collect(plan, Arc::clone(&context)).await.unwrap();
        let ids: Vec<i32> = rows
            .iter()
            .flat_map(|b| b.column(1).as_primitive::<Int32Type>().values().to_vec())
            .collect();
        assert_eq!(ids, [task as i32; 2]);
    }
}
