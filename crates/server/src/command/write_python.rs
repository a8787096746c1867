//! `df.write.format("…").save()` to a data source written in Python.

use super::Answer;
use super::write::plan_of;
use crate::planning::blocking;
use crate::session::Session;
use arrow::array::AsArray;
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::nodes::MapInPython;
use firesteel_common::python::{EvalType, PythonDataSource, PythonFunction, PythonTask};
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use firesteel_engine::python::{commit_data_source_write, plan_data_source_write};
use firesteel_plan::spec::{SaveMode, WritePath};
use futures::StreamExt;
use std::sync::Arc;

/// Each partition is a task of its own, which gives one message; the writer gets all of them at the end.
pub(super) async fn write_data_source(
    session: &Arc<Session>,
    source: PythonDataSource,
    write: WritePath,
) -> Result<Answer> {
    let overwrites = match write.mode {
        SaveMode::Append => false,
        SaveMode::Overwrite => true,
        SaveMode::ErrorIfExists => return Err(unsupported_mode(&source.name, "ErrorIfExists")),
        SaveMode::Ignore => return Err(unsupported_mode(&source.name, "Ignore")),
    };
    let mut options = write.options;
    options.extend(write.path.map(|path| ("path".to_owned(), path)));
    let (plan, schema) = plan_of(session, write.input).await?;
    let (planning, planned_source) = (Arc::clone(session), source.clone());
    let planned = blocking(move || {
        let settings = Arc::new(planning.python_settings()?);
        let json = schema.to_json().to_string();
        let write =
            plan_data_source_write(&settings, &planned_source, &json, &options, overwrites)?;
        let message = StructField::new("message", SparkType::Binary, true);
        let function = PythonFunction {
            name: planned_source.name,
            eval_type: EvalType::MAP_ARROW_ITER,
            command: write.command,
            version: planned_source.version,
            includes: Vec::new(),
            output_type: SparkType::Struct(StructType { fields: vec![message.clone()] }),
            deterministic: false,
            result_id: PythonFunction::next_result_id(),
            settings: Arc::clone(&settings),
        };
        let task = Arc::new(PythonTask::over_rows(&function, false));
        let inputs = schema.fields.iter().map(StructField::to_arrow).collect();
        let names = vec![message.name.clone()];
        let node = MapInPython::try_new(plan, task, inputs, vec![message.to_arrow()], names)?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        Ok((plan, settings, write.writer))
    });
    let (plan, settings, writer) = planned.await?;
    let (messages, failure) = match messages(session, &plan).await {
        Ok(messages) => (messages, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let aborts = failure.is_some();
    let committed =
        blocking(move || commit_data_source_write(&settings, &source, &writer, &messages, aborts))
            .await;
    match failure {
        Some(error) => Err(error),
        None => committed.map(|()| Answer::none()),
    }
}

/// Runs the tasks; what each says.
async fn messages(session: &Arc<Session>, plan: &LogicalPlan) -> Result<Vec<Vec<u8>>> {
    let runner = session.engine().runner()?;
    let physical = runner.physical_plan(plan).await?;
    let mut stream = runner.run_physical(&physical);
    let mut messages = Vec::new();
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let column = batch.column(0).as_binary_opt::<i32>();
        let column = column.ok_or_else(|| SparkError::internal("a message that is not binary"))?;
        messages.extend(column.iter().flatten().map(<[u8]>::to_vec));
    }
    Ok(messages)
}

fn unsupported_mode(name: &str, mode: &str) -> SparkError {
    SparkError::analysis(
        "UNSUPPORTED_DATA_SOURCE_SAVE_MODE",
        format!("The data source \"{name}\" cannot be written in the \"{mode}\" mode. Please use either the \"Append\" or \"Overwrite\" mode instead."),
    )
    .with("source", name)
    .with("createMode", format!("\"{mode}\""))
}
