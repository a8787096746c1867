//! `VectorIndexer`: entries of vectors that have few values become indices of categories; others stay numbers.

use super::in_out;
use super::map_vectors::arg;
use super::udf_error;
use crate::attribute::{Attribute, AttributeGroup};
use crate::data::Dataset;
use crate::linalg::{VectorColumn, VectorColumnBuilder, VectorView, double_text, vector_type};
use crate::param::{Param, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::{
    Answer, Argument, Class, Fitted, FunctionKind, Model, Role, Shared, TableArgument, Value,
    columns, error,
};
use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, MapArray, RecordBatch, StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Float64Type, Int32Type};
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, StructType, TableHost};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    Param::int("maxCategories", 20).valid(Valid::Gt(1.0)),
    shared::HANDLE_INVALID,
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.VectorIndexer",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.VectorIndexerModel",
    params: PARAMS,
    role: Role::Model { attributes: &["numFeatures", "categoryMapsDF"], load },
};

#[derive(Debug)]
struct VectorIndexerModel {
    n_features: usize,
    /// Position of each entry of categories, and its values in the order of their indices.
    categories: Vec<(usize, Vec<f64>)>,
}

/// A double in an order; zero has one sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(i64);

impl Key {
    fn of(value: f64) -> Self {
        let bits = (value + 0.0).to_bits() as i64;
        Key(bits ^ (((bits >> 63) as u64) >> 1) as i64)
    }

    fn value(self) -> f64 {
        f64::from_bits((self.0 ^ (((self.0 >> 63) as u64) >> 1) as i64) as u64)
    }
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let vectors = columns::vector(&data.frame, params.string("inputCol")?)?;
    in_out::check_column_new(&data.frame, params.string("outputCol")?)?;
    let most = params.count("maxCategories")?;
    // None: of an entry that has more values than are categories.
    let mut values: Vec<Option<BTreeSet<Key>>> = Vec::new();
    let mut n_stored: Vec<u64> = Vec::new();
    let mut n_rows = 0_u64;
    data.scan(vec![vectors], |batch| {
        let vectors = VectorColumn::new(batch.column(0))?;
        for row in 0..vectors.len() {
            let vector = super::map_vectors::required(&vectors, row)?;
            if n_rows == 0 {
                values = vec![Some(BTreeSet::new()); vector.size()];
                n_stored = vec![0; vector.size()];
            }
            if values.len() != vector.size() {
                return Err(error::requirement(format!(
                    "VectorIndexer expected {} features but found vector of size {}.",
                    values.len(),
                    vector.size()
                )));
            }
            n_rows += 1;
            vector.for_each_stored(|at, value| {
                n_stored[at] += 1;
                if let Some(own) = &mut values[at] {
                    own.insert(Key::of(value));
                    if own.len() > most {
                        values[at] = None;
                    }
                }
            });
        }
        Ok(())
    })?;
    if n_rows == 0 {
        return Err(error::empty_dataset());
    }
    let n_features = values.len();
    let mut categories = Vec::new();
    for (at, own) in values.into_iter().enumerate() {
        let Some(mut own) = own else { continue };
        if n_stored[at] < n_rows {
            own.insert(Key::of(0.0));
        }
        if own.len() <= most {
            // Zero has the index zero, so that sparse vectors stay sparse.
            let has_zero = own.remove(&Key::of(0.0));
            let others = own.into_iter().map(Key::value);
            categories.push((at, has_zero.then_some(0.0).into_iter().chain(others).collect()));
        }
    }
    Ok(Fitted::new(VectorIndexerModel { n_features, categories }))
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    let broken = || error::failed("A saved VectorIndexerModel has other columns.");
    let maps = data.column("categoryMaps")?.as_map_opt().ok_or_else(broken)?.value(0);
    let keys = maps.column(0).as_primitive_opt::<Int32Type>().ok_or_else(broken)?;
    let inner = maps.column(1).as_map_opt().ok_or_else(broken)?;
    let mut categories = Vec::with_capacity(keys.len());
    for (at, feature) in keys.values().iter().enumerate() {
        let own = inner.value(at);
        let values = own.column(0).as_primitive_opt::<Float64Type>().ok_or_else(broken)?;
        let indices = own.column(1).as_primitive_opt::<Int32Type>().ok_or_else(broken)?;
        let mut pairs: Vec<_> = indices.values().iter().zip(values.values()).collect();
        pairs.sort_by_key(|(index, _)| **index);
        categories.push((*feature as usize, pairs.into_iter().map(|(_, value)| *value).collect()));
    }
    categories.sort_by_key(|(feature, _)| *feature);
    Ok(Arc::new(VectorIndexerModel {
        n_features: data.int("numFeatures")?.max(0) as usize,
        categories,
    }))
}

