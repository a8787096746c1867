//! The AND of a filter, computed bit by bit.
//!
//! DataFusion's AND looks at few rows once few are left: it copies these rows of all columns, and puts the answers back
//! in their places run by run. For a comparison of numbers that costs more than comparing all rows in vectors,
//! and what other columns the batch has should not matter. A filter drops rows without an answer too, so that
//! nulls need no care here.

use datafusion::arrow::array::{Array, AsArray, BooleanArray};
use datafusion::arrow::buffer::{BooleanBuffer, MutableBuffer};
use datafusion::arrow::compute::FilterBuilder;
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Result, ScalarValue, internal_datafusion_err};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::collect_columns;
use firesteel_common::operator::ExprCodec;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A dear part sees the rows that are left only if they are at most one of so many.
const ROWS_FOR_ONE: usize = 2;

/// Wire form: how many parts are cheap; the parts travel as children.
pub(super) const CODEC: ExprCodec = ExprCodec {
    id: "FilterConjunction",
    encode: |expr| {
        let own = expr.downcast_ref::<FilterConjunction>();
        Ok(own.map(|own| (own.n_cheap as u64).to_le_bytes().to_vec()))
    },
    decode: |n_cheap, children| {
        let bytes = <[u8; 8]>::try_from(n_cheap)
            .map_err(|_| internal_datafusion_err!("a conjunction without its number of parts"))?;
        let n_cheap = usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX);
        Ok(Arc::new(FilterConjunction::try_new(children, n_cheap)?))
    },
};

/// Whether all parts are true; false where one is null. Only for the root of a filter, of parts that cannot fail.
#[derive(Debug)]
pub struct FilterConjunction {
    parts: Vec<Arc<dyn PhysicalExpr>>,
    /// The first so many parts are compared over whole batches.
    n_cheap: usize,
    /// The others again, over a batch of only the columns that they read.
    dear: Vec<Narrow>,
}

#[derive(Debug)]
struct Narrow {
    columns: Vec<usize>,
    expr: Arc<dyn PhysicalExpr>,
}

impl FilterConjunction {
    /// `parts` in the order in which they are computed, of which the first `n_cheap` compare numbers.
    pub fn try_new(parts: Vec<Arc<dyn PhysicalExpr>>, n_cheap: usize) -> Result<Self> {
        let dear = parts.iter().skip(n_cheap).map(narrow).collect::<Result<_>>()?;
        Ok(Self { parts, n_cheap, dear })
    }
}

fn narrow(expr: &Arc<dyn PhysicalExpr>) -> Result<Narrow> {
    let mut columns: Vec<usize> = collect_columns(expr).iter().map(Column::index).collect();
    columns.sort_unstable();
    columns.dedup();
    let moved = Arc::clone(expr).transform(|node| {
        let place = node.downcast_ref::<Column>().and_then(|column| {
            let place = columns.binary_search(&column.index()).ok()?;
            Some(Column::new(column.name(), place))
        });
        Ok(match place {
            Some(column) => Transformed::yes(Arc::new(column) as Arc<dyn PhysicalExpr>),
            None => Transformed::no(node),
        })
    });
    Ok(Narrow { expr: moved.data()?, columns })
}

impl PartialEq for FilterConjunction {
    fn eq(&self, other: &Self) -> bool {
        self.n_cheap == other.n_cheap && self.parts == other.parts
    }
}

impl Eq for FilterConjunction {}

impl Hash for FilterConjunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts.hash(state);
        self.n_cheap.hash(state);
    }
}

impl fmt::Display for FilterConjunction {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (position, part) in self.parts.iter().enumerate() {
            let and = if position > 0 { " AND " } else { "" };
            write!(f, "{and}{part}")?;
        }
        Ok(())
    }
}

impl PhysicalExpr for FilterConjunction {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, _: &Schema) -> Result<bool> {
        Ok(false)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let n_rows = batch.num_rows();
        let mut left: Option<BooleanBuffer> = None;
        for part in &self.parts[..self.n_cheap.min(self.parts.len())] {
            let Some(passes) = true_rows(part.evaluate(batch)?, n_rows)? else { continue };
            left = Some(both(left, passes));
        }
        for (part, narrow) in self.parts.iter().skip(self.n_cheap).zip(&self.dear) {
            let n_left = left.as_ref().map_or(n_rows, BooleanBuffer::count_set_bits);
            if n_left == 0 {
                break;
            }
            match left.take() {
                Some(rows) if n_left.saturating_mul(ROWS_FOR_ONE) <= n_rows => {
                    left = Some(narrow.among(batch, rows, n_left)?);
                }
                rows => {
                    left = match true_rows(part.evaluate(batch)?, n_rows)? {
                        Some(passes) => Some(both(rows, passes)),
                        None => rows,
                    };
                }
            }
        }
        Ok(match left {
            Some(rows) => ColumnarValue::Array(Arc::new(BooleanArray::new(rows, None))),
            None => ColumnarValue::Scalar(ScalarValue::Boolean(Some(true))),
        })
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.parts.iter().collect()
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(Arc::new(Self::try_new(children, self.n_cheap)?))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, part) in self.parts.iter().enumerate() {
            if position > 0 {
                write!(f, " AND ")?;
            }
            part.fmt_sql(f)?;
        }
        Ok(())
    }
}

