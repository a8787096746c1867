//! AnalyzePlan: questions about a plan that run no query.

use super::convert::faults;
use super::data_type::{schema_to_proto, to_proto};
use super::execute::unpack;
use super::{convert, errors};
use crate::command::{explain, input_files, keep};
use crate::planning::{blocking, resolve, visible_plan};
use crate::session::{QueryEnvironment, Session, StorageLevel};
use firesteel_common::types::type_from_json;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_plan::resolve::Resolved;
use firesteel_plan::spec::{ExplainMode, RelationNode};
use firesteel_plan::{spec, sql};
use firesteel_proto::spark::connect as proto;
use futures::FutureExt;
use proto::analyze_plan_request::{Analyze, explain::ExplainMode as ModeMessage};
use proto::analyze_plan_response as response;
use proto::analyze_plan_response::Result as Answer;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tonic::Status;

/// The version whose behaviour and protocol this engine has. Programs compare it.
const SPARK_VERSION: &str = "4.2.0";

pub async fn analyze_plan(
    session: Arc<Session>,
    request: proto::AnalyzePlanRequest,
) -> Result<proto::AnalyzePlanResponse, Status> {
    let work = AssertUnwindSafe(answer(&session, request.analyze)).catch_unwind().await;
    let result = work.unwrap_or_else(|panic| Err(crate::planning::panicked(panic.as_ref())));
    let result = result.map_err(|error| errors::status(&error, Some(&session)))?;
    Ok(proto::AnalyzePlanResponse {
        session_id: session.key.id.clone(),
        server_side_session_id: session.server_side_id.clone(),
        result: Some(result),
    })
}

async fn answer(session: &Arc<Session>, analyze: Option<Analyze>) -> Result<Answer> {
    let analyze = analyze.ok_or_else(|| {
        let text = "Unknown Analyze Method ANALYZE_NOT_SET!";
        faults::invalid("UNKNOWN_ANALYZE_METHOD", text).with("other", "ANALYZE_NOT_SET")
    })?;
    Ok(match analyze {
        Analyze::Schema(message) => {
            let (_, resolved) = resolve_plan(session, message.plan).await?;
            let schema = Some(schema_to_proto(&resolved.schema()));
            Answer::Schema(response::Schema { schema })
        }
        Analyze::Explain(message) => {
            let Ok(mode) = ModeMessage::try_from(message.explain_mode) else {
                let name = "UNRECOGNIZED";
                return Err(faults::invalid_enum("spark.connect.ExplainMode", name));
            };
            let mode = match mode {
                ModeMessage::Extended => ExplainMode::Extended,
                ModeMessage::Codegen => ExplainMode::Codegen,
                ModeMessage::Cost => ExplainMode::Cost,
                ModeMessage::Formatted => ExplainMode::Formatted,
                ModeMessage::Simple | ModeMessage::Unspecified => ExplainMode::Simple,
            };
            let relation = convert_plan(session, message.plan).await?;
            let explain_string = explain(session, relation, mode).await?;
            Answer::Explain(response::Explain { explain_string })
        }
        Analyze::TreeString(message) => {
            let (_, resolved) = resolve_plan(session, message.plan).await?;
            let tree_string = resolved.schema().tree_string(message.level);
            Answer::TreeString(response::TreeString { tree_string })
        }
        Analyze::IsLocal(message) => {
            let (relation, _) = resolve_plan(session, message.plan).await?;
            Answer::IsLocal(response::IsLocal { is_local: is_local(&relation, session) })
        }
        Analyze::IsStreaming(message) => {
            resolve_plan(session, message.plan).await?;
            Answer::IsStreaming(response::IsStreaming { is_streaming: false })
        }
        Analyze::InputFiles(message) => {
            let (_, resolved) = resolve_plan(session, message.plan).await?;
            let planning = Arc::clone(session);
            let files = blocking(move || input_files(&planning, &resolved)).await?;
            Answer::InputFiles(response::InputFiles { files })
        }
        Analyze::SparkVersion(_) => {
            Answer::SparkVersion(response::SparkVersion { version: SPARK_VERSION.to_owned() })
        }
        Analyze::DdlParse(message) => {
            let parsed = convert::data_type_of_text(&message.ddl_string)?;
            Answer::DdlParse(response::DdlParse { parsed: Some(to_proto(&parsed)) })
        }
        Analyze::SameSemantics(message) => {
            let left = canonical(session, message.target_plan).await?;
            let right = canonical(session, message.other_plan).await?;
            Answer::SameSemantics(response::SameSemantics { result: left == right })
        }
        Analyze::SemanticHash(message) => {
            let mut hasher = DefaultHasher::new();
            canonical(session, message.plan).await?.hash(&mut hasher);
            // The protocol has 32 bits for it.
            let result = (hasher.finish() >> 32) as i32;
            Answer::SemanticHash(response::SemanticHash { result })
        }
        Analyze::Persist(message) => {
            let level = message.storage_level.map_or(StorageLevel::MEMORY_AND_DISK, from_message);
            persist(session, message.relation, level).await?;
            Answer::Persist(response::Persist {})
        }
        Analyze::Unpersist(message) => {
            let relation = convert_relation(session, message.relation).await?;
            if !session.persisted.write().remove(&relation)
                && let Some(same) = canonical_if_any_kept(session, relation).await?
            {
                session.persisted.write().remove_same(&same);
            }
            Answer::Unpersist(response::Unpersist {})
        }
        Analyze::GetStorageLevel(message) => {
            let relation = convert_relation(session, message.relation).await?;
            let exact = session.persisted.read().find(&relation).map(|kept| kept.level);
            let level = match exact {
                Some(level) => level,
                None => match canonical_if_any_kept(session, relation).await? {
                    None => StorageLevel::NONE,
                    Some(same) => {
                        let persisted = session.persisted.read();
                        persisted.find_same(&same).map_or(StorageLevel::NONE, |kept| kept.level)
                    }
                },
            };
            Answer::GetStorageLevel(response::GetStorageLevel {
                storage_level: Some(to_message(level)),
            })
        }
        Analyze::JsonToDdl(message) => {
            let ddl_string = match type_from_json(&message.json_string)? {
                SparkType::Struct(schema) => schema.to_ddl(),
                other => other.sql(),
            };
            Answer::JsonToDdl(response::JsonToDdl { ddl_string })
        }
    })
}

