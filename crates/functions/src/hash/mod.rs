//! Hash functions.

mod algorithms;
mod row_hash;
pub(crate) use row_hash::xxhash64_of;

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::registry::FunctionDef;
use crate::scalar_kernel::AnyKind;
use datafusion_expr::Expr;
use datafusion_spark::function::hash as spark;
use firesteel_common::{Result, SparkType};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("hash", row_hash::murmur3),
        def("xxhash64", row_hash::xxhash64),
        def("md5", md5),
        def("sha", |call| Ok(spark::sha1().call(call.coerced(1, &[Class::Binary])?.exprs()))),
        def("sha1", |call| Ok(spark::sha1().call(call.coerced(1, &[Class::Binary])?.exprs()))),
        def("sha2", |call| {
            Ok(spark::sha2().call(call.coerced(2, &[Class::Binary, Class::Integer])?.exprs()))
        }),
        def("crc32", |call| Ok(spark::crc32().call(call.coerced(1, &[Class::Binary])?.exprs()))),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&row_hash::MURMUR3, &row_hash::XXHASH64]
}

/// Spark's Murmur3 of bytes.
pub(crate) fn murmur3_32(bytes: &[u8], seed: i32) -> i32 {
    <algorithms::Murmur3 as algorithms::Algorithm>::mix(bytes, seed)
}

/// DataFusion answers with a string view.
fn md5(call: Call<'_>) -> Result<Expr> {
    let digest =
        datafusion_functions::crypto::md5().call(call.coerced(1, &[Class::Binary])?.exprs());
    let target = SparkType::string().to_arrow();
    Ok(Expr::Cast(datafusion_expr::Cast::new(Box::new(digest), target)))
}
