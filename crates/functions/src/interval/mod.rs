//! Intervals from their parts. Arithmetic with intervals is with the operators.

mod make;

use crate::registry::{Builder, FunctionDef};
use crate::scalar_kernel::AnyKind;

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

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&make::CALENDAR, &make::DAY_TIME, &make::YEAR_MONTH]
}
