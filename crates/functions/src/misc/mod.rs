//! Miscellaneous functions.

mod aes;
mod external;
mod one_row;
mod raise;
mod reflect;

pub use one_row::is_one_row;

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::registry::FunctionDef;
use crate::scalar_kernel::AnyKind;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use datafusion_spark::function::bitmap;
use firesteel_common::{Result, SparkType};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("assert_true", raise::assert_true),
        def("raise_error", raise::raise_error),
        def("aes_encrypt", aes::encrypt),
        def("aes_decrypt", aes::decrypt),
        def("try_aes_decrypt", aes::try_decrypt),
        def("from_avro", external::from_avro),
        def("to_avro", external::to_avro),
        def("schema_of_avro", external::schema_of_avro),
        def("from_protobuf", external::from_protobuf),
        def("to_protobuf", external::to_protobuf),
        def("reflect", reflect::reflect),
        def("java_method", reflect::reflect),
        def("try_reflect", reflect::try_reflect),
        def("typeof", type_of),
        def("unwrap_udt", unwrap_udt),
        def("version", version),
        def("current_user", user),
        def("user", user),
        def("session_user", user),
        def("current_catalog", |call| {
            call.check_arity(0, 0)?;
            Ok(text(call.settings.catalog.as_str()))
        }),
        def("current_schema", current_schema),
        def("current_path", current_path),
        def("current_database", current_schema),
        def("bitmap_bit_position", |call| {
            Ok(bitmap::bitmap_bit_position().call(call.coerced(1, &[Class::Long])?.exprs()))
        }),
        def("bitmap_bucket_number", |call| {
            Ok(bitmap::bitmap_bucket_number().call(call.coerced(1, &[Class::Long])?.exprs()))
        }),
        def("bitmap_count", |call| {
            Ok(bitmap::bitmap_count().call(call.coerced(1, &[Class::Binary])?.exprs()))
        }),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![
        &aes::ENCRYPT,
        &aes::DECRYPT,
        &aes::TRY_DECRYPT,
        &one_row::IS_ONE_ROW,
        &raise::ASSERT_TRUE,
        &raise::RAISE_ERROR,
        &reflect::REFLECT,
    ]
}

fn text(value: impl Into<String>) -> Expr {
    Expr::Literal(ScalarValue::Utf8(Some(value.into())), None)
}

fn type_of(call: Call<'_>) -> Result<Expr> {
    let [arg] = call.exactly::<1>()?;
    Ok(text(arg.spark_type()?.simple_string()))
}

/// The value that carries a user-defined type.
fn unwrap_udt(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [arg] = call.exactly::<1>()?;
    let SparkType::Udt(udt) = arg.spark_type()? else {
        return Err(crate::implicit::unexpected_type("unwrap_udt", 0, &arg, "\"UserDefinedType\""));
    };
    crate::cast::cast(arg, &udt.sql_type, crate::cast::EvalMode::of(settings), settings)
}

/// The version of Spark whose behaviour this engine has.
fn version(call: Call<'_>) -> Result<Expr> {
    call.check_arity(0, 0)?;
    Ok(text("4.2.0"))
}

fn user(call: Call<'_>) -> Result<Expr> {
    call.check_arity(0, 0)?;
    Ok(text(call.settings.user.as_str()))
}

fn current_schema(call: Call<'_>) -> Result<Expr> {
    call.check_arity(0, 0)?;
    Ok(text(call.settings.database.as_str()))
}

/// Where names of functions are looked for.
fn current_path(call: Call<'_>) -> Result<Expr> {
    call.check_arity(0, 0)?;
    let (catalog, schema) = (&call.settings.catalog, &call.settings.database);
    Ok(text(format!("system.builtin,system.session,{catalog}.{schema}")))
}
