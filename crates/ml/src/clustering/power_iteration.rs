//! Power iteration clustering (`org.apache.spark.ml.clustering.PowerIterationClustering`; Lin and Cohen, 2010): the
//! nodes of a graph of similarities get one number each by truncated power iteration, and those are clustered.

use super::kmeans::closest::Distance;
use super::kmeans::{Settings, run};
use crate::class::{Class, Role};
use crate::data::{BlockBuilder, Instances};
use crate::error;
use crate::job::Job;
use crate::linalg::{VectorView, double_text};
use crate::model::TableArgument;
use crate::param::{Default, Param, Params, Valid, shared};
use crate::table_order::{long_hash, mixed_hash, table_order};
use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, lit};
use firesteel_common::random::XorShiftRandom;
use firesteel_common::{
    Frame, Result, SessionSettings, SparkError, SparkType, StructField, StructType, TableHost,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The class as it is saved; it only has parameters.
pub(super) const WRAPPER: Class = Class {
    name: "org.apache.spark.ml.clustering.PowerIterationClusteringWrapper",
    params: &[
        Param::int("k", 2).valid(Valid::Gt(1.0)),
        shared::MAX_ITER.or(Default::Int(20)),
        Param::string("initMode", "random").valid(Valid::OneOf(&["random", "degree"])),
        Param::string("srcCol", "src"),
        Param::string("dstCol", "dst"),
        shared::WEIGHT_COL,
    ],
    role: Role::Transformer { transform: no_transform },
};

fn no_transform(_: &Params, _: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    Err(SparkError::unsupported("transform of PowerIterationClustering"))
}

/// `PowerIterationClustering.assignClusters`: relation, number of clusters, passes, first numbers (`random` or
/// `degree`), columns of both ends, column of similarities (empty: all are 1).
///
/// # Errors
/// Spark's: a column is missing or of another type, a similarity is negative.
pub(crate) fn assign_clusters(args: Vec<TableArgument>, host: &mut dyn TableHost) -> Result<Frame> {
    let mut args = args.into_iter();
    let mut next =
        || args.next().ok_or_else(|| SparkError::invalid_plan("An argument is missing."));
    let input = next()?.frame()?;
    let mut values = Vec::with_capacity(6);
    for _ in 0..6 {
        values.push(next()?.value()?);
    }
    let text = |at: usize| values[at].as_str().unwrap_or_default();
    let number = |at: usize| values[at].as_i64().unwrap_or_default();
    let (k, n_iterations) = (number(0), number(1));
    let mut exprs = vec![id_expr(&input, text(3))?, id_expr(&input, text(4))?];
    exprs.push(match text(5) {
        "" => lit(1.0_f64),
        name => crate::columns::double(&input, name)?,
    });
    let named = exprs.into_iter().enumerate().map(|(at, expr)| expr.alias(format!("c{at}")));
    let plan =
        LogicalPlanBuilder::from(input.plan.clone()).project(named.collect::<Vec<_>>())?.build()?;
    let graph = Graph::of(&host.collect(plan)?)?;
    let first = match text(2) {
        "degree" => graph.degrees(),
        _ => graph.random(),
    };
    let numbers = graph.iterate(first, usize::try_from(n_iterations).unwrap_or_default());
    let clusters = cluster(&numbers, usize::try_from(k).unwrap_or(2), host.settings())?;
    let schema = StructType::new(vec![
        StructField::new("id", SparkType::Long, false),
        StructField::new("cluster", SparkType::Integer, false),
    ]);
    let arrow = Arc::new(firesteel_common::types::schema_to_arrow(&schema));
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from(graph.ids)), Arc::new(Int32Array::from(clusters))];
    host.rows(schema, &[RecordBatch::try_new(arrow, columns)?])
}

/// Ids are longs or integers.
fn id_expr(input: &Frame, name: &str) -> Result<Expr> {
    let column = input.column(name)?;
    match column.field.data_type {
        SparkType::Long => Ok(column.expr()),
        SparkType::Integer => Ok(cast(column.expr(), DataType::Int64)),
        ref other => Err(error::requirement(format!(
            "Column {name} must be of type equal to one of the following types: [int, bigint] but was actually of \
             type {}.",
            other.simple_string()
        ))),
    }
}

