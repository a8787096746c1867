//! `= != < <= > >= <=>`: both sides brought to one type, then DataFusion's own operators, so that
//! filters reach scans and joins find their keys.

use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast};
use crate::coercion::{common_type_of_elements, comparison_type};
use crate::collation::{is_collated, key};
use datafusion_expr::{BinaryExpr, Expr, Operator};
use firesteel_common::{Result, SessionSettings, SparkError, SparkType};

macro_rules! builders {
    ($($name:ident $operator:ident $symbol:literal;)*) => {
        $(
            pub(crate) fn $name(call: Call<'_>) -> Result<Expr> {
                let settings = call.settings;
                let [left, right] = call.exactly::<2>()?;
                compare(left, Operator::$operator, $symbol, right, settings)
            }
        )*
    };
}

builders! {
    equal Eq "=";
    less Lt "<";
    less_or_equal LtEq "<=";
    greater Gt ">";
    greater_or_equal GtEq ">=";
    null_safe_equal IsNotDistinctFrom "<=>";
    not_equal NotEq "=";
}

/// # Errors
/// `DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES` without a common type.
pub(crate) fn compare(
    left: Arg,
    operator: Operator,
    symbol: &str,
    right: Arg,
    settings: &SessionSettings,
) -> Result<Expr> {
    let types = (left.spark_type()?, right.spark_type()?);
    let equality = matches!(operator, Operator::Eq | Operator::NotEq | Operator::IsNotDistinctFrom);
    let as_number = if equality && !settings.ansi { boolean_as_number(&types) } else { None };
    let common = match types {
        (SparkType::Array { .. }, SparkType::Array { .. }) => {
            common_type_of_elements(&types.0, &types.1, settings)
        }
        _ => as_number.or_else(|| comparison_type(&types.0, &types.1, settings)),
    };
    let Some(target) = common else {
        return Err(different(&left, symbol, &right, &types));
    };
    let ordered = matches!(operator, Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq);
    if !comparable(&target, ordered) {
        return Err(unordered(&left, symbol, &right, &target));
    }
    let mode = EvalMode::of(settings);
    // Strings that compare otherwise than by their bytes are compared by their keys.
    let by_key = is_collated(&target);
    let of = |arg| {
        let value = cast(arg, &target, mode, settings)?;
        if by_key { key(value, &target) } else { Ok(value) }
    };
    let (left, right) = (of(left)?, of(right)?);
    Ok(Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right))))
}

/// Without ANSI mode `true = 1`: the number's type.
fn boolean_as_number(types: &(SparkType, SparkType)) -> Option<SparkType> {
    match types {
        (SparkType::Boolean, number) | (number, SparkType::Boolean) if number.is_numeric() => {
            Some(number.clone())
        }
        _ => None,
    }
}

pub(crate) fn comparable(data_type: &SparkType, ordered: bool) -> bool {
    match data_type {
        SparkType::Map { .. } | SparkType::Variant => false,
        SparkType::CalendarInterval => !ordered,
        SparkType::Array { element, .. } => comparable(element, ordered),
        SparkType::Struct(fields) => {
            fields.fields.iter().all(|field| comparable(&field.data_type, ordered))
        }
        SparkType::Udt(udt) => comparable(&udt.sql_type, ordered),
        _ => true,
    }
}

fn shown(left: &Arg, symbol: &str, right: &Arg) -> String {
    format!("\"({} {symbol} {})\"", left.sql(), right.sql())
}

pub(super) fn different(
    left: &Arg,
    symbol: &str,
    right: &Arg,
    types: &(SparkType, SparkType),
) -> SparkError {
    let sql = shown(left, symbol, right);
    let (left, right) = (types.0.sql(), types.1.sql());
    SparkError::analysis(
        "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
        format!(
            "Cannot resolve {sql} due to data type mismatch: the left and right operands of the \
             binary operator have incompatible types (\"{left}\" and \"{right}\")."
        ),
    )
    .with("sqlExpr", sql)
    .with("left", format!("\"{left}\""))
    .with("right", format!("\"{right}\""))
}

fn unordered(left: &Arg, symbol: &str, right: &Arg, data_type: &SparkType) -> SparkError {
    let sql = shown(left, symbol, right);
    let data_type = data_type.sql();
    SparkError::analysis(
        "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
        format!(
            "Cannot resolve {sql} due to data type mismatch: The `{symbol}` does not support \
             ordering on type \"{data_type}\"."
        ),
    )
    .with("sqlExpr", sql)
    .with("functionName", format!("`{symbol}`"))
    .with("dataType", format!("\"{data_type}\""))
}
