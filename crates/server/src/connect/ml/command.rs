//! `MlCommand`: one arm per kind.

use super::helper::{HELPER, helper_command};
use super::literal::{self, literal, value};
use crate::connect::convert::{self, faults};
use crate::ml::{self, Cached, SessionData, SummaryEntry};
use crate::planning::blocking;
use crate::session::Session;
use firesteel_common::{Result, SparkError, TransformHandle};
use firesteel_ml::{Answer, Argument, Instance, Params, Role, Value};
use firesteel_plan::spec::{Relation, RelationNode};
use firesteel_proto::spark::connect as proto;
use proto::fetch::method::Args;
use proto::fetch::method::args::ArgsType;
use proto::ml_command::{self, Command, write};
use proto::ml_command_result::{MlOperatorInfo, ResultType, ml_operator_info};
use proto::ml_operator::OperatorType;
use std::sync::Arc;

/// Runs a command of MLlib.
///
/// # Errors
/// Spark's; `CONNECT_ML.*`.
pub async fn execute(
    session: &Arc<Session>,
    message: proto::MlCommand,
) -> Result<proto::MlCommandResult> {
    let command = message.command;
    let command =
        command.ok_or_else(|| faults::unset("spark.connect.MlCommand", "COMMAND_NOT_SET"))?;
    let session = Arc::clone(session);
    let result = blocking(move || run(&session, command)).await?;
    Ok(proto::MlCommandResult { result_type: Some(result) })
}

fn run(session: &Arc<Session>, command: Command) -> Result<ResultType> {
    match command {
        Command::Fit(message) => fit(session, &message),
        Command::Fetch(message) => fetch(session, &message),
        Command::Delete(message) => Ok(delete(session, &message)),
        Command::Write(message) => write(session, &message),
        Command::Read(message) => read(session, &message),
        Command::Evaluate(message) => evaluate(session, &message),
        Command::CleanCache(_) => {
            let n = session.ml.clear(session);
            Ok(param(&Value::Int(i32::try_from(n).unwrap_or(i32::MAX))))
        }
        Command::GetCacheInfo(_) => {
            let entries = session.ml.info().into_iter().map(|(id, class, size_bytes)| {
                serde_json::json!({"id": id, "class": class, "size": size_bytes}).to_string()
            });
            Ok(param(&Value::Strings(entries.collect())))
        }
        Command::CreateSummary(message) => create_summary(session, &message),
        Command::GetModelSize(message) => {
            let size_bytes = session.ml.size_bytes(&id_of(message.model_ref.as_ref())?)?;
            Ok(param(&Value::Long(i64::try_from(size_bytes).unwrap_or(i64::MAX))))
        }
    }
}

fn param(value: &Value) -> ResultType {
    ResultType::Param(literal(value))
}

fn object(id: String) -> ResultType {
    ResultType::OperatorInfo(MlOperatorInfo {
        r#type: Some(ml_operator_info::Type::ObjRef(proto::ObjectRef { id })),
        ..Default::default()
    })
}

fn missing(what: &str) -> SparkError {
    SparkError::invalid_plan(format!("A command of MLlib has no {what}."))
}

fn id_of(reference: Option<&proto::ObjectRef>) -> Result<String> {
    Ok(reference.ok_or_else(|| missing("object"))?.id.clone())
}

fn relation(session: &Session, message: Option<&proto::Relation>) -> Result<Relation> {
    convert::relation(session, message.ok_or_else(|| missing("dataset"))?)
}

fn fit(session: &Arc<Session>, message: &ml_command::Fit) -> Result<ResultType> {
    let operator = message.estimator.as_ref().ok_or_else(|| missing("estimator"))?;
    let class = ml::class(&operator.name)?;
    let Role::Estimator { fit, model } = class.role else {
        return Err(firesteel_ml::error::unsupported_class(&operator.name));
    };
    let params = ml::params(class, &operator.uid, literal::params(message.params.as_ref())?)?;
    let training = relation(session, message.dataset.as_ref())?;
    let dataset = ml::dataset(session, &training)?;
    let fitted = fit(&params, &dataset)?;
    let model_class = ml::class(fitted.class.unwrap_or(model))?;
    let instance = Instance {
        params: params.for_class(model_class.name, model_class.params),
        model: fitted.model,
    };
    let summary = match fitted.summary {
        None => None,
        Some(make) => {
            let params = summary_params(&instance.params);
            let predictions =
                predictions(&Instance { params: params.clone(), ..instance.clone() }, training);
            let source = source(session, &predictions);
            Some(SummaryEntry { summary: make(&params, source)?, predictions })
        }
    };
    let id = session.ml.put_model(session, instance, summary)?;
    Ok(ResultType::OperatorInfo(MlOperatorInfo {
        r#type: Some(ml_operator_info::Type::ObjRef(proto::ObjectRef { id })),
        uid: Some(params.uid().to_owned()),
        warning_message: fitted.warning,
        ..Default::default()
    }))
}

