//! Conditional functions: `if`, `when` (CASE), `coalesce`, `nullif`, … All become `CASE`
//! expressions of DataFusion, which evaluate a branch only for the rows that reach it.

use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast, retyped};
use crate::coercion::implicit::{Class, expect};
use crate::coercion::{common_type_of, unify};
use crate::implicit::{diff_types, unexpected_type};
use crate::operators::comparison::compare;
use crate::registry::FunctionDef;
use datafusion_common::ScalarValue;
use datafusion_expr::expr::Case;
use datafusion_expr::{Expr, Operator};
use firesteel_common::{Result, SparkType};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("if", if_),
        def("when", when),
        def("case", when),
        def("coalesce", coalesce),
        def("ifnull", if_null),
        def("nvl", if_null),
        def("nvl2", nvl2),
        def("nullif", null_if),
        def("nullifzero", null_if_zero),
        def("zeroifnull", zero_if_null),
        def("nanvl", nanvl),
    ]
}

fn case(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    let branches =
        branches.into_iter().map(|(when, then)| (Box::new(when), Box::new(then))).collect();
    Expr::Case(Case::new(None, branches, otherwise.map(Box::new)))
}

fn null_of(data_type: &SparkType) -> Result<Expr> {
    Ok(Expr::Literal(ScalarValue::try_new_null(&data_type.to_arrow())?, None))
}

fn if_(call: Call<'_>) -> Result<Expr> {
    call.check_arity(3, 3)?;
    when(call)
}

/// Condition, value, condition, value, …, and perhaps a last value for the rest.
fn when(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, usize::MAX)?;
    let (name, settings) = (call.name, call.settings);
    let has_else = call.args.len() % 2 == 1;
    let n_pairs = call.args.len() / 2;
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    for (position, arg) in call.args.into_iter().enumerate() {
        if position < 2 * n_pairs && position % 2 == 0 {
            // No text is a condition. `if` takes a NULL for one, CASE does not.
            let found = arg.spark_type()?;
            if found.is_string() || name != "if" && found == SparkType::Null {
                return Err(unexpected_type(name, position, &arg, "BOOLEAN"));
            }
            conditions.push(expect(name, position, arg, Class::Boolean, settings)?.expr);
        } else {
            values.push(arg);
        }
    }
    let types = values.iter().map(Arg::spark_type).collect::<Result<Vec<_>>>()?;
    let Some((mut values, target)) = unify(values, settings)? else {
        return Err(diff_types(name, &types));
    };
    let otherwise = match has_else.then(|| values.pop()).flatten() {
        Some(value) => value,
        None => null_of(&target)?,
    };
    Ok(case(conditions.into_iter().zip(values).collect(), Some(otherwise)))
}

fn coalesce(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, usize::MAX)?;
    let (name, settings) = (call.name, call.settings);
    let types = call.args.iter().map(Arg::spark_type).collect::<Result<Vec<_>>>()?;
    let Some((mut exprs, _)) = unify(call.args, settings)? else {
        return Err(diff_types(name, &types));
    };
    let Some(last) = exprs.pop() else { return Err(diff_types(name, &types)) };
    if exprs.is_empty() {
        return Ok(last);
    }
    exprs.push(last);
    Ok(datafusion_functions::core::coalesce().call(exprs))
}

fn if_null(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 2)?;
    coalesce(call)
}

fn nvl2(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name, call.settings);
    let [tested, present, absent] = call.exactly::<3>()?;
    let types = [present.spark_type()?, absent.spark_type()?];
    let Some((values, _)) = unify(vec![present, absent], settings)? else {
        return Err(diff_types(name, &types));
    };
    let mut values = values.into_iter();
    let (Some(present), Some(absent)) = (values.next(), values.next()) else {
        return Err(diff_types(name, &types));
    };
    Ok(case(vec![(Expr::IsNotNull(Box::new(tested.expr)), present)], Some(absent)))
}

fn null_if(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [left, right] = call.exactly::<2>()?;
    let data_type = left.spark_type()?;
    let value = left.expr.clone();
    let equal = compare(left, Operator::Eq, "=", right, settings)?;
    Ok(case(vec![(equal, null_of(&data_type)?)], Some(value)))
}

fn zero() -> Arg {
    let value = Expr::Literal(ScalarValue::Int32(Some(0)), None);
    retyped(value, &SparkType::Integer, false)
}

fn null_if_zero(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let Call { name, mut args, settings, query_start_micros } = call;
    args.push(zero());
    null_if(Call { name, args, settings, query_start_micros })
}

fn zero_if_null(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let Call { name, mut args, settings, query_start_micros } = call;
    args.push(zero());
    coalesce(Call { name, args, settings, query_start_micros })
}

/// The second value where the first is not a number.
fn nanvl(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [left, right] = call.exactly::<2>()?;
    let types = [left.spark_type()?, right.spark_type()?];
    let target = match common_type_of(&types, settings) {
        Some(SparkType::Float) => SparkType::Float,
        _ => SparkType::Double,
    };
    let mode = EvalMode::of(settings);
    let left = cast(left, &target, mode, settings)?;
    let right = cast(right, &target, mode, settings)?;
    let is_nan = datafusion_functions::math::isnan().call(vec![left.clone()]);
    Ok(case(vec![(is_nan, right)], Some(left)))
}
