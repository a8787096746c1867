//! Geographies and geometries (`st/stExpressions.scala`).
//!
//! A value is a user-defined type over a struct of a reference system's number and the bytes. Unlike in Spark the
//! type has no number of its own, and values do not leave the engine as objects of the client's: `st_asbinary`
//! gives their bytes.

mod wkb;

use crate::call::{Arg, Call};
use crate::implicit::{implicit, unexpected_type};
use crate::registry::FunctionDef;
use crate::scalar_kernel::{AnyKind, Input, Kind, Nullable, at};
use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, Int32Array, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Int32Type};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::types::UserDefinedType;
use firesteel_common::{Result, SessionSettings, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

const GEOGRAPHY: &str = "org.apache.spark.sql.types.GeographyType";
const GEOMETRY: &str = "org.apache.spark.sql.types.GeometryType";
/// WGS 84: the reference system of geographies.
const WGS84: i32 = 4326;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    vec![
        FunctionDef::scalar("st_geogfromwkb", |call| from_wkb(call, true)),
        FunctionDef::scalar("st_geomfromwkb", |call| from_wkb(call, false)),
        FunctionDef::scalar("st_asbinary", as_binary),
        FunctionDef::scalar("st_srid", srid),
        FunctionDef::scalar("st_setsrid", set_srid),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&FROM_WKB, &AS_BINARY, &SRID, &SET_SRID]
}

fn spatial(geography: bool) -> SparkType {
    let class = if geography { GEOGRAPHY } else { GEOMETRY };
    SparkType::Udt(Box::new(UserDefinedType {
        jvm_class: Some(class.to_owned()),
        python_class: None,
        serialized_python_class: None,
        sql_type: SparkType::Struct(StructType::new(vec![
            StructField::new("srid", SparkType::Integer, false),
            StructField::new("wkb", SparkType::Binary, false),
        ])),
    }))
}

/// The argument, and whether it is a geography.
fn spatial_arg(name: &str, arg: Arg) -> Result<(Expr, bool)> {
    let found = arg.spark_type()?;
    match [true, false].into_iter().find(|geography| spatial(*geography) == found) {
        Some(geography) => Ok((arg.expr, geography)),
        None => Err(unexpected_type(name, 0, &arg, "(\"GEOGRAPHY\" or \"GEOMETRY\")")),
    }
}

fn option(
    name: &str,
    arg: Option<Arg>,
    target: &SparkType,
    default: ScalarValue,
    settings: &SessionSettings,
) -> Result<Expr> {
    match arg {
        Some(arg) => implicit(name, 1, arg, target, settings),
        None => Ok(Expr::Literal(default, None)),
    }
}

fn from_wkb(call: Call<'_>, geography: bool) -> Result<Expr> {
    call.check_arity(1, if geography { 1 } else { 2 })?;
    let (name, settings) = (call.name.to_owned(), call.settings);
    let mut args = call.args.into_iter();
    let Some(bytes) = args.next() else {
        return Err(SparkError::internal("no bytes to read"));
    };
    let bytes = implicit(&name, 0, bytes, &SparkType::Binary, settings)?;
    let default = ScalarValue::Int32(Some(if geography { WGS84 } else { 0 }));
    let srid = option(&name, args.next(), &SparkType::Integer, default, settings)?;
    Ok(FROM_WKB.kernel(geography, &spatial(geography)).call(vec![bytes, srid]))
}

static FROM_WKB: Kind<bool> = Kind::new("st_fromwkb", |geography, input| {
    let (bytes, numbers) = (input.bytes(0)?, input.ints(1)?);
    let values = (0..input.n_rows).map(|row| {
        let (Some(bytes), Some(srid)) = (at(bytes, row), at(numbers, row)) else { return Ok(None) };
        check_srid(srid, *geography)?;
        match wkb::rewritten(bytes, false, *geography) {
            Some(bytes) => Ok(Some((srid, bytes))),
            None => Err(SparkError::runtime(
                "WKB_PARSE_ERROR",
                "Error parsing WKB: the bytes are no geometry, or its coordinates are out of bounds.",
            )),
        }
    });
    column(values.collect::<Result<Vec<_>>>()?, input)
});

/// Spark knows these systems alone; the client's checks are finer.
fn check_srid(srid: i32, geography: bool) -> Result<()> {
    let known = if geography { srid == WGS84 } else { matches!(srid, 0 | 3857 | WGS84) };
    match known {
        true => Ok(()),
        false => Err(SparkError::runtime(
            "ST_INVALID_SRID_VALUE",
            format!("Invalid or unsupported SRID (spatial reference identifier) value: {srid}."),
        )
        .with("srid", srid.to_string())),
    }
}

