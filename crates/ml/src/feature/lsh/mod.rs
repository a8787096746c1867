//! Locality sensitive hashing (`org.apache.spark.ml.feature.BucketedRandomProjectionLSH` and `MinHashLSH`).

mod functions;
mod hasher;
mod model;

pub(super) use functions::{BETWEEN, BUCKETS, HASH, MEETS, ROW, TO_KEY};

use crate::class::{Class, Role};
use crate::columns;
use crate::data::Dataset;
use crate::error;
use crate::linalg::VectorColumn;
use crate::model::Fitted;
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use datafusion_expr::LogicalPlanBuilder;
use firesteel_common::Result;
use hasher::{Hashes, PRIME};
use model::LshModel;

const N_TABLES: Param = Param::int("numHashTables", 1).valid(Valid::GtEq(1.0));
const BUCKET_LENGTH: Param =
    Param::new("bucketLength", ParamKind::Double, Default::None).valid(Valid::Gt(0.0));

const ATTRIBUTES: &[&str] = &["approxNearestNeighbors", "approxSimilarityJoin"];

pub(super) const PROJECTION: Class = Class {
    name: "org.apache.spark.ml.feature.BucketedRandomProjectionLSH",
    params: &[shared::INPUT_COL, shared::OUTPUT_COL, N_TABLES, BUCKET_LENGTH, shared::SEED],
    role: Role::Estimator {
        fit: fit_projections,
        model: "org.apache.spark.ml.feature.BucketedRandomProjectionLSHModel",
    },
};

pub(super) const PROJECTION_MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.BucketedRandomProjectionLSHModel",
    params: &[shared::INPUT_COL, shared::OUTPUT_COL, N_TABLES, BUCKET_LENGTH],
    role: Role::Model { attributes: ATTRIBUTES, load: model::load_projections },
};

pub(super) const MIN_HASH: Class = Class {
    name: "org.apache.spark.ml.feature.MinHashLSH",
    params: &[shared::INPUT_COL, shared::OUTPUT_COL, N_TABLES, shared::SEED],
    role: Role::Estimator {
        fit: fit_permutations,
        model: "org.apache.spark.ml.feature.MinHashLSHModel",
    },
};

pub(super) const MIN_HASH_MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.MinHashLSHModel",
    params: &[shared::INPUT_COL, shared::OUTPUT_COL, N_TABLES],
    role: Role::Model { attributes: ATTRIBUTES, load: model::load_permutations },
};

/// Size of the first vector.
fn n_features(params: &Params, data: &Dataset) -> Result<usize> {
    let vector = columns::vector(&data.frame, params.string("inputCol")?)?;
    columns::new_field(&data.frame, params.string("outputCol")?, functions::hashes_type(), true)?;
    let plan = data.select(vec![vector])?;
    let plan = LogicalPlanBuilder::from(plan).limit(0, Some(1))?.build()?;
    let mut size = None;
    data.job.scan(plan, &mut |_, batch| {
        if batch.num_rows() > 0 {
            size = VectorColumn::new(batch.column(0))?.get(0).map(|vector| vector.size());
        }
        Ok(())
    })?;
    size.ok_or_else(error::no_first_row)
}

fn fit_projections(params: &Params, data: &Dataset) -> Result<Fitted> {
    params.double("bucketLength")?;
    let n_features = n_features(params, data)?;
    let n_tables = params.count("numHashTables")?;
    Ok(Fitted::new(LshModel(Hashes::projections(n_tables, n_features, params.long("seed")?))))
}

fn fit_permutations(params: &Params, data: &Dataset) -> Result<Fitted> {
    let n_features = n_features(params, data)?;
    if n_features as i64 > PRIME {
        return Err(error::requirement(format!(
            "The input vector dimension {n_features} exceeds the threshold {PRIME}."
        )));
    }
    let n_tables = params.count("numHashTables")?;
    Ok(Fitted::new(LshModel(Hashes::permutations(n_tables, params.long("seed")?))))
}
