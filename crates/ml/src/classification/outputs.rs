//! What classifiers answer: raw predictions, probabilities, the predicted class, as columns and for single vectors.

use super::classes::check_model_thresholds;
use crate::attribute::{Attribute, AttributeGroup};
use crate::columns;
use crate::function::{AnyFunction, FunctionKind, Shared};
use crate::linalg::{Vector, VectorColumn, VectorColumnBuilder, vector_type};
use crate::param::Params;
use crate::value::Value;
use arrow::array::{ArrayRef, Float64Array};
use datafusion_expr::Expr;
use firesteel_common::{Frame, Result, SparkType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a class is chosen from raw predictions or probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Choice {
    /// The largest entry; of equal ones the first.
    Largest,
    /// The largest `p / threshold`; where the threshold is zero, whatever is not zero wins.
    Thresholds(Vec<f64>),
    /// Class 1 if the second entry is above.
    SecondAbove(f64),
}

impl Choice {
    /// By `thresholds`, if the user has set them; else the largest raw prediction.
    pub(crate) fn of(params: &Params, _: Probability) -> Self {
        match params.get("thresholds") {
            Some(Value::Doubles(thresholds)) => Choice::Thresholds(thresholds.clone()),
            _ => Choice::Largest,
        }
    }

    /// Whether it looks at probabilities; the others look at raw predictions.
    fn is_of_probabilities(&self) -> bool {
        matches!(self, Choice::Thresholds(_))
    }

    pub(crate) fn class(&self, entries: &[f64]) -> f64 {
        match self {
            Choice::Largest => largest(entries) as f64,
            Choice::Thresholds(thresholds) => {
                let scaled =
                    |(entry, threshold): (&f64, &f64)| match (*threshold == 0.0, *entry == 0.0) {
                        (true, true) => 0.0,
                        (true, false) => f64::INFINITY,
                        _ => entry / threshold,
                    };
                largest(&entries.iter().zip(thresholds).map(scaled).collect::<Vec<_>>()) as f64
            }
            Choice::SecondAbove(bound) => {
                f64::from(u8::from(entries.get(1).is_some_and(|entry| entry > bound)))
            }
        }
    }
}

/// The place of the largest entry; of equal ones the first.
pub(crate) fn largest(entries: &[f64]) -> usize {
    let mut best = 0;
    for (class, entry) in entries.iter().enumerate() {
        if *entry > entries[best] {
            best = class;
        }
    }
    best
}

pub(crate) static DECIDE: FunctionKind<Choice> = FunctionKind::new("classification.decide", decide);

fn decide(choice: &Choice, columns: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let vectors = VectorColumn::new(&columns[0])?;
    let classes = (0..n_rows).map(|row| match vectors.get(row) {
        Some(crate::linalg::VectorView::Dense(entries)) => choice.class(entries),
        Some(sparse) => choice.class(&sparse.to_dense()),
        None => f64::NAN,
    });
    Ok(Arc::new(Float64Array::from_iter_values(classes)))
}

/// How raw predictions become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Probability {
    /// `1 / (1 + exp(-x))` of the first of two entries; the other is what is missing to one.
    Logistic,
    /// As `Logistic`, of the second.
    LogisticOfSecond,
    /// `1 / (1 + exp(-2 x))` of the first of two entries: boosted trees.
    HalfLogistic,
    Softmax,
    /// Each entry by their sum.
    Shares,
}

impl Probability {
    pub(crate) fn apply(self, entries: &mut [f64]) {
        match self {
            Probability::Logistic => {
                if let [zero, one] = entries {
                    *zero = 1.0 / (1.0 + (-*zero).exp());
                    *one = 1.0 - *zero;
                }
            }
            Probability::LogisticOfSecond => {
                if let [zero, one] = entries {
                    *one = 1.0 / (1.0 + (-*one).exp());
                    *zero = 1.0 - *one;
                }
            }
            Probability::HalfLogistic => {
                if let [zero, one] = entries {
                    *zero = 1.0 / (1.0 + (-2.0 * *zero).exp());
                    *one = 1.0 - *zero;
                }
            }
            Probability::Softmax => softmax(entries),
            Probability::Shares => {
                let sum: f64 = entries.iter().sum();
                if sum != 0.0 {
                    entries.iter_mut().for_each(|x| *x /= sum);
                }
            }
        }
    }
}

