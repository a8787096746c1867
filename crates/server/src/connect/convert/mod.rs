//! Protobuf → `spec`: the unresolved tree that SQL text becomes too.
//!
//! Nothing is decided here. What this file's siblings do not know is refused by name, so that no plan is
//! run as something else than it is.

mod catalog;
mod command;
mod data_type;
mod expression;
pub mod faults;
mod ipc;
mod literal;
mod local;
mod name;
mod python;
mod relation;

pub use command::{merge_into, sql_plan, write_operation, write_operation_v2};
pub use data_type::data_type_of_text;
pub use python::{python_data_source, python_function, python_table_function};
pub use relation::relation;

use data_type::{data_type, schema_of_text};

use firesteel_common::{Result, SparkError};

/// A part of a message that the protocol requires.
fn required<T>(part: Option<T>, fault: impl FnOnce() -> SparkError) -> Result<T> {
    part.ok_or_else(fault)
}
