//! Bitwise functions and operators.

mod shift;

use crate::call::{Arg, Call};
use crate::cast::EvalMode;
use crate::coercion::implicit::{Class, expect};
use crate::coercion::unify;
use crate::columns::{get, primitives};
use crate::faults::invalid_parameter_value;
use crate::implicit::{diff_types, unexpected_type};
use crate::registry::FunctionDef;
use crate::scalar_kernel::{AnyKind, Kind, Nullable};
use arrow::array::Array;
use arrow::datatypes::{Int8Type, Int32Type};
use datafusion_expr::{BinaryExpr, Expr, Operator};
use firesteel_common::{Result, SparkError, SparkType};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("&", |call| binary(call, Operator::BitwiseAnd)),
        def("|", |call| binary(call, Operator::BitwiseOr)),
        def("^", |call| binary(call, Operator::BitwiseXor)),
        def("~", not),
        def("bitwisenot", not),
        def("bit_count", bit_count),
        def("bit_get", bit_get),
        def("getbit", bit_get),
        def("shiftleft", shift::left),
        def("<<", shift::left),
        def("shiftright", shift::right),
        def(">>", shift::right),
        def("shiftrightunsigned", shift::right_unsigned),
        def(">>>", shift::right_unsigned),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&BIT_COUNT, &BIT_GET, &shift::OF_INTS, &shift::OF_LONGS]
}

fn binary(call: Call<'_>, operator: Operator) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let (name, settings) = (call.name.to_owned(), call.settings);
    check_sides(&name, &call.args, settings.ansi)?;
    let call = call.coerced_all(Class::Integral)?;
    let types = call.args.iter().map(Arg::spark_type).collect::<Result<Vec<_>>>()?;
    let sides = unify(call.args, settings)?.map(|(exprs, _)| <[Expr; 2]>::try_from(exprs));
    let Some(Ok([left, right])) = sides else { return Err(diff_types(&name, &types)) };
    Ok(Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right))))
}

/// Whole numbers, and in ANSI mode strings that are read as such; Spark words the rest as for other operators.
fn check_sides(symbol: &str, args: &[Arg], ansi: bool) -> Result<()> {
    let [left, right] = args else { return Ok(()) };
    let types = (left.spark_type()?, right.spark_type()?);
    let fits = |found: &SparkType| {
        found.is_integral() || ansi && found.is_string() || *found == SparkType::Null
    };
    if fits(&types.0) && fits(&types.1) {
        return Ok(());
    }
    let sql = format!("\"({} {symbol} {})\"", left.sql(), right.sql());
    let intro = format!("Cannot resolve {sql} due to data type mismatch: ");
    let (left, right) = (types.0.sql(), types.1.sql());
    let error = if types.0 == types.1 {
        SparkError::analysis(
            "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE",
            format!(
                "{intro}the binary operator requires the input type \"INTEGRAL\", not \"{left}\"."
            ),
        )
        .with("inputType", "\"INTEGRAL\"")
        .with("actualDataType", format!("\"{left}\""))
    } else {
        SparkError::analysis(
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
            format!(
                "{intro}the left and right operands of the binary operator have incompatible types \
                 (\"{left}\" and \"{right}\")."
            ),
        )
        .with("left", format!("\"{left}\""))
        .with("right", format!("\"{right}\""))
    };
    Err(error.with("sqlExpr", sql))
}

/// All bits turned: `-1 ^ x`, which needs no kernel.
fn not(call: Call<'_>) -> Result<Expr> {
    if let [arg] = call.args.as_slice()
        && arg.spark_type()?.is_string()
    {
        return Err(unexpected_type(call.name, 0, arg, "INTEGRAL"));
    }
    let [arg] = call.coerced(1, &[Class::Integral])?.exactly::<1>()?;
    let ones = datafusion_common::ScalarValue::Int8(Some(-1)).cast_to(arg.data_type())?;
    let ones = Expr::Literal(ones, None);
    Ok(Expr::BinaryExpr(BinaryExpr::new(Box::new(arg.expr), Operator::BitwiseXor, Box::new(ones))))
}

/// Of a whole number sign-extended to 64 bits, as Java's `Long.bitCount`.
fn bit_count(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name, call.settings);
    let [arg] = call.exactly::<1>()?;
    let data_type = arg.spark_type()?;
    let expr = match data_type {
        SparkType::Boolean => {
            crate::cast::cast(arg, &SparkType::Long, EvalMode::of(settings), settings)?
        }
        _ if data_type.is_integral() || data_type == SparkType::Null => {
            expect(name, 0, arg, Class::Long, settings)?.expr
        }
        _ => return Err(unexpected_type(name, 0, &arg, "(\"INTEGRAL\" or \"BOOLEAN\")")),
    };
    let kernel = BIT_COUNT.kernel((), &SparkType::Integer);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![expr]))
}

pub(super) static BIT_COUNT: Kind<()> = Kind::new("bit_count", |(), input| {
    let values = input.longs(0)?;
    primitives::<Int32Type>(input.n_rows, |row| {
        Ok(get!(values, row).map(|value| value.count_ones() as i32))
    })
});

fn bit_get(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let n_bits = match call.args[0].spark_type()? {
        SparkType::Byte => 8,
        SparkType::Short => 16,
        SparkType::Integer => 32,
        _ => 64,
    };
    let call = call.coerced(2, &[Class::Long, Class::Integer])?;
    let kernel = BIT_GET.kernel(n_bits, &SparkType::Byte);
    Ok(kernel.nullable(Nullable::Propagate).call(call.exprs()))
}

pub(super) static BIT_GET: Kind<i32> = Kind::new("bit_get", |n_bits, input| {
    let (values, positions) = (input.longs(0)?, input.ints(1)?);
    primitives::<Int8Type>(input.n_rows, |row| {
        let (Some(value), Some(position)) = (get!(values, row), get!(positions, row)) else {
            return Ok(None);
        };
        if !(0..*n_bits).contains(&position) {
            return Err(invalid_parameter_value(
                "bit_get",
                "pos",
                "BIT_POSITION_RANGE",
                &format!("expects an integer value in [0, {n_bits}), but got {position}."),
            )
            .with("upper", n_bits.to_string())
            .with("invalidValue", position.to_string()));
        }
        Ok(Some((value >> position & 1) as i8))
    })
});
