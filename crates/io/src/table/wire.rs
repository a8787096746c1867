//! File scans on the wire.
//!
//! DataFusion encodes what all scans have: files, their partitions, columns, projection, predicate. What
//! is ours stands beside that: the text format, and how Parquet's columns are matched to the table's.

use super::row_source::RowFileSource;
use super::row_spec::RowSpec;
use crate::source::parquet;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::datasource::physical_plan::{
    FileScanConfig, FileScanConfigBuilder, FileSource, JsonSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;
use firesteel_common::operator::{Encoded, OperatorCodec};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::sync::Arc;

const ROWS: &str = "RowFileScan";
const PARQUET: &str = "ParquetScan";

/// The scans of this crate.
pub fn operators() -> Vec<OperatorCodec> {
    vec![
        OperatorCodec::new(ROWS, encode_rows, decode_rows),
        OperatorCodec::new(PARQUET, encode_parquet, decode_parquet),
    ]
}

fn encode_rows(plan: &dyn ExecutionPlan) -> Result<Option<Encoded>> {
    let Some(config) = scan(plan) else {
        return Ok(None);
    };
    let Some(source) = config.file_source().downcast_ref::<RowFileSource>() else {
        return Ok(None);
    };
    // A source that DataFusion can encode stands in for ours.
    let stand_in = projected(&JsonSource::new(source.table_schema().clone()), source)?;
    let inner = FileScanConfigBuilder::from(config.clone()).with_source(stand_in).build();
    encoded(source.spec(), inner).map(Some)
}

fn decode_rows(encoded: Encoded) -> Result<Arc<dyn ExecutionPlan>> {
    let spec: RowSpec = parameters(&encoded)?;
    let config = decoded_scan(&encoded)?;
    let layout = config.file_source().table_schema().clone();
    let source = RowFileSource::try_new(spec, layout)?;
    let source = projected(&source, config.file_source().as_ref())?;
    let builder = FileScanConfigBuilder::from(config).with_source(source);
    Ok(DataSourceExec::from_data_source(builder.with_preserve_order(true).build()))
}

fn encode_parquet(plan: &dyn ExecutionPlan) -> Result<Option<Encoded>> {
    let Some(config) = scan(plan) else {
        return Ok(None);
    };
    let Some(adapter) = &config.expr_adapter_factory else {
        return Ok(None);
    };
    let Some(case_sensitive) = parquet::adapter_is_case_sensitive(adapter) else {
        return internal_err!("{adapter:?} does not travel");
    };
    let inner = FileScanConfigBuilder::from(config.clone()).with_expr_adapter(None).build();
    encoded(&case_sensitive, inner).map(Some)
}

fn decode_parquet(encoded: Encoded) -> Result<Arc<dyn ExecutionPlan>> {
    let adapter = parquet::adapter(parameters(&encoded)?);
    let builder = FileScanConfigBuilder::from(decoded_scan(&encoded)?);
    let builder = builder.with_expr_adapter(Some(adapter)).with_preserve_order(true);
    Ok(DataSourceExec::from_data_source(builder.build()))
}

fn scan(plan: &dyn ExecutionPlan) -> Option<&FileScanConfig> {
    let exec = (plan as &dyn Any).downcast_ref::<DataSourceExec>()?;
    (exec.data_source().as_ref() as &dyn Any).downcast_ref()
}

fn decoded_scan(encoded: &Encoded) -> Result<FileScanConfig> {
    match encoded.inputs.as_slice() {
        [plan] => match scan(plan.as_ref()) {
            Some(config) => Ok(config.clone()),
            None => internal_err!("{} instead of a file scan", plan.name()),
        },
        others => internal_err!("{} plans instead of a file scan", others.len()),
    }
}

/// `source` with the projection of `like`.
fn projected(source: &dyn FileSource, like: &dyn FileSource) -> Result<Arc<dyn FileSource>> {
    let projected = match like.projection() {
        Some(projection) => source.try_pushdown_projection(projection)?,
        None => None,
    };
    match projected {
        Some(projected) => Ok(projected),
        None => internal_err!("{} takes no projection", source.file_type()),
    }
}

fn encoded(parameters: &impl Serialize, inner: FileScanConfig) -> Result<Encoded> {
    Ok(Encoded {
        parameters: serde_json::to_vec(parameters).map_err(|error| bad(&error))?,
        exprs: Vec::new(),
        inputs: vec![DataSourceExec::from_data_source(inner)],
    })
}

fn parameters<T: DeserializeOwned>(encoded: &Encoded) -> Result<T> {
    serde_json::from_slice(&encoded.parameters).map_err(|error| bad(&error))
}

fn bad(error: &serde_json::Error) -> DataFusionError {
    DataFusionError::Internal(format!("parameters of a file scan: {error}"))
}
