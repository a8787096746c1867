//! How the summary of a training is shown.

use crate::attribute::AttributeGroup;
use firesteel_common::StructField;

/// What is shown.
#[derive(Debug)]
pub(super) struct Shown {
    pub names: Vec<String>,
    /// Of the intercept last, if there is one.
    pub estimates: Vec<f64>,
    /// Standard errors, t-values and p-values.
    pub statistics: Option<(Vec<f64>, Vec<f64>, Vec<f64>)>,
    pub family: &'static str,
    pub dispersion: f64,
    pub null_deviance: f64,
    pub deviance: f64,
    pub degrees_of_freedom: i64,
    pub aic: Option<f64>,
}

/// Names of the features: what the column's metadata says, else column and position.
pub(super) fn feature_names(field: &StructField, n: usize) -> Vec<String> {
    let attributes = AttributeGroup::of(field).attributes.unwrap_or_default();
    let name = |at: usize| {
        let own = attributes.get(at).and_then(|own| own.name()).map(str::to_owned);
        own.unwrap_or_else(|| format!("{}_{at}", field.name))
    };
    (0..n).map(name).collect()
}

/// Four decimals, halves away from zero.
fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let text = format!("{value:.4}");
    if text == "-0.0000" { "0.0000".to_owned() } else { text }
}

/// Texts to the right of columns of these widths.
fn line(cells: &[String], widths: &[usize]) -> String {
    let cell = |(cell, width): (&String, &usize)| format!("{cell:>width$}");
    cells.iter().zip(widths).map(cell).collect::<Vec<_>>().join(" ")
}

/// The table of coefficients, and what the fit is worth.
pub(super) fn show(shown: &Shown) -> String {
    let mut rows = vec![vec!["Feature".to_owned(), "Estimate".to_owned()]];
    if shown.statistics.is_some() {
        rows[0].extend(["Std Error", "T Value", "P Value"].map(str::to_owned));
    }
    // The intercept is first.
    let n = shown.names.len();
    let has_intercept = shown.estimates.len() > n;
    let order = has_intercept.then_some(n).into_iter().chain(0..n);
    for at in order {
        let name = shown.names.get(at).map_or("(Intercept)", String::as_str);
        let mut row = vec![name.to_owned(), number(shown.estimates[at])];
        if let Some((errors, t, p)) = &shown.statistics {
            row.extend([number(errors[at]), number(t[at]), number(p[at])]);
        }
        rows.push(row);
    }
    let widths: Vec<usize> = (0..rows[0].len())
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    let table: Vec<String> = rows.iter().map(|row| line(row, &widths)).collect();
    let degrees = shown.degrees_of_freedom.to_string();
    let deviances = [
        format!("Null deviance: {}", number(shown.null_deviance)),
        format!("Residual deviance: {}", number(shown.deviance)),
    ];
    let width = deviances.iter().map(String::len).max().unwrap_or(0);
    let mut text = format!("Coefficients:\n{}\n\n", table.join("\n"));
    text.push_str(&format!(
        "(Dispersion parameter for {} family taken to be {})\n",
        shown.family,
        number(shown.dispersion)
    ));
    for deviance in &deviances {
        text.push_str(&format!("{deviance:>width$} on {degrees} degrees of freedom\n"));
    }
    match shown.aic {
        Some(aic) => text.push_str(&format!("AIC: {}", number(aic))),
        None => {
            text.pop();
        }
    }
    text
}
