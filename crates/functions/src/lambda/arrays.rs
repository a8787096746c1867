//! `transform`, `filter`, `exists`, `forall`, `zip_with`.

use super::frame::{Input, LambdaKind, body, dense, parameter, resolved};
use crate::array::{Taken, rows_of};
use crate::call::{Arg, Call};
use crate::implicit::unexpected_type;
use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, Int32Array, ListArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, FieldRef};
use datafusion_expr::{Expr, when};
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

/// The element and, if the lambda takes two, its position.
pub(crate) fn element_parameters(
    args: &[Option<Arg>],
    _lambda: usize,
    arity: usize,
) -> Result<Vec<FieldRef>> {
    let (element, contains_null) = element(resolved(args, 0)?)?;
    let mut fields = vec![parameter(&element, contains_null)];
    if arity == 2 {
        fields.push(parameter(&SparkType::Integer, false));
    }
    Ok(fields)
}

pub(super) fn element(array: &Arg) -> Result<(SparkType, bool)> {
    match array.spark_type()? {
        SparkType::Array { element, contains_null } => Ok((*element, contains_null)),
        _ => Err(unexpected_type("transform", 0, array, "ARRAY")),
    }
}

fn array_and_lambda(call: Call<'_>) -> Result<([Arg; 2], Vec<Vec<FieldRef>>)> {
    let [array, lambda] = call.exactly()?;
    let arity = match &lambda.expr {
        Expr::Lambda(lambda) => lambda.params.len(),
        _ => return Err(SparkError::internal("an argument is no lambda")),
    };
    let args = [Some(array), Some(lambda)];
    let parameters = vec![element_parameters(&args, 1, arity)?];
    let [Some(array), Some(lambda)] = args else {
        return Err(SparkError::internal("an argument is lost"));
    };
    Ok(([array, lambda], parameters))
}

/// The values of a lambda over all elements of a list.
fn over_elements(
    input: &Input<'_>,
    list: &ListArray,
    rows: &UInt32Array,
    body: &DataType,
) -> Result<ArrayRef> {
    let positions = (0..list.len()).flat_map(|row| 0..list.value_length(row));
    let positions: ArrayRef = Arc::new(Int32Array::from_iter_values(positions));
    input.evaluate(0, &[Arc::clone(list.values()), positions], rows, body)
}

pub(crate) fn transform(call: Call<'_>) -> Result<Expr> {
    let ([array, lambda], parameters) = array_and_lambda(call)?;
    let (element, contains_null) = body(&lambda)?;
    let result = SparkType::Array { element: Box::new(element), contains_null };
    let nullable = array.field.is_nullable();
    let kernel = TRANSFORM.kernel((), parameters, (&result, nullable));
    Ok(kernel.call(vec![array.expr, lambda.expr]))
}

pub(super) static TRANSFORM: LambdaKind<()> = LambdaKind::new("transform", |(), input| {
    let (list, rows) = dense(input.values[0].as_list::<i32>())?;
    let DataType::List(field) = input.result else {
        return Err(SparkError::internal("transform answers with a list"));
    };
    let values = over_elements(input, &list, &rows, field.data_type())?;
    let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls)?))
});

fn check_boolean(name: &str, lambda: &Arg) -> Result<()> {
    match lambda.spark_type()? {
        SparkType::Boolean | SparkType::Null => Ok(()),
        _ => Err(unexpected_type(name, 1, lambda, "BOOLEAN")),
    }
}

pub(crate) fn filter(call: Call<'_>) -> Result<Expr> {
    let ([array, lambda], parameters) = array_and_lambda(call)?;
    check_boolean("filter", &lambda)?;
    let result = array.spark_type()?;
    let nullable = array.field.is_nullable();
    let kernel = FILTER.kernel((), parameters, (&result, nullable));
    Ok(kernel.call(vec![array.expr, lambda.expr]))
}

pub(super) static FILTER: LambdaKind<()> = LambdaKind::new("filter", |(), input| {
    let (list, rows) = dense(input.values[0].as_list::<i32>())?;
    let keep = over_elements(input, &list, &rows, &DataType::Boolean)?;
    let keep = keep.as_boolean();
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        if list.is_null(row) {
            taken.end_null();
            continue;
        }
        taken.extend(rows_of(&list, row).filter(|row| keep.is_valid(*row) && keep.value(*row)));
        taken.end_list();
    }
    taken.finish(list.values(), input.result)
});