/// Similarities in both directions, over the sum of what leaves a node.
struct Graph {
    ids: Vec<i64>,
    starts: Vec<usize>,
    ends: Vec<u32>,
    weights: Vec<f64>,
    degrees: Vec<f64>,
}

impl Graph {
    fn of(batches: &[RecordBatch]) -> Result<Self> {
        let mut edges: Vec<(i64, i64, f64)> = Vec::new();
        for batch in batches {
            let from = batch.column(0).as_primitive::<Int64Type>();
            let to = batch.column(1).as_primitive::<Int64Type>();
            let weights = batch.column(2).as_primitive::<Float64Type>();
            for row in 0..batch.num_rows() {
                let weight = weights.value(row);
                if weights.is_null(row) || weight.is_nan() {
                    return Err(error::raised("Weights MUST NOT be Null or NaN"));
                }
                if weight < 0.0 || weight.is_infinite() {
                    let text = double_text(weight);
                    return Err(error::raised(format!(
                        "Weights MUST NOT be Negative or Infinity, but got {text}"
                    )));
                }
                if from.is_null(row) || to.is_null(row) {
                    return Err(SparkError::runtime(
                        "NOT_NULL_ASSERT_VIOLATION",
                        "NULL value appeared in non-nullable field.",
                    ));
                }
                let (from, to) = (from.value(row), to.value(row));
                // A node is not compared with itself.
                if from != to {
                    edges.push((from, to, weight));
                    edges.push((to, from, weight));
                }
            }
        }
        if edges.is_empty() {
            return Err(error::requirement("No samples available from the training data"));
        }
        let mut ids: Vec<i64> = edges.iter().map(|(from, _, _)| *from).collect();
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        // The order of GraphX: random numbers and first centres depend on it.
        let hashes: Vec<u32> = ids.iter().map(|id| mixed_hash(long_hash(*id))).collect();
        let order = table_order(&(0..ids.len()).collect::<Vec<_>>(), &hashes);
        let ids: Vec<i64> = order.iter().map(|at| ids[*at]).collect();
        let at: HashMap<i64, u32> =
            ids.iter().enumerate().map(|(at, id)| (*id, at as u32)).collect();
        edges.sort_by_key(|(from, _, _)| at.get(from).copied());
        let mut graph = Self {
            starts: vec![0; ids.len() + 1],
            ends: Vec::with_capacity(edges.len()),
            weights: Vec::with_capacity(edges.len()),
            degrees: vec![0.0; ids.len()],
            ids,
        };
        for (from, to, weight) in edges {
            let from = at.get(&from).copied().unwrap_or_default() as usize;
            graph.starts[from + 1] += 1;
            graph.degrees[from] += weight;
            graph.ends.push(at.get(&to).copied().unwrap_or_default());
            graph.weights.push(weight);
        }
        for node in 0..graph.ids.len() {
            graph.starts[node + 1] += graph.starts[node];
            let scale = graph.degrees[node].max(f64::EPSILON);
            let own = graph.starts[node]..graph.starts[node + 1];
            graph.weights[own].iter_mut().for_each(|weight| *weight /= scale);
        }
        Ok(graph)
    }

    /// Numbers of one sign whose sum is 1.
    fn degrees(&self) -> Vec<f64> {
        let sum: f64 = self.degrees.iter().sum();
        self.degrees.iter().map(|degree| degree / sum).collect()
    }

    /// Random numbers whose sizes have the sum 1.
    fn random(&self) -> Vec<f64> {
        let mut random = XorShiftRandom::new(0);
        let drawn: Vec<f64> = self.ids.iter().map(|_| random.next_gaussian()).collect();
        let sum: f64 = drawn.iter().map(|value| value.abs()).sum();
        drawn.iter().map(|value| value / sum).collect()
    }

