//! AND and OR whose right side sees only the rows that the left side leaves open.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::compute::{and_kleene, or_kleene};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use firesteel_common::operator::ExprCodec;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Wire form: the word; both sides travel as children.
pub(super) const CODEC: ExprCodec = ExprCodec {
    id: "LazyLogical",
    encode: |expr| {
        Ok(expr.downcast_ref::<LazyLogical>().map(|lazy| lazy.word().as_bytes().to_vec()))
    },
    decode: |word, children| match word {
        b"AND" => LazyLogical::over(true, children),
        b"OR" => LazyLogical::over(false, children),
        _ => internal_err!("a logical operator that is neither AND nor OR"),
    },
};

/// `left AND right` or `left OR right`.
#[derive(Debug, Eq)]
pub struct LazyLogical {
    left: Arc<dyn PhysicalExpr>,
    is_and: bool,
    right: Arc<dyn PhysicalExpr>,
}

impl PartialEq for LazyLogical {
    fn eq(&self, other: &Self) -> bool {
        self.is_and == other.is_and && self.left.eq(&other.left) && self.right.eq(&other.right)
    }
}

impl Hash for LazyLogical {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.left.hash(state);
        self.is_and.hash(state);
        self.right.hash(state);
    }
}

impl LazyLogical {
    pub fn new(left: Arc<dyn PhysicalExpr>, is_and: bool, right: Arc<dyn PhysicalExpr>) -> Self {
        Self { left, is_and, right }
    }

    fn over(is_and: bool, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let [left, right] = <[_; 2]>::try_from(children).map_err(|children: Vec<_>| {
            DataFusionError::Internal(format!("a logical operator got {} sides", children.len()))
        })?;
        Ok(Arc::new(Self { left, is_and, right }))
    }

    fn word(&self) -> &'static str {
        if self.is_and { "AND" } else { "OR" }
    }
}

impl fmt::Display for LazyLogical {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "({} {} {})", self.left, self.word(), self.right)
    }
}

impl PhysicalExpr for LazyLogical {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        Ok(self.left.nullable(schema)? || self.right.nullable(schema)?)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let n_rows = batch.num_rows();
        let left = self.left.evaluate(batch)?.into_array(n_rows)?;
        let decided = booleans(&left)?;
        // A null leaves both AND and OR open.
        let undecided = if self.is_and { decided.values().clone() } else { !decided.values() };
        let open = match decided.nulls() {
            Some(known) => &undecided | &!known.inner(),
            None => undecided,
        };
        let open = BooleanArray::new(open, None);
        let n_open = open.true_count();
        if n_open == 0 {
            return Ok(ColumnarValue::Array(left));
        }
        let right = if n_open == n_rows {
            self.right.evaluate(batch)?
        } else {
            self.right.evaluate_selection(batch, &open)?
        };
        let right = right.into_array(n_rows)?;
        let right = booleans(&right)?;
        let both =
            if self.is_and { and_kleene(decided, right)? } else { or_kleene(decided, right)? };
        Ok(ColumnarValue::Array(Arc::new(both)))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.left, &self.right]
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        Self::over(self.is_and, children)
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(")?;
        self.left.fmt_sql(f)?;
        write!(f, " {} ", self.word())?;
        self.right.fmt_sql(f)?;
        write!(f, ")")
    }
}

fn booleans(array: &ArrayRef) -> Result<&BooleanArray> {
    array.as_boolean_opt().ok_or_else(|| {
        DataFusionError::Internal(format!("a logical operator got {}", array.data_type()))
    })
}
