//! `NaiveBayesModel`.

use super::Kind;
use crate::classification::outputs::{self, Choice, Probability};
use crate::columns;
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{Matrix, Vector, VectorColumn, VectorColumnBuilder, VectorView, vector_type};
use crate::model::{Answer, Argument, Model, vector_argument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use firesteel_common::{Frame, Result, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What rows are scored with: per class a constant and a number for each feature, or means and variances.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Scores {
    kind: Kind,
    n_features: usize,
    #[serde(with = "crate::wire::doubles")]
    constants: Vec<f64>,
    /// Row by row, a row per class.
    #[serde(with = "crate::wire::doubles")]
    factors: Vec<f64>,
    /// Gaussian alone.
    #[serde(with = "crate::wire::doubles")]
    variances: Vec<f64>,
}

#[derive(Debug)]
pub(super) struct NaiveBayesModel {
    pi: Vector,
    theta: Matrix,
    sigma: Matrix,
    scores: Arc<Shared<Scores>>,
}

impl NaiveBayesModel {
    pub(super) fn new(kind: Kind, pi: Vector, theta: Matrix, sigma: Matrix) -> Self {
        let n_features = theta.n_cols;
        let mut constants = pi.to_dense();
        let mut factors = theta.to_row_major();
        let variances = sigma.to_row_major();
        match kind {
            Kind::Multinomial => {}
            Kind::Complement => constants.fill(0.0),
            Kind::Bernoulli => {
                // A feature that is zero counts too: with the logarithm of the probability against it.
                for (constant, factors) in
                    constants.iter_mut().zip(factors.chunks_mut(n_features.max(1)))
                {
                    for factor in factors {
                        let against = (1.0 - factor.exp()).ln();
                        *constant += against;
                        *factor -= against;
                    }
                }
            }
            Kind::Gaussian => {
                for (constant, variances) in
                    constants.iter_mut().zip(variances.chunks(n_features.max(1)))
                {
                    *constant -= variances.iter().map(|variance| variance.ln()).sum::<f64>() / 2.0;
                }
            }
        }
        let scores = Shared::new(Scores { kind, n_features, constants, factors, variances });
        Self { pi, theta, sigma, scores }
    }
}

impl Scores {
    fn raw(&self, row: VectorView<'_>) -> Result<Vec<f64>> {
        if row.size() != self.n_features {
            return Err(error::requirement(format!(
                "The columns of A don't match the number of elements of x. A: {}, x: {}",
                self.n_features,
                row.size()
            )));
        }
        let n = self.n_features;
        let mut raw = self.constants.clone();
        if self.kind == Kind::Gaussian {
            let row = row.to_dense();
            for (class, raw) in raw.iter_mut().enumerate() {
                let means = &self.factors[class * n..(class + 1) * n];
                let variances = &self.variances[class * n..(class + 1) * n];
                let terms = row.iter().zip(means).zip(variances);
                let sum: f64 = terms
                    .map(|((value, mean), variance)| (value - mean) * (value - mean) / variance)
                    .sum();
                *raw -= sum / 2.0;
            }
            return Ok(raw);
        }
        match self.kind {
            Kind::Bernoulli => check_zero_or_one(row)?,
            Kind::Multinomial => check_not_negative(row)?,
            _ => {}
        }
        for (class, raw) in raw.iter_mut().enumerate() {
            *raw += row.dot(&self.factors[class * n..(class + 1) * n]);
        }
        if self.kind == Kind::Complement {
            let largest = raw.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = raw.iter().map(|raw| (raw - largest).exp()).sum();
            raw.iter_mut().for_each(|raw| *raw -= sum.ln() + largest);
        }
        Ok(raw)
    }
}

fn check_not_negative(row: VectorView<'_>) -> Result<()> {
    match row.values().iter().all(|value| *value >= 0.0) {
        true => Ok(()),
        false => Err(error::requirement(format!(
            "Naive Bayes requires nonnegative feature values but found {}.",
            row.text()
        ))),
    }
}

fn check_zero_or_one(row: VectorView<'_>) -> Result<()> {
    match row.values().iter().all(|value| *value == 0.0 || *value == 1.0) {
        true => Ok(()),
        false => Err(error::requirement(format!(
            "Bernoulli naive Bayes requires 0 or 1 feature values but found {}.",
            row.text()
        ))),
    }
}

pub(crate) static RAW: FunctionKind<Scores> =
    FunctionKind::<Scores>::new("naive_bayes.raw", |scores, columns, n_rows| {
        let features = VectorColumn::new(&columns[0])?;
        let mut out = VectorColumnBuilder::with_capacity(n_rows, n_rows * scores.constants.len());
        for row in 0..n_rows {
            match features.get(row) {
                None => out.push_null(),
                Some(row) => out.push_dense(&scores.raw(row)?),
            }
        }
        out.finish()
    })
    .in_spark("ProbabilisticClassificationModel");

impl Model for NaiveBayesModel {
    fn size_bytes(&self) -> u64 {
        let scores = &self.scores;
        16 * (scores.constants.len() + scores.factors.len() + scores.variances.len()) as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let features = columns::vector(&input, params.string("featuresCol")?)?;
        let raw = RAW.call(&self.scores, &vector_type(), true, vec![features]);
        let choice = Choice::of(params, Probability::Softmax);
        outputs::add(input, params, self.pi.size(), raw, Some(Probability::Softmax), choice)
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        let value = match name {
            "numFeatures" => Value::Int(self.theta.n_cols as i32),
            "numClasses" => Value::Int(self.pi.size() as i32),
            "pi" => Value::Vector(self.pi.clone()),
            "theta" => Value::Matrix(self.theta.clone()),
            "sigma" => Value::Matrix(self.sigma.clone()),
            "predict" | "predictRaw" | "predictProbability" => {
                let raw = self.scores.raw(vector_argument(args, 0)?.view())?;
                let choice = Choice::of(params, Probability::Softmax);
                outputs::answer(params, name, raw, Some(Probability::Softmax), &choice)?
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        };
        Ok(value.into())
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        to.table(
            "data",
            Table::new(vec![
                ("pi", vector_type(), Vector::column([&self.pi])?),
                ("theta", crate::linalg::matrix_type(), self.theta.column()?),
                ("sigma", crate::linalg::matrix_type(), self.sigma.column()?),
            ])?,
        )
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "NaiveBayesModel: uid={}, modelType={}, numClasses={}, numFeatures={}",
            params.uid(),
            params.string("modelType").unwrap_or_default(),
            self.pi.size(),
            self.theta.n_cols
        )
    }
}

/// Reads a saved model; Spark wrote no `sigma` before 3.0.
pub(crate) fn load(params: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let table = from.table("data")?;
    let sigma = match table.has("sigma") {
        true => table.matrix("sigma")?,
        false => Matrix::dense(0, 0, Vec::new()),
    };
    let kind = Kind::of(params)?;
    Ok(Arc::new(NaiveBayesModel::new(kind, table.vector("pi")?, table.matrix("theta")?, sigma)))
}
