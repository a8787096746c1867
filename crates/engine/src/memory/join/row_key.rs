//! Join keys of any type as bytes that sort and compare.
//!
//! DataFusion's sort-merge join compares keys of nested types not at all, and those of semi and anti joins by
//! a short list of types. Arrow's row format has an order for every type; two values of one type are equal if
//! their bytes are.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float32Type, Float64Type, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::common::{Result, internal_datafusion_err};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::{PhysicalExpr, PhysicalExprRef};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// `key` in Arrow's row format; null where `key` is. Lives only while a plan runs.
#[derive(Debug)]
pub(super) struct RowKey {
    key: PhysicalExprRef,
}

impl PartialEq for RowKey {
    fn eq(&self, other: &Self) -> bool {
        self.key.eq(&other.key)
    }
}

impl Eq for RowKey {}

impl Hash for RowKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl RowKey {
    pub fn over(key: &PhysicalExprRef) -> PhysicalExprRef {
        Arc::new(Self { key: Arc::clone(key) })
    }

    /// Whether values of this type have a row format.
    pub fn supports(key: &DataType) -> bool {
        RowConverter::supports_fields(&[SortField::new(key.clone())])
    }
}

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "RowKey({})", self.key)
    }
}

impl PhysicalExpr for RowKey {
    fn return_field(&self, schema: &Schema) -> Result<FieldRef> {
        let nullable = self.key.nullable(schema)?;
        Ok(Arc::new(Field::new("key", DataType::Binary, nullable)))
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let values = self.key.evaluate(batch)?.into_array(batch.num_rows())?;
        Ok(ColumnarValue::Array(Arc::new(row_keys(&values)?)))
    }

    fn children(&self) -> Vec<&PhysicalExprRef> {
        vec![&self.key]
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<PhysicalExprRef>,
    ) -> Result<PhysicalExprRef> {
        let key = children.pop().ok_or_else(|| internal_datafusion_err!("a row key of nothing"))?;
        Ok(Arc::new(Self { key }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt_sql(f)
    }
}

fn row_keys(values: &ArrayRef) -> Result<BinaryArray> {
    let values = one_zero_and_one_nan(values);
    let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())])?;
    let nulls = values.logical_nulls();
    let rows = converter.convert_columns(&[values])?.try_into_binary()?;
    let (offsets, bytes, _) = rows.into_parts();
    Ok(BinaryArray::try_new(offsets, bytes, nulls)?)
}

/// To SQL all zeros are equal, and all NaNs.
fn one_zero_and_one_nan(values: &ArrayRef) -> ArrayRef {
    match values.data_type() {
        DataType::Float32 => {
            let same = |value: f32| if value.is_nan() { f32::NAN } else { value + 0.0 };
            Arc::new(values.as_primitive::<Float32Type>().unary::<_, Float32Type>(same))
        }
        DataType::Float64 => {
            let same = |value: f64| if value.is_nan() { f64::NAN } else { value + 0.0 };
            Arc::new(values.as_primitive::<Float64Type>().unary::<_, Float64Type>(same))
        }
        _ => Arc::clone(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{Float64Array, Int32Array, StructArray};

    #[test]
    fn nulls_stay_and_zeros_are_one() {
        let values: ArrayRef =
            Arc::new(Float64Array::from(vec![Some(0.0), None, Some(-0.0), Some(1.5), Some(-1.5)]));
        let keys = row_keys(&values).expect("keys");
        assert_eq!(keys.value(0), keys.value(2));
        assert!(keys.is_null(1));
        assert!(keys.value(4) < keys.value(0) && keys.value(0) < keys.value(3));
    }

    #[test]
    fn a_null_struct_is_not_a_struct_of_nulls() {
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, None]));
        let field = Arc::new(Field::new("x", DataType::Int32, true));
        let valid = vec![true, true, false].into();
        let values: ArrayRef =
            Arc::new(StructArray::new(vec![field].into(), vec![numbers], Some(valid)));
        let keys = row_keys(&values).expect("keys");
        assert!(!keys.is_null(1) && keys.is_null(2));
        assert_ne!(keys.value(0), keys.value(1));
    }
}
