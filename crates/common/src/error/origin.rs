//! Where the user wrote an expression: kept cheap, told in full only when an error is shown.

use super::{ContextKind, QueryContext};
use std::fmt::Write;
use std::sync::Arc;

/// A piece of SQL text, or a ready-made place from the DataFrame API.
///
/// A query has thousands of expressions and Spark's context of one error repeats whole lines of the
/// text, so that an expression holds one shared text and two positions instead.
#[derive(Clone)]
pub enum Origin {
    Sql {
        text: Arc<str>,
        /// The view whose query the text is.
        view: Option<Arc<str>>,
        /// Bytes of `text`, the end exclusive.
        start: usize,
        end: usize,
    },
    Given(Arc<QueryContext>),
}

/// The place is no part of what an expression means: `GROUP BY a + 1` is the `a + 1` that is selected.
impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Short, so that a printed tree stays readable.
impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Sql { start, end, .. } => write!(f, "{start}..{end}"),
            Origin::Given(_) => f.write_str("given"),
        }
    }
}

impl From<QueryContext> for Origin {
    fn from(context: QueryContext) -> Self {
        Origin::Given(Arc::new(context))
    }
}

impl Origin {
    /// The text the user wrote.
    pub fn fragment(&self) -> &str {
        match self {
            Origin::Sql { text, start, end, .. } => text.get(*start..*end).unwrap_or_default(),
            Origin::Given(context) => &context.fragment,
        }
    }

    /// What `SparkError::at` takes: positions in UTF-16 units as Java counts them, and the summary.
    pub fn to_query_context(&self) -> QueryContext {
        let (text, view, start, end) = match self {
            Origin::Sql { text, view, start, end } => (text, view, *start, *end),
            Origin::Given(context) => return context.as_ref().clone(),
        };
        let units = |bytes: usize| text.get(..bytes).unwrap_or(text).encode_utf16().count();
        let start_index = units(start);
        let stop_index = units(end).saturating_sub(1);
        QueryContext {
            kind: ContextKind::Sql,
            object_type: view.as_ref().map(|_| "VIEW".to_owned()).unwrap_or_default(),
            object_name: view.as_deref().unwrap_or_default().to_owned(),
            start_index: i32::try_from(start_index).unwrap_or(i32::MAX),
            stop_index: i32::try_from(stop_index).unwrap_or(i32::MAX),
            fragment: self.fragment().to_owned(),
            call_site: String::new(),
            summary: summary(text, view.as_deref(), start_index, stop_index),
        }
    }
}

/// Text that Spark shows around the marked piece on either side, at most.
const EXTRA_MAX: usize = 32;

/// `== SQL (line 1, position 8) ==`, the lines that hold the piece, and carets under it.
fn summary(text: &str, view: Option<&str>, start: usize, stop: usize) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let newline = u16::from(b'\n');
    let start = start.min(units.len().saturating_sub(1));
    let stop = stop.min(units.len().saturating_sub(1));
    let line = units[..start].iter().filter(|unit| **unit == newline).count() + 1;
    let line_start =
        units[..start].iter().rposition(|unit| *unit == newline).map_or(0, |at| at + 1);
    let line_end =
        units[stop..].iter().position(|unit| *unit == newline).map_or(units.len(), |at| stop + at);

    let from = if start - line_start > EXTRA_MAX { start - EXTRA_MAX } else { line_start };
    let to =
        if line_end.saturating_sub(stop + 1) > EXTRA_MAX { stop + 1 + EXTRA_MAX } else { line_end };
    let before = if from > line_start { "..." } else { "" };
    let after = if to < line_end { "..." } else { "" };
    let shown = format!("{before}{}{after}", String::from_utf16_lossy(&units[from..to]));

    let of = view.map(|name| format!(" of VIEW {name}")).unwrap_or_default();
    let mut out = format!("== SQL{of} (line {line}, position {}) ==\n", start - line_start + 1);
    // Position of the first shown unit; the dots stand for text that is not shown.
    let mut at = from as i64 - before.len() as i64;
    for shown_line in shown.split('\n') {
        let _ = writeln!(out, "{shown_line}");
        for _ in shown_line.encode_utf16() {
            if at < start as i64 {
                out.push(' ');
            } else if at <= stop as i64 {
                out.push('^');
            }
            at += 1;
        }
        out.push('\n');
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(text: &str, piece: &str) -> QueryContext {
        let start = text.find(piece).unwrap();
        let end = start + piece.len();
        Origin::Sql { text: text.into(), view: None, start, end }.to_query_context()
    }

    #[test]
    fn marks_the_piece() {
        let found = context("SELECT 1/0", "1/0");
        assert_eq!(found.summary, "== SQL (line 1, position 8) ==\nSELECT 1/0\n       ^^^\n");
        assert_eq!((found.start_index, found.stop_index), (7, 9));
        let found = context("SELECT a,\n  CAST('é' AS\n INT) FROM t", "CAST('é' AS\n INT)");
        assert_eq!(
            found.summary,
            "== SQL (line 2, position 3) ==\n  CAST('é' AS\n  ^^^^^^^^^^^\n INT) FROM t\n^^^^^\n"
        );
    }

    #[test]
    fn cuts_long_lines() {
        let text = format!("SELECT {} 1/0 {}", "a, ".repeat(30), ", b".repeat(30));
        let found = context(&text, "1/0").summary;
        assert!(found.contains("\n..."), "{found}");
        assert!(found.contains("...\n"), "{found}");
    }
}
