//! Elements of arrays and values of maps: `a[i]`, `m[k]`, `element_at`, `get`, `slice`.

use super::taken::{Taken, comparable, rows_of};
use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast};
use crate::coercion::common_type;
use crate::coercion::implicit::converts;
use crate::conform::conform;
use crate::implicit::{implicit, literal_text, not_foldable, unexpected_type};
use crate::scalar_kernel::{Input, Kind, Nullable, at};
use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array};
use arrow::buffer::NullBuffer;
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, Int32Type};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SessionSettings, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a position outside of the array means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Outside {
    Null,
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Indexing {
    /// Positions count from 1, negative ones from the end.
    one_based: bool,
    outside: Outside,
}

/// `container[key]`.
pub(crate) fn get_item(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = ("get_item", call.settings);
    let [container, key] = call.exactly()?;
    match container.spark_type()? {
        SparkType::Map { .. } => map_value(name, container, key, settings),
        _ => {
            let outside = if settings.ansi { Outside::Error } else { Outside::Null };
            let indexing = Indexing { one_based: false, outside };
            element(name, container, key, indexing, settings)
        }
    }
}

/// `get(array, i)`: counted from 0, null outside.
pub(crate) fn get(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [array, index] = call.exactly()?;
    let indexing = Indexing { one_based: false, outside: Outside::Null };
    element("get", array, index, indexing, settings)
}

/// `element_at(array, i)`, `element_at(map, key)`, `try_element_at`.
pub(crate) fn element_at(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [container, key] = call.exactly()?;
    if let SparkType::Map { .. } = container.spark_type()? {
        return map_value(&name, container, key, settings);
    }
    let fail = settings.ansi && name == "element_at";
    let outside = if fail { Outside::Error } else { Outside::Null };
    element(&name, container, key, Indexing { one_based: true, outside }, settings)
}

fn element(
    name: &str,
    array: Arg,
    index: Arg,
    indexing: Indexing,
    settings: &SessionSettings,
) -> Result<Expr> {
    let SparkType::Array { element, .. } = array.spark_type()? else {
        return Err(unexpected_type(name, 0, &array, "\"ARRAY\" or \"MAP\""));
    };
    if !index.spark_type()?.is_integral() && index.spark_type()? != SparkType::Null {
        return Err(unexpected_type(name, 1, &index, "INTEGRAL"));
    }
    if indexing.one_based && index.spark_type()? == SparkType::Long {
        return Err(unexpected_type(name, 1, &index, "INT"));
    }
    let index = cast(index, &SparkType::Integer, EvalMode::of(settings), settings)?;
    let kernel = ELEMENT.kernel(indexing, &element);
    Ok(kernel.call(vec![array.expr, index]))
}

pub(super) static ELEMENT: Kind<Indexing> = Kind::new("array_element", pick);

fn pick(indexing: &Indexing, input: &Input<'_>) -> Result<ArrayRef> {
    let list = input.list(0)?;
    let indices = input.primitive::<Int32Type>(1)?;
    let mut rows: Vec<Option<u32>> = Vec::with_capacity(input.n_rows);
    for row in 0..input.n_rows {
        let Some(index) = at(indices, row).filter(|_| list.is_valid(row)) else {
            rows.push(None);
            continue;
        };
        let range = rows_of(list, row);
        let (length, index) = (range.len() as i64, i64::from(index));
        let position = match (indexing.one_based, index) {
            (false, index) => index,
            (true, 0) => return Err(index_zero()),
            (true, index) if index < 0 => length + index,
            (true, index) => index - 1,
        };
        if (0..length).contains(&position) {
            rows.push(Some((range.start as i64 + position) as u32));
        } else if indexing.outside == Outside::Error {
            return Err(invalid_index(index, length, indexing.one_based));
        } else {
            rows.push(None);
        }
    }
    conform(&take(list.values(), &UInt32Array::from(rows), None)?, input.result)
}

fn index_zero() -> SparkError {
    SparkError::new(
        ErrorKind::Runtime,
        "INVALID_INDEX_OF_ZERO",
        "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index \
         1).",
    )
}

fn invalid_index(index: i64, length: i64, one_based: bool) -> SparkError {
    let (condition, instead) = if one_based {
        ("INVALID_ARRAY_INDEX_IN_ELEMENT_AT", "`try_element_at`")
    } else {
        ("INVALID_ARRAY_INDEX", "the SQL function `get()`")
    };
    let bounds = format!("The index {index} is out of bounds. The array has {length} elements.");
    let hint = format!(
        "Use {instead} to tolerate accessing element at invalid index and return NULL instead."
    );
    SparkError::new(ErrorKind::ArrayIndexOutOfBounds, condition, format!("{bounds} {hint}"))
        .with("indexValue", index.to_string())
        .with("arraySize", length.to_string())
        .with("ansiConfig", "\"spark.sql.ansi.enabled\"")
}

/// The value under `key`, null if there is none.
pub(crate) fn map_value(
    name: &str,
    map: Arg,
    key: Arg,
    settings: &SessionSettings,
) -> Result<Expr> {
    let SparkType::Map { key: key_type, value, value_contains_null } = map.spark_type()? else {
        return Err(unexpected_type(name, 0, &map, "MAP"));
    };
    let mode = EvalMode::of(settings);
    let given = key.spark_type()?;
    // `m[k]` brings the key to the map's type, `element_at` both to a wider one.
    let wanted = if name == "get_item" && converts(&given, &key_type, settings.ansi) {
        Some(key_type.as_ref().clone())
    } else {
        common_type(&key_type, &given, settings)
    };
    let wanted = wanted.ok_or_else(|| unexpected_type(name, 1, &key, &key_type.sql()))?;
    let as_map =
        SparkType::Map { key: Box::new(wanted.clone()), value: value.clone(), value_contains_null };
    let args = vec![cast(map, &as_map, mode, settings)?, cast(key, &wanted, mode, settings)?];
    Ok(MAP_VALUE.kernel((), &value).call(args))
}

pub(super) static MAP_VALUE: Kind<()> = Kind::new("map_value", lookup);

fn lookup(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let map = input.map(0)?;
    let both =
        concat(&[map.keys().as_ref(), conform(&input.args[1], map.keys().data_type())?.as_ref()])?;
    let (_, rows) = comparable(&both)?;
    let n_keys = map.keys().len();
    let wanted_nulls = input.args[1].logical_nulls();
    let offsets = map.value_offsets();
    let found = (0..input.n_rows).map(|row| {
        if map.is_null(row) || wanted_nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return None;
        }
        let wanted = rows.row(n_keys + row);
        let mut range = offsets[row] as usize..offsets[row + 1] as usize;
        range.find(|entry| rows.row(*entry) == wanted).map(|entry| entry as u32)
    });
    let found = found.collect::<UInt32Array>();
    conform(&take(map.values(), &found, None)?, input.result)
}

