//! Functions of arrays of strings that ask which elements are equal or which comes first: keys decide, elements
//! are answered.

use super::key::key;
use super::labels::with_collation;
use crate::call::Call;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Choice {
    Distinct,
    Union,
    Except,
    Intersect,
    Remove,
    Sort,
    Min,
    Max,
}

/// The call of `name` on plain arguments under a collation; none: it is no function of this kind.
pub fn choosing(name: &str, collation: &str, call: Call<'_>) -> Option<Result<Expr>> {
    let choice = match (name, call.args.len()) {
        ("array_distinct", 1) => Choice::Distinct,
        ("array_union", 2) => Choice::Union,
        ("array_except", 2) => Choice::Except,
        ("array_intersect", 2) => Choice::Intersect,
        ("array_remove", 2) => Choice::Remove,
        ("sort_array", 1 | 2) | ("array_sort", 1) => Choice::Sort,
        ("array_min", 1) => Choice::Min,
        ("array_max", 1) => Choice::Max,
        _ => return None,
    };
    Some(chosen(choice, name == "sort_array", collation, call))
}

fn chosen(choice: Choice, nulls_first: bool, collation: &str, call: Call<'_>) -> Result<Expr> {
    let mut exprs = Vec::with_capacity(4);
    let mut ascending = datafusion_expr::lit(true);
    for (position, arg) in call.args.into_iter().enumerate() {
        if choice == Choice::Sort && position == 1 {
            ascending = arg.expr;
            continue;
        }
        let data_type = with_collation(&arg.spark_type()?, collation);
        exprs.push(arg.expr.clone());
        exprs.push(key(arg.expr, &data_type)?);
    }
    let text = SparkType::string();
    let result = match choice {
        Choice::Min | Choice::Max => text,
        _ => SparkType::array(text),
    };
    if choice == Choice::Sort {
        exprs.push(ascending);
        exprs.push(datafusion_expr::lit(nulls_first));
    }
    let nullable = match choice {
        Choice::Min | Choice::Max => Nullable::Always,
        _ => Nullable::Propagate,
    };
    Ok(CHOICE.kernel(choice, &result).nullable(nullable).call(exprs))
}

pub(super) static CHOICE: Kind<Choice> = Kind::new("collated_array", evaluate);

/// Elements beside their keys.
type Elements = Vec<(Option<String>, Option<String>)>;

fn elements(values: &ArrayRef, keys: &ArrayRef) -> Elements {
    let owned = |column: &ArrayRef| -> Vec<Option<String>> {
        column.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
    };
    owned(values).into_iter().zip(owned(keys)).collect()
}

fn row_of(input: &Input<'_>, first: usize, row: usize) -> Result<Option<Elements>> {
    let (values, keys) = (input.list(first)?, input.list(first + 1)?);
    if values.is_null(row) {
        return Ok(None);
    }
    Ok(Some(elements(&values.value(row), &keys.value(row))))
}

fn evaluate(choice: &Choice, input: &Input<'_>) -> Result<ArrayRef> {
    if matches!(choice, Choice::Min | Choice::Max) {
        return crate::columns::strings(input.n_rows, |row| {
            let Some(found) = row_of(input, 0, row)? else { return Ok(None) };
            let present = found.into_iter().filter(|(value, _)| value.is_some());
            // The first of equal ones.
            let best = present.reduce(|best, next| {
                let wins = match choice {
                    Choice::Min => next.1 < best.1,
                    _ => next.1 > best.1,
                };
                if wins { next } else { best }
            });
            Ok(best.and_then(|(value, _)| value))
        });
    }
    let DataType::List(field) = input.result else {
        return Err(SparkError::internal("an array function without an array"));
    };
    let element = Field::clone(field);
    let mut out = ListBuilder::new(StringBuilder::new()).with_field(element);
    for row in 0..input.n_rows {
        match chosen_of(*choice, input, row)? {
            Some(found) => out.append_value(found.into_iter().map(|(value, _)| value)),
            None => out.append_null(),
        }
    }
    Ok(std::sync::Arc::new(out.finish()))
}

fn chosen_of(choice: Choice, input: &Input<'_>, row: usize) -> Result<Option<Elements>> {
    let Some(mut own) = row_of(input, 0, row)? else { return Ok(None) };
    match choice {
        Choice::Sort => {
            let ascending = input.flags(2)?.value(row);
            let nulls_first = input.flags(3)?.value(row) == ascending;
            own.sort_by(|(_, left), (_, right)| match (left, right) {
                (None, None) => std::cmp::Ordering::Equal,
                (None, _) if nulls_first => std::cmp::Ordering::Less,
                (None, _) => std::cmp::Ordering::Greater,
                (_, None) if nulls_first => std::cmp::Ordering::Greater,
                (_, None) => std::cmp::Ordering::Less,
                (left, right) if ascending => left.cmp(right),
                (left, right) => right.cmp(left),
            });
            return Ok(Some(own));
        }
        Choice::Remove => {
            let keys = input.text(3)?;
            if keys.is_null(row) {
                return Ok(None);
            }
            own.retain(|(_, key)| key.as_deref() != Some(keys.value(row)));
            return Ok(Some(own));
        }
        _ => {}
    }
    if choice != Choice::Distinct {
        let Some(other) = row_of(input, 2, row)? else { return Ok(None) };
        let keys: HashSet<Option<String>> = other.iter().map(|(_, key)| key.clone()).collect();
        match choice {
            Choice::Except => own.retain(|(_, key)| !keys.contains(key)),
            Choice::Intersect => own.retain(|(_, key)| keys.contains(key)),
            _ => own.extend(other),
        }
    }
    let mut seen = HashSet::new();
    own.retain(|(_, key)| seen.insert(key.clone()));
    Ok(Some(own))
}
