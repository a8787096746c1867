//! Which rows of its group a Python function sees from each row: two columns of places.

use datafusion::arrow::array::{Array, ArrayRef, Int32Array, RecordBatch};
use datafusion::arrow::compute::concat;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::window_state::WindowFrameContext;
use datafusion::logical_expr::{WindowFrame, WindowFrameBound, WindowFrameUnits};
use datafusion::physical_expr::expressions::Literal;
use datafusion::physical_expr::{LexOrdering, PhysicalExpr};
use firesteel_common::SparkError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Rows from and to (exclusive) for each row of the group that `batches` are, sorted by `order`.
///
/// # Errors
/// When the order's values cannot be computed or compared.
pub fn places(
    frame: &Arc<WindowFrame>,
    order: Option<&LexOrdering>,
    batches: &[RecordBatch],
) -> Result<[Int32Array; 2]> {
    let n_rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let (mut columns, mut options): (Vec<ArrayRef>, Vec<_>) = (Vec::new(), Vec::new());
    for key in order.iter().flat_map(|order| order.iter()) {
        let parts =
            batches.iter().map(|batch| key.expr.evaluate(batch)?.into_array(batch.num_rows()));
        let parts = parts.collect::<Result<Vec<_>>>()?;
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        columns.push(concat(&parts)?);
        options.push(key.options);
    }
    let mut context = WindowFrameContext::new(Arc::clone(frame), options);
    let (mut from, mut to) = (Vec::with_capacity(n_rows), Vec::with_capacity(n_rows));
    let mut last = 0..0;
    for row in 0..n_rows {
        last = context.calculate_range(&columns, &last, n_rows, row)?;
        from.push(place(last.start)?);
        // A frame may lie behind its group, and is empty then.
        to.push(place(last.end.max(last.start))?);
    }
    Ok([Int32Array::from(from), Int32Array::from(to)])
}

fn place(row: usize) -> Result<i32> {
    i32::try_from(row)
        .map_err(|_| SparkError::unsupported("groups of more than 2^31 rows for Python").into())
}

/// A frame on the wire; its offsets travel as literals among the operator's expressions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FrameParts {
    is_rows: bool,
    lower: Bound,
    upper: Bound,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Bound {
    Unbounded,
    CurrentRow,
    Preceding,
    Following,
}

impl FrameParts {
    /// The parts of `frame`; offsets are added to `offsets`.
    pub fn of(frame: &WindowFrame, offsets: &mut Vec<Arc<dyn PhysicalExpr>>) -> Self {
        let is_rows = frame.units == WindowFrameUnits::Rows;
        let lower = Bound::of(&frame.start_bound, offsets);
        let upper = Bound::of(&frame.end_bound, offsets);
        Self { is_rows, lower, upper }
    }

    /// The frame again.
    ///
    /// # Errors
    /// When an offset is missing or no literal.
    pub fn frame(
        self,
        offsets: &mut impl Iterator<Item = Arc<dyn PhysicalExpr>>,
    ) -> Result<WindowFrame> {
        let units = if self.is_rows { WindowFrameUnits::Rows } else { WindowFrameUnits::Range };
        let null = || ScalarValue::UInt64(None);
        let lower = self.lower.bound(offsets, WindowFrameBound::Preceding(null()))?;
        let upper = self.upper.bound(offsets, WindowFrameBound::Following(null()))?;
        Ok(WindowFrame::new_bounds(units, lower, upper))
    }
}

impl Bound {
    fn of(bound: &WindowFrameBound, offsets: &mut Vec<Arc<dyn PhysicalExpr>>) -> Self {
        let (own, offset) = match bound {
            WindowFrameBound::CurrentRow => return Self::CurrentRow,
            bound if bound.is_unbounded() => return Self::Unbounded,
            WindowFrameBound::Preceding(offset) => (Self::Preceding, offset),
            WindowFrameBound::Following(offset) => (Self::Following, offset),
        };
        offsets.push(Arc::new(Literal::new(offset.clone())));
        own
    }

    fn bound(
        self,
        offsets: &mut impl Iterator<Item = Arc<dyn PhysicalExpr>>,
        unbounded: WindowFrameBound,
    ) -> Result<WindowFrameBound> {
        let mut offset = || -> Result<ScalarValue> {
            let expr = offsets.next();
            let literal = expr.as_ref().and_then(|expr| expr.downcast_ref::<Literal>());
            match literal {
                Some(literal) => Ok(literal.value().clone()),
                None => Err(SparkError::internal("a frame arrived without its offsets").into()),
            }
        };
        Ok(match self {
            Self::Unbounded => unbounded,
            Self::CurrentRow => WindowFrameBound::CurrentRow,
            Self::Preceding => WindowFrameBound::Preceding(offset()?),
            Self::Following => WindowFrameBound::Following(offset()?),
        })
    }
}
