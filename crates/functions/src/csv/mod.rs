//! CSV functions (`csvExpressions.scala`): one line to a struct and back.

mod from_csv;
mod infer;
mod line;
mod to_csv;

use crate::registry::{Builder, FunctionDef};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let scalar = |name, build| FunctionDef { name, builder: Builder::Scalar(build) };
    vec![
        scalar("from_csv", from_csv::from_csv),
        scalar("to_csv", to_csv::to_csv),
        scalar("schema_of_csv", infer::schema_of_csv),
    ]
}
