//! `LogisticRegressionModel`.

use crate::classification::outputs::{self, Choice, Probability};
use crate::classification::summary::ClassificationSummary;
use crate::columns;
use crate::data::DataSource;
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{
    Matrix, Vector, VectorColumn, VectorColumnBuilder, VectorView, kernels, matrix_type,
    vector_type,
};
use crate::model::{Answer, Argument, Model, Summary, vector_argument};
use crate::param::Params;
use crate::regression::linear::{null_features, wrong_size};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{ArrayRef, BooleanArray, Int32Array};
use firesteel_common::{Frame, Result, SparkType, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(in crate::classification) const ATTRIBUTES: &[&str] = &[
    "coefficientMatrix",
    "coefficients",
    "evaluate",
    "intercept",
    "interceptVector",
    "numClasses",
    "numFeatures",
    "predict",
    "predictProbability",
    "predictRaw",
];

#[derive(Debug)]
pub(super) struct LogisticRegressionModel {
    coefficients: Matrix,
    intercepts: Vector,
    n_classes: usize,
    is_multinomial: bool,
    margins: Arc<Shared<Margins>>,
}

/// Coefficients row by row and an intercept for each; one row: the margin of class 1, and minus it of class 0.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::classification) struct Margins {
    n_features: usize,
    #[serde(with = "crate::wire::doubles")]
    coefficients: Vec<f64>,
    #[serde(with = "crate::wire::doubles")]
    intercepts: Vec<f64>,
    is_multinomial: bool,
}

pub(in crate::classification) static RAW: FunctionKind<Margins> =
    FunctionKind::<Margins>::new("logistic_regression.raw", raw)
        .in_spark("ProbabilisticClassificationModel");

impl Margins {
    fn raw(&self, features: VectorView<'_>, out: &mut Vec<f64>) {
        let n = self.n_features;
        let margin = |set: usize| {
            features.dot(&self.coefficients[set * n..(set + 1) * n]) + self.intercepts[set]
        };
        if self.is_multinomial {
            out.extend((0..self.intercepts.len()).map(margin));
        } else {
            let margin = margin(0);
            out.extend([-margin, margin]);
        }
    }
}

fn raw(margins: &Margins, columns: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let vectors = VectorColumn::new(&columns[0])?;
    let n = margins.n_features;
    let mut builder = VectorColumnBuilder::with_capacity(n_rows, 2 * n_rows);
    if let Some((values, width)) = vectors.as_dense()
        && width == n
        && !margins.is_multinomial
    {
        let mut all = vec![margins.intercepts[0]; n_rows];
        kernels::gemv(1.0, values, &margins.coefficients, 1.0, &mut all);
        all.iter().for_each(|margin| builder.push_dense(&[-margin, *margin]));
        return builder.finish();
    }
    for row in 0..n_rows {
        let vector = vectors.get(row).ok_or_else(null_features)?;
        if vector.size() != n {
            return Err(wrong_size(vector.size(), n));
        }
        builder.push_dense_with(|out| margins.raw(vector, out));
    }
    builder.finish()
}

impl LogisticRegressionModel {
    pub(super) fn new(
        coefficients: Matrix,
        intercepts: Vector,
        n_classes: usize,
        is_multinomial: bool,
    ) -> Self {
        let margins = Shared::new(Margins {
            n_features: coefficients.n_cols,
            coefficients: coefficients.to_row_major(),
            intercepts: intercepts.to_dense(),
            is_multinomial,
        });
        Self { coefficients, intercepts, n_classes, is_multinomial, margins }
    }

    fn probability(&self) -> Probability {
        if self.is_multinomial { Probability::Softmax } else { Probability::Logistic }
    }

    fn choice(&self, params: &Params) -> Result<Choice> {
        if self.is_multinomial {
            return Ok(Choice::of(params, self.probability()));
        }
        // The logit of the threshold, so that probabilities need not be computed.
        Ok(Choice::SecondAbove(match threshold(params)? {
            0.0 => f64::NEG_INFINITY,
            1.0 => f64::INFINITY,
            threshold => (threshold / (1.0 - threshold)).ln(),
        }))
    }
}

/// `threshold`, or what two `thresholds` come to.
fn threshold(params: &Params) -> Result<f64> {
    match params.get("thresholds") {
        Some(Value::Doubles(both)) => match both.as_slice() {
            [zero, one] => Ok(1.0 / (1.0 + zero / one)),
            other => Err(error::requirement(format!(
                "Logistic Regression getThreshold only applies to binary classification, but thresholds has length \
                 != 2.  thresholds: {}",
                Value::Doubles(other.to_vec()).text().trim_matches(['[', ']'])
            ))),
        },
        _ => params.double("threshold"),
    }
}

