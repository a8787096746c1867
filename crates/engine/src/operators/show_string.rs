//! `df.show()`: rows as one string, laid out as Spark's `Dataset.showString` and `htmlString` do.

use datafusion::arrow::array::{Array, AsArray, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, Partitioning, PlanProperties};
use firesteel_common::nodes::ShowFormat;
use firesteel_common::operator::{Task, UnaryExec, streaming};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::sync::Arc;

/// Narrowest column.
const WIDTH_MIN: usize = 3;

/// One row with one string. The input's columns are strings already.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShowStringExec {
    /// Names of the input's columns as users see them.
    pub names: Vec<String>,
    pub rows: usize,
    /// Characters per cell; 0 shows all.
    pub truncate: usize,
    pub format: ShowFormat,
    /// Internal name of the output column.
    pub column: String,
}

impl UnaryExec for ShowStringExec {
    const NAME: &'static str = "ShowStringExec";
    const NEEDS_ALL_INPUT: bool = true;
    const KEEPS_ORDER: bool = true;
    type Parameters = Self;

    fn details(&self) -> String {
        format!("rows={}, truncate={}", self.rows, self.truncate)
    }

    fn properties(&self, _: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = Schema::new(vec![Field::new(&self.column, DataType::Utf8, false)]);
        let equivalences = EquivalenceProperties::new(Arc::new(schema));
        Ok(streaming(equivalences, Partitioning::UnknownPartitioning(1)))
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = task.input()?;
        let (node, schema) = (self.clone(), Arc::clone(&task.schema));
        let output = async move {
            let mut rows: Vec<Vec<String>> = Vec::new();
            while let Some(batch) = input.next().await {
                append_rows(&batch?, &mut rows);
            }
            let text = render(&node, rows);
            Ok(RecordBatch::try_new(schema, vec![Arc::new(StringArray::from(vec![text]))])?)
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, stream::once(output))))
    }

    fn encode(&self) -> Result<Self> {
        Ok(self.clone())
    }

    fn decode(parameters: Self, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        Ok(parameters)
    }
}

fn append_rows(batch: &RecordBatch, rows: &mut Vec<Vec<String>>) {
    let columns: Vec<_> =
        batch.columns().iter().map(|column| column.as_string_opt::<i32>()).collect();
    for row in 0..batch.num_rows() {
        let cells = columns.iter().map(|column| match column {
            Some(column) if column.is_valid(row) => column.value(row).to_owned(),
            _ => "NULL".to_owned(),
        });
        rows.push(cells.collect());
    }
}

fn render(node: &ShowStringExec, mut rows: Vec<Vec<String>>) -> String {
    let has_more = rows.len() > node.rows;
    rows.truncate(node.rows);
    // Names are shown whole, however short the cells are cut.
    let names: Vec<_> = node.names.iter().map(|name| cell(name, 0)).collect();
    for row in &mut rows {
        for text in row.iter_mut() {
            *text = cell(text, node.truncate);
        }
    }
    let mut out = match node.format {
        ShowFormat::Table => table(&names, &rows, node.truncate > 0),
        ShowFormat::Vertical => vertical(&names, &rows),
        ShowFormat::Html => html(&names, &rows),
    };
    if node.format == ShowFormat::Vertical && rows.is_empty() {
        out.push_str("(0 rows)");
    } else if has_more {
        let unit = if node.rows == 1 { "row" } else { "rows" };
        // Writing to a String cannot fail.
        let _ = write!(out, "only showing top {} {unit}", node.rows);
    }
    out
}

/// A cell on one line, cut to `truncate` UTF-16 units (Java's string length) if that is not 0.
fn cell(text: &str, truncate: usize) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\u{c}' => escaped.push_str("\\f"),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{b}' => escaped.push_str("\\v"),
            '\u{7}' => escaped.push_str("\\a"),
            other => escaped.push(other),
        }
    }
    if truncate == 0 || java_length(&escaped) <= truncate {
        return escaped;
    }
    let (keep, dots) = if truncate < 4 { (truncate, "") } else { (truncate - 3, "...") };
    let units: Vec<u16> = escaped.encode_utf16().take(keep).collect();
    String::from_utf16_lossy(&units) + dots
}

