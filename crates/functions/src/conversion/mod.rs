//! Conversion functions: a type's name used as a function is a cast to that type.

use crate::call::Call;
use crate::cast::{EvalMode, cast};
use crate::registry::FunctionDef;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("bigint", |call| to(call, &SparkType::Long)),
        def("binary", |call| to(call, &SparkType::Binary)),
        def("boolean", |call| to(call, &SparkType::Boolean)),
        def("date", |call| to(call, &SparkType::Date)),
        def("decimal", |call| to(call, &SparkType::Decimal { precision: 10, scale: 0 })),
        def("double", |call| to(call, &SparkType::Double)),
        def("float", |call| to(call, &SparkType::Float)),
        def("int", |call| to(call, &SparkType::Integer)),
        def("smallint", |call| to(call, &SparkType::Short)),
        def("string", |call| to(call, &SparkType::string())),
        def("time", |call| to(call, &SparkType::Time { precision: 6 })),
        def("timestamp", |call| to(call, &SparkType::Timestamp)),
        def("tinyint", |call| to(call, &SparkType::Byte)),
    ]
}

fn to(call: Call<'_>, target: &SparkType) -> Result<Expr> {
    let settings = call.settings;
    let [arg] = call.exactly::<1>()?;
    cast(arg, target, EvalMode::of(settings), settings)
}
