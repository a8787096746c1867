//! What a class of Spark is here: a line in the registry with its parameters and what it does.

use crate::data::Dataset;
use crate::model::{Fitted, Model};
use crate::param::{Param, Params};
use crate::saved::ModelReader;
use firesteel_common::{Frame, Result, TableHost};
use std::sync::Arc;

/// A class that clients may name.
#[derive(Debug, Clone, Copy)]
pub struct Class {
    /// Spark's full name: `org.apache.spark.ml.feature.PCA`.
    pub name: &'static str,
    /// Its parameters with Spark's defaults.
    pub params: &'static [Param],
    pub role: Role,
}

/// What a class does.
#[derive(Debug, Clone, Copy)]
pub enum Role {
    Estimator {
        fit: fn(&Params, &Dataset) -> Result<Fitted>,
        /// Class of the model, which has a line of its own.
        model: &'static str,
    },
    Model {
        /// Attributes and methods that clients may fetch, those of its summary not included.
        attributes: &'static [&'static str],
        /// Reads what [`Model::save`] or real Spark wrote.
        load: fn(&Params, &mut dyn ModelReader) -> Result<Arc<dyn Model>>,
    },
    Transformer {
        transform: fn(&Params, Frame, &mut dyn TableHost) -> Result<Frame>,
    },
    Evaluator {
        evaluate: fn(&Params, &Dataset) -> Result<f64>,
    },
}
