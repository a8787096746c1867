//! `json_tuple(text, field, …)`: the fields as strings, in one row.

use super::options::Options;
use super::relaxed;
use crate::call::Call;
use crate::implicit::implicit;
use crate::registry::GeneratorCall;
use crate::scalar_kernel::{Input, Kind, Nullable, at};
use arrow::array::{ArrayRef, ListArray, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use serde_json::Value;
use std::sync::Arc;

pub(crate) fn json_tuple(call: Call<'_>) -> Result<GeneratorCall> {
    call.check_arity(2, usize::MAX)?;
    let settings = call.settings;
    let fields: Vec<_> = (0..call.args.len() - 1)
        .map(|position| StructField::new(format!("c{position}"), SparkType::string(), true))
        .collect();
    let args = call
        .args
        .into_iter()
        .enumerate()
        .map(|(position, arg)| {
            implicit("json_tuple", position, arg, &SparkType::string(), settings)
        })
        .collect::<Result<Vec<_>>>()?;
    let columns = fields.iter().map(StructField::to_arrow).collect();
    let element = Box::new(SparkType::Struct(StructType::new(fields)));
    let result = SparkType::Array { element, contains_null: false };
    let kernel = TUPLE.kernel((), &result);
    let rows = kernel.nullable(Nullable::Never).call(args);
    Ok(GeneratorCall { rows, columns, outer: false })
}

pub(super) static TUPLE: Kind<()> = Kind::new("json_tuple", evaluate);

fn evaluate(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let DataType::List(element) = input.result else {
        return Err(SparkError::internal("json_tuple answers with a list"));
    };
    let DataType::Struct(fields) = element.data_type() else {
        return Err(SparkError::internal("json_tuple answers with structs"));
    };
    let texts = input.string(0)?;
    let documents: Vec<Option<Value>> = (0..input.n_rows)
        .map(|row| at(texts, row).and_then(|text| relaxed::parse(text, &Options::default())))
        .collect();
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(fields.len());
    for position in 1..=fields.len() {
        let names = input.string(position)?;
        let found = documents.iter().enumerate().map(|(row, document)| {
            let value = document.as_ref()?.get(at(names, row)?)?;
            match value {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            }
        });
        columns.push(Arc::new(found.collect::<StringArray>()));
    }
    let rows = StructArray::try_new(fields.clone(), columns, None)?;
    let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(1, input.n_rows));
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, Arc::new(rows), None)?))
}
