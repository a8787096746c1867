//! Models of hashing: a column of hashes, near neighbours of a key, pairs of near rows.

use super::functions::{
    BETWEEN, BUCKETS, Between, HASH, MEETS, ROW, TO_KEY, ToKey, buckets_type, hashes_type,
};
use super::hasher::{Hasher, Hashes};
use crate::columns;
use crate::error;
use crate::function::Shared;
use crate::linalg::{Matrix, Vector, matrix_type};
use crate::model::{Model, TableArgument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{ArrayRef, Int32Array, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use datafusion_common::{Column, JoinType};
use datafusion_expr::{Extension, LogicalPlan, LogicalPlanBuilder, lit};
use firesteel_common::frame::fresh_internal_name;
use firesteel_common::nodes::Generate;
use firesteel_common::{
    Frame, FrameColumn, Result, SparkError, SparkType, StructField, StructType, TableHost,
};
use std::sync::Arc;

/// The fitted model.
#[derive(Debug)]
pub(crate) struct LshModel(pub(super) Hashes);

impl LshModel {
    fn hasher(&self, params: &Params) -> Result<Hasher> {
        let bucket_length = match self.0 {
            Hashes::Projections { .. } => params.double("bucketLength")?,
            Hashes::Permutations(_) => 1.0,
        };
        Ok(Hasher { hashes: self.0.clone(), bucket_length })
    }

    fn hashed(&self, params: &Params, input: Frame) -> Result<Frame> {
        let name = params.string("outputCol")?;
        let vector = columns::vector(&input, params.string("inputCol")?)?;
        let field = columns::new_field(&input, name, hashes_type(), true)?;
        let hasher = Shared::new(self.hasher(params)?);
        let call = HASH.call(&hasher, &hashes_type(), true, vec![vector]);
        input.with_columns(vec![(call, field)])
    }

    /// Hashes are taken as they are where there are some.
    fn with_hashes(&self, params: &Params, input: Frame) -> Result<Frame> {
        match input.has(params.string("outputCol")?) {
            true => Ok(input),
            false => self.hashed(params, input),
        }
    }

    fn neighbours(
        &self,
        params: &Params,
        input: Frame,
        key: Vector,
        n: i64,
        name: &str,
    ) -> Result<Frame> {
        let n = usize::try_from(n).ok().filter(|n| *n > 0).ok_or_else(|| {
            error::requirement("The number of nearest neighbors cannot be less than 1")
        })?;
        let hasher = self.hasher(params)?;
        let mut hashes = Vec::new();
        hasher.hash(key.view(), &mut hashes)?;
        let frame = self.with_hashes(params, input)?;
        let own = frame.column(params.string("outputCol")?)?.expr();
        let meets = MEETS.call(&Shared::new(hashes), &SparkType::Boolean, false, vec![own]);
        let frame = frame.filter(meets)?;
        let vector = columns::vector(&frame, params.string("inputCol")?)?;
        let to_key = Shared::new(ToKey { hasher, key });
        let call = TO_KEY.call(&to_key, &SparkType::Double, false, vec![vector]);
        let field = StructField::new(name, SparkType::Double, false);
        let frame = frame.with_columns(vec![(call, field)])?;
        let distance = frame.column(name)?.expr();
        let plan = LogicalPlanBuilder::from(frame.plan.clone())
            .sort(vec![distance.sort(true, true)])?
            .limit(0, Some(n))?
            .build()?;
        Ok(Frame { plan, ..frame })
    }

    /// A frame's rows as structs, once per bucket; the names of both columns, and where the vector is in the struct.
    fn bucketed(&self, params: &Params, input: Frame, name: &str) -> Result<Side> {
        let frame = self.with_hashes(params, input)?;
        let vector = frame.column(params.string("inputCol")?)?.internal.clone();
        let position = frame.columns.iter().position(|column| column.internal == vector);
        columns::vector(&frame, params.string("inputCol")?)?;
        let hashes = frame.column(params.string("outputCol")?)?.expr();
        let fields: Vec<StructField> =
            frame.columns.iter().map(|column| column.field.clone()).collect();
        let kind = SparkType::Struct(StructType::new(fields.clone()));
        let args = frame.columns.iter().map(FrameColumn::expr).collect();
        let row = ROW.call(&Shared::new(fields), &kind, false, args);
        let list = BUCKETS.call(&Shared::new(0_u8), &buckets_type("bucket"), true, vec![hashes]);
        let chosen = frame.select(vec![
            (row, StructField::new(name, kind, false)),
            (list, StructField::new("buckets", buckets_type("bucket"), true)),
        ])?;
        let [row, list] = chosen.columns.as_slice() else {
            return Err(SparkError::internal("a selection has as many columns as were chosen"));
        };
        let bucket = fresh_internal_name();
        let column = StructField::new(bucket.clone(), SparkType::Long, true).to_arrow();
        let generate = Generate::try_new(chosen.plan.clone(), list.expr(), vec![column], false)?;
        Ok(Side {
            plan: LogicalPlan::Extension(Extension { node: Arc::new(generate) }),
            row: row.clone(),
            bucket,
            vector: position.unwrap_or_default(),
            case_sensitive: chosen.case_sensitive,
        })
    }

    fn pairs(
        &self,
        params: &Params,
        inputs: [Frame; 2],
        threshold: f64,
        name: &str,
    ) -> Result<Frame> {
        let [left, right] = inputs;
        let left = self.bucketed(params, left, "datasetA")?;
        let right = self.bucketed(params, right, "datasetB")?;
        let key = |side: &Side| vec![Column::new_unqualified(&side.bucket)];
        let keys = (key(&left), key(&right));
        let rows = [left.row.expr(), right.row.expr()];
        let plan = LogicalPlanBuilder::from(left.plan)
            .join(right.plan, JoinType::Inner, keys, None)?
            .project(rows.clone())?
            .distinct()?
            .build()?;
        let columns = vec![left.row, right.row];
        let frame = Frame { plan, columns, case_sensitive: left.case_sensitive };
        let between = Shared::new(Between {
            hasher: self.hasher(params)?,
            fields: [left.vector, right.vector],
        });
        let call = BETWEEN.call(&between, &SparkType::Double, false, rows.to_vec());
        let field = StructField::new(name, SparkType::Double, false);
        let frame = frame.with_columns(vec![(call, field)])?;
        let distance = frame.column(name)?.expr();
        frame.filter(distance.lt(lit(threshold)))
    }
}

/// One side of a join.
struct Side {
    plan: LogicalPlan,
    row: FrameColumn,
    bucket: String,
    /// Position of the vector in the struct.
    vector: usize,
    case_sensitive: bool,
}

impl Model for LshModel {
    fn size_bytes(&self) -> u64 {
        match &self.0 {
            Hashes::Projections { directions, .. } => 8 * directions.len() as u64 + 64,
            Hashes::Permutations(pairs) => 8 * pairs.len() as u64 + 64,
        }
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        self.hashed(params, input)
    }

    fn table(
        &self,
        params: &Params,
        name: &str,
        args: Vec<TableArgument>,
        _: &mut dyn TableHost,
    ) -> Result<Frame> {
        let mut args = args.into_iter();
        let mut next =
            || args.next().ok_or_else(|| SparkError::invalid_plan("An argument is missing."));
        match name {
            "approxNearestNeighbors" => {
                let input = next()?.frame()?;
                let key = match next()?.value()? {
                    Value::Vector(key) => key,
                    other => {
                        let text = other.text();
                        return Err(error::illegal(format!("A vector was expected, not {text}.")));
                    }
                };
                let n = next()?.value()?.as_i64().unwrap_or_default();
                self.neighbours(params, input, key, n, &column_or_default(args.next())?)
            }
            "approxSimilarityJoin" => {
                let inputs = [next()?.frame()?, next()?.frame()?];
                let threshold = next()?.value()?.as_f64().unwrap_or_default();
                self.pairs(params, inputs, threshold, &column_or_default(args.next())?)
            }
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let table = match &self.0 {
            Hashes::Projections { n_features, directions } => {
                let matrix = Matrix::row_major(self.0.n_tables(), *n_features, directions.clone());
                Table::new(vec![("randUnitVectors", matrix_type(), matrix.column()?)])?
            }
            Hashes::Permutations(pairs) => {
                let element = Box::new(SparkType::Integer);
                let kind = SparkType::Array { element, contains_null: false };
                let DataType::List(field) = kind.to_arrow() else {
                    return Err(SparkError::internal("an array type is a list"));
                };
                let values: Vec<i32> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
                let offsets = OffsetBuffer::from_lengths([values.len()]);
                let values = Arc::new(Int32Array::from(values));
                let list: ArrayRef = Arc::new(ListArray::try_new(field, offsets, values, None)?);
                Table::new(vec![("randCoefficients", kind, list)])?
            }
        };
        to.table("data", table)
    }

    fn text(&self, params: &Params) -> String {
        let class = params.class().rsplit('.').next().unwrap_or_default();
        let n = params.int("numHashTables").unwrap_or(1);
        format!("{class}: uid={}, numHashTables={n}", params.uid())
    }
}

/// The name of the column of distances; clients leave Spark's default out.
fn column_or_default(arg: Option<TableArgument>) -> Result<String> {
    let name = arg.map(TableArgument::value).transpose()?;
    Ok(name.as_ref().and_then(Value::as_str).unwrap_or("distCol").to_owned())
}

pub(super) fn load_projections(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let matrix = from.table("data")?.matrix("randUnitVectors")?;
    let directions = matrix.to_row_major();
    Ok(Arc::new(LshModel(Hashes::Projections { n_features: matrix.n_cols, directions })))
}

pub(super) fn load_permutations(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let values = from.table("data")?.ints("randCoefficients")?;
    let pairs = values.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    Ok(Arc::new(LshModel(Hashes::Permutations(pairs))))
}
