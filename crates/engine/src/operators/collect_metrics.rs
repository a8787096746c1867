//! `CollectMetrics`: rows pass through and aggregates over them are reported (Spark's
//! `CollectMetricsExec`).
//!
//! ```text
//!  partition 0 ─▶ accumulators ─▶ states ┐
//!  partition 1 ─▶ accumulators ─▶ states ┼─▶ Observation ─▶ merged, results computed
//!  rows pass through unchanged           ┘
//! ```
//!
//! What was gathered is found by the number of the observation, so that a copy of the operator (one
//! that came as bytes, or has other children) adds to the same.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::{FieldRef, Schema};
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::cast::as_boolean_array;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, ScalarValue, Statistics, internal_datafusion_err, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Accumulator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
};
use firesteel_common::operator::{Encoded, OperatorCodec};
use firesteel_common::{SparkError, StructField};
use futures::StreamExt;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Weak};

/// One aggregate: its function and the rows that count for it.
#[derive(Debug, Clone)]
pub struct ObservedAggregate {
    pub function: Arc<AggregateFunctionExpr>,
    pub filter: Option<Arc<dyn PhysicalExpr>>,
}

/// What an observation is called and how its values come from the aggregates' columns.
#[derive(Debug, Clone)]
pub struct ObservedResults {
    pub name: String,
    /// The user's name and type of each value, and its expression over one row of aggregates.
    pub values: Vec<(FieldRef, Arc<dyn PhysicalExpr>)>,
}

/// What each partition that has run has seen, in the order of partitions, on which `first` depends. A
/// task that came as bytes calls its only partition 0: it is told apart by the copy that it runs.
#[derive(Debug, Default)]
struct Gathered(Mutex<BTreeMap<(u64, usize), Seen>>);

/// The copy that was planned here.
const ORIGINAL: u64 = 0;

/// The rows of one partition.
#[derive(Debug)]
struct Seen {
    n_rows: usize,
    /// States of the aggregates. An error of an aggregate is the observation's, not the query's.
    states: Result<Vec<Vec<ScalarValue>>, SparkError>,
}

/// The observations of the running queries.
static GATHERED: LazyLock<Mutex<HashMap<u64, Weak<Gathered>>>> = LazyLock::new(Mutex::default);

/// See the module. Rows that a `fetch` above does not take do not count, as in Spark.
#[derive(Debug)]
pub struct CollectMetricsExec {
    input: Arc<dyn ExecutionPlan>,
    aggregates: Vec<ObservedAggregate>,
    results: ObservedResults,
    /// Rows that a partition gives at most.
    fetch: Option<usize>,
    number: u64,
    copy: u64,
    gathered: Arc<Gathered>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl CollectMetricsExec {
    /// A new observation.
    pub fn new(
        input: Arc<dyn ExecutionPlan>,
        aggregates: Vec<ObservedAggregate>,
        results: ObservedResults,
    ) -> Self {
        static N_OBSERVATIONS: AtomicU64 = AtomicU64::new(0);
        let number = N_OBSERVATIONS.fetch_add(1, Ordering::Relaxed);
        Self::with_number(input, aggregates, results, None, number, ORIGINAL)
    }

    /// Another operator of the observation `number`.
    fn with_number(
        input: Arc<dyn ExecutionPlan>,
        aggregates: Vec<ObservedAggregate>,
        results: ObservedResults,
        fetch: Option<usize>,
        number: u64,
        copy: u64,
    ) -> Self {
        let gathered = {
            let mut known = GATHERED.lock();
            known.retain(|_, gathered| gathered.strong_count() > 0);
            let found = known.get(&number).and_then(Weak::upgrade);
            found.unwrap_or_else(|| {
                let new = Arc::new(Gathered::default());
                known.insert(number, Arc::downgrade(&new));
                new
            })
        };
        let properties = Arc::new(PlanProperties::new(
            input.equivalence_properties().clone(),
            input.output_partitioning().clone(),
            input.pipeline_behavior(),
            input.boundedness(),
        ));
        let metrics = ExecutionPlanMetricsSet::new();
        Self { input, aggregates, results, fetch, number, copy, gathered, properties, metrics }
    }

    fn again(&self, input: Arc<dyn ExecutionPlan>, fetch: Option<usize>) -> Self {
        let (aggregates, results) = (self.aggregates.clone(), self.results.clone());
        Self::with_number(input, aggregates, results, fetch, self.number, self.copy)
    }

    /// Its form on the wire: DataFusion's operators that compute the same say it all, because those
    /// have a wire form already, and the number finds what is gathered.
    pub fn codec() -> OperatorCodec {
        OperatorCodec::new("CollectMetricsExec", encode, decode)
    }

    /// What the user calls the observation.
    pub fn observation(&self) -> &str {
        &self.results.name
    }

    /// Tells observations apart: two operators with one number are copies of each other.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The values over all rows that have passed; none if no partition has run.
    ///
    /// # Errors
    /// What an aggregate or the expression around it failed with.
    pub fn values(&self) -> firesteel_common::Result<Option<Vec<(FieldRef, ScalarValue)>>> {
        let gathered = self.gathered.0.lock();
        if gathered.is_empty() {
            return Ok(None);
        }
        let mut partitions = Vec::with_capacity(gathered.len());
        // Spark asks a further partition only when those before it had too few rows for the limit;
        // here they run side by side.
        let mut n_missing = self.fetch.unwrap_or(usize::MAX);
        for seen in gathered.values() {
            if n_missing == 0 && !partitions.is_empty() {
                break;
            }
            n_missing = n_missing.saturating_sub(seen.n_rows);
            partitions.push(seen.states.as_ref().map_err(Clone::clone)?);
        }
        let mut fields = Vec::with_capacity(self.aggregates.len());
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.aggregates.len());
        for (position, aggregate) in self.aggregates.iter().enumerate() {
            let mut merged = aggregate.function.create_accumulator()?;
            let n_states = partitions.first().map_or(0, |states| states[position].len());
            let states = (0..n_states).map(|state| {
                let values = partitions.iter().map(|states| states[position][state].clone());
                ScalarValue::iter_to_array(values)
            });
            merged.merge_batch(&states.collect::<Result<Vec<_>>>()?)?;
            columns.push(merged.evaluate()?.to_array()?);
            fields.push(aggregate.function.field());
        }
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        let row =
            RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?;
        let values = self.results.values.iter().map(|(field, expr)| {
            let column = expr.evaluate(&row)?.into_array(1)?;
            Ok((Arc::clone(field), ScalarValue::try_from_array(&column, 0)?))
        });
        Ok(Some(values.collect::<Result<Vec<_>>>()?))
    }
}