impl Narrow {
    /// Those of the `n_left` rows set in `rows` that pass this part too.
    fn among(
        &self,
        batch: &RecordBatch,
        rows: BooleanBuffer,
        n_left: usize,
    ) -> Result<BooleanBuffer> {
        let few = BooleanArray::new(rows, None);
        let filter = FilterBuilder::new(&few);
        let filter = if self.columns.len() > 1 { filter.optimize() } else { filter }.build();
        let columns = self.columns.iter().map(|column| filter.filter(batch.column(*column)));
        let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
        let schema = Arc::new(batch.schema_ref().project(&self.columns)?);
        let options = RecordBatchOptions::new().with_row_count(Some(n_left));
        let few_rows = RecordBatch::try_new_with_options(schema, columns, &options)?;
        let (rows, _) = few.into_parts();
        Ok(match true_rows(self.expr.evaluate(&few_rows)?, n_left)? {
            Some(passes) => in_their_places(&rows, &passes),
            None => rows,
        })
    }
}

fn both(left: Option<BooleanBuffer>, right: BooleanBuffer) -> BooleanBuffer {
    match left {
        Some(left) => &left & &right,
        None => right,
    }
}

/// The rows for which `answer` is true; none for all.
fn true_rows(answer: ColumnarValue, n_rows: usize) -> Result<Option<BooleanBuffer>> {
    match answer {
        ColumnarValue::Scalar(ScalarValue::Boolean(Some(true))) => Ok(None),
        ColumnarValue::Scalar(ScalarValue::Boolean(_)) => {
            Ok(Some(BooleanBuffer::new_unset(n_rows)))
        }
        ColumnarValue::Scalar(other) => {
            Err(internal_datafusion_err!("a filter got {}", other.data_type()))
        }
        ColumnarValue::Array(array) => {
            let flags = array.as_boolean_opt();
            let flags = flags
                .ok_or_else(|| internal_datafusion_err!("a filter got {}", array.data_type()))?;
            Ok(Some(match flags.nulls().filter(|nulls| nulls.null_count() > 0) {
                Some(nulls) => flags.values() & nulls.inner(),
                None => flags.values().clone(),
            }))
        }
    }
}

/// Of the rows set in `rows`, those whose bit is set in `passes`, which has one bit for each of them.
fn in_their_places(rows: &BooleanBuffer, passes: &BooleanBuffer) -> BooleanBuffer {
    let mut words = MutableBuffer::with_capacity(rows.len().div_ceil(64) * 8);
    let mut next = 0;
    let chunks = rows.bit_chunks();
    for mut open in chunks.iter().chain([chunks.remainder_bits()]) {
        let mut word = 0_u64;
        while open != 0 {
            let bit = open & open.wrapping_neg();
            if passes.value(next) {
                word |= bit;
            }
            next += 1;
            open ^= bit;
        }
        words.push(word);
    }
    BooleanBuffer::new(words.into(), 0, rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray};
    use datafusion::logical_expr::Operator;
    use datafusion::physical_expr::expressions::{binary, col, lit};

    #[test]
    fn same_as_row_by_row() {
        let ids: ArrayRef =
            Arc::new((0..1000).map(|id| (id % 7 != 0).then_some(id)).collect::<Int64Array>());
        let names: StringArray =
            (0..1000).map(|id| (id % 5 != 0).then(|| format!("name {}", id % 3))).collect();
        let batch = RecordBatch::try_from_iter([
            ("name", Arc::new(names.clone()) as ArrayRef),
            ("id", ids),
        ])
        .expect("a batch");
        let schema = batch.schema();
        for limit in [0, 1, 64, 130, 600, 5000] {
            let id = col("id", &schema).expect("a column");
            let name = col("name", &schema).expect("a column");
            let below = binary(id, Operator::Lt, lit(limit as i64), &schema).expect("comparison");
            let named = binary(name, Operator::Eq, lit("name 1"), &schema).expect("comparison");
            for n_cheap in [0, 1, 2] {
                let parts = vec![Arc::clone(&below), Arc::clone(&named)];
                let filter = FilterConjunction::try_new(parts, n_cheap).expect("a filter");
                let answer = filter.evaluate(&batch).expect("an answer");
                let answer = answer.into_array(batch.num_rows()).expect("booleans");
                let expected: BooleanArray = (0..1000_i64)
                    .map(|id| Some(id % 7 != 0 && id < limit && id % 5 != 0 && id % 3 == 1))
                    .collect();
                assert_eq!(answer.as_boolean(), &expected, "limit {limit}, {n_cheap} cheap");
            }
        }
    }
}
