//! `to_variant_object(nested)`: structs and maps become objects.

use super::encode::{can_hold, variant_column};
use super::get::no_cast;
use crate::call::Call;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::ArrayRef;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

pub(super) fn to_variant_object(call: Call<'_>) -> Result<Expr> {
    let name = call.name.to_owned();
    let [arg] = call.exactly()?;
    let from = arg.spark_type()?;
    let nested =
        matches!(from, SparkType::Struct(_) | SparkType::Map { .. } | SparkType::Array { .. });
    if !nested || !can_hold(&from) {
        return Err(no_cast(&format!("{name}({})", arg.sql()), &from.sql(), "VARIANT"));
    }
    let kernel = OBJECT.kernel(from, &SparkType::Variant).nullable(Nullable::Propagate);
    Ok(kernel.call(vec![arg.expr]))
}

pub(super) static OBJECT: Kind<SparkType> = Kind::new("to_variant_object", object);

fn object(from: &SparkType, input: &Input<'_>) -> Result<ArrayRef> {
    variant_column(&input.args[0], from)
}
