//! Objects as columns, by Spark's rule for functions without Arrow: an object that is not of the declared type is
//! null, numbers are cut to the declared width, and everything has a text.

use super::read::{Id, Object, Objects};
use super::text::text;
use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, ListArray, MapArray, NullArray, PrimitiveArray,
    StringArray, StructArray,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, DurationMicrosecondType, FieldRef, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalYearMonthType,
    Time64NanosecondType, TimestampMicrosecondType,
};
use datafusion::common::Result;
use firesteel_common::error::ErrorKind;
use firesteel_common::{SparkError, SparkType, StructField};
use std::sync::Arc;

/// The results in a pickle, as one column per function, and their number.
///
/// # Errors
/// When the bytes are no pickle; when a decimal or a row does not fit its type.
pub fn columns(frame: &[u8], fields: &[FieldRef]) -> Result<(Vec<ArrayRef>, usize)> {
    let objects = Objects::read(frame)?;
    let odd = || SparkError::internal("a Python worker sent results that are no list");
    let Object::List(results) = objects.get(objects.root) else { return Err(odd().into()) };
    let reader = Reader { objects: &objects };
    let columns = fields.iter().enumerate().map(|(place, field)| {
        // With one function, results are not in tuples.
        let ids = results.iter().map(|id| match (fields.len(), objects.get(*id)) {
            (1, _) => Ok(Some(*id)),
            (_, Object::Tuple(row)) => Ok(row.get(place).copied()),
            _ => Err(odd()),
        });
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        let column = reader.array(&ids, &StructField::from_arrow(field)?.data_type)?;
        super::super::columns::retyped(&column, field.data_type())
    });
    Ok((columns.collect::<Result<_>>()?, results.len()))
}

struct Reader<'o> {
    objects: &'o Objects,
}

/// Objects, or nothing where what holds them is null.
type Ids = [Option<Id>];

