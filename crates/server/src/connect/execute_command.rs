//! Commands: SQL texts, views, writes, checkpoints, registrations.

use super::convert::{self, faults};
use super::operation::Operation;
use super::resource_profile;
use super::results::{self, Chunking};
use crate::command::{self, Answer};
use crate::planning::{blocking, resolve, visible_plan};
use crate::session::{CachedRemote, Session, names_changed};
use firesteel_common::{Result, SparkError};
use firesteel_engine::CachedTable;
use firesteel_engine::memory::StoragePlaces;
use firesteel_plan::spec::{Command, CreateView, Plan, ViewKind};
use firesteel_plan::sql;
use firesteel_proto::spark::connect as proto;
use proto::command::CommandType;
use proto::execute_plan_response::{ResponseType, SqlCommandResult};
use proto::relation::RelType;
use std::sync::Arc;

/// Runs a command and sends what it answers.
///
/// # Errors
/// Whatever the command fails with.
pub async fn execute(
    session: &Arc<Session>,
    operation: &Operation,
    command: proto::Command,
    _chunking: Chunking,
) -> Result<()> {
    let kind = command.command_type;
    let kind = kind.ok_or_else(|| faults::unset("spark.connect.Command", "COMMANDTYPE_NOT_SET"))?;
    let response = match kind {
        CommandType::SqlCommand(message) => Some(sql_command(session, message).await?),
        CommandType::CreateDataframeView(message) => {
            create_view(session, message).await?;
            None
        }
        CommandType::WriteOperation(message) => {
            let converting = Arc::clone(session);
            let command = blocking(move || convert::write_operation(&converting, &message)).await?;
            command::run(session, command).await?;
            None
        }
        CommandType::WriteOperationV2(message) => {
            let converting = Arc::clone(session);
            let command =
                blocking(move || convert::write_operation_v2(&converting, &message)).await?;
            command::run(session, command).await?;
            None
        }
        CommandType::MergeIntoTableCommand(message) => {
            let command = convert::merge_into(&message)?;
            command::run(session, command).await?;
            None
        }
        CommandType::RegisterFunction(message) => {
            let function = convert::python_function(&message)?;
            session.functions.write().insert(function.name.to_lowercase(), function);
            names_changed(session.engine());
            None
        }
        CommandType::RegisterTableFunction(message) => {
            let function = convert::python_table_function(&message)?;
            session.table_functions.write().insert(function.name.to_lowercase(), function);
            names_changed(session.engine());
            None
        }
        CommandType::RegisterDataSource(message) => {
            let source = convert::python_data_source(&message)?;
            session.data_sources.write().insert(source.name.to_lowercase(), source);
            None
        }
        CommandType::CheckpointCommand(message) => Some(checkpoint(session, message).await?),
        CommandType::RemoveCachedRemoteRelationCommand(message) => {
            if let Some(relation) = message.relation {
                session.cached_remote.write().remove(&relation.relation_id);
            }
            None
        }
        CommandType::GetResourcesCommand(_) => Some(ResponseType::GetResourcesCommandResult(
            proto::GetResourcesCommandResult::default(),
        )),
        CommandType::CreateResourceProfileCommand(_) => {
            Some(ResponseType::CreateResourceProfileCommandResult(resource_profile::create()))
        }
        CommandType::MlCommand(message) => {
            Some(ResponseType::MlCommandResult(super::ml::execute(session, message).await?))
        }
        other => return Err(unsupported(&other)),
    };
    if let Some(response_type) = response {
        operation
            .push(proto::ExecutePlanResponse {
                response_type: Some(response_type),
                ..Default::default()
            })
            .await;
    }
    Ok(())
}

fn unsupported(kind: &CommandType) -> SparkError {
    SparkError::unsupported(match kind {
        CommandType::WriteStreamOperationStart(_)
        | CommandType::StreamingQueryCommand(_)
        | CommandType::StreamingQueryManagerCommand(_)
        | CommandType::StreamingQueryListenerBusCommand(_) => "Structured Streaming",
        CommandType::ExecuteExternalCommand(_) => "external commands",
        CommandType::PipelineCommand(_) => "declarative pipelines",
        CommandType::Extension(_) => "command extensions",
        _ => "a command of unknown kind",
    })
}

