//! MLlib: estimators, models, transformers and evaluators with Spark's names, parameters and answers.
//!
//! Pure algorithms: this crate knows no server, no protobuf and no file. What it needs of the engine it asks through
//! [`Job`] (while fitting) and [`TableHost`](firesteel_common::TableHost) (while a query is resolved).
//!
//! ```text
//! fit:        Params + Dataset ── fit() ──▶ Fitted { model, summary }
//! transform:  Params + Frame ── Model::transform ──▶ Frame with columns that are FunctionKind calls
//! ```
//!
//! # How to add a class
//!
//! One folder (or file, if it is small) per class in its family: `classification`, `clustering`, `evaluation`,
//! `feature`, `fpm`, `recommendation`, `regression`, `tree`. In it:
//!
//! 1. `PARAMS: &[Param]`: Spark's names, defaults and validators; shared ones come from [`param::shared`].
//! 2. **Estimator**: `fn fit(params: &Params, data: &Dataset) -> Result<Fitted>`. Read rows with
//!    [`Dataset::instances`](data::Dataset::instances) (blocks; then `aggregate`) or
//!    [`Dataset::scan`](data::Dataset::scan) (Arrow batches of expressions); long loops call `job.check()`.
//!    The model takes the estimator's parameters over by itself.
//! 3. **Model**: a struct that implements [`Model`]: `size_bytes`, `transform`, `fetch` (values), `table` (attributes
//!    that are DataFrames), `save`; and `fn load`. What it computes per row is a `static` [`FunctionKind`] over
//!    whole Arrow columns, with parameters in `Arc<Shared<_>>`; serde makes them travel
//!    (`#[serde(with = "crate::wire::doubles")]` for many doubles).
//! 4. **Transformer**: `fn transform(params, frame, host) -> Result<Frame>`, as a model's.
//!    **Evaluator**: `fn evaluate(params, data) -> Result<f64>`.
//! 5. **Summary**: implements [`Summary`]; given with `Fitted::with_summary`, and by `Model::evaluate` for other data.
//! 6. Lines, sorted, in the family's `mod.rs`: `mod`, one [`Class`] per class in `classes()` (estimator and model are
//!    two classes), one per `FunctionKind` in `functions()`.
//! 7. A case in `python/tests/ml/<family>/*_cases.py`, with answers recorded from real Spark (`record.py` beside it), and
//!    a row in `python/tests/ml/exchange/rows.py`: saved models go to real Spark and back.
//!
//! Errors that Spark raises are in [`error`]; checks of columns in [`columns`]; column metadata in [`attribute`];
//! random generators in `firesteel_common::random`; optimisers in [`optimize`]; dense linear algebra in [`linalg`].

pub mod attribute;
pub mod class;
mod classification;
mod clustering;
pub mod columns;
pub mod data;
pub mod error;
mod evaluation;
mod feature;
mod fpm;
pub mod function;
pub mod helper;
pub mod job;
pub mod linalg;
mod mllib;
pub mod model;
pub mod optimize;
pub mod param;
mod recommendation;
mod registry;
mod regression;
mod row_sampler;
pub mod saved;
pub mod stat;
mod table_order;
mod tree;
pub mod value;
pub mod wire;

pub use class::{Class, Role};
pub use function::{FunctionKind, Shared};
pub use job::Job;
pub use model::{Answer, Argument, Fitted, Instance, Model, Summary, TableArgument};
pub use param::{Param, Params};
pub use registry::class;
pub use value::Value;