fn softmax(entries: &mut [f64]) {
    let (mut at, mut most) = (0, f64::NEG_INFINITY);
    for (class, entry) in entries.iter().enumerate() {
        if *entry > most {
            (at, most) = (class, *entry);
        }
    }
    if most == f64::INFINITY {
        entries.fill(0.0);
        entries[at] = 1.0;
        return;
    }
    let mut sum = 0.0;
    for x in entries.iter_mut() {
        *x = (*x - most).exp();
        sum += *x;
    }
    entries.iter_mut().for_each(|x| *x /= sum);
}

pub(crate) static PROBABILITY: FunctionKind<Probability> =
    FunctionKind::new("classification.probability", probability);

fn probability(link: &Probability, columns: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let vectors = VectorColumn::new(&columns[0])?;
    let mut builder = VectorColumnBuilder::with_capacity(n_rows, 2 * n_rows);
    let mut entries = Vec::new();
    for row in 0..n_rows {
        match vectors.get(row) {
            Some(vector) => {
                entries.clear();
                entries.resize(vector.size(), 0.0);
                vector.copy_to(&mut entries);
                link.apply(&mut entries);
                builder.push_dense(&entries);
            }
            None => builder.push_null(),
        }
    }
    builder.finish()
}

/// Adds `rawPredictionCol`, `probabilityCol` and `predictionCol`, those that are not empty. `raw` is an expression
/// over the frame; no `probability`: the classifier has none.
///
/// # Errors
/// Spark's: there is such a column already, there are thresholds but not one for each class.
pub(crate) fn add(
    frame: Frame,
    params: &Params,
    n_classes: usize,
    mut raw: Expr,
    probability: Option<Probability>,
    choice: Choice,
) -> Result<Frame> {
    if probability.is_some() {
        check_model_thresholds(params, n_classes)?;
    }
    let name = |param: &str| params.column(param).map(str::to_owned);
    let vector_field = |frame: &Frame, name: &str| {
        let field = columns::new_field(frame, name, vector_type(), true)?;
        Ok::<_, firesteel_common::SparkError>(AttributeGroup::of_size(n_classes).put_on(field))
    };
    let mut frame = frame;
    let prediction = match name("predictionCol") {
        Some(name) => {
            let field = columns::new_field(&frame, &name, SparkType::Double, false)?;
            Some(Attribute::nominal_count(None, n_classes).put_on(field))
        }
        None => None,
    };
    if let Some(name) = name("rawPredictionCol") {
        let field = vector_field(&frame, &name)?;
        frame = frame.with_columns(vec![(raw, field)])?;
        raw = frame.column(&name)?.expr();
    }
    let mut of_probability = None;
    if let Some(probability) = probability {
        let params = Shared::new(probability);
        let expr = PROBABILITY.call(&params, &vector_type(), true, vec![raw.clone()]);
        of_probability = Some(match name("probabilityCol") {
            Some(name) => {
                let field = vector_field(&frame, &name)?;
                frame = frame.with_columns(vec![(expr, field)])?;
                frame.column(&name)?.expr()
            }
            None => expr,
        });
    }
    if let Some(field) = prediction {
        let from = match of_probability {
            Some(probability) if choice.is_of_probabilities() => probability,
            _ => raw,
        };
        let class = DECIDE.call(&Shared::new(choice), &SparkType::Double, false, vec![from]);
        frame = frame.with_columns(vec![(class, field)])?;
    }
    Ok(frame)
}

/// `predict`, `predictRaw` or `predictProbability` of the vector whose raw prediction this is.
///
/// # Errors
/// `CONNECT_ML.ATTRIBUTE_NOT_ALLOWED` for another name.
pub(crate) fn answer(
    params: &Params,
    name: &str,
    raw: Vec<f64>,
    probability: Option<Probability>,
    choice: &Choice,
) -> Result<Value> {
    let probabilities = |mut raw: Vec<f64>| {
        if let Some(probability) = probability {
            probability.apply(&mut raw);
        }
        raw
    };
    Ok(match name {
        "predictRaw" => Value::Vector(Vector::Dense(raw)),
        "predictProbability" if probability.is_some() => {
            Value::Vector(Vector::Dense(probabilities(raw)))
        }
        "predict" if choice.is_of_probabilities() => {
            Value::Double(choice.class(&probabilities(raw)))
        }
        "predict" => Value::Double(choice.class(&raw)),
        _ => return Err(crate::error::attribute_not_allowed(params.class(), name)),
    })
}

/// What these columns put into plans.
pub(super) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![&DECIDE, &PROBABILITY]
}