/// What the operators on the wire cannot say.
#[derive(Debug, Serialize, Deserialize)]
struct Parameters {
    number: u64,
    name: String,
    fields: Vec<StructField>,
    fetch: Option<usize>,
}

fn encode(plan: &dyn ExecutionPlan) -> Result<Option<Encoded>> {
    let Some(node) = (plan as &dyn Any).downcast_ref::<CollectMetricsExec>() else {
        return Ok(None);
    };
    let fields = node.results.values.iter().map(|(field, _)| StructField::from_arrow(field));
    let parameters = Parameters {
        number: node.number,
        name: node.results.name.clone(),
        fields: fields.collect::<Result<Vec<_>, _>>()?,
        fetch: node.fetch,
    };
    let parameters = serde_json::to_vec(&parameters)
        .map_err(|error| internal_datafusion_err!("CollectMetrics: {error}"))?;
    let (functions, filters) =
        node.aggregates.iter().map(|own| (Arc::clone(&own.function), own.filter.clone())).unzip();
    let input = Arc::clone(&node.input);
    let schema = input.schema();
    let groups = PhysicalGroupBy::new_single(Vec::new());
    let aggregate =
        AggregateExec::try_new(AggregateMode::Single, groups, functions, filters, input, schema)?;
    let values = node.results.values.iter();
    let values = values.map(|(field, expr)| (Arc::clone(expr), field.name().clone()));
    let results = ProjectionExec::try_new(values.collect::<Vec<_>>(), Arc::new(aggregate))?;
    Ok(Some(Encoded { parameters, exprs: Vec::new(), inputs: vec![Arc::new(results)] }))
}

fn decode(encoded: Encoded) -> Result<Arc<dyn ExecutionPlan>> {
    static N_COPIES: AtomicU64 = AtomicU64::new(ORIGINAL);
    let parameters: Parameters = serde_json::from_slice(&encoded.parameters)
        .map_err(|error| internal_datafusion_err!("CollectMetrics: {error}"))?;
    let [results] = encoded.inputs.as_slice() else {
        return internal_err!("CollectMetrics travels as one plan");
    };
    let results = (results.as_ref() as &dyn Any).downcast_ref::<ProjectionExec>();
    let aggregate = results
        .and_then(|results| (results.input().as_ref() as &dyn Any).downcast_ref::<AggregateExec>());
    let (Some(results), Some(aggregate)) = (results, aggregate) else {
        return internal_err!("CollectMetrics travels as a projection of aggregates");
    };
    let aggregates = aggregate.aggr_expr().iter().zip(aggregate.filter_expr());
    let aggregates = aggregates.map(|(function, filter)| ObservedAggregate {
        function: Arc::clone(function),
        filter: filter.clone(),
    });
    let values = parameters.fields.iter().zip(results.expr());
    let values = values.map(|(field, own)| (field.to_arrow(), Arc::clone(&own.expr)));
    let results = ObservedResults { name: parameters.name, values: values.collect() };
    Ok(Arc::new(CollectMetricsExec::with_number(
        Arc::clone(aggregate.input()),
        aggregates.collect(),
        results,
        parameters.fetch,
        parameters.number,
        N_COPIES.fetch_add(1, Ordering::Relaxed) + 1,
    )))
}

