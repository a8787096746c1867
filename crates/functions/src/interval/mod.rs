//! Intervals from their parts. Arithmetic with intervals is with the operators.

mod make;

use crate::registry::{Builder, FunctionDef};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let scalar = |name, build| FunctionDef { name, builder: Builder::Scalar(build) };
    vec![
        scalar("make_interval", make::make_interval),
        scalar("try_make_interval", make::make_interval),
        scalar("make_dt_interval", make::make_dt_interval),
        scalar("make_ym_interval", make::make_ym_interval),
    ]
}
