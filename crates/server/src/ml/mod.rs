//! MLlib's place in a session: models that clients refer to by id, jobs that fits run in, saved models.
//!
//! Knows neither protobuf (that is `connect/ml`) nor any algorithm (those are in `crates/ml`).

mod cache;
mod files;
mod job;
mod offload;
mod tables;

pub use cache::{Cached, MlCache, SummaryEntry};
pub use files::{handle_overwrite, load, load_params, save, save_params};
pub use job::{SessionData, SessionJob, dataset};
pub use tables::{SummaryTable, model_table, model_transform, transformer};

use firesteel_common::{Result, SparkError};
use firesteel_ml::{Class, Params};

/// The class of this name.
///
/// # Errors
/// `CONNECT_ML.UNSUPPORTED_EXCEPTION`.
pub fn class(name: &str) -> Result<&'static Class> {
    firesteel_ml::class(name).ok_or_else(|| firesteel_ml::error::unsupported_class(name))
}

/// Parameters of a new instance; `set` in the order of names, so that of several faults always the same one is told.
///
/// # Errors
/// As [`Params::set`].
pub fn params(class: &Class, uid: &str, set: Vec<(String, firesteel_ml::Value)>) -> Result<Params> {
    with_params(Params::new(class.name, uid, class.params), class, set)
}

/// `params` with others set.
///
/// # Errors
/// As [`Params::set`].
pub fn with_params(
    mut params: Params,
    class: &Class,
    mut set: Vec<(String, firesteel_ml::Value)>,
) -> Result<Params> {
    set.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, value) in set {
        params.set(class.params, &name, value)?;
    }
    Ok(params)
}

/// An id that no object of the session has.
fn cache_invalid(id: &str) -> SparkError {
    SparkError::new(
        firesteel_common::error::ErrorKind::Execution,
        "CONNECT_ML.CACHE_INVALID",
        format!(
            "Generic Spark Connect ML error. Cannot retrieve {id} from the ML cache. It is probably because the \
             entry has been evicted."
        ),
    )
    .with("objectName", id)
}
