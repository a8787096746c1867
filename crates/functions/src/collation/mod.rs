//! Collations: under which name which strings are equal, and in which order they stand.
//!
//! A string with a collation is a plain string whose type has the collation's name. Whatever compares such strings
//! compares their keys instead ([`key`]): plain strings that are equal where the collation says so, and stand in its
//! order. `UTF8_LCASE` and what only ignores blanks at the end is ours; the orders of locales are ICU's ([`icu`]).

mod arrays;
mod casing;
mod find;
mod icu;
mod icu_search;
mod key;
mod labels;
mod locales;
mod map_keys;
mod name;
mod search;

pub use arrays::choosing;
pub use casing::casing;
pub use icu_search::icu_searching;
pub use key::key;
pub use labels::{holds_collation, is_collated, relabelled, with_collation, without_collation};
pub use map_keys::with_distinct_keys;
pub use name::{Collation, ICU_VERSION, all};
pub use search::searching;

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::implicit::{literal_text, not_foldable};
use crate::registry::FunctionDef;
use crate::scalar_kernel::AnyKind;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

/// Name of the kernel of [`collate`], by which an explicit collation is told from others.
pub const COLLATE: &str = "collate";

pub(crate) fn functions() -> Vec<FunctionDef> {
    vec![FunctionDef::scalar("collation", collation), FunctionDef::scalar(COLLATE, collate)]
}

pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![
        &arrays::CHOICE,
        &casing::CASING,
        &icu_search::ICU_SEARCH,
        &key::KEY,
        &map_keys::DISTINCT_KEYS,
        &labels::COLLATED,
        &labels::RELABELLED,
        &search::SEARCH,
    ]
}

/// The full name of a string's collation.
fn collation(call: Call<'_>) -> Result<Expr> {
    let [arg] = call.coerced(1, &[Class::String])?.exactly::<1>()?;
    let name = match arg.spark_type()? {
        SparkType::String { collation: Some(name) } => name,
        _ => "UTF8_BINARY".to_owned(),
    };
    Ok(datafusion_expr::lit(format!("SYSTEM.BUILTIN.{name}")))
}

/// `text COLLATE name`: the same text under another collation.
fn collate(call: Call<'_>) -> Result<Expr> {
    if let Some(arg) = call.args.first()
        && !matches!(arg.spark_type()?, SparkType::Null)
        && !arg.spark_type()?.is_string()
    {
        return Err(crate::implicit::unexpected_type(COLLATE, 0, arg, "STRING"));
    }
    let [arg, name] = call.coerced(2, &[Class::String, Class::String])?.exactly::<2>()?;
    let name = literal_text(&name).ok_or_else(|| not_foldable(COLLATE, "collationName"))?;
    let collation = Collation::parse(&name)?;
    Ok(labels::collated(arg.expr, &collation.spark_type()))
}
