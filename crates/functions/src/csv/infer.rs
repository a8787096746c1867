//! `schema_of_csv(line)`: a literal, computed while planning, because the line must be one.

use super::from_csv::separator;
use super::line::split;
use crate::call::Call;
use crate::cast::{parse_date, parse_double};
use crate::implicit::{literal_text, not_foldable};
use crate::json::options::Options;
use datafusion_expr::{Expr, lit};
use firesteel_common::{Result, SparkType, StructField, StructType};

pub(crate) fn schema_of_csv(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let options = Options::from_arg("schema_of_csv", call.args.get(1))?;
    let line = literal_text(&call.args[0]).ok_or_else(|| not_foldable("schema_of_csv", "csv"))?;
    let cells = split(&line, separator(&options), '"');
    let fields = cells
        .iter()
        .enumerate()
        .map(|(position, cell)| StructField::new(format!("_c{position}"), infer(cell), true));
    Ok(lit(SparkType::Struct(StructType::new(fields.collect())).sql()))
}

fn infer(cell: &str) -> SparkType {
    if cell.is_empty() {
        SparkType::string()
    } else if cell.parse::<i32>().is_ok() {
        SparkType::Integer
    } else if cell.parse::<i64>().is_ok() {
        SparkType::Long
    } else if cell.len() == 10 && cell.contains('-') && parse_date(cell).is_some() {
        SparkType::Date
    } else if cell.len() > 10 && cell.contains(':') && parse_date(cell).is_some() {
        SparkType::Timestamp
    } else if parse_double(cell).is_some() {
        SparkType::Double
    } else if cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false") {
        SparkType::Boolean
    } else {
        SparkType::string()
    }
}