impl Reader<'_> {
    fn objects<'s>(&'s self, ids: &'s Ids) -> impl Iterator<Item = Option<&'s Object>> {
        ids.iter().map(|id| id.map(|id| self.objects.get(id)))
    }

    fn ints<T: ArrowPrimitiveType>(
        &self,
        ids: &Ids,
        value: impl Fn(i64) -> Option<T::Native>,
    ) -> PrimitiveArray<T> {
        let values = self.objects(ids).map(|object| match object {
            Some(Object::Int(number)) => value(*number),
            _ => None,
        });
        values.collect::<Vec<Option<T::Native>>>().into_iter().collect()
    }

    fn floats<T: ArrowPrimitiveType>(
        &self,
        ids: &Ids,
        value: impl Fn(f64) -> T::Native,
    ) -> PrimitiveArray<T> {
        let values = self.objects(ids).map(|object| match object {
            Some(Object::Float(number)) => Some(value(*number)),
            _ => None,
        });
        values.collect::<Vec<Option<T::Native>>>().into_iter().collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "Spark cuts numbers too")]
    fn array(&self, ids: &Ids, data_type: &SparkType) -> Result<ArrayRef> {
        Ok(match data_type {
            SparkType::Null => Arc::new(NullArray::new(ids.len())),
            SparkType::Boolean => {
                let values = self.objects(ids).map(|object| match object {
                    Some(Object::Bool(value)) => Some(*value),
                    _ => None,
                });
                Arc::new(values.collect::<BooleanArray>())
            }
            SparkType::Byte => Arc::new(self.ints::<Int8Type>(ids, |value| Some(value as i8))),
            SparkType::Short => Arc::new(self.ints::<Int16Type>(ids, |value| Some(value as i16))),
            SparkType::Integer => Arc::new(self.ints::<Int32Type>(ids, |value| Some(value as i32))),
            SparkType::Long => Arc::new(self.ints::<Int64Type>(ids, Some)),
            SparkType::Float => Arc::new(self.floats::<Float32Type>(ids, |value| value as f32)),
            SparkType::Double => Arc::new(self.floats::<Float64Type>(ids, |value| value)),
            SparkType::Date => {
                Arc::new(self.ints::<Date32Type>(ids, |days| i32::try_from(days).ok()))
            }
            SparkType::YearMonthInterval { .. } => Arc::new(
                self.ints::<IntervalYearMonthType>(ids, |months| i32::try_from(months).ok()),
            ),
            SparkType::TimestampNtz => Arc::new(self.ints::<TimestampMicrosecondType>(ids, Some)),
            SparkType::Timestamp => Arc::new(
                self.ints::<TimestampMicrosecondType>(ids, Some)
                    .with_data_type(data_type.to_arrow()),
            ),
            SparkType::Time { .. } => Arc::new(self.ints::<Time64NanosecondType>(ids, Some)),
            SparkType::DayTimeInterval { .. } => {
                Arc::new(self.ints::<DurationMicrosecondType>(ids, Some))
            }
            SparkType::Decimal { .. } => self.decimals(ids, &data_type.to_arrow())?,
            SparkType::String { .. } | SparkType::Char { .. } | SparkType::Varchar { .. } => {
                let texts = ids.iter().map(|id| {
                    let id = id.filter(|id| !matches!(self.objects.get(*id), Object::None))?;
                    Some(text(self.objects, id))
                });
                Arc::new(texts.collect::<StringArray>())
            }
            SparkType::Binary => {
                let values = self.objects(ids).map(|object| match object {
                    Some(Object::Bytes(value)) => Some(value.as_slice()),
                    Some(Object::Text(value)) => Some(value.as_bytes()),
                    _ => None,
                });
                Arc::new(values.collect::<BinaryArray>())
            }
            SparkType::Array { element, .. } => self.lists(ids, element, &data_type.to_arrow())?,
            SparkType::Map { key, value, .. } => {
                self.maps(ids, key, value, &data_type.to_arrow())?
            }
            SparkType::Struct(fields) => {
                let types: Vec<_> = fields.fields.iter().map(|field| &field.data_type).collect();
                self.structs(ids, &types, &data_type.to_arrow())?
            }
            SparkType::Variant => self.variants(ids, &data_type.to_arrow())?,
            SparkType::Udt(udt) => self.array(ids, &udt.sql_type)?,
            SparkType::CalendarInterval => {
                datafusion::arrow::array::new_null_array(&data_type.to_arrow(), ids.len())
            }
        })
    }

    fn decimals(&self, ids: &Ids, data_type: &DataType) -> Result<ArrayRef> {
        let texts = self.objects(ids).map(|object| match object {
            Some(Object::Decimal(value)) => Some(value.as_str()),
            _ => None,
        });
        let texts = texts.collect::<StringArray>();
        let options = CastOptions { safe: false, ..CastOptions::default() };
        Ok(cast_with_options(&texts, data_type, &options)?)
    }

    fn lists(&self, ids: &Ids, element: &SparkType, data_type: &DataType) -> Result<ArrayRef> {
        let DataType::List(field) = data_type else { return Err(odd()) };
        let mut items: Vec<Option<Id>> = Vec::new();
        let mut lengths = Vec::with_capacity(ids.len());
        let mut valid = Vec::with_capacity(ids.len());
        for object in self.objects(ids) {
            let own = match object {
                Some(Object::List(own) | Object::Tuple(own)) => Some(own),
                _ => None,
            };
            valid.push(own.is_some());
            lengths.push(own.map_or(0, Vec::len));
            items.extend(own.into_iter().flatten().map(|id| Some(*id)));
        }
        let values = self.array(&items, element)?;
        let offsets = OffsetBuffer::from_lengths(lengths);
        let nulls = Some(NullBuffer::from(valid));
        Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls)?))
    }

    fn maps(
        &self,
        ids: &Ids,
        key: &SparkType,
        value: &SparkType,
        data_type: &DataType,
    ) -> Result<ArrayRef> {
        let DataType::Map(entries, _) = data_type else { return Err(odd()) };
        let DataType::Struct(fields) = entries.data_type() else { return Err(odd()) };
        let (mut keys, mut values): (Vec<Option<Id>>, Vec<Option<Id>>) = (vec![], vec![]);
        let mut lengths = Vec::with_capacity(ids.len());
        let mut valid = Vec::with_capacity(ids.len());
        for object in self.objects(ids) {
            let own = match object {
                Some(Object::Dict(own)) => Some(own),
                _ => None,
            };
            valid.push(own.is_some());
            lengths.push(own.map_or(0, Vec::len));
            for (key, value) in own.into_iter().flatten() {
                keys.push(Some(*key));
                values.push(Some(*value));
            }
        }
        let columns = vec![self.array(&keys, key)?, self.array(&values, value)?];
        let pairs = StructArray::try_new(fields.clone(), columns, None)?;
        let offsets = OffsetBuffer::from_lengths(lengths);
        let nulls = Some(NullBuffer::from(valid));
        Ok(Arc::new(MapArray::try_new(Arc::clone(entries), offsets, pairs, nulls, false)?))
    }

    fn structs(&self, ids: &Ids, types: &[&SparkType], data_type: &DataType) -> Result<ArrayRef> {
        let DataType::Struct(fields) = data_type else { return Err(odd()) };
        let mut rows = Vec::with_capacity(ids.len());
        for object in self.objects(ids) {
            rows.push(match object {
                Some(Object::Tuple(row)) if row.len() != types.len() => {
                    return Err(wrong_length(types.len(), row.len()).into());
                }
                Some(Object::Tuple(row)) => Some(row),
                _ => None,
            });
        }
        let nulls = NullBuffer::from(rows.iter().map(Option::is_some).collect::<Vec<_>>());
        let columns = types.iter().enumerate().map(|(place, data_type)| {
            let ids: Vec<_> = rows.iter().map(|row| row.map(|row| row[place])).collect();
            self.array(&ids, data_type)
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        if columns.is_empty() {
            return Ok(Arc::new(StructArray::new_empty_fields(ids.len(), Some(nulls))));
        }
        Ok(Arc::new(StructArray::try_new(fields.clone(), columns, Some(nulls))?))
    }

    /// The parts of variants, which come as dictionaries.
    fn variants(&self, ids: &Ids, data_type: &DataType) -> Result<ArrayRef> {
        let DataType::Struct(fields) = data_type else { return Err(odd()) };
        let part = |object: Option<&Object>, name: &str| -> Option<Vec<u8>> {
            let Some(Object::Dict(pairs)) = object else { return None };
            pairs.iter().find_map(|(key, value)| {
                match (self.objects.get(*key), self.objects.get(*value)) {
                    (Object::Text(key), Object::Bytes(value)) if key == name => Some(value.clone()),
                    _ => None,
                }
            })
        };
        let parts: Vec<_> = self
            .objects(ids)
            .map(|object| part(object, "value").zip(part(object, "metadata")))
            .collect();
        let nulls = NullBuffer::from(parts.iter().map(Option::is_some).collect::<Vec<_>>());
        let column = |take: fn(&(Vec<u8>, Vec<u8>)) -> &[u8]| -> ArrayRef {
            let values =
                parts.iter().map(|parts| Some(parts.as_ref().map_or(&[][..], |parts| take(parts))));
            Arc::new(values.collect::<BinaryArray>())
        };
        let columns = vec![column(|parts| &parts.0), column(|parts| &parts.1)];
        Ok(Arc::new(StructArray::try_new(fields.clone(), columns, Some(nulls))?))
    }
}

fn wrong_length(wanted: usize, found: usize) -> SparkError {
    let text = format!(
        "Job aborted due to stage failure: java.lang.IllegalStateException: Input row doesn't have expected \
         number of values required by the schema. {wanted} fields are required while {found} values are \
         provided."
    );
    SparkError::new(ErrorKind::Execution, "", text)
}

fn odd() -> datafusion::common::DataFusionError {
    SparkError::internal("a type of Python results without its Arrow form").into()
}