/// A summary needs predictions also where the user wants no column of them.
fn summary_params(params: &Params) -> Params {
    let mut params = params.clone();
    if let Some(class) = firesteel_ml::class(params.class()) {
        for name in ["predictionCol", "probabilityCol", "rawPredictionCol"] {
            if params.get(name).and_then(Value::as_str) == Some("") {
                let column = Value::String(format!("{name}_{}", params.uid()));
                // The name is a parameter of the class, and any text is a column.
                let _ = params.set(class.params, name, column);
            }
        }
    }
    params
}

/// `model.transform(dataset)`.
fn predictions(instance: &Instance, dataset: Relation) -> Relation {
    let key = uuid::Uuid::new_v4().to_string();
    transformed(ml::model_transform(&key, instance.clone()), vec![dataset])
}

fn transformed(transform: TransformHandle, inputs: Vec<Relation>) -> Relation {
    RelationNode::Transform { inputs, transform }.into()
}

fn source(session: &Arc<Session>, relation: &Relation) -> Arc<SessionData> {
    Arc::new(SessionData { session: Arc::downgrade(session), relation: relation.clone() })
}

fn fetch(session: &Arc<Session>, message: &proto::Fetch) -> Result<ResultType> {
    let id = id_of(message.obj_ref.as_ref())?;
    let (last, before) = message.methods.split_last().ok_or_else(|| missing("method"))?;
    if id == HELPER {
        return match helper_command(session, &last.method, &last.args)? {
            Answer::Value(value) => Ok(param(&value)),
            Answer::Models(models) => keep(session, models),
        };
    }
    let is_of_summary = match before {
        [] => matches!(session.ml.get(session, &id)?, Cached::Summary(_)),
        [first] if first.method == "summary" => true,
        _ => return Err(missing("method")),
    };
    if is_of_summary {
        let entry = session.ml.summary(&id)?;
        let args = last.args.iter().map(|arg| match arg.args_type.as_ref() {
            Some(ArgsType::Param(literal)) => value(literal),
            _ => Err(missing("argument")),
        });
        let args = args.collect::<Result<Vec<_>>>()?;
        return Ok(param(&entry.summary.fetch(&last.method, &args)?));
    }
    let instance = session.ml.model(session, &id)?;
    let Role::Model { attributes, .. } = ml::class(instance.params.class())?.role else {
        return Err(firesteel_ml::error::unsupported_class(instance.params.class()));
    };
    match last.method.as_str() {
        "toString" => return Ok(param(&Value::String(instance.model.text(&instance.params)))),
        "evaluate" if attributes.contains(&"evaluate") => {
            return summary_over(session, &instance, &last.args);
        }
        name if !attributes.contains(&name) => {
            return Err(firesteel_ml::error::attribute_not_allowed(instance.params.class(), name));
        }
        _ => {}
    }
    let args = last.args.iter().map(|arg| argument(session, arg)).collect::<Result<Vec<_>>>()?;
    match instance.model.fetch(&instance.params, &last.method, &args)? {
        Answer::Value(value) => Ok(param(&value)),
        Answer::Models(models) => keep(session, models),
    }
}

/// Models that an attribute gave, under ids of their own.
fn keep(session: &Arc<Session>, models: Vec<Instance>) -> Result<ResultType> {
    let ids = models.into_iter().map(|instance| session.ml.put_model(session, instance, None));
    Ok(object(ids.collect::<Result<Vec<_>>>()?.join(",")))
}

fn argument(session: &Arc<Session>, arg: &Args) -> Result<Argument> {
    match arg.args_type.as_ref() {
        Some(ArgsType::Param(literal)) => Ok(Argument::Value(value(literal)?)),
        Some(ArgsType::Input(input)) => {
            Ok(Argument::Data(ml::dataset(session, &convert::relation(session, input)?)?))
        }
        None => Err(missing("argument")),
    }
}

/// `model.evaluate(dataset)`.
fn summary_over(session: &Arc<Session>, instance: &Instance, args: &[Args]) -> Result<ResultType> {
    let [Args { args_type: Some(ArgsType::Input(input)) }] = args else {
        return Err(missing("dataset"));
    };
    let params = summary_params(&instance.params);
    let instance = Instance { params, model: Arc::clone(&instance.model) };
    let predictions = predictions(&instance, convert::relation(session, input)?);
    let summary = instance.model.evaluate(&instance.params, source(session, &predictions))?;
    Ok(ResultType::Summary(session.ml.put_summary(SummaryEntry { summary, predictions })))
}