/// The aggregates of one partition. When it is dropped, however that comes, what it has seen counts.
struct PartitionAggregates {
    /// The copy of the operator and the partition.
    place: (u64, usize),
    aggregates: Vec<(ObservedAggregate, Box<dyn Accumulator>)>,
    n_rows: usize,
    error: Option<SparkError>,
    gathered: Arc<Gathered>,
}

impl PartitionAggregates {
    /// Adds rows. After an error there is nothing left to find out.
    fn see(&mut self, batch: &RecordBatch) {
        self.n_rows += batch.num_rows();
        if self.error.is_none()
            && let Err(error) = self.update(batch)
        {
            self.error = Some(error.into());
        }
    }

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        for (aggregate, accumulator) in &mut self.aggregates {
            let filtered = match &aggregate.filter {
                Some(filter) => {
                    let counts = filter.evaluate(batch)?.into_array(batch.num_rows())?;
                    filter_record_batch(batch, as_boolean_array(&counts)?)?
                }
                None => batch.clone(),
            };
            let arguments = aggregate.function.expressions();
            let arguments = arguments
                .iter()
                .map(|argument| argument.evaluate(&filtered)?.into_array(filtered.num_rows()));
            accumulator.update_batch(&arguments.collect::<Result<Vec<_>>>()?)?;
        }
        Ok(())
    }
}

impl Drop for PartitionAggregates {
    fn drop(&mut self) {
        let states = match self.error.take() {
            Some(error) => Err(error),
            None => {
                let states = self.aggregates.iter_mut().map(|(_, accumulator)| accumulator.state());
                states.collect::<Result<Vec<_>>>().map_err(SparkError::from)
            }
        };
        let seen = Seen { n_rows: self.n_rows, states };
        self.gathered.0.lock().insert(self.place, seen);
    }
}

impl DisplayAs for CollectMetricsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        let names = self.results.values.iter().map(|(field, _)| field.name().as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        write!(f, "CollectMetricsExec: {}, [{names}]", self.results.name)?;
        match self.fetch {
            Some(fetch) => write!(f, ", fetch={fetch}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for CollectMetricsExec {
    fn name(&self) -> &str {
        "CollectMetricsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    /// The user counts rows of these partitions.
    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for aggregate in &self.aggregates {
            for expr in aggregate.function.expressions().iter().chain(&aggregate.filter) {
                if visit(expr)? == TreeNodeRecursion::Stop {
                    return Ok(TreeNodeRecursion::Stop);
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.into_iter().next();
        let input = input.ok_or_else(|| internal_datafusion_err!("CollectMetrics got no child"))?;
        Ok(Arc::new(self.again(input, self.fetch)))
    }

    fn fetch(&self) -> Option<usize> {
        self.fetch
    }

    fn with_fetch(&self, fetch: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        Some(Arc::new(self.again(Arc::clone(&self.input), fetch)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    /// Never exact: a count that is known beforehand would keep the rows from being read, and nothing
    /// would be observed.
    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let Some(input) = inputs.first() else {
            return Ok(Arc::new(Statistics::new_unknown(&self.schema())));
        };
        let mut statistics = input.as_ref().clone();
        if let (Some(fetch), Some(n_rows)) = (self.fetch, statistics.num_rows.get_value()) {
            statistics.num_rows = Precision::Inexact((*n_rows).min(fetch));
        }
        Ok(Arc::new(statistics.to_inexact()))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let aggregates = self
            .aggregates
            .iter()
            .map(|aggregate| Ok((aggregate.clone(), aggregate.function.create_accumulator()?)));
        let aggregates = PartitionAggregates {
            place: (self.copy, partition),
            aggregates: aggregates.collect::<Result<Vec<_>>>()?,
            n_rows: 0,
            error: None,
            gathered: Arc::clone(&self.gathered),
        };
        let input = self.input.execute(partition, context)?;
        let baseline = BaselineMetrics::new(&self.metrics, partition);
        let left = self.fetch.unwrap_or(usize::MAX);
        let rows = futures::stream::unfold(
            (input, aggregates, baseline, left),
            |(mut input, mut aggregates, baseline, left)| async move {
                if left == 0 {
                    return None;
                }
                let batch = match input.next().await? {
                    Ok(batch) => batch,
                    Err(error) => return Some((Err(error), (input, aggregates, baseline, left))),
                };
                let batch = match batch.num_rows() > left {
                    true => batch.slice(0, left),
                    false => batch,
                };
                let left = left - batch.num_rows();
                let timer = baseline.elapsed_compute().timer();
                aggregates.see(&batch);
                timer.done();
                baseline.record_output(batch.num_rows());
                Some((Ok(batch), (input, aggregates, baseline, left)))
            },
        );
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}