/// What to do with a value that the training data did not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Unseen {
    Fail,
    Keep,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Index {
    n_features: usize,
    /// Per entry: values and their indices, sorted by the bits; none of an entry that stays a number.
    maps: Vec<Option<Vec<(u64, u32)>>>,
    unseen: Unseen,
}

impl Index {
    fn of(&self, at: usize, value: f64) -> Option<f64> {
        let Some(map) = &self.maps[at] else { return Some(value) };
        let bits = (value + 0.0).to_bits();
        let found = map.binary_search_by_key(&bits, |(own, _)| *own).ok();
        match (found, self.unseen) {
            (Some(found), _) => Some(f64::from(map[found].1)),
            (None, Unseen::Keep) => Some(map.len() as f64),
            (None, Unseen::Fail) => None,
        }
    }
}

pub(super) static INDEX: FunctionKind<Index> =
    FunctionKind::new("vector_indexer", index).in_spark("VectorIndexerModel");
pub(super) static IS_SEEN: FunctionKind<Index> = FunctionKind::new("vector_indexer.seen", is_seen);

impl VectorIndexerModel {
    fn index(&self, unseen: Unseen) -> Index {
        let mut maps = vec![None; self.n_features];
        for (at, values) in &self.categories {
            let mut map: Vec<(u64, u32)> = values
                .iter()
                .zip(0..)
                .map(|(value, index)| ((value + 0.0).to_bits(), index))
                .collect();
            map.sort_unstable();
            if let Some(slot) = maps.get_mut(*at) {
                *slot = Some(map);
            }
        }
        Index { n_features: self.n_features, maps, unseen }
    }

    fn attributes(&self, known: &AttributeGroup) -> AttributeGroup {
        let mut attributes = match &known.attributes {
            Some(known) if known.len() == self.n_features => known.clone(),
            _ => vec![Attribute::numeric(None); self.n_features],
        };
        for (at, values) in &self.categories {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let names: Vec<String> = sorted.into_iter().map(double_text).collect();
            let Some(slot) = attributes.get_mut(*at) else { continue };
            let name = slot.name().map(str::to_owned);
            *slot = match names.len() {
                2 => Attribute::Binary { name, values: Some(names) },
                _ => Attribute::Nominal {
                    name,
                    ordinal: Some(false),
                    n_values: None,
                    values: Some(names),
                },
            };
        }
        AttributeGroup::of_attributes(attributes)
    }
}

