//! `ClusteringEvaluator`: the silhouette, by sums over clusters instead of distances between all pairs.
//!
//! Squared Euclidean: mean squared distance of x to a cluster is `|x|² + Ψ/N - 2 x·Y/N` with `Ψ = Σ|y|²`, `Y = Σy`.
//! Cosine: `1 - x̂·Ω/N` with unit vectors and `Ω = Σŷ`.

use crate::data::{Dataset, InstanceColumns, LabelKind, RowView};
use crate::error;
use crate::linalg::kernels::dot;
use crate::param::{Param, Params, Valid, shared};
use firesteel_common::Result;
use std::collections::BTreeMap;

pub(super) const PARAMS: &[Param] = &[
    Param::string("distanceMeasure", "squaredEuclidean")
        .valid(Valid::OneOf(&["squaredEuclidean", "cosine"])),
    shared::FEATURES_COL,
    Param::string("metricName", "silhouette").valid(Valid::OneOf(&["silhouette"])),
    shared::PREDICTION_COL,
    shared::WEIGHT_COL,
];

#[derive(Debug, Default)]
struct Cluster {
    n_rows: u64,
    weight: f64,
    sum: Vec<f64>,
    square: f64,
}

pub(super) fn evaluate(params: &Params, data: &Dataset) -> Result<f64> {
    let is_cosine = params.string("distanceMeasure")? == "cosine";
    let columns = InstanceColumns {
        features: params.string("featuresCol")?,
        label: Some((params.string("predictionCol")?, LabelKind::Unchecked)),
        weight: params.column("weightCol"),
        extra: Vec::new(),
        finite: true,
    };
    let instances = data.instances(&columns)?;
    let n = instances.n_features;
    let square_of = |row: RowView<'_>| {
        let mut sum = 0.0;
        row.for_each_nonzero(|_, value| sum += value * value);
        sum
    };
    let mut clusters: BTreeMap<i64, Cluster> = BTreeMap::new();
    for block in &instances.blocks {
        for row in 0..block.n_rows() {
            let (view, weight) = (block.row(row), block.weight(row));
            let square = square_of(view);
            let cluster = clusters.entry(block.labels[row] as i64).or_default();
            cluster.sum.resize(n, 0.0);
            cluster.n_rows += 1;
            cluster.weight += weight;
            if is_cosine {
                if square == 0.0 {
                    return Err(error::failed(
                        "Cosine distance is not defined for zero-length vectors.",
                    ));
                }
                view.add_to(weight / square.sqrt(), &mut cluster.sum);
            } else {
                cluster.square += weight * square;
                view.add_to(weight, &mut cluster.sum);
            }
        }
    }
    if clusters.len() < 2 {
        return Err(error::failed(
            "assertion failed: Number of clusters must be greater than one.",
        ));
    }
    let (mut sum, mut total) = (0.0, 0.0);
    let mut dense = vec![0.0; n];
    for block in &instances.blocks {
        instances.job.check()?;
        for row in 0..block.n_rows() {
            let (view, weight) = (block.row(row), block.weight(row));
            let square = square_of(view);
            dense.fill(0.0);
            view.add_to(if is_cosine { 1.0 / square.sqrt() } else { 1.0 }, &mut dense);
            let distance = |cluster: &Cluster| {
                let product = dot(&dense, &cluster.sum) / cluster.weight;
                match is_cosine {
                    true => 1.0 - product,
                    false => square + cluster.square / cluster.weight - 2.0 * product,
                }
            };
            let own_id = block.labels[row] as i64;
            let nearest = clusters
                .iter()
                .filter(|(id, _)| **id != own_id)
                .map(|(_, cluster)| distance(cluster))
                .fold(f64::INFINITY, f64::min);
            let own = clusters.get(&own_id);
            let silhouette = match own {
                Some(own) if own.n_rows > 1 && own.weight > weight => {
                    // The row itself does not count.
                    let within = distance(own) * own.weight / (own.weight - weight);
                    match within.partial_cmp(&nearest) {
                        Some(std::cmp::Ordering::Less) => 1.0 - within / nearest,
                        Some(std::cmp::Ordering::Greater) => nearest / within - 1.0,
                        _ => 0.0,
                    }
                }
                _ => 0.0,
            };
            sum += weight * silhouette;
            total += weight;
        }
    }
    Ok(sum / total)
}
