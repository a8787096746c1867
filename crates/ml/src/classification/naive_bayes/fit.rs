//! One pass: weights, sums and sums of squares by class.

use super::Kind;
use super::model::NaiveBayesModel;
use crate::classification::classes;
use crate::data::{Aggregate, Block, Dataset, LabelKind};
use crate::error;
use crate::linalg::{Matrix, Vector};
use crate::model::Fitted;
use crate::param::Params;
use crate::value::Value;
use firesteel_common::Result;

/// What Spark adds to variances, as a share of the largest.
const VARIANCE_SHARE: f64 = 1e-9;

/// Sums of one class.
#[derive(Debug, Clone, Default)]
struct Sums {
    weight: f64,
    values: Vec<f64>,
    squares: Vec<f64>,
}

impl Sums {
    fn merge(&mut self, other: &Sums) {
        self.weight += other.weight;
        add(&mut self.values, &other.values);
        add(&mut self.squares, &other.squares);
    }
}

fn add(to: &mut Vec<f64>, from: &[f64]) {
    to.resize(from.len().max(to.len()), 0.0);
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

/// # Errors
/// Spark's, of the rows: features that the kind of model does not take.
pub(crate) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let kind = Kind::of(params)?;
    classes::check_numeric_label(params, data)?;
    let declared = classes::declared(params, data)?;
    // Thresholds say how many classes there may be.
    let labels = match params.get("thresholds") {
        Some(Value::Doubles(thresholds)) => LabelKind::Class(thresholds.len()),
        _ => LabelKind::classes(declared),
    };
    let finite = kind == Kind::Gaussian;
    let (rows, n_classes) = classes::read_as(params, data, declared, labels, finite)?;
    let n_features = rows.n_features;
    let sums = rows.aggregate(
        || vec![Sums::default(); n_classes],
        |sums, block| add_block(kind, sums, block),
        |sums, other| sums.iter_mut().zip(&other).for_each(|(sums, other)| sums.merge(other)),
    )?;
    // Classes without rows are none.
    let sums: Vec<Sums> = sums.into_iter().filter(|sums| !sums.values.is_empty()).collect();
    let weight: f64 = sums.iter().map(|sums| sums.weight).sum();
    let model = match kind {
        Kind::Gaussian => gaussian(&sums, weight, n_features),
        _ => discrete(kind, &sums, weight, n_features, params.double("smoothing")?),
    };
    Ok(Fitted::new(model))
}

fn add_block(kind: Kind, sums: &mut [Sums], block: &Block) -> Result<()> {
    for row in 0..block.n_rows() {
        let weight = block.weight(row);
        let Some(sums) = sums.get_mut(block.labels[row] as usize) else { continue };
        sums.weight += weight;
        sums.values.resize(block.n_features, 0.0);
        sums.squares.resize(block.n_features, 0.0);
        let mut wrong = None;
        block.row(row).for_each_nonzero(|feature, value| {
            let is_wrong = match kind {
                // NaN is neither.
                Kind::Multinomial | Kind::Complement => !(0.0..f64::INFINITY).contains(&value),
                Kind::Bernoulli => value != 1.0,
                Kind::Gaussian => false,
            };
            if is_wrong {
                wrong.get_or_insert(value);
            }
            sums.values[feature] += weight * value;
            sums.squares[feature] += weight * value * value;
        });
        if wrong.is_some() {
            let view = match block.row(row) {
                crate::data::RowView::Dense(values) => Vector::Dense(values.to_vec()),
                crate::data::RowView::Sparse(indices, values) => Vector::Sparse {
                    size: block.n_features,
                    indices: indices.iter().map(|index| *index as i32).collect(),
                    values: values.to_vec(),
                },
            };
            let text = view.view().text();
            return Err(match kind {
                Kind::Bernoulli => {
                    error::raised(format!("Vector values MUST be in {{0, 1}}, but got {text}"))
                }
                _ => error::raised(format!(
                    "Vector values MUST NOT be Negative, NaN or Infinity, but got {text}"
                )),
            });
        }
    }
    Ok(())
}

fn discrete(
    kind: Kind,
    sums: &[Sums],
    weight: f64,
    n_features: usize,
    smoothing: f64,
) -> NaiveBayesModel {
    let n_classes = sums.len();
    let mut all = vec![0.0; n_features];
    sums.iter().for_each(|sums| add(&mut all, &sums.values));
    let all_sum: f64 = all.iter().sum();
    let pi_norm = (weight + n_classes as f64 * smoothing).ln();
    let (mut pi, mut theta) = (Vec::new(), Vec::with_capacity(n_classes * n_features));
    for own in sums {
        pi.push((own.weight + smoothing).ln() - pi_norm);
        let own_sum: f64 = own.values.iter().sum();
        let smoothed = n_features as f64 * smoothing;
        let norm = match kind {
            Kind::Complement => (all_sum - own_sum + smoothed).ln(),
            Kind::Bernoulli => (own.weight + 2.0 * smoothing).ln(),
            _ => (own_sum + smoothed).ln(),
        };
        theta.extend(own.values.iter().zip(&all).map(|(own, all)| match kind {
            // Weights of the other classes speak against this one.
            Kind::Complement => norm - (all - own + smoothing).ln(),
            _ => (own + smoothing).ln() - norm,
        }));
    }
    let theta = Matrix::row_major(n_classes, n_features, theta);
    NaiveBayesModel::new(kind, Vector::Dense(pi), theta, Matrix::dense(0, 0, Vec::new()))
}

fn gaussian(sums: &[Sums], weight: f64, n_features: usize) -> NaiveBayesModel {
    let mut all = Sums::default();
    sums.iter().for_each(|sums| all.merge(sums));
    let variance =
        |sum: f64, squares: f64, weight: f64| squares / weight - (sum / weight) * (sum / weight);
    let variances =
        all.values.iter().zip(&all.squares).map(|(sum, squares)| variance(*sum, *squares, weight));
    let added = VARIANCE_SHARE * variances.fold(0.0, f64::max);
    let (mut pi, mut theta, mut sigma) = (Vec::new(), Vec::new(), Vec::new());
    for own in sums {
        pi.push(own.weight.ln() - weight.ln());
        for (sum, squares) in own.values.iter().zip(&own.squares) {
            theta.push(sum / own.weight);
            sigma.push(added + variance(*sum, *squares, own.weight));
        }
    }
    let theta = Matrix::row_major(sums.len(), n_features, theta);
    let sigma = Matrix::row_major(sums.len(), n_features, sigma);
    NaiveBayesModel::new(Kind::Gaussian, Vector::Dense(pi), theta, sigma)
}
