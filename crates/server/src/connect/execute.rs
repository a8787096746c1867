//! ExecutePlan: runs a query or a command, answers as a stream.

use super::convert::faults;
use super::operation::Operation;
use super::results::{self, Chunking};
use super::{ResponseStream, convert, errors, execute_command, metrics, observed, progress};
use crate::planning::{blocking, panicked, resolve_to_collect, visible_plan};
use crate::session::Session;
use crate::slow_query::SlowQueryWatch;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_engine::execution::Execution;
use firesteel_proto::nesting::{self, NestingError};
use firesteel_proto::spark::connect as proto;
use futures::FutureExt;
use futures::future::{AbortRegistration, Abortable};
use prost::{Message, Name};
use proto::execute_plan_request::request_option::RequestOption;
use proto::plan::OpType;
use std::io::Read;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tonic::Status;

pub fn execute_plan(
    session: &Arc<Session>,
    request: proto::ExecutePlanRequest,
) -> Result<ResponseStream, Status> {
    let mut reattachable = false;
    let mut chunking = Chunking::default();
    for option in request.request_options {
        match option.request_option {
            Some(RequestOption::ReattachOptions(options)) => reattachable = options.reattachable,
            Some(RequestOption::ResultChunkingOptions(options)) => {
                chunking.allowed = options.allow_arrow_batch_chunking;
                let preferred = options.preferred_arrow_chunk_size;
                chunking.preferred_bytes = preferred.and_then(|bytes| usize::try_from(bytes).ok());
            }
            _ => {}
        }
    }
    let id = request.operation_id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let failed = |error: SparkError| errors::status(&error, Some(session));
    let (operation, registration) =
        session.operations.begin(session, id, request.tags, reattachable).map_err(failed)?;
    let stream = operation.attach().map_err(failed)?;
    let session = Arc::clone(session);
    let queries = session.engine().queries().clone();
    queries.spawn(run(session, operation, request.plan, chunking, registration));
    Ok(stream)
}

/// Does the work of an operation and ends it, whatever happens.
async fn run(
    session: Arc<Session>,
    operation: Arc<Operation>,
    plan: Option<proto::Plan>,
    chunking: Chunking,
    registration: AbortRegistration,
) {
    let work = watched(&session, &operation, plan, chunking);
    let work = AssertUnwindSafe(work).catch_unwind();
    match Abortable::new(work, registration).await {
        Ok(Ok(Ok(last))) => operation.succeed(last).await,
        Ok(Ok(Err(error))) => operation.fail(&error),
        Ok(Err(panic)) => operation.fail(&panicked(panic.as_ref())),
        // Who stopped it has ended it.
        Err(_) => {}
    }
}

/// Does the work, tells the client how far it is meanwhile; gives what was measured, to be told at the end.
async fn watched(
    session: &Arc<Session>,
    operation: &Operation,
    plan: Option<proto::Plan>,
    chunking: Chunking,
) -> Result<proto::ExecutePlanResponse> {
    let execution = Arc::new(Execution::default());
    let watch = SlowQueryWatch::begin(session, operation.id());
    let answer = execution.scope(answer(session, operation, plan, chunking));
    let report = progress::report(
        operation,
        &execution,
        progress::interval(session),
        session.engine().slots(),
    );
    let result = tokio::select! {
        biased;
        result = answer => result,
        never = report => match never {},
    };
    watch.end(&execution, result.as_ref().err());
    result?;
    Ok(proto::ExecutePlanResponse {
        metrics: metrics::metrics(&execution),
        observed_metrics: observed::observed(&execution),
        ..Default::default()
    })
}

async fn answer(
    session: &Arc<Session>,
    operation: &Operation,
    plan: Option<proto::Plan>,
    chunking: Chunking,
) -> Result<()> {
    match unpack(plan, session.engine().limits().plan_bytes_max)? {
        OpType::Root(relation) => query(session, operation, relation, chunking).await,
        OpType::Command(command) => {
            execute_command::execute(session, operation, command, chunking).await
        }
        OpType::CompressedOperation(_) => {
            Err(SparkError::invalid_plan("A compressed plan holds a compressed plan."))
        }
    }
}

