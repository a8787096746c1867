//! The names that people see, beside a plan whose columns have internal names.
//!
//! ```text
//! SELECT a + 1 AS x, b FROM t AS q     plan: Projection [#1 + 1 AS #3, #2]
//!   columns: x → #3, q.b → #2          below: q.a → #1, q.b → #2   (for ORDER BY a)
//! ```

use firesteel_common::{SessionSettings, StructField, StructType};
use std::sync::Arc;

/// One visible column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Unique name of the column in the DataFusion plan (`#12`), always unqualified.
    pub internal: String,
    /// What the user sees: name, type, nullability, metadata.
    pub field: StructField,
    /// Alias or table by which it may be qualified: `["spark_catalog", "default", "t"]` or `["t"]`.
    pub qualifier: Vec<String>,
    /// Internal name of the column that this one repeats (`SELECT a, a`): two columns of one origin
    /// are not ambiguous. Usually `internal` itself.
    pub origin: String,
}

impl Column {
    pub fn new(internal: String, field: StructField, qualifier: Vec<String>) -> Self {
        Self { origin: internal.clone(), internal, field, qualifier }
    }

    /// The name as error messages show it: `` `t`.`a` ``.
    pub fn quoted(&self) -> String {
        let parts = self.qualifier.iter().chain([&self.field.name]);
        parts.map(|part| quote(part)).collect::<Vec<_>>().join(".")
    }
}

/// The visible columns of a relation, in order; names may repeat.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scope {
    pub columns: Vec<Column>,
    /// Columns of the plan that `*` does not select and that only a qualifier reaches: the key
    /// columns of a USING join.
    pub hidden: Vec<Column>,
    /// `_metadata` of the file that a row comes from; the plan may have dropped it (`expose`).
    pub file_metadata: Option<Column>,
    /// Where names are looked up that are not here: the input of a projection or aggregation, for
    /// ORDER BY and HAVING. Its columns may have to be added to the plan first.
    pub below: Option<Arc<Below>>,
}

/// What lies under a scope.
#[derive(Debug, Clone, PartialEq)]
pub struct Below {
    pub scope: Arc<Scope>,
    /// Set under an aggregation: how its input's expressions reappear in its output.
    pub aggregation: Option<super::query::Aggregation>,
}

/// A column and how many parts of the name it took; the rest are struct fields.
pub(crate) type Match<'s> = (&'s Column, usize);

impl Scope {
    pub fn new(columns: Vec<Column>) -> Self {
        Self { columns, hidden: Vec::new(), file_metadata: None, below: None }
    }

    /// The schema that the user sees.
    pub fn schema(&self) -> StructType {
        StructType { fields: self.columns.iter().map(|column| column.field.clone()).collect() }
    }

    /// All columns that `name` can mean: visible ones, or else hidden ones. As in Spark, a reading
    /// with more qualifiers wins over one with fewer.
    pub(crate) fn find(&self, name: &[String], settings: &SessionSettings) -> Vec<Match<'_>> {
        let visible = find_among(&self.columns, name, true, settings);
        if !visible.is_empty() {
            return visible;
        }
        find_among(&self.hidden, name, false, settings)
    }

    /// The column of the plan called `internal`, visible or hidden.
    pub(crate) fn by_internal(&self, internal: &str) -> Option<&Column> {
        self.columns.iter().chain(&self.hidden).find(|column| column.internal == internal)
    }

    /// Visible columns called `name`, without qualifiers and fields.
    pub(crate) fn named<'s>(
        &'s self,
        name: &'s str,
        settings: &'s SessionSettings,
    ) -> impl Iterator<Item = &'s Column> {
        self.columns.iter().filter(move |column| same_name(settings, &column.field.name, name))
    }
}

fn find_among<'s>(
    columns: &'s [Column],
    name: &[String],
    unqualified: bool,
    settings: &SessionSettings,
) -> Vec<Match<'s>> {
    let least = usize::from(!unqualified);
    for n_qualifier in (least..=3).rev().filter(|n| *n < name.len()) {
        let (qualifier, rest) = name.split_at(n_qualifier);
        let mut found: Vec<Match<'s>> = columns
            .iter()
            .filter(|column| {
                same_name(settings, &column.field.name, &rest[0])
                    && has_qualifier(column, qualifier, settings)
            })
            .map(|column| (column, n_qualifier + 1))
            .collect();
        if !found.is_empty() {
            let mut seen: Vec<&str> = Vec::new();
            found.retain(|(column, _)| {
                let is_new = !seen.contains(&column.origin.as_str());
                seen.push(&column.origin);
                is_new
            });
            return found;
        }
    }
    Vec::new()
}

fn has_qualifier(column: &Column, qualifier: &[String], settings: &SessionSettings) -> bool {
    let own = &column.qualifier;
    own.len() >= qualifier.len()
        && own[own.len() - qualifier.len()..]
            .iter()
            .zip(qualifier)
            .all(|(own, asked)| same_name(settings, own, asked))
}

/// [`SessionSettings::same_name`], without allocation for ASCII names.
pub(crate) fn same_name(settings: &SessionSettings, left: &str, right: &str) -> bool {
    if settings.case_sensitive {
        left == right
    } else if left.is_ascii() && right.is_ascii() {
        left.eq_ignore_ascii_case(right)
    } else {
        settings.same_name(left, right)
    }
}

/// A part of a name as error messages show it.
pub(crate) fn quote(part: &str) -> String {
    format!("`{}`", part.replace('`', "``"))
}

/// A name as error messages show it.
pub(crate) fn quote_name<S: AsRef<str>>(parts: &[S]) -> String {
    parts.iter().map(|part| quote(part.as_ref())).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use firesteel_common::SparkType;

    fn scope(columns: &[(&str, &[&str])]) -> Scope {
        let columns = columns.iter().enumerate().map(|(position, (name, qualifier))| {
            Column::new(
                format!("#{position}"),
                StructField::new(*name, SparkType::Integer, true),
                qualifier.iter().map(|part| (*part).to_owned()).collect(),
            )
        });
        Scope::new(columns.collect())
    }

    fn found(scope: &Scope, name: &[&str]) -> Vec<(String, usize)> {
        let name: Vec<String> = name.iter().map(|part| (*part).to_owned()).collect();
        let found = scope.find(&name, &SessionSettings::default());
        found.into_iter().map(|(column, used)| (column.internal.clone(), used)).collect()
    }

    #[test]
    fn qualifiers_narrow_and_win_over_fields() {
        let scope = scope(&[("id", &["db", "a"]), ("ID", &["b"]), ("a", &["b"])]);
        assert_eq!(found(&scope, &["id"]).len(), 2);
        assert_eq!(found(&scope, &["A", "id"]), [("#0".to_owned(), 2)]);
        assert_eq!(found(&scope, &["db", "a", "id"]), [("#0".to_owned(), 3)]);
        assert_eq!(found(&scope, &["a", "f"]), [("#2".to_owned(), 1)]);
        assert_eq!(found(&scope, &["x", "id"]), []);
    }

    #[test]
    fn repeated_column_is_not_ambiguous() {
        let mut scope = scope(&[("id", &[]), ("id", &[])]);
        scope.columns[1].origin = "#0".into();
        assert_eq!(found(&scope, &["id"]), [("#0".to_owned(), 1)]);
    }
}