impl Model for VectorIndexerModel {
    fn size_bytes(&self) -> u64 {
        self.categories.iter().map(|(_, values)| 8 + 16 * values.len() as u64).sum()
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let (name, output) = (params.string("inputCol")?, params.string("outputCol")?);
        let vector = columns::vector(&input, name)?;
        in_out::check_column_new(&input, output)?;
        let known = AttributeGroup::of(&input.column(name)?.field);
        if let Some(size) = known.size
            && size != self.n_features
        {
            return Err(error::requirement(format!(
                "VectorIndexerModel expected input column with {} features, but found {size} features.",
                self.n_features
            )));
        }
        let field = self.attributes(&known).put_on(StructField::new(output, vector_type(), true));
        let invalid = params.string("handleInvalid")?;
        let with =
            Shared::new(self.index(if invalid == "keep" { Unseen::Keep } else { Unseen::Fail }));
        let input = match invalid {
            "skip" => input.filter(IS_SEEN.call(
                &with,
                &SparkType::Boolean,
                false,
                vec![vector.clone()],
            ))?,
            _ => input,
        };
        input.with_columns(vec![(INDEX.call(&with, &vector_type(), true, vec![vector]), field)])
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "numFeatures" => Ok(Value::Int(self.n_features as i32).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn table(
        &self,
        params: &Params,
        name: &str,
        _: Vec<TableArgument>,
        host: &mut dyn TableHost,
    ) -> Result<Frame> {
        if name != "categoryMapsDF" {
            return Err(error::attribute_not_allowed(params.class(), name));
        }
        let schema = StructType::new(vec![
            StructField::new("featureIndex", SparkType::Integer, false),
            StructField::new("originalValue", SparkType::Double, false),
            StructField::new("categoryIndex", SparkType::Integer, false),
        ]);
        let (mut features, mut values, mut indices) = (Vec::new(), Vec::new(), Vec::new());
        for (feature, own) in &self.categories {
            features.extend(own.iter().map(|_| *feature as i32));
            values.extend_from_slice(own);
            indices.extend(0..own.len() as i32);
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from(features)),
            Arc::new(Float64Array::from(values)),
            Arc::new(Int32Array::from(indices)),
        ];
        let arrow = Arc::new(firesteel_common::types::schema_to_arrow(&schema));
        let batch = RecordBatch::try_new(arrow, columns)?;
        host.rows(schema, &[batch])
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let inner = SparkType::Map {
            key: Box::new(SparkType::Double),
            value: Box::new(SparkType::Integer),
            value_contains_null: false,
        };
        let outer = SparkType::Map {
            key: Box::new(SparkType::Integer),
            value: Box::new(inner.clone()),
            value_contains_null: true,
        };
        let values: Vec<f64> =
            self.categories.iter().flat_map(|(_, values)| values.clone()).collect();
        let lengths: Vec<usize> = self.categories.iter().map(|(_, values)| values.len()).collect();
        let indices: Vec<i32> = lengths.iter().flat_map(|n| 0..*n as i32).collect();
        let features: Vec<i32> = self.categories.iter().map(|(at, _)| *at as i32).collect();
        let n_maps = features.len();
        let inner = map(
            &inner,
            Arc::new(Float64Array::from(values)),
            Arc::new(Int32Array::from(indices)),
            lengths,
        )?;
        let maps = map(&outer, Arc::new(Int32Array::from(features)), inner, vec![n_maps])?;
        let size: ArrayRef = Arc::new(Int32Array::from(vec![self.n_features as i32]));
        let columns =
            vec![("numFeatures", SparkType::Integer, size), ("categoryMaps", outer, maps)];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "VectorIndexerModel: uid={}, numFeatures={}, handleInvalid={}",
            params.uid(),
            self.n_features,
            params.string("handleInvalid").unwrap_or_default()
        )
    }
}

/// A column of maps, each of so many entries.
fn map(
    data_type: &SparkType,
    keys: ArrayRef,
    values: ArrayRef,
    lengths: Vec<usize>,
) -> Result<ArrayRef> {
    let broken = || SparkError::internal("a map has another type");
    let DataType::Map(entries, sorted) = data_type.to_arrow() else { return Err(broken()) };
    let DataType::Struct(fields) = entries.data_type().clone() else { return Err(broken()) };
    let pairs = StructArray::try_new(fields, vec![keys, values], None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(MapArray::try_new(entries, offsets, pairs, None, sorted)?))
}

fn index(with: &Index, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let vectors = VectorColumn::new(arg(args, 0)?)?;
    let mut out = VectorColumnBuilder::with_capacity(vectors.len(), 0);
    let mut mapped = Vec::new();
    for row in 0..vectors.len() {
        let Some(vector) = vectors.get(row) else {
            out.push_null();
            continue;
        };
        if vector.size() != with.maps.len() {
            return Err(udf_error::vectors(
                "VectorIndexerModel",
                &format!(
                    "java.lang.AssertionError: assertion failed: VectorIndexerModel expected vector of length {} but \
                     found length {}",
                    with.maps.len(),
                    vector.size()
                ),
            ));
        }
        mapped.clear();
        let mut unseen = None;
        vector.for_each_stored(|at, value| {
            match with.maps.get(at).and_then(|_| with.of(at, value)) {
                Some(index) => mapped.push(index),
                None => unseen = Some(value),
            }
        });
        if let Some(value) = unseen {
            return Err(udf_error::vectors(
                "VectorIndexerModel",
                &format!(
                    "org.apache.spark.SparkException: VectorIndexer encountered invalid value {} on feature index. \
                     To handle or skip invalid value, try setting VectorIndexer.handleInvalid.",
                    double_text(value)
                ),
            ));
        }
        match vector {
            VectorView::Dense(_) => out.push_dense(&mapped),
            VectorView::Sparse { size, indices, .. } => out.push_sparse(size, indices, &mapped),
        }
    }
    out.finish()
}

fn is_seen(with: &Index, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let vectors = VectorColumn::new(arg(args, 0)?)?;
    let seen = |row: usize| {
        vectors.get(row).is_some_and(|vector| {
            let mut all = vector.size() == with.n_features;
            vector.for_each_stored(|at, value| {
                all = all && with.maps.get(at).is_some() && with.of(at, value).is_some();
            });
            all
        })
    };
    Ok(Arc::new((0..vectors.len()).map(|row| Some(seen(row))).collect::<BooleanArray>()))
}
