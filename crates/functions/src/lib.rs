//! Spark's functions and operators: for each name a builder that checks and coerces the arguments
//! as Spark does and answers with a DataFusion expression.
//!
//! Where `datafusion-spark` or DataFusion has the function with equal semantics, the builder is one
//! line in its group's table; otherwise the function has a file of its own in the group's folder.
//! Groups are Spark's own (`SHOW FUNCTIONS` / the function reference).
//!
//! Invariants: a builder emits every coercion as an explicit cast ([`cast::cast`]), so DataFusion's
//! own type coercion finds nothing to do; nothing here knows relations, files or sessions.

mod aggregate;
mod array;
mod bitwise;
mod columns;
mod conditional;
mod conform;
mod conversion;
mod csv;
mod datetime;
mod faults;
mod generator;
mod hash;
mod implicit;
mod interval;
mod json;
mod lambda;
mod map;
mod math;
mod misc;
mod ml;
mod name_digest;
mod operators;
mod partition;
mod predicate;
mod scalar_kernel;
mod sketch;
mod st;
mod string;
mod struct_;
mod time_zone;
mod url;
mod variant;
mod vector;
mod window;
mod wire;
mod xml;

pub mod call;
pub mod cast;
pub mod coercion;
pub mod collation;
pub mod registry;

pub use aggregate::filtered;
pub use call::{AggregateCall, Arg, Call};
pub use cast::java_double::double_text as java_double_text;
pub use map::sorted_maps;
pub use misc::is_one_row;
pub use predicate::java_regex::Pattern;
pub use registry::{Builder, FunctionDef, HigherOrder, PartitionFunction, lookup};
pub use string::declared_length::{fitted, padded, refuse_lengths};
pub use time_zone::{midnight_of_1970, wall_clock_micros};
pub use wire::codec;
