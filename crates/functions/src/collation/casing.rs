//! `upper`, `lower` and `initcap` where the collation's language says how letters change.

use super::name::Collation;
use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, strings};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Change {
    Upper,
    Lower,
    /// Words begin where Unicode says so, not after blanks only.
    Initcap,
}

/// A change of letters; whether `i` and `I` are two letters, as in Turkish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Params {
    change: Change,
    turkic: bool,
}

pub(super) static CASING: Kind<Params> = Kind::new("collated_case", evaluate);

/// The call of `name` on a plain argument under a collation; none: letters change there as anywhere.
pub fn casing(name: &str, collation: &Collation, call: Call<'_>) -> Option<Result<Expr>> {
    let language = collation.locale();
    let language = language.split('-').next().unwrap_or_default();
    let turkic = matches!(language, "tr" | "az");
    let change = match name {
        "upper" | "ucase" => Change::Upper,
        "lower" | "lcase" => Change::Lower,
        "initcap" if collation.is_icu() || collation.ignores_case() => Change::Initcap,
        _ => return None,
    };
    if language == "lt" || language == "el" && change != Change::Lower {
        let feature = format!("the function {name} by the collation {}", collation.name());
        return Some(Err(SparkError::unsupported(feature)));
    }
    if change != Change::Initcap && !turkic {
        return None;
    }
    let params = Params { change, turkic };
    Some(call.coerced(1, &[Class::String]).map(|call| {
        let kernel = CASING.kernel(params, &SparkType::string());
        kernel.nullable(Nullable::Propagate).call(call.exprs())
    }))
}

fn evaluate(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let texts = input.text(0)?;
    strings(input.n_rows, |row| Ok(get!(texts, row).map(|text| changed(text, *params))))
}

fn changed(text: &str, params: Params) -> String {
    match params.change {
        // Spark asks no language about ASCII.
        Change::Upper if text.is_ascii() => text.to_ascii_uppercase(),
        Change::Lower if text.is_ascii() => text.to_ascii_lowercase(),
        Change::Upper => upper(text, params.turkic),
        Change::Lower => lower(text, params.turkic),
        Change::Initcap => {
            text.split_word_bounds().map(|word| capital(word, params.turkic)).collect()
        }
    }
}

fn upper(text: &str, turkic: bool) -> String {
    if turkic { text.replace('i', "İ").to_uppercase() } else { text.to_uppercase() }
}

fn lower(text: &str, turkic: bool) -> String {
    if !turkic {
        return text.to_lowercase();
    }
    text.replace("I\u{307}", "i").replace('I', "ı").replace('İ', "i").to_lowercase()
}

/// A word with a capital letter first; a ligature becomes one capital letter and small ones.
fn capital(word: &str, turkic: bool) -> String {
    let Some(first) = word.chars().next() else { return String::new() };
    let first = first.to_string();
    let small = lower(word, turkic);
    let rest = small.get(lower(&first, turkic).len()..).unwrap_or_default();
    let large = upper(&first, turkic);
    let mut letters = large.chars();
    let capital: String = letters.next().into_iter().collect();
    format!("{capital}{}{rest}", letters.as_str().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_languages() {
        let cased =
            |text: &str, change: Change, turkic: bool| changed(text, Params { change, turkic });
        let shown = cased("hello wORLD o'neil ab-cd", Change::Initcap, false);
        assert_eq!(shown, "Hello World O'neil Ab-Cd");
        assert_eq!(cased("ﬁrst ß", Change::Initcap, false), "First Ss");
        assert_eq!(cased("istanbul", Change::Initcap, true), "İstanbul");
        assert_eq!(cased("i", Change::Upper, true), "I");
        assert_eq!(cased("ıiİ", Change::Upper, true), "Iİİ");
        assert_eq!(cased("Iıİ", Change::Lower, true), "ııi");
    }
}
