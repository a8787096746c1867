//! Words that every other crate shares: errors with Spark's error condition and SQLSTATE, Spark's
//! data types and their Arrow form, the session settings that semantics depend on, and the trait
//! through which a plan is run.
//!
//! Invariant: this crate knows neither protobuf nor SQL text nor an operator. A thing enters here
//! when two crates that may not see each other need it.

pub mod batch_room;
pub mod conf;
pub mod dialect;
pub mod error;
pub mod frame;
pub mod legacy;
pub mod nodes;
pub mod operator;
pub mod python;
pub mod random;
pub mod runner;
pub mod settings;
pub mod types;
pub mod wire;

pub use conf::SessionConf;
pub use dialect::SqlDialect;
pub use error::{ErrorKind, QueryContext, Result, SparkError};
pub use frame::{Frame, FrameColumn, TableHost, TableTransform, TransformHandle};
pub use legacy::LegacySettings;
pub use runner::PlanRunner;
pub use settings::{SessionSettings, TimeParser};
pub use types::{SparkType, StructField, StructType};
