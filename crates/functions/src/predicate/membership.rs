//! `in` over a list and `between`.

use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast};
use crate::coercion::{common_type_of, comparison_type};
use crate::collation::{is_collated, key};
use crate::implicit::diff_types;
use crate::operators::comparison::{comparable, compare};
use datafusion_expr::expr::InList;
use datafusion_expr::{BinaryExpr, Expr, Operator};
use firesteel_common::{Result, SparkError};

pub(super) fn in_list(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, usize::MAX)?;
    let (name, settings) = (call.name, call.settings);
    let types = call.args.iter().map(Arg::spark_type).collect::<Result<Vec<_>>>()?;
    let target = match types.as_slice() {
        [left, right] => comparison_type(left, right, settings),
        all => common_type_of(all, settings),
    };
    let Some(target) = target.filter(|target| comparable(target, false)) else {
        return Err(diff_types(name, &types));
    };
    let mode = EvalMode::of(settings);
    let by_key = is_collated(&target);
    let mut exprs = call
        .args
        .into_iter()
        .map(|arg| {
            let value = cast(arg, &target, mode, settings)?;
            if by_key { key(value, &target) } else { Ok(value) }
        })
        .collect::<Result<Vec<_>>>()?
        .into_iter();
    let Some(tested) = exprs.next() else {
        return Err(SparkError::internal("IN without arguments"));
    };
    Ok(Expr::InList(InList::new(Box::new(tested), exprs.collect(), false)))
}

/// Two comparisons, each with its own common type, as Spark has it.
pub(super) fn between(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [value, lower, upper] = call.exactly::<3>()?;
    let above = compare(value.clone(), Operator::GtEq, ">=", lower, settings)?;
    let below = compare(value, Operator::LtEq, "<=", upper, settings)?;
    Ok(Expr::BinaryExpr(BinaryExpr::new(Box::new(above), Operator::And, Box::new(below))))
}