pub(super) fn summary(
    params: &Params,
    predictions: Arc<dyn DataSource>,
    is_binary: bool,
    history: Option<Vec<f64>>,
) -> ClassificationSummary {
    let training = if history.is_some() { "Training" } else { "" };
    let binary = if is_binary { "Binary" } else { "" };
    let class = format!(
        "org.apache.spark.ml.classification.{binary}LogisticRegression{training}SummaryImpl"
    );
    let score = params.column("probabilityCol").filter(|_| is_binary).map(str::to_owned);
    ClassificationSummary::new(&class, params, predictions, score, history)
}

pub(in crate::classification) fn load(
    _: &Params,
    from: &mut dyn ModelReader,
) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    Ok(Arc::new(LogisticRegressionModel::new(
        data.matrix("coefficientMatrix")?,
        data.vector("interceptVector")?,
        usize::try_from(data.int("numClasses")?).unwrap_or(2),
        data.bool("isMultinomial")?,
    )))
}

impl Model for LogisticRegressionModel {
    fn size_bytes(&self) -> u64 {
        16 * self.margins.coefficients.len() as u64 + 128
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        if let Some(Value::Doubles(thresholds)) = params.get("thresholds")
            && thresholds.len() != self.n_classes
        {
            return Err(error::requirement(format!(
                "LogisticRegressionModel.transform() called with non-matching numClasses and thresholds.length. \
                 numClasses={}, but thresholds has length {}",
                self.n_classes,
                thresholds.len()
            )));
        }
        let features = columns::vector(&input, params.string("featuresCol")?)?;
        let raw = RAW.call(&self.margins, &vector_type(), true, vec![features]);
        let choice = self.choice(params)?;
        outputs::add(input, params, self.n_classes, raw, Some(self.probability()), choice)
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        Ok(match name {
            "coefficientMatrix" => Value::Matrix(self.coefficients.clone()),
            "interceptVector" => Value::Vector(self.intercepts.clone()),
            "coefficients" if self.is_multinomial => {
                return Err(error::failed(
                    "Multinomial models contain a matrix of coefficients, use coefficientMatrix instead.",
                ));
            }
            "coefficients" => {
                let row = Vector::Dense(self.coefficients.row(0));
                Value::Vector(match &self.coefficients.storage {
                    crate::linalg::MatrixStorage::Dense(_) => row,
                    crate::linalg::MatrixStorage::Sparse { .. } => row.view().to_sparse(),
                })
            }
            "intercept" if self.is_multinomial => {
                return Err(error::failed(
                    "Multinomial models contain a vector of intercepts, use interceptVector instead.",
                ));
            }
            "intercept" => Value::Double(self.intercepts.view().get(0)),
            "numClasses" => Value::Int(self.n_classes as i32),
            "numFeatures" => Value::Int(self.margins.n_features as i32),
            "predict" | "predictRaw" | "predictProbability" => {
                let vector = vector_argument(args, 0)?;
                if vector.size() != self.margins.n_features {
                    return Err(wrong_size(vector.size(), self.margins.n_features));
                }
                let mut raw = Vec::with_capacity(self.n_classes);
                self.margins.raw(vector.view(), &mut raw);
                outputs::answer(params, name, raw, Some(self.probability()), &self.choice(params)?)?
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        }
        .into())
    }

    fn evaluate(
        &self,
        params: &Params,
        predictions: Arc<dyn DataSource>,
    ) -> Result<Arc<dyn Summary>> {
        Ok(Arc::new(summary(params, predictions, self.n_classes <= 2, None)))
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let int = |value: usize| Arc::new(Int32Array::from(vec![value as i32])) as ArrayRef;
        let columns = vec![
            ("numClasses", SparkType::Integer, int(self.n_classes)),
            ("numFeatures", SparkType::Integer, int(self.margins.n_features)),
            ("interceptVector", vector_type(), Vector::column([&self.intercepts])?),
            ("coefficientMatrix", matrix_type(), self.coefficients.column()?),
            (
                "isMultinomial",
                SparkType::Boolean,
                Arc::new(BooleanArray::from(vec![self.is_multinomial])),
            ),
        ];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "LogisticRegressionModel: uid={}, numClasses={}, numFeatures={}",
            params.uid(),
            self.n_classes,
            self.margins.n_features
        )
    }
}
