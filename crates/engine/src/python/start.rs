//! What a task says to `pyspark.worker` before its data.
//!
//! ```text
//! partition, version of Python, task context as JSON      who calls
//! directory of files, names among them                    where modules lie
//! broadcasts: none                                        the RDD layer brings its own
//! eval type, configuration, configuration of the type     how to call
//! functions                                               what to call: `udfs` here; other payloads
//!                                                         (table functions) are put in the same place
//! ```

use super::message::Message;
use super::pool::WorkerKey;
use super::{DaemonKey, attempt};
use firesteel_common::python::{PythonCall, PythonSettings, PythonTableTask, PythonTask};
use serde_json::{Map, Value, json};

/// Runs the functions of queries.
pub const WORKER_MODULE: &str = "pyspark.worker";

/// One attempt at one partition.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub stage: u64,
    pub partition: usize,
    /// From zero.
    pub number: u32,
    /// Differs between all attempts of the engine.
    pub id: u64,
    /// What a barrier task is told in addition: where it waits, the others' addresses.
    pub barrier: Option<attempt::Barrier>,
}

/// Everything before the data.
pub fn start(task: &PythonTask, attempt: &Attempt) -> Vec<u8> {
    let mut message = head(task, attempt);
    udfs(&mut message, &task.calls);
    message.into_bytes()
}

/// As [`start`], up to the payload.
pub fn head(task: &PythonTask, attempt: &Attempt) -> Message {
    let settings = &task.settings;
    let mut message = Message::default();
    message.count(attempt.partition).blob(&task.version).blob(context(settings, attempt));
    message.blob(&settings.files).count(settings.includes.len());
    for name in &settings.includes {
        message.blob(name);
    }
    message.flag(false).int(0);
    message.int(task.eval_type.0).pairs(settings.conf.iter()).pairs(task.eval_conf.iter());
    message
}

/// The payload of every eval type but table functions.
pub fn udfs(message: &mut Message, calls: &[PythonCall]) {
    message.count(calls.len());
    for call in calls {
        message.count(call.args.len());
        for arg in &call.args {
            message.count(arg.offset).flag(arg.name.is_some());
            if let Some(name) = &arg.name {
                message.blob(name);
            }
        }
        message.count(call.chain.len());
        for command in &call.chain {
            message.blob(&command.0);
        }
        message.long(call.result_id);
    }
}

/// As [`start`], for a table function.
pub fn start_table(table: &PythonTableTask, attempt: &Attempt) -> Vec<u8> {
    let mut message = head(&table.task, attempt);
    let call = table.task.calls.first();
    let args = call.map_or(&[][..], |call| &call.args);
    message.count(args.len());
    for arg in args {
        message.count(arg.offset).flag(arg.name.is_some());
        if let Some(name) = &arg.name {
            message.blob(name);
        }
    }
    message.count(table.partition_columns.len());
    for place in &table.partition_columns {
        message.count(*place);
    }
    message.flag(table.analyzed.is_some());
    if let Some(analyzed) = &table.analyzed {
        message.blob(&analyzed.0);
    }
    let handler = call.and_then(|call| call.chain.first()).map(|command| command.0.as_ref());
    message.blob(handler.unwrap_or_default()).blob(&table.return_type).blob(&table.name);
    message.into_bytes()
}

/// `TaskContext`, as the worker reads it.
fn context(settings: &PythonSettings, attempt: &Attempt) -> String {
    let mut properties: Map<String, Value> = settings
        .local_properties
        .iter()
        .map(|(key, value)| (key.clone(), value.clone().into()))
        .collect();
    let mut context = json!({
        "isBarrier": attempt.barrier.is_some(),
        "stageId": attempt.stage,
        "partitionId": attempt.partition,
        "attemptNumber": attempt.number,
        "taskAttemptId": attempt.id,
        "cpus": settings.cpus.max(1),
        "resources": {},
    });
    if let Some(barrier) = &attempt.barrier {
        properties.insert("addresses".to_owned(), barrier.addresses.clone().into());
        context["connInfo"] = barrier.socket.clone().into();
        context["secret"] = Value::Null;
    }
    context["localProperties"] = Value::Object(properties);
    context.to_string()
}

/// The worker that a task needs.
pub fn worker_key(settings: &PythonSettings, module: &'static str) -> WorkerKey {
    WorkerKey {
        daemon: DaemonKey {
            executable: settings.executable.clone(),
            module,
            environment: settings.environment.clone(),
            directory: settings.directory.clone(),
        },
        isolation: settings.isolation.clone(),
    }
}
