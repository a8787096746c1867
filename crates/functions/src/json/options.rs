//! Options of `from_json`, `to_json`, `from_csv`, `to_csv`: a map of literal strings.

use crate::call::Arg;
use crate::implicit::not_foldable;
use arrow::array::{Array, AsArray};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Option values by name in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Options(BTreeMap<String, String>);

impl Options {
    /// # Errors
    /// `DATATYPE_MISMATCH.NON_FOLDABLE_INPUT` when the map is not made of literals.
    pub(crate) fn from_arg(function: &str, arg: Option<&Arg>) -> Result<Self> {
        let Some(arg) = arg else { return Ok(Self::default()) };
        let pairs = pairs(&arg.expr).ok_or_else(|| not_foldable(function, "options"))?;
        Ok(Self(pairs.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect()))
    }

    /// # Errors
    /// `PARSE_MODE_UNSUPPORTED`: a function gives a row for each row.
    pub(crate) fn check_mode(&self, function: &str) -> Result<()> {
        let drops = self.get("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("DROPMALFORMED"));
        if !drops {
            return Ok(());
        }
        let text = format!(
            "The function `{function}` doesn't support the DROPMALFORMED mode. Acceptable modes are \
             PERMISSIVE and FAILFAST."
        );
        Err(SparkError::analysis("PARSE_MODE_UNSUPPORTED", text)
            .with("funcName", format!("`{function}`"))
            .with("mode", "DROPMALFORMED"))
    }

    /// Options that are known already.
    #[cfg(test)]
    pub(crate) fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_lowercase()).map(String::as_str)
    }

    /// Whether an option is true; `default` where it is not given.
    pub(crate) fn flag(&self, name: &str, default: bool) -> bool {
        self.get(name).map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }
}

fn pairs(expr: &Expr) -> Option<Vec<(String, String)>> {
    match expr {
        Expr::Alias(alias) => pairs(&alias.expr),
        Expr::Cast(inner) => pairs(&inner.expr),
        // The arguments of our `map` are all keys, then all values.
        Expr::ScalarFunction(call) if call.func.name() == "map" => {
            let texts = call.args.iter().map(text).collect::<Option<Vec<_>>>()?;
            let (keys, values) = texts.split_at(texts.len() / 2);
            Some(keys.iter().cloned().zip(values.iter().cloned()).collect())
        }
        Expr::ScalarFunction(call) if call.args.len() == 1 => pairs(&call.args[0]),
        Expr::Literal(ScalarValue::Map(map), _) => {
            let keys = map.keys().as_string_opt::<i32>()?;
            let values = map.values().as_string_opt::<i32>()?;
            Some(
                (0..keys.len())
                    .map(|row| (keys.value(row).into(), values.value(row).into()))
                    .collect(),
            )
        }
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(ScalarValue::Utf8(text), _) => text.clone(),
        Expr::Alias(alias) => text(&alias.expr),
        _ => None,
    }
}
