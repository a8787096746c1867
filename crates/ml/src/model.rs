//! Models and summaries: what a fit gives.

use crate::data::{DataSource, Dataset};
use crate::error;
use crate::param::Params;
use crate::saved::ModelWriter;
use crate::value::Value;
use firesteel_common::{Frame, Result, SparkError, TableHost};
use std::fmt::Debug;
use std::sync::Arc;

/// A fitted model. It knows no parameters: clients may change them after the fit, so they come with every call.
pub trait Model: Debug + Send + Sync + 'static {
    /// Memory that it takes, about, in bytes.
    fn size_bytes(&self) -> u64;

    /// Adds its columns to `input`. Runs while a query is resolved: only types and metadata are known, and what is
    /// added are expressions ([`FunctionKind::call`](crate::FunctionKind::call)).
    ///
    /// # Errors
    /// Spark's, where `input` does not fit.
    fn transform(&self, params: &Params, input: Frame, host: &mut dyn TableHost) -> Result<Frame>;

    /// An attribute or method whose answer is a value, a model or a summary.
    ///
    /// # Errors
    /// Spark's; `CONNECT_ML.ATTRIBUTE_NOT_ALLOWED` for one that it does not have.
    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        let _ = args;
        Err(error::attribute_not_allowed(params.class(), name))
    }

    /// An attribute or method whose answer is a table.
    ///
    /// # Errors
    /// As [`Model::fetch`].
    fn table(
        &self,
        params: &Params,
        name: &str,
        args: Vec<TableArgument>,
        host: &mut dyn TableHost,
    ) -> Result<Frame> {
        let _ = (args, host);
        Err(error::attribute_not_allowed(params.class(), name))
    }

    /// A summary over `predictions`, which this model made: `model.evaluate(df)`.
    ///
    /// # Errors
    /// Spark's; the default: it has none.
    fn evaluate(
        &self,
        params: &Params,
        predictions: Arc<dyn DataSource>,
    ) -> Result<Arc<dyn Summary>> {
        let _ = predictions;
        Err(error::attribute_not_allowed(params.class(), "evaluate"))
    }

    /// Writes it in Spark's layout ([`crate::saved`]).
    ///
    /// # Errors
    /// What the writer fails with.
    fn save(&self, params: &Params, to: &mut dyn ModelWriter) -> Result<()>;

    /// As Spark's `toString`.
    fn text(&self, params: &Params) -> String {
        let class = params.class().rsplit('.').next().unwrap_or_default();
        format!("{class}: uid={}", params.uid())
    }
}

/// An argument of [`Model::fetch`].
pub enum Argument {
    Value(Value),
    Data(Dataset),
}

/// An argument of [`Model::table`].
#[derive(Debug)]
pub enum TableArgument {
    Value(Value),
    Frame(Frame),
}

/// What [`Model::fetch`] answers.
#[derive(Debug)]
pub enum Answer {
    Value(Value),
    /// Other models, by their class: trees of a forest, the local form of a distributed model.
    Models(Vec<Instance>),
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Answer::Value(value)
    }
}

/// A model with its parameters, whose class is `params.class()`.
#[derive(Debug, Clone)]
pub struct Instance {
    pub params: Params,
    pub model: Arc<dyn Model>,
}

/// Makes the summary of a training out of its predictions.
pub type SummaryMaker =
    Box<dyn FnOnce(&Params, Arc<dyn DataSource>) -> Result<Arc<dyn Summary>> + Send>;

/// What a fit gives.
pub struct Fitted {
    pub model: Arc<dyn Model>,
    /// The model's class where it is not the one that the registry has for the estimator.
    pub class: Option<&'static str>,
    /// `model.summary`; gets the model's parameters and `model.transform(training data)`.
    pub summary: Option<SummaryMaker>,
    /// Shown to the user.
    pub warning: Option<String>,
}

impl Fitted {
    /// A model without a summary.
    pub fn new(model: impl Model) -> Self {
        Self { model: Arc::new(model), class: None, summary: None, warning: None }
    }

    /// With a summary of the training.
    #[must_use]
    pub fn with_summary(
        self,
        summary: impl FnOnce(&Params, Arc<dyn DataSource>) -> Result<Arc<dyn Summary>> + Send + 'static,
    ) -> Self {
        Self { summary: Some(Box::new(summary)), ..self }
    }
}

/// `model.summary` or `model.evaluate(df)`. Computes from its predictions when it is first asked.
pub trait Summary: Send + Sync {
    /// Spark's full class name.
    fn class(&self) -> &str;

    /// A value.
    ///
    /// # Errors
    /// As [`Model::fetch`].
    fn fetch(&self, name: &str, args: &[Value]) -> Result<Value>;

    /// A table made of the rows that the summary is over (`predictions`) or of what it knows.
    ///
    /// # Errors
    /// As [`Model::fetch`].
    fn table(
        &self,
        name: &str,
        args: &[Value],
        predictions: Frame,
        host: &mut dyn TableHost,
    ) -> Result<Frame> {
        let _ = (args, predictions, host);
        Err(error::attribute_not_allowed(self.class(), name))
    }
}

impl Argument {
    /// # Errors
    /// It is a relation.
    pub fn value(&self) -> Result<&Value> {
        match self {
            Argument::Value(value) => Ok(value),
            Argument::Data(_) => {
                Err(SparkError::invalid_plan("A value was expected, not a relation."))
            }
        }
    }

    /// # Errors
    /// It is a value.
    pub fn data(&self) -> Result<&Dataset> {
        match self {
            Argument::Data(data) => Ok(data),
            Argument::Value(_) => {
                Err(SparkError::invalid_plan("A relation was expected, not a value."))
            }
        }
    }
}

impl TableArgument {
    /// # Errors
    /// It is a relation.
    pub fn value(self) -> Result<Value> {
        match self {
            TableArgument::Value(value) => Ok(value),
            TableArgument::Frame(_) => {
                Err(SparkError::invalid_plan("A value was expected, not a relation."))
            }
        }
    }

    /// # Errors
    /// It is a value.
    pub fn frame(self) -> Result<Frame> {
        match self {
            TableArgument::Frame(frame) => Ok(frame),
            TableArgument::Value(_) => {
                Err(SparkError::invalid_plan("A relation was expected, not a value."))
            }
        }
    }
}

/// The argument at `position` as a vector: `predict`, `predictRaw` and their kin.
///
/// # Errors
/// There is none, or it is another.
pub fn vector_argument(args: &[Argument], position: usize) -> Result<&crate::linalg::Vector> {
    match args.get(position).map(Argument::value).transpose()? {
        Some(Value::Vector(vector)) => Ok(vector),
        _ => Err(SparkError::invalid_plan("A vector was expected.")),
    }
}