/// `exists`: true if one is true, else null if one is null.
pub(crate) fn exists(call: Call<'_>) -> Result<Expr> {
    let legacy = call.settings.legacy;
    let array = call.args.first().map(|array| array.expr.clone());
    let found = quantified("exists", true, call)?;
    match array {
        // Older versions: false where nothing is true.
        Some(array) if !legacy.three_valued_exists => {
            Ok(when(array.is_not_null(), found.is_true()).end()?)
        }
        _ => Ok(found),
    }
}

/// `forall`: false if one is false, else null if one is null.
pub(crate) fn forall(call: Call<'_>) -> Result<Expr> {
    quantified("forall", false, call)
}

fn quantified(name: &'static str, decisive: bool, call: Call<'_>) -> Result<Expr> {
    let ([array, lambda], parameters) = array_and_lambda(call)?;
    check_boolean(name, &lambda)?;
    let nullable = array.field.is_nullable() || lambda.field.is_nullable();
    let kind = if decisive { &EXISTS } else { &FORALL };
    let kernel = kind.kernel(decisive, parameters, (&SparkType::Boolean, nullable));
    Ok(kernel.call(vec![array.expr, lambda.expr]))
}

pub(super) static EXISTS: LambdaKind<bool> = LambdaKind::new("exists", decide);
pub(super) static FORALL: LambdaKind<bool> = LambdaKind::new("forall", decide);

fn decide(decisive: &bool, input: &Input<'_>) -> Result<ArrayRef> {
    let (list, rows) = dense(input.values[0].as_list::<i32>())?;
    let tests = over_elements(input, &list, &rows, &DataType::Boolean)?;
    let tests = tests.as_boolean();
    let mut builder = BooleanBuilder::with_capacity(input.n_rows);
    for row in 0..input.n_rows {
        if list.is_null(row) {
            builder.append_null();
            continue;
        }
        let mut elements = rows_of(&list, row);
        if elements.clone().any(|e| tests.is_valid(e) && tests.value(e) == *decisive) {
            builder.append_value(*decisive);
        } else if elements.any(|element| tests.is_null(element)) {
            builder.append_null();
        } else {
            builder.append_value(!*decisive);
        }
    }
    Ok(Arc::new(builder.finish()))
}

pub(crate) fn zip_parameters(
    args: &[Option<Arg>],
    _lambda: usize,
    _arity: usize,
) -> Result<Vec<FieldRef>> {
    let (left, _) = element(resolved(args, 0)?)?;
    let (right, _) = element(resolved(args, 1)?)?;
    Ok(vec![parameter(&left, true), parameter(&right, true)])
}

/// `zip_with(a, b, (x, y) -> …)`: as long as the longer, with nulls where the other ends.
pub(crate) fn zip_with(call: Call<'_>) -> Result<Expr> {
    let [left, right, lambda] = call.exactly()?;
    let args = [Some(left), Some(right)];
    let parameters = vec![zip_parameters(&args, 2, 2)?];
    let [Some(left), Some(right)] = args else {
        return Err(SparkError::internal("an argument is lost"));
    };
    let (element, contains_null) = body(&lambda)?;
    let result = SparkType::Array { element: Box::new(element), contains_null };
    let nullable = left.field.is_nullable() || right.field.is_nullable();
    let kernel = ZIP_WITH.kernel((), parameters, (&result, nullable));
    Ok(kernel.call(vec![left.expr, right.expr, lambda.expr]))
}

pub(super) static ZIP_WITH: LambdaKind<()> = LambdaKind::new("zip_with", |(), input| {
    let lists = [input.values[0].as_list::<i32>(), input.values[1].as_list::<i32>()];
    let DataType::List(field) = input.result else {
        return Err(SparkError::internal("zip_with answers with a list"));
    };
    let mut sides: [Vec<Option<u32>>; 2] = [Vec::new(), Vec::new()];
    let (mut rows, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..input.n_rows {
        let both = lists.iter().all(|list| list.is_valid(row));
        valid.push(both);
        let ranges = lists.map(|list| rows_of(list, row));
        let length = match both {
            true => ranges.iter().map(ExactSizeIterator::len).max().unwrap_or(0),
            false => 0,
        };
        for (side, range) in sides.iter_mut().zip(&ranges) {
            side.extend(
                (0..length)
                    .map(|place| (place < range.len()).then_some((range.start + place) as u32)),
            );
        }
        rows.extend(std::iter::repeat_n(row as u32, length));
        lengths.push(length);
    }
    let [left, right] = sides.map(UInt32Array::from);
    let elements = [take(lists[0].values(), &left, None)?, take(lists[1].values(), &right, None)?];
    let values = input.evaluate(0, &elements, &UInt32Array::from(rows), field.data_type())?;
    let nulls = Some(NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0);
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls)?))
});
