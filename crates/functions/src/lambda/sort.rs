//! `array_sort(array [, (a, b) -> …])`: ascending with nulls last, or by a comparator that answers
//! with a negative number, zero or a positive number.
//!
//! The comparator is asked about every pair of a list at once: quadratic in the list's length, but
//! one evaluation per list instead of one per comparison. Of short lists it is asked both ways: Java's sort shows what
//! comparators that contradict themselves answer (`CASE WHEN a < b THEN -1 ELSE 1 END` with a null).

use super::arrays::element;
use super::frame::{LambdaKind, dense, parameter, resolved};
use crate::array::{Taken, comparable, rows_of};
use crate::call::{Arg, Call};
use crate::implicit::unexpected_type;
use crate::scalar_kernel::{Kind, Nullable};
use arrow::array::{Array, AsArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, FieldRef, Int32Type};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use std::cell::Cell;
use std::cmp::Ordering;

/// Elements from which on Java sorts by merging.
const JAVA_MERGES_FROM: usize = 32;

pub(crate) fn parameters(
    args: &[Option<Arg>],
    _lambda: usize,
    _arity: usize,
) -> Result<Vec<FieldRef>> {
    let (element, contains_null) = element(resolved(args, 0)?)?;
    Ok(vec![parameter(&element, contains_null), parameter(&element, contains_null)])
}

pub(crate) fn array_sort(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let mut args = call.args.into_iter();
    let array = args.next().ok_or_else(|| SparkError::internal("array_sort without argument"))?;
    let result = array.spark_type()?;
    let SparkType::Array { element, contains_null } = &result else {
        return Err(unexpected_type("array_sort", 0, &array, "ARRAY"));
    };
    let Some(lambda) = args.next() else {
        let kernel = SORT.kernel((), &result);
        return Ok(kernel.nullable(Nullable::Propagate).call(vec![array.expr]));
    };
    if !lambda.spark_type()?.is_integral() {
        return Err(unexpected_type("array_sort", 1, &lambda, "INT"));
    }
    let parameter = parameter(element, *contains_null);
    let parameters = vec![vec![parameter.clone(), parameter]];
    let nullable = array.field.is_nullable();
    let kernel = SORT_BY.kernel((), parameters, (&result, nullable));
    Ok(kernel.call(vec![array.expr, lambda.expr]))
}

pub(super) static SORT: Kind<()> = Kind::new("array_sort", |(), input| {
    let list = input.list(0)?;
    let (_, rows) = comparable(list.values())?;
    let nulls = list.values().logical_nulls();
    let is_null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        if list.is_null(row) {
            taken.end_null();
            continue;
        }
        let mut elements: Vec<_> = rows_of(list, row).collect();
        elements.sort_by(|a, b| {
            is_null(*a).cmp(&is_null(*b)).then_with(|| rows.row(*a).cmp(&rows.row(*b)))
        });
        taken.extend(elements);
        taken.end_list();
    }
    taken.finish(list.values(), input.result)
});

pub(super) static SORT_BY: LambdaKind<()> = LambdaKind::new("array_sort", |(), input| {
    let (list, _) = dense(input.values[0].as_list::<i32>())?;
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        if list.is_null(row) {
            taken.end_null();
            continue;
        }
        let range = rows_of(&list, row);
        let (n, start) = (range.len(), range.start);
        let both_ways = n < JAVA_MERGES_FROM;
        let first = |a: usize| if both_ways { 0 } else { a + 1 };
        let pairs = || (0..n).flat_map(|a| (first(a)..n).map(move |b| (a, b)));
        let side = |pick: fn((usize, usize)) -> usize| {
            let rows = pairs().map(|pair| (start + pick(pair)) as u32);
            take(list.values(), &UInt32Array::from_iter_values(rows), None)
        };
        let (left, right) = (side(|(a, _)| a)?, side(|(_, b)| b)?);
        let rows = UInt32Array::from(vec![row as u32; left.len()]);
        let answers = input.evaluate(0, &[left, right], &rows, &DataType::Int32)?;
        let answers = answers.as_primitive::<Int32Type>();
        if !both_ways && answers.null_count() > 0 {
            return Err(no_answer());
        }
        let mut order: Vec<usize> = (0..n).collect();
        if both_ways {
            // Only what Java would ask counts.
            let met_null = Cell::new(false);
            insertion_sort(&mut order, &|a, b| {
                let pair = a * n + b;
                met_null.set(met_null.get() || answers.is_null(pair));
                answers.value(pair).cmp(&0)
            });
            if met_null.get() {
                return Err(no_answer());
            }
        } else {
            // Where pair (a, b) with a < b stands among the pairs.
            let place = |a: usize, b: usize| a * (2 * n - a - 1) / 2 + (b - a - 1);
            merge_sort(&mut order, &|a, b| match a.cmp(&b) {
                Ordering::Less => answers.value(place(a, b)).cmp(&0),
                Ordering::Greater => 0.cmp(&answers.value(place(b, a))),
                Ordering::Equal => Ordering::Equal,
            });
        }
        taken.extend(order.into_iter().map(|element| start + element));
        taken.end_list();
    }
    taken.finish(list.values(), input.result)
});

fn no_answer() -> SparkError {
    SparkError::runtime(
        "COMPARATOR_RETURNS_NULL",
        "The comparator has returned a NULL for a comparison of two elements. It should return a \
         positive integer for \"greater than\", 0 for \"equal\" and a negative integer for \"less than\".",
    )
}

/// What Java does with fewer than [`JAVA_MERGES_FROM`] elements: the run at the beginning stays, turned around if it
/// falls, and each of the others goes to where a binary search among those before it says.
fn insertion_sort(order: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    let n = order.len();
    if n < 2 {
        return;
    }
    let mut sorted = 2;
    let falls = |order: &[usize], at: usize| compare(order[at], order[at - 1]) == Ordering::Less;
    let is_falling = falls(order, 1);
    while sorted < n && falls(order, sorted) == is_falling {
        sorted += 1;
    }
    if is_falling {
        order[..sorted].reverse();
    }
    for at in sorted..n {
        let element = order[at];
        let (mut low, mut high) = (0, at);
        while low < high {
            let middle = (low + high) / 2;
            match compare(element, order[middle]) {
                Ordering::Less => high = middle,
                _ => low = middle + 1,
            }
        }
        order[low..=at].rotate_right(1);
    }
}

/// Stable, and indifferent to comparators that contradict themselves, at which the standard
/// library's sort may panic.
fn merge_sort(order: &mut Vec<usize>, compare: &dyn Fn(usize, usize) -> Ordering) {
    if order.len() < 2 {
        return;
    }
    let mut right = order.split_off(order.len() / 2);
    merge_sort(order, compare);
    merge_sort(&mut right, compare);
    let left = std::mem::take(order);
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let from = if compare(*a, *b) == Ordering::Greater { &mut right } else { &mut left };
        order.extend(from.next());
    }
    order.extend(left);
    order.extend(right);
}
