//! Gradient descent on samples of the rows (`org.apache.spark.mllib.optimization.GradientDescent`).

use crate::data::{Aggregate, Instances, RowView};
use crate::linalg::kernels::norm;
use crate::row_sampler::RowSampler;
use firesteel_common::Result;

/// Spark samples for iteration i with this plus i.
const SAMPLE_SEED: i64 = 42;

/// How a step is made of a gradient.
#[derive(Debug)]
pub(super) enum Step {
    /// Steps get smaller with the root of the iteration; squared penalty.
    Plain,
    /// Decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019).
    AdamW { first: Vec<f64>, second: Vec<f64>, decay: (f64, f64) },
}

impl Step {
    pub(super) fn adam_w(n: usize) -> Self {
        Step::AdamW { first: vec![0.0; n], second: vec![0.0; n], decay: (1.0, 1.0) }
    }

    fn make(&mut self, x: &mut [f64], gradient: &[f64], size: f64, iteration: usize, penalty: f64) {
        match self {
            Step::Plain => {
                let size = size / (iteration as f64).sqrt();
                for (x, g) in x.iter_mut().zip(gradient) {
                    *x = *x * (1.0 - size * penalty) - size * g;
                }
            }
            Step::AdamW { first, second, decay } => {
                const BETA: (f64, f64) = (0.9, 0.999);
                const EPSILON: f64 = 1e-8;
                *decay = (decay.0 * BETA.0, decay.1 * BETA.1);
                for (((x, g), first), second) in x.iter_mut().zip(gradient).zip(first).zip(second) {
                    *first = *first * BETA.0 + (1.0 - BETA.0) * g;
                    *second = *second * BETA.1 + (1.0 - BETA.1) * (g * g);
                    let (mean, square) = (*first / (1.0 - decay.0), *second / (1.0 - decay.1));
                    *x -= size * mean / (square.sqrt() + EPSILON) + penalty * *x;
                }
            }
        }
    }

    fn penalty_of(&self, x: &[f64], penalty: f64) -> f64 {
        match self {
            Step::Plain => 0.5 * penalty * norm(x) * norm(x),
            Step::AdamW { .. } => 0.0,
        }
    }
}

/// How far to go down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Descent {
    pub step_size: f64,
    pub iterations_max: usize,
    pub penalty: f64,
    /// Share of the rows that an iteration sees.
    pub share: f64,
    pub tolerance: f64,
}

/// Walks from `x`; `add` adds a row's gradient and gives its loss. Answers where it ends, and the mean losses.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub(super) fn run(
    rows: &Instances,
    mut x: Vec<f64>,
    mut step: Step,
    descent: Descent,
    add: impl Fn(&[f64], RowView<'_>, f64, &mut [f64]) -> f64 + Sync,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut history = Vec::new();
    let mut penalty = step.penalty_of(&x, descent.penalty);
    let mut before: Option<Vec<f64>> = None;
    // Rows of block i start here among all rows.
    let mut taken: Vec<bool> = Vec::new();
    // One more than there are steps: Spark adds the loss at the end.
    for iteration in 1..=descent.iterations_max + 1 {
        rows.job.check()?;
        if descent.share < 1.0 {
            let mut sampler =
                RowSampler::new(descent.share, SAMPLE_SEED + iteration as i64, &rows.partitions);
            taken = (0..rows.n_rows).map(|_| sampler.takes_next()).collect();
        }
        let numbered = Numbered::new(rows);
        let (gradient, loss, n) = numbered.aggregate(
            || (vec![0.0; x.len()], 0.0, 0_usize),
            |(gradient, loss, n), (from, block)| {
                for row in 0..block.n_rows() {
                    if taken.get(from + row).copied().unwrap_or(true) {
                        *loss += add(&x, block.row(row), block.labels[row], gradient);
                        *n += 1;
                    }
                }
                Ok(())
            },
            |(gradient, loss, n), (other, other_loss, other_n)| {
                gradient.iter_mut().zip(&other).for_each(|(sum, other)| *sum += other);
                *loss += other_loss;
                *n += other_n;
            },
        )?;
        if n == 0 {
            continue;
        }
        history.push(loss / n as f64 + penalty);
        if iteration > descent.iterations_max {
            break;
        }
        let gradient: Vec<f64> = gradient.iter().map(|sum| sum / n as f64).collect();
        let last = x.clone();
        step.make(&mut x, &gradient, descent.step_size, iteration, descent.penalty);
        penalty = step.penalty_of(&x, descent.penalty);
        // Spark compares a step's end with the end of the step before it.
        if before.is_some() {
            let moved: Vec<f64> = x.iter().zip(&last).map(|(x, last)| x - last).collect();
            if norm(&moved) < descent.tolerance * norm(&x).max(1.0) {
                break;
            }
        }
        before = Some(last);
        rows.job.progress(iteration, descent.iterations_max);
    }
    Ok((x, history))
}

/// Blocks with the number of rows before each.
struct Numbered<'a> {
    blocks: Vec<(usize, &'a crate::data::Block)>,
    rows: &'a Instances,
}

impl<'a> Numbered<'a> {
    fn new(rows: &'a Instances) -> Self {
        let mut from = 0;
        let number = |block: &'a crate::data::Block| {
            from += block.n_rows();
            (from - block.n_rows(), block)
        };
        Self { blocks: rows.blocks.iter().map(number).collect(), rows }
    }

    /// As `Instances::aggregate`, with the number of rows before each block.
    fn aggregate<A: Send>(
        &self,
        zero: impl Fn() -> A + Sync,
        seq: impl Fn(&mut A, &(usize, &'a crate::data::Block)) -> Result<()> + Sync,
        comb: impl Fn(&mut A, A),
    ) -> Result<A> {
        let starts = &self.blocks;
        self.rows.aggregate(
            zero,
            |sum, block| {
                let own = starts.iter().find(|(_, own)| std::ptr::eq(*own, block));
                own.map_or(Ok(()), |own| seq(sum, own))
            },
            comb,
        )
    }
}
