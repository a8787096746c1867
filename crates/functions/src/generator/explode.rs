//! `explode`, `posexplode`, `inline` and their outer forms.

use crate::call::Call;
use crate::conform::conform;
use crate::implicit::unexpected_type;
use crate::registry::GeneratorCall;
use crate::scalar_kernel::{Input, Kind};
use arrow::array::{Array, ArrayRef, AsArray, Int32Array, ListArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

/// `explode(array)` has the column `col`, `explode(map)` the columns `key` and `value`; with
/// `position` a column `pos` before them.
pub(crate) fn explode(call: Call<'_>, position: bool, outer: bool) -> Result<GeneratorCall> {
    let name = call.name.to_owned();
    let [arg] = call.exactly()?;
    let mut fields = match arg.spark_type()? {
        SparkType::Array { element, contains_null } => {
            vec![StructField::new("col", *element, contains_null)]
        }
        SparkType::Map { key, value, value_contains_null } => vec![
            StructField::new("key", *key, false),
            StructField::new("value", *value, value_contains_null),
        ],
        _ => return Err(unexpected_type(&name, 0, &arg, "(\"ARRAY\" or \"MAP\")")),
    };
    if position {
        fields.insert(0, StructField::new("pos", SparkType::Integer, false));
    }
    generator(&EXPLODE, fields, position, arg.expr, outer)
}

/// `inline(array<struct>)`: a column per field. A null element gives a row of nulls.
pub(crate) fn inline(call: Call<'_>, outer: bool) -> Result<GeneratorCall> {
    let name = call.name.to_owned();
    let [arg] = call.exactly()?;
    let SparkType::Array { element, contains_null } = arg.spark_type()? else {
        return Err(unexpected_type(&name, 0, &arg, "\"ARRAY<STRUCT>\""));
    };
    let SparkType::Struct(row) = *element else {
        return Err(unexpected_type(&name, 0, &arg, "\"ARRAY<STRUCT>\""));
    };
    let mut fields = row.fields;
    for field in &mut fields {
        field.nullable |= contains_null;
    }
    generator(&INLINE, fields, false, arg.expr, outer)
}

pub(super) static EXPLODE: Kind<bool> = Kind::new("explode", evaluate);
pub(super) static INLINE: Kind<bool> = Kind::new("inline", evaluate_inline);

fn generator(
    kind: &'static Kind<bool>,
    mut fields: Vec<StructField>,
    position: bool,
    arg: datafusion_expr::Expr,
    outer: bool,
) -> Result<GeneratorCall> {
    let rows = StructType::new(fields.clone());
    let result =
        SparkType::Array { element: Box::new(SparkType::Struct(rows)), contains_null: false };
    let rows = kind.kernel(position, &result).call(vec![arg]);
    if outer {
        fields.iter_mut().for_each(|field| field.nullable = true);
    }
    let columns = fields.iter().map(StructField::to_arrow).collect();
    Ok(GeneratorCall { rows, columns, outer })
}

fn evaluate(position: &bool, input: &Input<'_>) -> Result<ArrayRef> {
    let source = &input.args[0];
    let (offsets, values, nulls): (&OffsetBuffer<i32>, Vec<ArrayRef>, Option<&NullBuffer>) =
        match source.data_type() {
            DataType::Map(_, _) => {
                let map = source.as_map();
                (map.offsets(), vec![map.keys().clone(), map.values().clone()], map.nulls())
            }
            _ => {
                let list = source.as_list::<i32>();
                (list.offsets(), vec![Arc::clone(list.values())], list.nulls())
            }
        };
    let mut columns = values;
    if *position {
        let n_values = columns[0].len();
        let mut positions = vec![0i32; n_values];
        for row in offsets.windows(2) {
            for (position, slot) in (0..).zip(&mut positions[row[0] as usize..row[1] as usize]) {
                *slot = position;
            }
        }
        columns.insert(0, Arc::new(Int32Array::from(positions)));
    }
    rows(input.result, offsets, columns, nulls)
}

fn evaluate_inline(_position: &bool, input: &Input<'_>) -> Result<ArrayRef> {
    let list = input.args[0].as_list::<i32>();
    let elements = list.values().as_struct();
    // Fields of a null element are null.
    let columns = elements
        .columns()
        .iter()
        .map(|column| match elements.nulls() {
            None => Ok(Arc::clone(column)),
            Some(nulls) => {
                let nulls = NullBuffer::union(Some(nulls), column.logical_nulls().as_ref());
                let data = column.to_data().into_builder().nulls(nulls);
                Ok(arrow::array::make_array(data.build()?))
            }
        })
        .collect::<Result<Vec<_>>>()?;
    rows(input.result, list.offsets(), columns, list.nulls())
}

/// A list of structs of these columns.
fn rows(
    result: &DataType,
    offsets: &OffsetBuffer<i32>,
    columns: Vec<ArrayRef>,
    nulls: Option<&NullBuffer>,
) -> Result<ArrayRef> {
    let DataType::List(element) = result else {
        return Err(SparkError::internal("a generator answers with a list"));
    };
    let DataType::Struct(fields) = element.data_type() else {
        return Err(SparkError::internal("a generator answers with structs"));
    };
    let columns = columns
        .iter()
        .zip(fields)
        .map(|(column, field)| conform(column, field.data_type()))
        .collect::<Result<Vec<_>>>()?;
    // Lists of nothing but empty structs cannot occur: each generator has a column.
    let elements = Arc::new(StructArray::try_new(fields.clone(), columns, None)?);
    Ok(Arc::new(ListArray::try_new(
        Arc::clone(element),
        offsets.clone(),
        elements,
        nulls.cloned(),
    )?))
}