    fn iterate(&self, mut numbers: Vec<f64>, n_iterations: usize) -> Vec<f64> {
        let tolerance = (1e-5 / self.ids.len() as f64).max(1e-8);
        let (mut last, mut change) = (f64::MAX, f64::MAX);
        for _ in 0..n_iterations {
            if change <= tolerance {
                break;
            }
            let mut moved: Vec<f64> = (0..self.ids.len())
                .map(|node| {
                    let own = self.starts[node]..self.starts[node + 1];
                    let ends = self.ends[own.clone()].iter();
                    ends.zip(&self.weights[own])
                        .map(|(end, weight)| weight * numbers[*end as usize])
                        .sum()
                })
                .collect();
            let size: f64 = moved.iter().map(|value| value.abs()).sum();
            moved.iter_mut().for_each(|value| *value /= size);
            let distance: f64 =
                moved.iter().zip(&numbers).map(|(new, old)| (new - old).abs()).sum();
            change = (distance - last).abs();
            last = distance;
            numbers = moved;
        }
        numbers
    }
}

fn cluster(numbers: &[f64], k: usize, settings: &SessionSettings) -> Result<Vec<i32>> {
    let mut builder = BlockBuilder::new(1, 0);
    for value in numbers {
        builder.push(VectorView::Dense(std::slice::from_ref(value)), None, None, []);
    }
    let data = Instances {
        blocks: builder.finish(),
        n_features: 1,
        n_rows: numbers.len(),
        partitions: vec![numbers.len()],
        job: Arc::new(Alone(settings.clone())),
    };
    let settings = Settings {
        k,
        n_iterations_max: 20,
        tolerance: 1e-4,
        seed: 0,
        n_seeding_steps: 2,
        random_seeding: false,
        distance: Distance::Euclidean,
    };
    let clustering = run(&data, &settings)?;
    let mut clusters = Vec::with_capacity(numbers.len());
    for block in &data.blocks {
        clustering.centers.for_each_closest(block, &mut Vec::new(), |_, cluster, _| {
            clusters.push(cluster as i32);
        });
    }
    Ok(clusters)
}

/// A job for a clustering while a query is resolved: one thread, no interrupts.
struct Alone(SessionSettings);

impl Job for Alone {
    fn scan(
        &self,
        _: LogicalPlan,
        _: &mut dyn FnMut(usize, RecordBatch) -> Result<()>,
    ) -> Result<()> {
        Err(SparkError::internal("numbers in memory are not scanned"))
    }

    fn n_threads(&self) -> usize {
        1
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn progress(&self, _: usize, _: usize) {}

    fn settings(&self) -> &SessionSettings {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Float64Array;
    use arrow::datatypes::{Field, Schema};

    #[test]
    fn two_halves() {
        let edges = [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0), (3, 4, 1.0), (4, 5, 1.0), (3, 5, 1.0)];
        let edges = edges.iter().chain(&[(2, 3, 0.01), (7, 7, 1.0)]);
        let (mut from, mut to, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for (source, target, weight) in edges {
            from.push(i64::from(*source));
            to.push(i64::from(*target));
            weights.push(*weight);
        }
        let schema = Schema::new(vec![
            Field::new("a", DataType::Int64, false),
            Field::new("b", DataType::Int64, false),
            Field::new("c", DataType::Float64, false),
        ]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(from)),
            Arc::new(Int64Array::from(to)),
            Arc::new(Float64Array::from(weights)),
        ];
        let batch = RecordBatch::try_new(Arc::new(schema), columns).unwrap();
        let graph = Graph::of(&[batch]).unwrap();
        let at = |id: i64| graph.ids.iter().position(|own| *own == id).unwrap();
        assert_eq!(graph.ids.len(), 6);
        assert_eq!(graph.degrees[at(0)], 2.0);
        let numbers = graph.iterate(graph.random(), 10);
        let clusters = cluster(&numbers, 2, &SessionSettings::default()).unwrap();
        assert_eq!(clusters[at(0)], clusters[at(2)]);
        assert_eq!(clusters[at(3)], clusters[at(5)]);
        assert_ne!(clusters[at(0)], clusters[at(3)]);
    }
}
