//! "Did you mean one of the following?": names that look like the one that was not found.

use super::scope::{Column, quote_name};
use crate::spec::Name;
use firesteel_common::SparkError;
use firesteel_common::types::quote_if_needed;

/// Most names that a message proposes.
const SUGGESTIONS_MAX: usize = 5;

/// `UNRESOLVED_COLUMN` for `name`, with what `columns` has to offer.
pub(crate) fn unresolved_column(name: &[String], columns: &[&Column]) -> SparkError {
    unresolved("UNRESOLVED_COLUMN", "A column, variable, or function parameter", name, columns)
}

fn unresolved(condition: &str, what: &str, name: &[String], columns: &[&Column]) -> SparkError {
    let object = quote_name(name);
    let proposals = propose(name, columns);
    let message = format!("{what} with name {object} cannot be resolved.");
    if proposals.is_empty() {
        return SparkError::analysis(format!("{condition}.WITHOUT_SUGGESTION"), message)
            .with("objectName", object);
    }
    let proposal = proposals.join(", ");
    SparkError::analysis(
        format!("{condition}.WITH_SUGGESTION"),
        format!("{message} Did you mean one of the following? [{proposal}]."),
    )
    .with("objectName", object)
    .with("proposal", proposal)
}

/// Quoted names by their edit distance to `name` as the user may write it, then by the alphabet. Qualifiers are shown only where they tell columns
/// apart or the user wrote one.
fn propose(name: &[String], columns: &[&Column]) -> Vec<String> {
    let mut names: Vec<Name> = columns
        .iter()
        .map(|column| column.qualifier.iter().cloned().chain([column.field.name.clone()]).collect())
        .collect();
    let same_qualifiers = names.windows(2).all(|pair| {
        let (left, right) = (&pair[0], &pair[1]);
        left[..left.len() - 1] == right[..right.len() - 1]
    });
    if same_qualifiers && name.len() == 1 {
        for parts in &mut names {
            parts.drain(..parts.len() - 1);
        }
    }
    let base = name.iter().map(|part| quote_if_needed(part)).collect::<Vec<_>>().join(".");
    let mut ranked: Vec<(usize, String)> = names
        .iter()
        .map(|parts| {
            let quoted = quote_name(parts);
            (edit_distance(&quoted, &base), quoted)
        })
        .collect();
    ranked.sort();
    ranked.into_iter().map(|(_, quoted)| quoted).take(SUGGESTIONS_MAX).collect()
}

/// Levenshtein distance by characters.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use firesteel_common::{SparkType, StructField};

    #[test]
    fn nearest_names_come_first() {
        let columns: Vec<Column> = ["year", "month", "mouth"]
            .iter()
            .map(|name| {
                let field = StructField::new(*name, SparkType::Integer, true);
                Column::new(String::new(), field, vec!["t".into()])
            })
            .collect();
        let columns: Vec<&Column> = columns.iter().collect();
        let error = unresolved_column(&["mont".to_owned()], &columns);
        assert_eq!(error.parameters()[1].1, "`month`, `mouth`, `year`");
        assert_eq!(error.condition(), "UNRESOLVED_COLUMN.WITH_SUGGESTION");
    }

    #[test]
    fn distance() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "ab"), 2);
    }
}
