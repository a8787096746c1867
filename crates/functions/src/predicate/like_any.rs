//! `LIKE ANY`, `LIKE ALL` and their negations over literal patterns, as the SQL parser emits them:
//! `likeany(text, pattern, …)`. Over other patterns it emits a chain of `like`.

use super::like::{matches, parts};
use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{booleans, get};
use crate::implicit::literal_text;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};

pub(super) fn like_any(call: Call<'_>) -> Result<Expr> {
    build(call, false, false)
}

pub(super) fn like_all(call: Call<'_>) -> Result<Expr> {
    build(call, true, false)
}

pub(super) fn not_like_any(call: Call<'_>) -> Result<Expr> {
    build(call, false, true)
}

pub(super) fn not_like_all(call: Call<'_>) -> Result<Expr> {
    build(call, true, true)
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Params {
    patterns: Vec<String>,
    all: bool,
    negated: bool,
}

fn build(call: Call<'_>, all: bool, negated: bool) -> Result<Expr> {
    call.check_arity(2, usize::MAX)?;
    let mut args = call.coerced_all(Class::String)?.args.into_iter();
    let Some(text) = args.next() else {
        return Err(SparkError::internal("LIKE ANY without a value"));
    };
    let patterns = args
        .map(|arg| {
            let pattern = literal_text(&arg);
            pattern
                .ok_or_else(|| SparkError::internal("LIKE ANY with a pattern that is no literal"))
        })
        .collect::<Result<Vec<_>>>()?;
    // A malformed pattern is refused while planning.
    patterns.iter().try_for_each(|pattern| parts(pattern, '\\').map(drop))?;
    let params = Params { patterns, all, negated };
    let kernel = LIKE_ANY.kernel(params, &SparkType::Boolean);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![text.expr]))
}

pub(super) static LIKE_ANY: Kind<Params> = Kind::new("likeany", evaluate);

fn evaluate(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let texts = input.text(0)?;
    let patterns =
        params.patterns.iter().map(|pattern| parts(pattern, '\\')).collect::<Result<Vec<_>>>()?;
    booleans(input.n_rows, |row| {
        let Some(text) = get!(texts, row) else { return Ok(None) };
        let mut found = patterns.iter().map(|pattern| matches(text, pattern) != params.negated);
        Ok(Some(if params.all { found.all(|found| found) } else { found.any(|found| found) }))
    })
}
