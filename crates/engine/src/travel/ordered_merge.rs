//! DataFusion's merge of sorted partitions on the wire. DataFusion's own form loses that equal rows come
//! from the first partition first, which `KeepPartitionOrder` has asked for.

use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use firesteel_common::operator::{Encoded, OperatorCodec, SortDirections};
use std::any::Any;
use std::sync::Arc;

pub(super) const CODEC: OperatorCodec = OperatorCodec::new("OrderedMerge", encode, decode);

fn encode(plan: &dyn ExecutionPlan) -> Result<Option<Encoded>> {
    let Some(merge) = (plan as &dyn Any).downcast_ref::<SortPreservingMergeExec>() else {
        return Ok(None);
    };
    let parameters = serde_json::to_vec(&(SortDirections::of(merge.expr()), merge.fetch()));
    Ok(Some(Encoded {
        parameters: parameters.map_err(|error| bad(&error))?,
        exprs: merge.expr().iter().map(|key| Arc::clone(&key.expr)).collect(),
        inputs: vec![Arc::clone(merge.input())],
    }))
}

fn decode(encoded: Encoded) -> Result<Arc<dyn ExecutionPlan>> {
    let (directions, fetch): (SortDirections, Option<usize>) =
        serde_json::from_slice(&encoded.parameters).map_err(|error| bad(&error))?;
    let Ok([input]) = <[_; 1]>::try_from(encoded.inputs) else {
        return internal_err!("a merge of sorted partitions has one input");
    };
    let merge = SortPreservingMergeExec::new(directions.order(encoded.exprs)?, input);
    Ok(Arc::new(merge.with_fetch(fetch).with_round_robin_repartition(false)))
}

fn bad(error: &serde_json::Error) -> DataFusionError {
    DataFusionError::Internal(format!("parameters of a merge: {error}"))
}
