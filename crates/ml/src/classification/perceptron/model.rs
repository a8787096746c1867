//! `MultilayerPerceptronClassificationModel`.

use super::SUMMARY;
use super::network::Network;
use crate::classification::outputs::{self, Choice, Probability};
use crate::columns;
use crate::data::DataSource;
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{Vector, VectorColumn, VectorColumnBuilder, VectorView, vector_type};
use crate::model::{Answer, Argument, Model, Summary, vector_argument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use firesteel_common::{Frame, Result, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Layers with their weights.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Trained {
    layers: Vec<i32>,
    #[serde(with = "crate::wire::doubles")]
    weights: Vec<f64>,
}

impl Trained {
    fn network(&self) -> Network {
        Network::new(self.layers.iter().map(|size| *size as usize).collect())
    }

    fn raw(&self, row: VectorView<'_>) -> Result<Vec<f64>> {
        let network = self.network();
        check_size(&network, row)?;
        Ok(network.raw(&self.weights, &row.to_dense()))
    }
}

fn check_size(network: &Network, row: VectorView<'_>) -> Result<()> {
    match row.size() == network.n_inputs() {
        true => Ok(()),
        false => Err(error::requirement(format!(
            "A & B Dimension mismatch! ({} inputs, but the vector has {})",
            network.n_inputs(),
            row.size()
        ))),
    }
}

#[derive(Debug)]
pub(super) struct PerceptronModel(Arc<Shared<Trained>>);

impl PerceptronModel {
    pub(super) fn new(layers: Vec<i32>, weights: Vec<f64>) -> Self {
        Self(Shared::new(Trained { layers, weights }))
    }

    fn n_classes(&self) -> usize {
        self.0.network().n_classes()
    }
}

pub(crate) static RAW: FunctionKind<Trained> =
    FunctionKind::<Trained>::new("perceptron.raw", |trained, columns, n_rows| {
        let features = VectorColumn::new(&columns[0])?;
        let network = trained.network();
        let mut rows = Vec::with_capacity(n_rows * network.n_inputs());
        for row in 0..n_rows {
            let from = rows.len();
            rows.resize(from + network.n_inputs(), 0.0);
            if let Some(vector) = features.get(row) {
                check_size(&network, vector)?;
                vector.copy_to(&mut rows[from..]);
            }
        }
        let raw = network.raw_many(&trained.weights, &rows);
        let n_classes = network.n_classes();
        let mut out = VectorColumnBuilder::with_capacity(n_rows, raw.len());
        for (row, raw) in raw.chunks(n_classes.max(1)).enumerate() {
            match features.get(row) {
                None => out.push_null(),
                Some(_) => out.push_dense(raw),
            }
        }
        out.finish()
    })
    .in_spark("ProbabilisticClassificationModel");

impl Model for PerceptronModel {
    fn size_bytes(&self) -> u64 {
        8 * self.0.weights.len() as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let features = columns::vector(&input, params.string("featuresCol")?)?;
        let raw = RAW.call(&self.0, &vector_type(), true, vec![features]);
        let choice = Choice::of(params, Probability::Softmax);
        outputs::add(input, params, self.n_classes(), raw, Some(Probability::Softmax), choice)
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        let value = match name {
            "numFeatures" => Value::Int(self.0.network().n_inputs() as i32),
            "numClasses" => Value::Int(self.n_classes() as i32),
            "weights" => Value::Vector(Vector::Dense(self.0.weights.clone())),
            "predict" | "predictRaw" | "predictProbability" => {
                let raw = self.0.raw(vector_argument(args, 0)?.view())?;
                let choice = Choice::of(params, Probability::Softmax);
                outputs::answer(params, name, raw, Some(Probability::Softmax), &choice)?
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        };
        Ok(value.into())
    }

    fn evaluate(
        &self,
        params: &Params,
        predictions: Arc<dyn DataSource>,
    ) -> Result<Arc<dyn Summary>> {
        Ok(Arc::new(SUMMARY.make(params, predictions, None)))
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let weights = Vector::Dense(self.0.weights.clone());
        to.table("data", Table::new(vec![("weights", vector_type(), Vector::column([&weights])?)])?)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "MultilayerPerceptronClassificationModel: uid={}, numLayers={}, numClasses={}, numFeatures={}",
            params.uid(),
            self.0.layers.len(),
            self.n_classes(),
            self.0.network().n_inputs()
        )
    }
}

/// Reads a saved model; its layers are a parameter.
pub(crate) fn load(params: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let weights = from.table("data")?.vector("weights")?.to_dense();
    let layers = params.ints("layers")?.to_vec();
    let model = PerceptronModel::new(layers, weights);
    if model.0.network().n_weights() != model.0.weights.len() {
        return Err(error::failed("The saved weights do not fit the layers."));
    }
    Ok(Arc::new(model))
}
