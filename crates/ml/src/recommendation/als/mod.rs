//! Alternating least squares (`org.apache.spark.ml.recommendation.ALS`): ratings, explicit or implicit, as inner
//! products of factors of users and of items.

mod ids;
mod model;
mod ratings;
mod recommend;
mod solve;
mod train;

pub(super) use model::{KNOWN, PREDICT, load};
pub(super) use recommend::RECOMMEND;

use crate::data::Dataset;
use crate::error;
use crate::model::Fitted;
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use firesteel_common::Result;
use ids::{id_expr, push_ratings, rating_expr};
use model::AlsModel;
use solve::Solver;
use train::{Ratings, Settings, train};

const USER_COL: Param = Param::string("userCol", "user");
const ITEM_COL: Param = Param::string("itemCol", "item");
const COLD_START: Param =
    Param::string("coldStartStrategy", "nan").valid(Valid::OneOfIgnoringCase(&["nan", "drop"]));
const BLOCK_SIZE: Param = Param::int("blockSize", 4096).valid(Valid::Gt(0.0));
const LEVEL: Param = Param::new("", ParamKind::String, Default::Str("MEMORY_AND_DISK"));

pub(super) const PARAMS: &[Param] = &[
    USER_COL,
    ITEM_COL,
    Param::string("ratingCol", "rating"),
    shared::PREDICTION_COL,
    COLD_START,
    BLOCK_SIZE,
    Param::int("rank", 10).valid(Valid::GtEq(1.0)),
    Param::int("numUserBlocks", 10).valid(Valid::GtEq(1.0)),
    Param::int("numItemBlocks", 10).valid(Valid::GtEq(1.0)),
    Param::bool("implicitPrefs", false),
    Param::double("alpha", 1.0).valid(Valid::GtEq(0.0)),
    shared::MAX_ITER.or(Default::Int(10)),
    shared::REG_PARAM.or(Default::Double(0.1)),
    Param::bool("nonnegative", false),
    shared::CHECKPOINT_INTERVAL,
    shared::SEED,
    Param { name: "intermediateStorageLevel", ..LEVEL },
    Param { name: "finalStorageLevel", ..LEVEL },
];

/// The model knows what it needs to predict.
pub(super) const MODEL_PARAMS: &[Param] =
    &[USER_COL, ITEM_COL, shared::PREDICTION_COL, COLD_START, BLOCK_SIZE];

pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let (user_col, item_col) = (params.string("userCol")?, params.string("itemCol")?);
    let exprs = vec![
        id_expr(&data.frame, user_col)?,
        id_expr(&data.frame, item_col)?,
        rating_expr(&data.frame, params.column("ratingCol"))?,
    ];
    let mut ratings = Ratings::default();
    data.scan(exprs, |batch| {
        ratings.users.extend_from_slice(ids::ids(batch.column(0), user_col)?.values());
        ratings.items.extend_from_slice(ids::ids(batch.column(1), item_col)?.values());
        push_ratings(batch.column(2), &mut ratings.ratings)
    })?;
    if ratings.ratings.is_empty() {
        return Err(error::requirement("No ratings available from the training data"));
    }
    let settings = Settings {
        rank: params.count("rank")?,
        n_iterations: params.count("maxIter")?,
        regularization: params.double("regParam")?,
        implicit_alpha: match params.bool("implicitPrefs")? {
            true => Some(params.double("alpha")?),
            false => None,
        },
        solver: match params.bool("nonnegative")? {
            true => Solver::NonNegative,
            false => Solver::Cholesky,
        },
        n_user_blocks: params.count("numUserBlocks")?,
        n_item_blocks: params.count("numItemBlocks")?,
        seed: params.long("seed")?,
    };
    let (users, items) = train(ratings, &settings, data.job.as_ref())?;
    Ok(Fitted::new(AlsModel::new(settings.rank, users, items)))
}
