//! `and or not` and the tests of a truth value: DataFusion's own.

use super::comparison::different;
use crate::call::{Arg, Call};
use crate::coercion::implicit::Class;
use crate::implicit::unexpected_type;
use datafusion_expr::{BinaryExpr, Expr, Operator};
use firesteel_common::{Result, SparkError, SparkType};

pub(super) fn and(call: Call<'_>) -> Result<Expr> {
    chain(call, Operator::And)
}

pub(super) fn or(call: Call<'_>) -> Result<Expr> {
    chain(call, Operator::Or)
}

fn chain(call: Call<'_>, operator: Operator) -> Result<Expr> {
    call.check_arity(2, usize::MAX)?;
    check_operands(&call, operator)?;
    let mut exprs = call.coerced_all(Class::Boolean)?.exprs().into_iter();
    let Some(first) = exprs.next() else {
        return Err(firesteel_common::SparkError::internal("a chain of no conditions"));
    };
    Ok(exprs.fold(first, |left, right| {
        Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right)))
    }))
}

/// Both sides of a conjunction have one type; only ANSI mode reads strings as truth values.
fn check_operands(call: &Call<'_>, operator: Operator) -> Result<()> {
    let fits = |found: &SparkType| {
        let reads = call.settings.ansi && found.is_string();
        reads || matches!(found, SparkType::Boolean | SparkType::Null)
    };
    for pair in call.args.windows(2) {
        let types = (pair[0].spark_type()?, pair[1].spark_type()?);
        let symbol = if operator == Operator::And { "AND" } else { "OR" };
        if types.0 == types.1 {
            if !matches!(types.0, SparkType::Boolean | SparkType::Null) {
                return Err(wrong(&pair[0], symbol, &pair[1], &types.0));
            }
        } else if !(fits(&types.0) && fits(&types.1)) {
            return Err(different(&pair[0], symbol, &pair[1], &types));
        }
    }
    Ok(())
}

fn wrong(left: &Arg, symbol: &str, right: &Arg, found: &SparkType) -> SparkError {
    let sql = format!("\"({} {symbol} {})\"", left.sql(), right.sql());
    let found = found.sql();
    SparkError::analysis(
        "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE",
        format!(
            "Cannot resolve {sql} due to data type mismatch: the binary operator requires the input \
             type \"BOOLEAN\", not \"{found}\"."
        ),
    )
    .with("sqlExpr", sql)
    .with("inputType", "\"BOOLEAN\"")
    .with("actualDataType", format!("\"{found}\""))
}

fn boolean(call: Call<'_>) -> Result<Box<Expr>> {
    if let [arg] = call.args.as_slice()
        && !call.settings.ansi
        && arg.spark_type()?.is_string()
    {
        return Err(unexpected_type(call.name, 0, arg, "BOOLEAN"));
    }
    let [arg] = call.coerced(1, &[Class::Boolean])?.exactly::<1>()?;
    Ok(Box::new(arg.expr))
}

pub(super) fn not(call: Call<'_>) -> Result<Expr> {
    Ok(Expr::Not(boolean(call)?))
}

pub(super) fn is_true(call: Call<'_>) -> Result<Expr> {
    Ok(Expr::IsTrue(boolean(call)?))
}

pub(super) fn is_false(call: Call<'_>) -> Result<Expr> {
    Ok(Expr::IsFalse(boolean(call)?))
}

pub(super) fn is_unknown(call: Call<'_>) -> Result<Expr> {
    Ok(Expr::IsUnknown(boolean(call)?))
}

pub(super) fn is_not_true(call: Call<'_>) -> Result<Expr> {
    Ok(Expr::IsNotTrue(boolean(call)?))
}

pub(super) fn is_not_false(call: Call<'_>) -> Result<Expr> {
    Ok(Expr::IsNotFalse(boolean(call)?))
}

pub(super) fn is_not_unknown(call: Call<'_>) -> Result<Expr> {
    Ok(Expr::IsNotUnknown(boolean(call)?))
}
