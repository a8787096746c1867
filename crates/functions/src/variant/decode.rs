//! Variants as values of another type: casts and `variant_get`.
//!
//! Rows are taken apart by what they hold: a column per kind, cast as any column of that type is, and then
//! each row from the column of its kind.

use super::column::VariantBuilder;
use super::json_out::{uuid_text, write_json};
use super::reader::{Node, View};
use crate::cast::{Context, EvalMode, can_cast, cast_column};
use crate::time_zone::Zone;
use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array,
    Float64Array, Int64Array, ListArray, MapArray, StringArray, StructArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::interleave;
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkError, SparkType};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The values as a column of `target`. What does not fit is null if `context.mode` is `Try`, else an error.
///
/// # Errors
/// `INVALID_VARIANT_CAST`, `MALFORMED_VARIANT`.
pub(crate) fn decode_column(
    views: &[Option<View<'_>>],
    target: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    match (target, &target.to_arrow()) {
        (SparkType::Variant, _) => {
            let mut builder = VariantBuilder::default();
            for view in views {
                match view {
                    Some(view) => builder.copied(*view)?,
                    None => builder.null(),
                }
            }
            builder.finish()
        }
        (SparkType::Array { element, .. }, DataType::List(field)) => {
            let (mut elements, mut lengths) = (Vec::new(), Vec::with_capacity(views.len()));
            let mut valid = Vec::with_capacity(views.len());
            for view in views.iter().map(present) {
                let array = match opened(view)? {
                    Some((_, Node::Array(array))) => Some(array),
                    Some((view, _)) => misfit(view, target, context)?,
                    None => None,
                };
                valid.push(array.is_some());
                lengths.push(array.as_ref().map_or(0, Vec::len));
                elements.extend(array.into_iter().flatten().map(Some));
            }
            let elements = decode_column(&elements, element, context)?;
            Ok(Arc::new(ListArray::try_new(
                Arc::clone(field),
                OffsetBuffer::from_lengths(lengths),
                elements,
                Some(NullBuffer::from(valid)),
            )?))
        }
        (SparkType::Map { key, value, .. }, DataType::Map(entries, ordered)) if key.is_string() => {
            let DataType::Struct(fields) = entries.data_type() else {
                return Err(SparkError::internal("a map has no entries"));
            };
            let (mut keys, mut values) = (Vec::new(), Vec::new());
            let mut lengths = Vec::with_capacity(views.len());
            let mut valid = Vec::with_capacity(views.len());
            for view in views.iter().map(present) {
                let object = match opened(view)? {
                    Some((_, Node::Object(object))) => Some(object),
                    Some((view, _)) => misfit(view, target, context)?,
                    None => None,
                };
                valid.push(object.is_some());
                lengths.push(object.as_ref().map_or(0, Vec::len));
                for (name, value) in object.into_iter().flatten() {
                    keys.push(name);
                    values.push(Some(value));
                }
            }
            let values = decode_column(&values, value, context)?;
            let columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from(keys)), values];
            let entry = StructArray::try_new(fields.clone(), columns, None)?;
            Ok(Arc::new(MapArray::try_new(
                Arc::clone(entries),
                OffsetBuffer::from_lengths(lengths),
                entry,
                Some(NullBuffer::from(valid)),
                *ordered,
            )?))
        }
        (SparkType::Struct(row), DataType::Struct(fields)) => {
            let mut objects = Vec::with_capacity(views.len());
            for view in views.iter().map(present) {
                objects.push(match opened(view)? {
                    Some((_, Node::Object(object))) => Some(object),
                    Some((view, _)) => misfit(view, target, context)?,
                    None => None,
                });
            }
            let columns = row.fields.iter().map(|field| {
                let named = |object: &Vec<(&str, _)>| {
                    object.iter().find(|(name, _)| *name == field.name).map(|(_, value)| *value)
                };
                let values: Vec<_> =
                    objects.iter().map(|object| object.as_ref().and_then(named)).collect();
                decode_column(&values, &field.data_type, context)
            });
            let columns = columns.collect::<Result<Vec<_>>>()?;
            let nulls = NullBuffer::from(objects.iter().map(Option::is_some).collect::<Vec<_>>());
            if fields.is_empty() {
                return Ok(Arc::new(StructArray::new_empty_fields(views.len(), Some(nulls))));
            }
            Ok(Arc::new(StructArray::try_new(fields.clone(), columns, Some(nulls))?))
        }
        (_, arrow) => leaves(views, target, arrow, context),
    }
}

/// A null within the document is null whatever is asked for, except a variant.
fn present<'a>(view: &Option<View<'a>>) -> Option<View<'a>> {
    view.filter(|view| !view.is_null())
}

/// A value that is there, and what it is.
fn opened<'a>(view: Option<View<'a>>) -> Result<Option<(View<'a>, Node<'a>)>> {
    view.map(|view| Ok((view, view.node()?))).transpose()
}

/// Null, or the error that says so.
fn misfit<T>(view: View<'_>, target: &SparkType, context: &Context) -> Result<Option<T>> {
    if context.mode == EvalMode::Try {
        return Ok(None);
    }
    let mut json = String::new();
    write_json(view, Zone::Fixed(0), &mut json)?;
    Err(invalid_cast(&json, target))
}

