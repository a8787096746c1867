//! Relations that models, transformers and summaries make, as parts of unresolved plans.

use firesteel_common::frame::TableTransform;
use firesteel_common::{Frame, Result, TableHost, TransformHandle};
use firesteel_ml::error::{attribute_not_allowed, unsupported_class};
use firesteel_ml::{Class, Instance, Params, Role, Summary, TableArgument, Value};
use std::fmt::{self, Debug};
use std::sync::Arc;

fn key_of(kind: &str, params: &Params, identity: &str) -> String {
    let (set, defaults) = params.to_json();
    format!("{kind} {} {identity} {set} {defaults}", params.class())
}

/// A model's `transform`; `params` are those of the call. The model lives as long as the plan.
pub fn model_transform(id: &str, instance: Instance) -> TransformHandle {
    let key = key_of("model", &instance.params, id);
    TransformHandle(Arc::new(ModelTransform { key, instance }))
}

#[derive(Debug)]
struct ModelTransform {
    key: String,
    instance: Instance,
}

impl TableTransform for ModelTransform {
    fn key(&self) -> &str {
        &self.key
    }

    fn apply(&self, inputs: Vec<Frame>, host: &mut dyn TableHost) -> Result<Frame> {
        self.instance.model.transform(&self.instance.params, one(inputs)?, host)
    }
}

/// A transformer's `transform`.
///
/// # Errors
/// `CONNECT_ML.UNSUPPORTED_EXCEPTION`: the class is no transformer.
pub fn transformer(class: &'static Class, params: Params) -> Result<TransformHandle> {
    let Role::Transformer { transform } = class.role else {
        return Err(unsupported_class(class.name));
    };
    let key = key_of("transformer", &params, params.uid());
    Ok(TransformHandle(Arc::new(Transformer { key, params, transform })))
}

#[derive(Debug)]
struct Transformer {
    key: String,
    params: Params,
    transform: fn(&Params, Frame, &mut dyn TableHost) -> Result<Frame>,
}

impl TableTransform for Transformer {
    fn key(&self) -> &str {
        &self.key
    }

    fn apply(&self, inputs: Vec<Frame>, host: &mut dyn TableHost) -> Result<Frame> {
        (self.transform)(&self.params, one(inputs)?, host)
    }
}

/// An attribute of a model that is a table. `args` has none where a relation comes, which is then the next input.
pub fn model_table(
    id: &str,
    instance: Instance,
    name: String,
    args: Vec<Option<Value>>,
) -> TransformHandle {
    let key = format!("{} {name} {args:?}", key_of("table", &instance.params, id));
    TransformHandle(Arc::new(ModelTable { key, instance, name, args }))
}

#[derive(Debug)]
struct ModelTable {
    key: String,
    instance: Instance,
    name: String,
    args: Vec<Option<Value>>,
}

impl TableTransform for ModelTable {
    fn key(&self) -> &str {
        &self.key
    }

    fn apply(&self, inputs: Vec<Frame>, host: &mut dyn TableHost) -> Result<Frame> {
        let mut inputs = inputs.into_iter();
        let args = self.args.iter().map(|arg| match arg {
            Some(value) => Ok(TableArgument::Value(value.clone())),
            None => match inputs.next() {
                Some(frame) => Ok(TableArgument::Frame(frame)),
                None => Err(attribute_not_allowed(self.instance.params.class(), &self.name)),
            },
        });
        let args = args.collect::<Result<Vec<_>>>()?;
        self.instance.model.table(&self.instance.params, &self.name, args, host)
    }
}

/// An attribute of a summary that is a table; its input are the predictions.
pub struct SummaryTable {
    key: String,
    summary: Arc<dyn Summary>,
    name: String,
    args: Vec<Value>,
}

impl SummaryTable {
    pub fn handle(
        id: &str,
        summary: Arc<dyn Summary>,
        name: String,
        args: Vec<Value>,
    ) -> TransformHandle {
        let key = format!("summary {id} {name} {args:?}");
        TransformHandle(Arc::new(Self { key, summary, name, args }))
    }
}

impl Debug for SummaryTable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.key)
    }
}

impl TableTransform for SummaryTable {
    fn key(&self) -> &str {
        &self.key
    }

    fn apply(&self, inputs: Vec<Frame>, host: &mut dyn TableHost) -> Result<Frame> {
        self.summary.table(&self.name, &self.args, one(inputs)?, host)
    }
}

fn one(inputs: Vec<Frame>) -> Result<Frame> {
    inputs
        .into_iter()
        .next()
        .ok_or_else(|| firesteel_common::SparkError::invalid_plan("A transform needs an input."))
}