/// Undoes the compression of large plans.
pub(super) fn unpack(plan: Option<proto::Plan>, bytes_max: usize) -> Result<OpType> {
    use proto::CompressionCodec;
    use proto::plan::compressed_operation::OpType as Kind;
    let plan = plan.and_then(|plan| plan.op_type);
    let Some(OpType::CompressedOperation(packed)) = plan else {
        return plan.ok_or_else(|| faults::unset("spark.connect.Plan", "OPTYPE_NOT_SET"));
    };
    let broken = |reason: String| {
        SparkError::new(
            ErrorKind::InvalidPlan,
            "CONNECT_INVALID_PLAN.CANNOT_PARSE",
            format!(
                "The Spark Connect plan is invalid. Cannot decompress or parse the input plan \
                 ({reason})\nThis may be caused by a corrupted compressed plan.\nTo disable plan \
                 compression, set 'spark.connect.session.planCompression.threshold' to -1."
            ),
        )
        .with("errorMsg", reason)
    };
    if packed.compression_codec() != CompressionCodec::Zstd {
        let name = CompressionCodec::Unspecified.as_str_name();
        return Err(faults::invalid_enum("spark.connect.CompressionCodec", name));
    }
    let bytes = decompress(&packed.data, bytes_max).map_err(|error| broken(error.to_string()))?;
    if bytes.len() > bytes_max {
        return Err(SparkError::new(
            ErrorKind::InvalidPlan,
            "CONNECT_INVALID_PLAN.PLAN_SIZE_LARGER_THAN_MAX",
            format!(
                "The plan size is larger than max (more than {bytes_max} vs. {bytes_max}). Split the \
                 query into smaller parts, with temporary views for intermediate results."
            ),
        )
        .with("planSize", format!("more than {bytes_max}"))
        .with("maxPlanSize", bytes_max.to_string()));
    }
    let check = |name: String| {
        nesting::check(&name, &bytes).map_err(|error| match error {
            NestingError::Malformed => broken(error.to_string()),
            NestingError::TooDeep(_) => {
                SparkError::new(ErrorKind::InvalidPlan, "PLAN_DEPTH_EXCEEDED", error.to_string())
            }
        })
    };
    match packed.op_type() {
        Kind::Relation => {
            check(proto::Relation::full_name())?;
            let relation = proto::Relation::decode(bytes.as_slice());
            relation.map(OpType::Root).map_err(|error| broken(error.to_string()))
        }
        Kind::Command => {
            check(proto::Command::full_name())?;
            let command = proto::Command::decode(bytes.as_slice());
            command.map(OpType::Command).map_err(|error| broken(error.to_string()))
        }
        Kind::Unspecified => Err(broken("neither a relation nor a command".to_owned())),
    }
}

/// What `data` unpacks to, cut off shortly beyond `bytes_max`: a few bytes can stand for gigabytes.
fn decompress(data: &[u8], bytes_max: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    zstd::stream::Decoder::new(data)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Runs a query and sends its rows.
async fn query(
    session: &Arc<Session>,
    operation: &Operation,
    relation: proto::Relation,
    chunking: Chunking,
) -> Result<()> {
    let planning = Arc::clone(session);
    let began = Instant::now();
    let (plan, schema, time_zone) = blocking(move || {
        let relation = convert::relation(&planning, &relation)?;
        let resolved = resolve_to_collect(&planning, &relation)?;
        Ok((visible_plan(&resolved)?, resolved.schema(), planning.time_zone()))
    })
    .await?;
    let resolved_us = began.elapsed().as_micros();
    let runner = session.engine().runner()?;
    let physical = runner.physical_plan(&plan).await?;
    let planned_us = began.elapsed().as_micros() - resolved_us;
    let stream = runner.run_physical(&physical);
    let result = results::send(operation, stream, &schema, &time_zone, chunking).await;
    let ran_us = began.elapsed().as_micros() - resolved_us - planned_us;
    tracing::debug!(target: "firesteel::phases", resolved_us, planned_us, ran_us);
    result
}