/// Restores the summary of a training: a client asks for it after `CONNECT_ML.MODEL_SUMMARY_LOST`.
fn create_summary(
    session: &Arc<Session>,
    message: &ml_command::CreateSummary,
) -> Result<ResultType> {
    let id = id_of(message.model_ref.as_ref())?;
    let is_there = session.ml.summary(&id).is_ok();
    if !is_there {
        let instance = session.ml.model(session, &id)?;
        let params = summary_params(&instance.params);
        let instance = Instance { params, model: instance.model };
        let predictions = predictions(&instance, relation(session, message.dataset.as_ref())?);
        let summary = instance.model.evaluate(&instance.params, source(session, &predictions))?;
        session.ml.set_summary(&id, SummaryEntry { summary, predictions })?;
    }
    Ok(param(&Value::Bool(!is_there)))
}

fn delete(session: &Session, message: &ml_command::Delete) -> ResultType {
    let evict_only = message.evict_only.unwrap_or(false);
    let ids = message.obj_refs.iter().map(|reference| &reference.id);
    let removed = ids.filter(|id| !id.contains('.') && session.ml.remove(session, id, evict_only));
    object(removed.cloned().collect::<Vec<_>>().join(","))
}

fn evaluate(session: &Arc<Session>, message: &ml_command::Evaluate) -> Result<ResultType> {
    let operator = message.evaluator.as_ref().ok_or_else(|| missing("evaluator"))?;
    let class = ml::class(&operator.name)?;
    let Role::Evaluator { evaluate } = class.role else {
        return Err(firesteel_ml::error::unsupported_class(&operator.name));
    };
    let params = ml::params(class, &operator.uid, literal::params(message.params.as_ref())?)?;
    let dataset = ml::dataset(session, &relation(session, message.dataset.as_ref())?)?;
    Ok(param(&Value::Double(evaluate(&params, &dataset)?)))
}

fn write(session: &Arc<Session>, message: &ml_command::Write) -> Result<ResultType> {
    let set = literal::params(message.params.as_ref())?;
    let overwrite = message.should_overwrite.unwrap_or(false);
    let path = message.path.as_str();
    match message.r#type.as_ref().ok_or_else(|| missing("operator"))? {
        write::Type::Operator(operator) => {
            let class = ml::class(&operator.name)?;
            let params = ml::params(class, &operator.uid, set)?;
            ml::handle_overwrite(path, overwrite)?;
            ml::save_params(session, path, &params)?;
        }
        write::Type::ObjRef(reference) => {
            let instance = session.ml.model(session, &reference.id)?;
            let class = ml::class(instance.params.class())?;
            let params = ml::with_params(instance.params.clone(), class, set)?;
            ml::handle_overwrite(path, overwrite)?;
            ml::save(session, path, &Instance { params, ..instance })?;
        }
    }
    Ok(ResultType::OperatorInfo(MlOperatorInfo::default()))
}

fn read(session: &Arc<Session>, message: &ml_command::Read) -> Result<ResultType> {
    let operator = message.operator.as_ref().ok_or_else(|| missing("operator"))?;
    let class = ml::class(&operator.name)?;
    let info = |params: &Params, kind| {
        let set = params.explicit().iter();
        let set = set.map(|(name, value)| ((*name).to_owned(), literal(value))).collect();
        ResultType::OperatorInfo(MlOperatorInfo {
            r#type: Some(kind),
            uid: Some(params.uid().to_owned()),
            params: Some(proto::MlParams { params: set }),
            warning_message: None,
        })
    };
    let other = |found: &str| {
        let (found, wanted) = (found.to_owned(), class.name);
        firesteel_ml::error::requirement(format!(
            "Error loading metadata: Expected class name {wanted} but found class name {found}"
        ))
    };
    if operator.r#type() == OperatorType::Model {
        let instance = ml::load(session, &message.path)?;
        if instance.params.class() != class.name {
            return Err(other(instance.params.class()));
        }
        let params = instance.params.clone();
        let id = session.ml.put_model(session, instance, None)?;
        return Ok(info(&params, ml_operator_info::Type::ObjRef(proto::ObjectRef { id })));
    }
    let (found, params) = ml::load_params(session, &message.path)?;
    if found.name != class.name {
        return Err(other(found.name));
    }
    Ok(info(&params, ml_operator_info::Type::Name(class.name.to_owned())))
}