/// `spark.sql`: a command runs now and its rows come back inside the answer; of a query only the
/// relation comes back, which the client runs when it needs rows.
async fn sql_command(session: &Arc<Session>, message: proto::SqlCommand) -> Result<ResponseType> {
    let planning = Arc::clone(session);
    let (statement, message) = blocking(move || {
        let plan = convert::sql_plan(&planning, &message)?;
        let dialect = planning.conf.read().dialect();
        let statement = sql::parse_statement_in(&plan.text.query, dialect)?;
        if matches!(statement, Plan::Query(_)) {
            // Spark finds mistakes in a query when it is defined, not when it is run.
            resolve(&planning, &plan.relation())?;
        }
        let has_arguments = !(plan.text.named.is_empty() && plan.text.positional.is_empty());
        let statement = match statement {
            Plan::Command(_) if has_arguments => sql::parse_with_arguments(&plan.text, dialect)?,
            other => other,
        };
        Ok((statement, plan.message))
    })
    .await?;
    let relation = match statement {
        Plan::Query(_) => message,
        Plan::Command(command) => local_relation(&command::run(session, command).await?)?,
    };
    Ok(ResponseType::SqlCommandResult(SqlCommandResult { relation: Some(relation) }))
}

/// Rows of a command as a relation that the client can go on with.
fn local_relation(answer: &Answer) -> Result<proto::Relation> {
    let data = results::ipc(&answer.batch()?)?;
    Ok(proto::Relation {
        common: None,
        rel_type: Some(RelType::LocalRelation(proto::LocalRelation {
            data: Some(data),
            schema: Some(answer.schema.to_json().to_string()),
        })),
    })
}

/// `df.createOrReplaceTempView` and its kin.
async fn create_view(
    session: &Arc<Session>,
    message: proto::CreateDataFrameViewCommand,
) -> Result<()> {
    let converting = Arc::clone(session);
    let view = blocking(move || {
        let input = message.input.as_ref();
        let input = input.ok_or_else(|| SparkError::invalid_plan("A view needs a query."))?;
        let invalid = || {
            let text = &message.name;
            let error = SparkError::analysis(
                "_LEGACY_ERROR_TEMP_1321",
                format!("Invalid view name: {text}."),
            );
            error.with("viewName", text.clone())
        };
        let name = sql::parse_name(&message.name).map_err(|_| invalid())?;
        Ok(CreateView {
            name,
            query: convert::relation(&converting, input)?,
            kind: match message.is_global {
                true => ViewKind::GlobalTemporary,
                false => ViewKind::Temporary,
            },
            replace: message.replace,
            if_not_exists: false,
            columns: Vec::new(),
            comment: None,
            properties: Vec::new(),
            text: None,
        })
    })
    .await?;
    command::run(session, Command::CreateView(view)).await.map(drop)
}

/// `checkpoint` and `localCheckpoint`: the rows are computed once and kept under an id. They may always
/// go to disk, as in Spark: what was dropped could not be computed again without the lineage. Both keep
/// them in the engine's own store, so that a checkpoint needs no directory.
async fn checkpoint(
    session: &Arc<Session>,
    message: proto::CheckpointCommand,
) -> Result<ResponseType> {
    let planning = Arc::clone(session);
    let runner = session.engine().runner()?;
    let eager = message.eager;
    let kept = blocking(move || {
        let relation = message.relation.as_ref();
        let relation =
            relation.ok_or_else(|| SparkError::invalid_plan("Nothing to checkpoint."))?;
        let relation = convert::relation(&planning, relation)?;
        let resolved = resolve(&planning, &relation)?;
        let (plan, schema) = (visible_plan(&resolved)?, resolved.schema());
        let level = message.storage_level;
        let memory = level.is_none_or(|level| level.use_memory || level.use_off_heap);
        let table = CachedTable::with_places(plan, runner, StoragePlaces { memory, disk: true });
        Ok(CachedRemote { table: Arc::new(table), schema })
    })
    .await?;
    if eager {
        kept.table.materialize().await?;
    }
    let relation_id = uuid::Uuid::new_v4().to_string();
    session.cached_remote.write().insert(relation_id.clone(), kept);
    Ok(ResponseType::CheckpointCommandResult(proto::CheckpointCommandResult {
        relation: Some(proto::CachedRemoteRelation { relation_id }),
    }))
}