fn java_length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Columns on a terminal: characters of East Asian scripts take two.
fn width(text: &str) -> usize {
    java_length(text) + text.chars().filter(|c| is_full_width(*c)).count()
}

fn is_full_width(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe10}'..='\u{fe19}' | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}')
}

fn padded(text: &str, to_width: usize, right_align: bool) -> String {
    let padding = " ".repeat(to_width.saturating_sub(width(text)));
    if right_align { padding + text } else { text.to_owned() + &padding }
}

fn table(names: &[String], rows: &[Vec<String>], right_align: bool) -> String {
    let mut widths: Vec<_> = names.iter().map(|name| width(name).max(WIDTH_MIN)).collect();
    for row in rows {
        for (width_max, text) in widths.iter_mut().zip(row) {
            *width_max = (*width_max).max(width(text));
        }
    }
    let dashes: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let rule = format!("+{}+\n", dashes.join("+"));
    let line = |cells: &[String]| {
        let cells: Vec<_> = cells
            .iter()
            .zip(&widths)
            .map(|(text, width)| padded(text, *width, right_align))
            .collect();
        format!("|{}|\n", cells.join("|"))
    };
    let mut out = rule.clone() + &line(names) + &rule;
    for row in rows {
        out.push_str(&line(row));
    }
    out + &rule
}

fn vertical(names: &[String], rows: &[Vec<String>]) -> String {
    let widest = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(|text| width(text)).max().unwrap_or(0).max(WIDTH_MIN)
    };
    let name_width = widest(&mut names.iter());
    let data_width = widest(&mut rows.iter().flatten());
    let mut out = String::new();
    for (position, row) in rows.iter().enumerate() {
        let title = format!("-RECORD {position}");
        let _ = writeln!(out, "{title:-<width$}", width = name_width + data_width + 5);
        for (name, text) in names.iter().zip(row) {
            let (name, text) = (padded(name, name_width, false), padded(text, data_width, false));
            let _ = writeln!(out, " {name} | {text} ");
        }
    }
    out
}

fn html(names: &[String], rows: &[Vec<String>]) -> String {
    let line = |tag: &str, cells: &[String]| {
        let cells: Vec<_> = cells.iter().map(|text| escape_html(text)).collect();
        let between = format!("</{tag}><{tag}>");
        format!("<tr><{tag}>{}</{tag}></tr>\n", cells.join(&between))
    };
    let mut out = "<table border='1'>\n".to_owned() + &line("th", names);
    for row in rows {
        out.push_str(&line("td", row));
    }
    out + "</table>\n"
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|text| (*text).to_owned()).collect()).collect()
    }

    /// Spark 4.2.0: `spark.createDataFrame([(14, "Tom"), (2, "中文")], ["age", "name"]).show()`.
    #[test]
    fn table_aligns_wide_characters() {
        let names = ["age".to_owned(), "name".to_owned()];
        assert_eq!(
            table(&names, &rows(&[&["14", "Tom"], &["2", "中文"]]), true),
            "+---+----+\n|age|name|\n+---+----+\n| 14| Tom|\n|  2|中文|\n+---+----+\n"
        );
    }

    /// Spark 4.2.0: the same with `vertical=True`.
    #[test]
    fn vertical_pads_to_the_widest() {
        let names = ["age".to_owned(), "name".to_owned()];
        assert_eq!(
            vertical(&names, &rows(&[&["14", "Tom"]])),
            "-RECORD 0---\n age  | 14  \n name | Tom \n"
        );
    }

    #[test]
    fn cells_are_cut_and_escaped() {
        assert_eq!(cell("abcdef", 5), "ab...");
        assert_eq!(cell("abcdef", 3), "abc");
        assert_eq!(cell("a\nb", 0), "a\\nb");
    }
}
