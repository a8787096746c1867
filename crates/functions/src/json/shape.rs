//! `json_array_length`, `json_object_keys`: null for anything but an array, an object.

use crate::call::Call;
use crate::scalar_kernel::{Kind, at};
use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Int32Type};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde_json::Value;
use std::sync::Arc;

pub(crate) fn array_length(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let args = call.implicit(&[SparkType::string()])?;
    let kernel = LENGTH.kernel((), &SparkType::Integer);
    Ok(kernel.call(args))
}

pub(super) static LENGTH: Kind<()> = Kind::new("json_array_length", |(), input| {
    let texts = input.string(0)?;
    input.primitives::<Int32Type>(|row| {
        let value = at(texts, row).and_then(|text| serde_json::from_str::<Value>(text).ok());
        Ok(value.as_ref().and_then(Value::as_array).map(|array| array.len() as i32))
    })
});

pub(crate) fn object_keys(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let args = call.implicit(&[SparkType::string()])?;
    let result = SparkType::array(SparkType::string());
    let kernel = KEYS.kernel((), &result);
    Ok(kernel.call(args))
}

pub(super) static KEYS: Kind<()> = Kind::new("json_object_keys", |(), input| {
    let texts = input.string(0)?;
    let DataType::List(field) = input.result else {
        return Err(SparkError::internal("json_object_keys answers with a list"));
    };
    let mut builder = ListBuilder::new(StringBuilder::new()).with_field(Arc::clone(field));
    for row in 0..input.n_rows {
        let value = at(texts, row).and_then(|text| serde_json::from_str::<Value>(text).ok());
        match value.as_ref().and_then(Value::as_object) {
            None => builder.append_null(),
            Some(object) => {
                object.keys().for_each(|key| builder.values().append_value(key));
                builder.append(true);
            }
        }
    }
    Ok(Arc::new(builder.finish()) as ArrayRef)
});