/// `array.field` of an array of structs: an array of that field's values.
pub(crate) fn struct_fields(call: Call<'_>) -> Result<Expr> {
    let [array, field] = call.exactly()?;
    let name =
        literal_text(&field).ok_or_else(|| not_foldable("get_array_struct_fields", "field"))?;
    let SparkType::Array { element, contains_null } = array.spark_type()? else {
        return Err(unexpected_type("get_array_struct_fields", 0, &array, "ARRAY"));
    };
    let SparkType::Struct(row) = *element else {
        return Err(unexpected_type("get_array_struct_fields", 0, &array, "ARRAY<STRUCT>"));
    };
    let found = row.fields.iter().position(|field| field.name == name);
    let position = found.ok_or_else(|| SparkError::internal("no such field"))?;
    let field = &row.fields[position];
    let result = SparkType::Array {
        element: Box::new(field.data_type.clone()),
        contains_null: contains_null || field.nullable,
    };
    let kernel = STRUCT_FIELDS.kernel(position, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![array.expr]))
}

pub(super) static STRUCT_FIELDS: Kind<usize> =
    Kind::new("get_array_struct_fields", |position, input| {
        let list = input.list(0)?;
        let DataType::List(field) = input.result else {
            return Err(SparkError::internal("an array's field is an array"));
        };
        let rows = list.values().as_struct();
        let column = rows.column(*position);
        let nulls = NullBuffer::union(rows.nulls(), column.logical_nulls().as_ref());
        let data = column.to_data().into_builder().nulls(nulls);
        let column = conform(&arrow::array::make_array(data.build()?), field.data_type())?;
        Ok(Arc::new(ListArray::try_new(
            Arc::clone(field),
            list.offsets().clone(),
            column,
            list.nulls().cloned(),
        )?))
    });

/// `slice(array, start, length)`: from 1, negative from the end.
pub(crate) fn slice(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [array, start, length] = call.exactly()?;
    let result = array.spark_type()?;
    if !matches!(result, SparkType::Array { .. }) {
        return Err(unexpected_type("slice", 0, &array, "ARRAY"));
    }
    let args = vec![
        array.expr,
        implicit("slice", 1, start, &SparkType::Integer, settings)?,
        implicit("slice", 2, length, &SparkType::Integer, settings)?,
    ];
    let kernel = SLICE.kernel((), &result);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static SLICE: Kind<()> = Kind::new("slice", |(), input| {
    let list = input.list(0)?;
    let (starts, lengths) = (input.primitive::<Int32Type>(1)?, input.primitive::<Int32Type>(2)?);
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        let (Some(start), Some(length)) = (at(starts, row), at(lengths, row)) else {
            taken.end_null();
            continue;
        };
        if list.is_null(row) {
            taken.end_null();
            continue;
        }
        let problem = match (start, length) {
            (0, _) => Some((
                "start",
                "START",
                "Expects a positive or a negative value for `start`, but got 0.".to_owned(),
            )),
            (_, length) if length < 0 => Some((
                "length",
                "LENGTH",
                format!("Expects `length` greater than or equal to 0, but got {length}."),
            )),
            _ => None,
        };
        if let Some((parameter, sub, detail)) = problem {
            return Err(SparkError::runtime(
                format!("INVALID_PARAMETER_VALUE.{sub}"),
                format!("The value of parameter(s) `{parameter}` in `slice` is invalid: {detail}"),
            )
            .with("parameter", format!("`{parameter}`"))
            .with("functionName", "`slice`"));
        }
        let range = rows_of(list, row);
        let n = range.len() as i64;
        let first = if start > 0 { i64::from(start) - 1 } else { n + i64::from(start) };
        if (0..n).contains(&first) {
            let last = (first + i64::from(length)).min(n);
            taken.extend((first..last).map(|place| range.start + place as usize));
        }
        taken.end_list();
    }
    taken.finish(list.values(), input.result)
});
