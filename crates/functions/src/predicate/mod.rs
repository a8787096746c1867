//! Predicates: `in`, `between`, `isnull`, patterns.

pub(crate) mod java_regex;
mod like;
mod like_any;
mod membership;
mod rlike;

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::registry::FunctionDef;
use crate::scalar_kernel::AnyKind;
use datafusion_expr::Expr;
use datafusion_expr::expr_fn::when;
use firesteel_common::{Result, SparkType};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("in", membership::in_list),
        def("between", membership::between),
        def("isnull", is_null),
        def("isnotnull", is_not_null),
        def("isnan", is_nan),
        def("like", like::like),
        def("ilike", like::ilike),
        def("likeany", like_any::like_any),
        def("likeall", like_any::like_all),
        def("notlikeany", like_any::not_like_any),
        def("notlikeall", like_any::not_like_all),
        def("rlike", rlike::rlike),
        def("regexp", rlike::rlike),
        def("regexp_like", rlike::rlike),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&like::LIKE, &like_any::LIKE_ANY, &rlike::RLIKE]
}

fn is_null(call: Call<'_>) -> Result<Expr> {
    let [arg] = call.exactly::<1>()?;
    Ok(Expr::IsNull(Box::new(arg.expr)))
}

fn is_not_null(call: Call<'_>) -> Result<Expr> {
    let [arg] = call.exactly::<1>()?;
    Ok(Expr::IsNotNull(Box::new(arg.expr)))
}

/// False for null, unlike DataFusion's.
fn is_nan(call: Call<'_>) -> Result<Expr> {
    let mut call = call;
    if let [arg] = call.args.as_slice()
        && arg.spark_type()? != SparkType::Float
    {
        call = call.coerced(1, &[Class::Double])?;
    }
    let [arg] = call.exactly::<1>()?;
    let test = datafusion_functions::math::isnan().call(vec![arg.expr.clone()]);
    if !arg.field.is_nullable() {
        return Ok(test);
    }
    Ok(when(arg.expr.is_not_null(), test).otherwise(datafusion_expr::lit(false))?)
}
