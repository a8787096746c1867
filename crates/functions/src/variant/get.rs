//! `variant_get(variant, path [, type])`, `try_variant_get`.

use super::column::Variants;
use super::decode::decode_column;
use super::parse_json::variant_arg;
use super::path::{Step, follow, parse_path};
use crate::call::Call;
use crate::cast::{Context, EvalMode, can_cast};
use crate::implicit::{implicit, literal_text, not_foldable};
use crate::json::ddl::parse_schema;
use crate::scalar_kernel::{Input, Kind, at};
use arrow::array::ArrayRef;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Getting {
    target: SparkType,
    /// Null instead of an error where the value does not fit.
    tries: bool,
    time_zone: String,
}

pub(super) fn variant_get(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let (name, settings) = (call.name.to_owned(), call.settings);
    let shown: Vec<_> = call.args.iter().take(2).map(|arg| arg.sql()).collect();
    let mut args = call.args.into_iter();
    let (Some(variant), Some(path)) = (args.next(), args.next()) else {
        return Err(SparkError::internal("variant_get without arguments"));
    };
    let target = match args.next() {
        None => SparkType::Variant,
        Some(arg) => {
            let text = literal_text(&arg).ok_or_else(|| not_foldable(&name, "type"))?;
            crate::json::nullable(parse_schema(&text)?)
        }
    };
    let variant = variant_arg(&name, 0, variant, settings)?;
    if !can_cast(&SparkType::Variant, &target, settings.ansi) {
        return Err(no_cast(&format!("{name}({})", shown.join(", ")), "VARIANT", &target.sql()));
    }
    if let Some(literal) = literal_text(&path) {
        parse_path(&literal, &format!("`{name}`"))?;
    }
    let path = implicit(&name, 1, path, &SparkType::string(), settings)?;
    let tries = name.starts_with("try_");
    let getting = Getting { target: target.clone(), tries, time_zone: settings.time_zone.clone() };
    let shown = if tries { "try_variant_get" } else { "variant_get" };
    Ok(GET.named(shown, getting, &target).call(vec![variant, path]))
}

/// Spark's error for a function that would need a cast which does not exist.
pub(super) fn no_cast(sql: &str, from: &str, to: &str) -> SparkError {
    SparkError::analysis(
        "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION",
        format!("Cannot resolve \"{sql}\" due to data type mismatch: cannot cast \"{from}\" to \"{to}\"."),
    )
    .with("sqlExpr", format!("\"{sql}\""))
    .with("srcType", format!("\"{from}\""))
    .with("targetType", format!("\"{to}\""))
}

pub(super) static GET: Kind<Getting> = Kind::new("variant_get", get);

fn get(getting: &Getting, input: &Input<'_>) -> Result<ArrayRef> {
    let (variants, paths) = (Variants::of(&input.args[0])?, input.string(1)?);
    let function = if getting.tries { "`try_variant_get`" } else { "`variant_get`" };
    let mut last: Option<(&str, Vec<Step>)> = None;
    let mut found = Vec::with_capacity(input.n_rows);
    for row in 0..input.n_rows {
        let (Some(view), Some(path)) = (variants.get(row), at(paths, row)) else {
            found.push(None);
            continue;
        };
        if last.as_ref().is_none_or(|(known, _)| *known != path) {
            last = Some((path, parse_path(path, function)?));
        }
        let steps = last.as_ref().map_or(&[][..], |(_, steps)| steps);
        found.push(follow(view, steps)?);
    }
    let mode = if getting.tries { EvalMode::Try } else { EvalMode::Ansi };
    let context = Context::new(mode, &getting.time_zone, false)?;
    decode_column(&found, &getting.target, &context)
}
