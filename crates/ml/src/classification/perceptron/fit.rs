//! Training: L-BFGS or gradient descent on the mean over blocks of rows, as Spark takes it (a short last block
//! weighs as much as the others).

use super::SUMMARY;
use super::model::PerceptronModel;
use super::network::{Batch, Network};
use crate::classification::classes;
use crate::columns;
use crate::data::{Dataset, Instances};
use crate::error;
use crate::job::Job;
use crate::linalg::kernels::norm;
use crate::model::Fitted;
use crate::optimize::{Stop, Watched, lbfgs};
use crate::param::Params;
use crate::value::Value;
use firesteel_common::Result;
use std::sync::{Arc, Mutex};

/// # Errors
/// Spark's, of rows and layers; `OPERATION_CANCELED`.
pub(crate) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    columns::vector(&data.frame, params.string("featuresCol")?)?;
    let sizes: Vec<usize> = params.ints("layers")?.iter().map(|size| *size as usize).collect();
    let network = Network::new(sizes);
    let rows = classes::read_declared(params, data, network.n_classes())?;
    if rows.n_rows == 0 {
        return Err(error::requirement("init value should <= bound"));
    }
    if rows.n_features != network.n_inputs() {
        return Err(error::requirement(format!(
            "A & B Dimension mismatch! (layers has {} inputs, rows have {} features)",
            network.n_inputs(),
            rows.n_features
        )));
    }
    let start = match params.get("initialWeights") {
        Some(Value::Vector(weights)) => weights.to_dense(),
        _ => network.initial_weights(params.long("seed")?),
    };
    if start.len() != network.n_weights() {
        return Err(error::requirement(format!(
            "The number of initial weights must be {}, but got {}",
            network.n_weights(),
            start.len()
        )));
    }
    let batches = batches(rows, params.count("blockSize")?, &network);
    let job = data.job.as_ref();
    let stop = Stop { iterations_max: params.count("maxIter")?, tolerance: params.double("tol")? };
    let (weights, history) = match params.string("solver")? {
        "gd" => descend(&network, &batches, start, params.double("stepSize")?, stop, job)?,
        _ => {
            let objective = |weights: &mut [f64], gradient: &mut [f64]| -> Result<f64> {
                loss(&network, &batches, weights, gradient, job)
            };
            let mut objective = Watched::new(objective, job, stop);
            let found = lbfgs(&mut objective, start, stop)?;
            (found.x, found.history)
        }
    };
    let model = PerceptronModel::new(params.ints("layers")?.to_vec(), weights);
    Ok(Fitted::new(model).with_summary(move |params, predictions| {
        Ok(Arc::new(SUMMARY.make(params, predictions, Some(history))))
    }))
}

/// The rows in batches of `n_rows`; each block of rows goes as soon as it is copied.
fn batches(rows: Instances, n_rows: usize, network: &Network) -> Vec<Batch> {
    let n_inputs = network.n_inputs();
    let n_rows_all = rows.n_rows;
    let mut batches: Vec<Batch> = Vec::new();
    let mut partitions = rows.partitions.iter();
    let mut n_left = 0;
    for block in rows.blocks {
        for row in 0..block.n_rows() {
            let is_new = n_left == 0;
            while n_left == 0
                && let Some(n) = partitions.next()
            {
                n_left = *n;
            }
            n_left = n_left.saturating_sub(1);
            // No batch has rows of two partitions.
            if is_new || batches.last().is_none_or(|batch| batch.n_rows() >= n_rows) {
                batches.push(Batch::with_capacity(n_rows.min(n_rows_all), n_inputs));
            }
            if let Some(batch) = batches.last_mut() {
                batch.push(block.row(row), n_inputs, block.labels[row] as usize);
            }
        }
    }
    batches
}

/// Mean loss of the batches; its gradient goes to `gradient`.
fn loss(
    network: &Network,
    batches: &[Batch],
    weights: &[f64],
    gradient: &mut [f64],
    job: &dyn Job,
) -> Result<f64> {
    job.check()?;
    let n_threads = job.n_threads().clamp(1, batches.len().max(1));
    let size = batches.len().div_ceil(n_threads).max(1);
    let sums: Mutex<Vec<(usize, f64, Vec<f64>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (share, own) in batches.chunks(size).enumerate() {
            let sums = &sums;
            scope.spawn(move || {
                let mut gradient = vec![0.0; weights.len()];
                // An interrupt is told after the pass; what is left of it need not be computed.
                let loss = own
                    .iter()
                    .take_while(|_| job.check().is_ok())
                    .map(|batch| network.loss(weights, batch, &mut gradient))
                    .sum::<f64>();
                if let Ok(mut sums) = sums.lock() {
                    sums.push((share, loss, gradient));
                }
            });
        }
    });
    job.check()?;
    let mut sums = sums.into_inner().unwrap_or_default();
    // In the order of the rows, so that a fit gives the same every time.
    sums.sort_by_key(|(share, _, _)| *share);
    gradient.fill(0.0);
    let share = 1.0 / batches.len() as f64;
    let mut total = 0.0;
    for (_, loss, own) in sums {
        total += loss;
        gradient.iter_mut().zip(&own).for_each(|(sum, own)| *sum += own * share);
    }
    Ok(total * share)
}

/// Steps of constant size down the gradient.
fn descend(
    network: &Network,
    batches: &[Batch],
    mut weights: Vec<f64>,
    step_size: f64,
    stop: Stop,
    job: &dyn Job,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut history = Vec::new();
    let mut gradient = vec![0.0; weights.len()];
    // One more than there are steps: Spark adds the loss at the end.
    for iteration in 0..=stop.iterations_max {
        history.push(loss(network, batches, &weights, &mut gradient, job)?);
        job.progress(iteration + 1, stop.iterations_max + 1);
        if iteration == stop.iterations_max {
            break;
        }
        let step: Vec<f64> = gradient.iter().map(|gradient| step_size * gradient).collect();
        weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight -= step);
        if iteration > 0 && norm(&step) < stop.tolerance * norm(&weights).max(1.0) {
            break;
        }
    }
    Ok((weights, history))
}