fn invalid_cast(json: &str, target: &SparkType) -> SparkError {
    let target = target.sql();
    SparkError::runtime(
        "INVALID_VARIANT_CAST",
        format!(
            "The variant value `{json}` cannot be cast into `\"{target}\"`. Please use \
             `try_variant_get` instead."
        ),
    )
    .with("value", json)
    .with("dataType", format!("\"{target}\""))
}

/// The values of one kind, and which rows they came from.
#[derive(Debug, Default)]
struct Kinds<'a> {
    booleans: Vec<(usize, bool)>,
    longs: Vec<(usize, i64)>,
    doubles: Vec<(usize, f64)>,
    floats: Vec<(usize, f32)>,
    /// By scale.
    decimals: BTreeMap<i8, Vec<(usize, i128)>>,
    dates: Vec<(usize, i32)>,
    timestamps: Vec<(usize, i64)>,
    locals: Vec<(usize, i64)>,
    binaries: Vec<(usize, &'a [u8])>,
    strings: Vec<(usize, std::borrow::Cow<'a, str>)>,
}

fn leaves(
    views: &[Option<View<'_>>],
    target: &SparkType,
    arrow: &DataType,
    context: &Context,
) -> Result<ArrayRef> {
    let mut kinds = Kinds::default();
    for (row, view) in views.iter().enumerate() {
        let Some(view) = view else { continue };
        match view.node()? {
            Node::Null => {}
            Node::Boolean(value) => kinds.booleans.push((row, value)),
            Node::Long(value) => kinds.longs.push((row, value)),
            Node::Double(value) => kinds.doubles.push((row, value)),
            Node::Float(value) => kinds.floats.push((row, value)),
            Node::Decimal(unscaled, scale) => {
                // Decimals of Spark have no negative scale.
                let (unscaled, scale) = match scale {
                    ..0 => (unscaled * 10i128.pow(u32::from(scale.unsigned_abs())), 0),
                    _ => (unscaled, scale),
                };
                kinds.decimals.entry(scale).or_default().push((row, unscaled));
            }
            Node::Date(value) => kinds.dates.push((row, value)),
            Node::Timestamp(value) => kinds.timestamps.push((row, value)),
            Node::TimestampNtz(value) => kinds.locals.push((row, value)),
            Node::Binary(value) => kinds.binaries.push((row, value)),
            Node::String(value) => kinds.strings.push((row, value.into())),
            Node::Uuid(bytes) => kinds.strings.push((row, uuid_text(bytes).into())),
            Node::Array(_) | Node::Object(_) if target.is_string() => {
                let mut json = String::new();
                write_json(*view, context.zone, &mut json)?;
                kinds.strings.push((row, json.into()));
            }
            Node::Array(_) | Node::Object(_) => {
                let _: Option<()> = misfit(*view, target, context)?;
            }
        }
    }
    // Row 0 of column 0 is null: where a row has no value.
    let mut columns: Vec<ArrayRef> = vec![new_null_array(arrow, 1)];
    let mut places = vec![(0, 0); views.len()];
    let try_mode = Context { mode: EvalMode::Try, ..*context };
    let mut add = |from: SparkType, rows: Vec<usize>, values: ArrayRef| -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let cast = match can_cast(&from, target, true) {
            true => cast_column(&values, &from, target, &try_mode)?,
            false => new_null_array(arrow, values.len()),
        };
        for (position, row) in rows.iter().enumerate() {
            if cast.is_null(position)
                && let Some(view) = views[*row]
            {
                let _: Option<()> = misfit(view, target, context)?;
            }
            places[*row] = (columns.len(), position);
        }
        columns.push(cast);
        Ok(())
    };
    macro_rules! add {
        ($from:expr, $pairs:expr, $array:ty) => {{
            let (rows, values): (Vec<_>, Vec<_>) = $pairs.into_iter().unzip();
            add($from, rows, Arc::new(<$array>::from(values)))?;
        }};
    }
    add!(SparkType::Boolean, kinds.booleans, BooleanArray);
    add!(SparkType::Long, kinds.longs, Int64Array);
    add!(SparkType::Double, kinds.doubles, Float64Array);
    add!(SparkType::Float, kinds.floats, Float32Array);
    for (scale, pairs) in kinds.decimals {
        const PRECISION: u8 = 38;
        let (rows, values): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let values = Decimal128Array::from(values).with_precision_and_scale(PRECISION, scale)?;
        add(SparkType::Decimal { precision: PRECISION, scale }, rows, Arc::new(values))?;
    }
    add!(SparkType::Date, kinds.dates, Date32Array);
    let (rows, values): (Vec<_>, Vec<_>) = kinds.timestamps.into_iter().unzip();
    let values =
        TimestampMicrosecondArray::from(values).with_data_type(SparkType::Timestamp.to_arrow());
    add(SparkType::Timestamp, rows, Arc::new(values))?;
    add!(SparkType::TimestampNtz, kinds.locals, TimestampMicrosecondArray);
    let (rows, values): (Vec<_>, Vec<&[u8]>) = kinds.binaries.into_iter().unzip();
    add(SparkType::Binary, rows, Arc::new(BinaryArray::from(values)))?;
    let (rows, values): (Vec<_>, Vec<_>) = kinds.strings.into_iter().unzip();
    add(SparkType::string(), rows, Arc::new(values.iter().map(Some).collect::<StringArray>()))?;
    let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
    Ok(interleave(&columns, &places)?)
}
