//! Internal column names as people read them: `#12` becomes `price#12`.

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::{Expr, LogicalPlan};
use firesteel_plan::resolve::Names;
use std::collections::HashMap;

/// Letters of a name that an expression without one is given.
const NAME_LENGTH_MAX: usize = 20;

/// What the columns of a plan are called, by internal name.
#[derive(Debug, Default)]
pub struct ShownNames(HashMap<String, String>);

impl ShownNames {
    pub fn new(names: &Names) -> Self {
        Self(names.by_internal_name())
    }

    /// Names by internal name.
    pub fn from_map(names: HashMap<String, String>) -> Self {
        Self(names)
    }

    /// Names columns that only the engine has, such as those of an aggregation, after what they hold.
    pub fn add_computed(&mut self, plan: &LogicalPlan) {
        for input in plan.inputs() {
            self.add_computed(input);
        }
        let subqueries = plan.apply_subqueries(|subquery| {
            self.add_computed(subquery);
            Ok(TreeNodeRecursion::Continue)
        });
        // Nothing in the closures fails.
        debug_assert!(subqueries.is_ok());
        let mut computed = Vec::new();
        let walked = plan.apply_expressions(|expr| {
            if let Expr::Alias(alias) = expr
                && alias.name.starts_with('#')
                && !self.0.contains_key(&alias.name)
            {
                computed.push((alias.name.clone(), self.name_of(&alias.expr)));
            }
            Ok(TreeNodeRecursion::Continue)
        });
        debug_assert!(walked.is_ok());
        self.0.extend(computed);
    }

    /// What an expression without a name is called.
    fn name_of(&self, expr: &Expr) -> String {
        let text = match expr {
            Expr::Column(column) if column.name.starts_with('#') => {
                return self.0.get(&column.name).cloned().unwrap_or_default();
            }
            Expr::Column(column) => return column.name.clone(),
            expr => without_numbers(&self.shown(&expr.to_string())),
        };
        match expr {
            _ if text.chars().count() <= NAME_LENGTH_MAX => text,
            Expr::AggregateFunction(function) => format!("{}(...)", function.func.name()),
            _ => "expr".to_owned(),
        }
    }

    /// `text` with the names of columns, numbers as people write them and no positions.
    pub fn shown(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() * 2);
        let text = without_positions(text);
        let mut rest = text.as_str();
        while let Some(at) = rest.find('#') {
            let (before, after) = rest.split_at(at);
            out.push_str(before);
            let digits = after[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len() - 1);
            let (internal, tail) = after.split_at(1 + digits);
            // A number after a letter or a quote is no column of ours.
            let is_column =
                digits > 0 && !out.ends_with(|c: char| c.is_alphanumeric() || "_\"'`)".contains(c));
            if is_column {
                out.push_str(self.0.get(internal).map_or("", String::as_str));
            }
            out.push_str(internal);
            rest = tail;
        }
        out.push_str(rest);
        plain_numbers(&out)
    }
}

/// `sum(price#12)` → `sum(price)`.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '#' && letters.peek().is_some_and(char::is_ascii_digit) {
            while letters.next_if(char::is_ascii_digit).is_some() {}
        } else {
            out.push(letter);
        }
    }
    out
}

/// `id@0 > 5` → `id > 5`: where a column stands in the input is of use to the engine only.
fn without_positions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let tail = after[1..].trim_start_matches(|c: char| c.is_ascii_digit());
        let is_position = tail.len() + 1 < after.len()
            && out.ends_with(|c: char| c.is_alphanumeric() || c == '_')
            && !tail.starts_with(|c: char| c.is_alphanumeric() || c == '.');
        if !is_position {
            out.push('@');
        }
        rest = if is_position { tail } else { &after[1..] };
    }
    out.push_str(rest);
    out
}

/// `Int64(5)` → `5`.
fn plain_numbers(text: &str) -> String {
    const TYPES: [&str; 7] =
        ["Int8(", "Int16(", "Int32(", "Int64(", "Float32(", "Float64(", "Boolean("];
    let mut out = text.to_owned();
    for own in TYPES {
        let mut from = 0;
        while let Some(at) = out[from..].find(own).map(|at| from + at) {
            let starts_word = !out[..at].ends_with(|c: char| c.is_alphanumeric());
            let inner = at + own.len();
            match out[inner..].find(')') {
                Some(length) if starts_word => {
                    let number = out[inner..inner + length].to_owned();
                    out.replace_range(at..=inner + length, &number);
                    from = at + number.len();
                }
                _ => from = inner,
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_and_texts_left_alone() {
        let names = [("#1", "id"), ("#12", "price")];
        let names = names.map(|(internal, name)| (internal.to_owned(), name.to_owned()));
        let names = ShownNames(names.into());
        assert_eq!(names.shown("[#1@0, #12@10 as #13]"), "[id#1, price#12 as #13]");
        assert_eq!(names.shown("id@0 = 5 AND x@y.z"), "id = 5 AND x@y.z");
        assert_eq!(names.shown("id#1 = Utf8(\"#12\")"), "id#1 = Utf8(\"#12\")");
        assert_eq!(names.shown("#1 > Int64(5) AND UInt8(3)"), "id#1 > 5 AND UInt8(3)");
        assert_eq!(without_numbers("sum(price#12) + #x"), "sum(price) + #x");
    }
}
