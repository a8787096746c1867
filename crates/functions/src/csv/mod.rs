//! CSV functions (`csvExpressions.scala`): one line to a struct and back.

mod from_csv;
mod infer;
mod line;
mod to_csv;

use crate::registry::{Builder, FunctionDef};
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let scalar = |name, build| FunctionDef { name, builder: Builder::Scalar(build) };
    vec![
        scalar("from_csv", from_csv::from_csv),
        scalar("to_csv", to_csv::to_csv),
        scalar("schema_of_csv", infer::schema_of_csv),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&from_csv::FROM_CSV, &to_csv::TO_CSV]
}