fn column(values: Vec<Option<(i32, Vec<u8>)>>, input: &Input<'_>) -> Result<ArrayRef> {
    let DataType::Struct(fields) = input.result else {
        return Err(SparkError::internal("spatial values are structs"));
    };
    let nulls = NullBuffer::from(values.iter().map(Option::is_some).collect::<Vec<_>>());
    let numbers: Int32Array =
        values.iter().map(|value| Some(value.as_ref().map_or(0, |(srid, _)| *srid))).collect();
    let mut bytes = BinaryBuilder::new();
    for value in &values {
        bytes.append_value(value.as_ref().map_or(&[][..], |(_, bytes)| bytes));
    }
    let columns: Vec<ArrayRef> = vec![Arc::new(numbers), Arc::new(bytes.finish())];
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, Some(nulls))?))
}

/// The value at `row`: its system and its bytes.
fn value(column: &ArrayRef, row: usize) -> Option<(i32, &[u8])> {
    let rows = column.as_struct_opt()?;
    (!rows.is_null(row)).then(|| {
        let (numbers, bytes) = (rows.column(0), rows.column(1));
        (numbers.as_primitive::<Int32Type>().value(row), bytes.as_binary::<i32>().value(row))
    })
}

/// `st_asbinary(value [, 'NDR' or 'XDR'])`: little-endian unless asked otherwise.
fn as_binary(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let (name, settings) = (call.name.to_owned(), call.settings);
    let mut args = call.args.into_iter();
    let Some(arg) = args.next() else {
        return Err(SparkError::internal("no value to write"));
    };
    let (arg, _) = spatial_arg(&name, arg)?;
    let default = ScalarValue::Utf8(Some("NDR".to_owned()));
    let order = option(&name, args.next(), &SparkType::string(), default, settings)?;
    Ok(AS_BINARY.kernel((), &SparkType::Binary).call(vec![arg, order]))
}

static AS_BINARY: Kind<()> = Kind::new("st_asbinary", |(), input| {
    let orders = input.string(1)?;
    let mut builder = BinaryBuilder::new();
    for row in 0..input.n_rows {
        let (Some((_, bytes)), Some(order)) = (value(&input.args[0], row), at(orders, row)) else {
            builder.append_null();
            continue;
        };
        let big_endian = order.eq_ignore_ascii_case("XDR");
        if !big_endian && !order.eq_ignore_ascii_case("NDR") {
            let message = format!(
                "Endianness `{order}` is not supported. Supported values are 'NDR' and 'XDR'."
            );
            return Err(SparkError::runtime("ST_INVALID_ENDIANNESS_VALUE", message)
                .with("endianness", order));
        }
        builder.append_option(wkb::rewritten(bytes, big_endian, false));
    }
    Ok(Arc::new(builder.finish()) as ArrayRef)
});

/// `st_srid(value)`.
fn srid(call: Call<'_>) -> Result<Expr> {
    let name = call.name.to_owned();
    let [arg] = call.exactly()?;
    let (arg, _) = spatial_arg(&name, arg)?;
    Ok(SRID.kernel((), &SparkType::Integer).nullable(Nullable::Propagate).call(vec![arg]))
}

static SRID: Kind<()> = Kind::new("st_srid", |(), input| {
    input.primitives::<Int32Type>(|row| Ok(value(&input.args[0], row).map(|(srid, _)| srid)))
});

/// `st_setsrid(value, srid)`.
fn set_srid(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [arg, number] = call.exactly()?;
    let (arg, geography) = spatial_arg(&name, arg)?;
    // Python's integers are longs.
    let mode = crate::cast::EvalMode::of(settings);
    let number = match number.spark_type()?.is_integral() {
        true => crate::cast::cast(number, &SparkType::Integer, mode, settings)?,
        false => implicit(&name, 1, number, &SparkType::Integer, settings)?,
    };
    Ok(SET_SRID.kernel(geography, &spatial(geography)).call(vec![arg, number]))
}

static SET_SRID: Kind<bool> = Kind::new("st_setsrid", |geography, input| {
    let numbers = input.ints(1)?;
    let values = (0..input.n_rows).map(|row| {
        let (Some((_, bytes)), Some(srid)) = (value(&input.args[0], row), at(numbers, row)) else {
            return Ok(None);
        };
        check_srid(srid, *geography)?;
        Ok(Some((srid, bytes.to_vec())))
    });
    column(values.collect::<Result<Vec<_>>>()?, input)
});