async fn convert_plan(session: &Arc<Session>, plan: Option<proto::Plan>) -> Result<spec::Relation> {
    convert_relation(session, Some(root(session, plan)?)).await
}

/// The relation of a plan, which the client may have compressed.
fn root(session: &Session, plan: Option<proto::Plan>) -> Result<proto::Relation> {
    use proto::plan::OpType;
    if plan.as_ref().is_none_or(|plan| plan.op_type.is_none()) {
        return Err(faults::relation());
    }
    match unpack(plan, session.engine().limits().plan_bytes_max)? {
        OpType::Root(relation) => Ok(relation),
        _ => Err(faults::relation()),
    }
}

async fn resolve_plan(
    session: &Arc<Session>,
    plan: Option<proto::Plan>,
) -> Result<(spec::Relation, Resolved)> {
    let relation = root(session, plan)?;
    let session = Arc::clone(session);
    blocking(move || {
        let relation = convert::relation(&session, &relation)?;
        let resolved = resolve(&session, &relation)?;
        Ok((relation, resolved))
    })
    .await
}

async fn convert_relation(
    session: &Arc<Session>,
    relation: Option<proto::Relation>,
) -> Result<spec::Relation> {
    let session = Arc::clone(session);
    blocking(move || {
        let relation =
            relation.ok_or_else(|| SparkError::invalid_plan("The relation is missing."))?;
        convert::relation(&session, &relation)
    })
    .await
}

/// `df.cache()`: nothing runs until the relation is used.
async fn persist(
    session: &Arc<Session>,
    relation: Option<proto::Relation>,
    level: StorageLevel,
) -> Result<()> {
    let session = Arc::clone(session);
    blocking(move || {
        let relation =
            relation.ok_or_else(|| SparkError::invalid_plan("The relation is missing."))?;
        let relation = convert::relation(&session, &relation)?;
        keep(&QueryEnvironment::new(&session)?, relation, level).map(drop)
    })
    .await
}

/// What a plan means ([`crate::canonical`]).
async fn canonical(session: &Arc<Session>, plan: Option<proto::Plan>) -> Result<String> {
    let (_, resolved) = resolve_plan(session, plan).await?;
    let session = Arc::clone(session);
    blocking(move || session.canonical(&visible_plan(&resolved)?)).await
}

/// What a relation means; nothing is looked up while nothing is kept.
async fn canonical_if_any_kept(
    session: &Arc<Session>,
    relation: spec::Relation,
) -> Result<Option<String>> {
    if session.persisted.read().is_empty() {
        return Ok(None);
    }
    let session = Arc::clone(session);
    blocking(move || {
        let resolved = resolve(&session, &relation)?;
        session.canonical(&visible_plan(&resolved)?).map(Some)
    })
    .await
}

/// Whether rows come without a query: those of the client, of commands, and of VALUES on its own.
fn is_local(relation: &spec::Relation, session: &Session) -> bool {
    match relation.node.as_ref() {
        RelationNode::Local(_) | RelationNode::Catalog(_) | RelationNode::InlineTable { .. } => {
            true
        }
        RelationNode::Sql(text) => {
            let parsed = sql::parse_statement_in(&text.query, session.conf.read().dialect());
            matches!(parsed, Ok(spec::Plan::Query(query)) if is_local(&query, session))
        }
        _ => false,
    }
}

pub(super) fn from_message(level: proto::StorageLevel) -> StorageLevel {
    StorageLevel {
        use_disk: level.use_disk,
        use_memory: level.use_memory,
        use_off_heap: level.use_off_heap,
        deserialized: level.deserialized,
        replication: level.replication,
    }
}

fn to_message(level: StorageLevel) -> proto::StorageLevel {
    proto::StorageLevel {
        use_disk: level.use_disk,
        use_memory: level.use_memory,
        use_off_heap: level.use_off_heap,
        deserialized: level.deserialized,
        replication: level.replication,
    }
}
