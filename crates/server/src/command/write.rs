//! `df.write.save(path)` and INSERT OVERWRITE DIRECTORY: rows to files.

use super::Answer;
use crate::planning::{blocking, resolve, visible_plan};
use crate::session::{Session, files_changed};
use arrow::datatypes::Schema;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use firesteel_common::error::ErrorKind;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Result, SparkError, StructType};
use firesteel_io as io;
use firesteel_plan::spec::{Relation, SaveMode, WritePath};
use futures::StreamExt;
use std::sync::Arc;

pub async fn write_path(session: &Arc<Session>, write: WritePath) -> Result<Answer> {
    if write.bucket_by.is_some() || !write.sort_by.is_empty() {
        return Err(SparkError::analysis(
            "_LEGACY_ERROR_TEMP_1312",
            "'save' does not support bucketBy and sortBy right now.",
        ));
    }
    let default = || session.conf.read().effective("spark.sql.sources.default");
    let format = write.format.clone().or_else(default).unwrap_or_else(|| "parquet".to_owned());
    let registered = session.data_sources.read().get(&format.to_lowercase()).cloned();
    if let Some(source) = registered {
        return super::write_python::write_data_source(session, source, write).await;
    }
    let (plan, schema) = plan_of(session, write.input).await?;
    if format.eq_ignore_ascii_case("noop") {
        return discard(session, &plan).await;
    }
    let given = write.options.iter().find(|(key, _)| key.eq_ignore_ascii_case("path"));
    let path = write.path.or_else(|| given.map(|(_, path)| path.clone()));
    let path = path.ok_or_else(|| {
        SparkError::new(ErrorKind::IllegalArgument, "", "'path' is not specified.")
    })?;
    let options = io::Options::new(write.options);
    let request = io::WriteRequest {
        format: Some(format),
        path,
        mode: mode(write.mode),
        dynamic_overwrite: dynamic_overwrite(session, &options),
        options,
        partition_by: write.partition_by,
    };
    write_rows(session, &request, &plan, &schema).await
}

/// What is written, planned. Blocks nothing on the async side.
pub(super) async fn plan_of(
    session: &Arc<Session>,
    input: Relation,
) -> Result<(LogicalPlan, StructType)> {
    let session = Arc::clone(session);
    blocking(move || {
        let resolved = resolve(&session, &input)?;
        Ok((visible_plan(&resolved)?, resolved.schema()))
    })
    .await
}

/// Runs a plan into files; every partition is a task of its own.
pub(super) async fn write_rows(
    session: &Arc<Session>,
    request: &io::WriteRequest,
    plan: &LogicalPlan,
    schema: &StructType,
) -> Result<Answer> {
    let runner = session.engine().runner()?;
    let physical = runner.physical_plan(plan).await?;
    let named = Arc::new(schema_to_arrow(schema));
    let streams = runner.run_partitions(&physical).into_iter();
    let streams = streams.map(|stream| renamed(stream, &named)).collect();
    io::write(request, schema, streams, &session.settings()).await?;
    let (session, path) = (Arc::clone(session), request.path.clone());
    blocking(move || files_changed(session.engine(), &path)).await?;
    Ok(Answer::none())
}

/// Gives the columns of a stream the names and types that the user sees.
fn renamed(stream: SendableRecordBatchStream, schema: &Arc<Schema>) -> SendableRecordBatchStream {
    let target = Arc::clone(schema);
    let batches = stream.map(move |batch| {
        let batch = batch?;
        let columns =
            batch.columns().iter().zip(target.fields()).map(|(column, field)| {
                match column.data_type() == field.data_type() {
                    true => Ok(Arc::clone(column)),
                    false => arrow::compute::cast(column, field.data_type()),
                }
            });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        // Files do not keep what the plan promises about nulls.
        let fields = target.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(arrow::record_batch::RecordBatch::try_new(schema, columns)?)
    });
    Box::pin(RecordBatchStreamAdapter::new(Arc::clone(schema), batches))
}

/// The source `noop`: everything is computed and nothing kept.
async fn discard(session: &Arc<Session>, plan: &LogicalPlan) -> Result<Answer> {
    let runner = session.engine().runner()?;
    let physical = runner.physical_plan(plan).await?;
    let mut stream = runner.run_physical(&physical);
    while let Some(batch) = stream.next().await {
        batch?;
    }
    Ok(Answer::none())
}

pub(super) fn mode(mode: SaveMode) -> io::SaveMode {
    match mode {
        SaveMode::ErrorIfExists => io::SaveMode::ErrorIfExists,
        SaveMode::Append => io::SaveMode::Append,
        SaveMode::Overwrite => io::SaveMode::Overwrite,
        SaveMode::Ignore => io::SaveMode::Ignore,
    }
}

/// Whether overwriting replaces only partitions that get rows; the option goes before the session.
pub(super) fn dynamic_overwrite(session: &Session, options: &io::Options) -> bool {
    let chosen = options.get("partitionOverwriteMode").map(str::to_owned);
    let key = "spark.sql.sources.partitionOverwriteMode";
    let chosen = chosen.or_else(|| session.conf.read().effective(key));
    chosen.is_some_and(|mode| mode.eq_ignore_ascii_case("dynamic"))
}
