//! What the optimisers give: weights, one after the other.

use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter};
use crate::{Answer, Argument, Model, Value, error};
use firesteel_common::{Frame, Result, TableHost};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Weights(pub Vec<f64>);

fn not_offered() -> firesteel_common::SparkError {
    error::failed(
        "Weights are no model of their own: pyspark.mllib saves and applies its models itself.",
    )
}

/// # Errors
/// Always: they are not saved.
pub(super) fn load(_: &Params, _: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    Err(not_offered())
}

impl Model for Weights {
    fn size_bytes(&self) -> u64 {
        8 * self.0.len() as u64
    }

    fn transform(&self, _: &Params, _: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        Err(not_offered())
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "weights" => Ok(Value::Doubles(self.0.clone()).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, _: &mut dyn ModelWriter) -> Result<()> {
        Err(not_offered())
    }
}
