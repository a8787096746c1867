//! Cuts sorted rows between groups.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::partition;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::utils::memory::RecordBatchMemoryCounter;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::windows::WindowAggExec;
use futures::{StreamExt, stream};
use std::sync::Arc;

/// What comes next.
pub(super) enum Piece {
    /// Whole groups, and the memory for them.
    Groups(Vec<RecordBatch>, MemoryReservation),
    /// All other rows: they begin with a group that does not fit.
    Rest(SendableRecordBatchStream, DataFusionError),
}

/// Rows of a window's input, from which whole groups are taken.
pub(super) struct Groups {
    input: SendableRecordBatchStream,
    keys: GroupKeys,
    /// Key of the last row that was read.
    last_key: Option<OwnedRow>,
    /// Rows of one group that came after those that were given last.
    next: Option<RecordBatch>,
    held: Vec<RecordBatch>,
    counter: RecordBatchMemoryCounter,
    reservation: MemoryReservation,
    batch_size: usize,
}

impl Groups {
    pub fn new(
        window: &WindowAggExec,
        input: SendableRecordBatchStream,
        reservation: MemoryReservation,
        batch_size: usize,
    ) -> Result<Self> {
        Ok(Self {
            keys: GroupKeys::of(window)?,
            input,
            last_key: None,
            next: None,
            held: Vec::new(),
            counter: RecordBatchMemoryCounter::new(),
            reservation,
            batch_size,
        })
    }

    /// None at the end.
    pub async fn next(&mut self) -> Result<Option<Piece>> {
        if let Some(batch) = self.next.take()
            && let Err(denial) = self.hold(batch.clone())
        {
            return Ok(Some(self.rest(batch, denial)));
        }
        while let Some(batch) = self.input.next().await.transpose()? {
            if batch.num_rows() == 0 {
                continue;
            }
            let cut = self.last_cut(&batch)?;
            let n_held: usize = self.held.iter().map(RecordBatch::num_rows).sum();
            let (now, next) = match cut {
                Some(cut) if n_held + cut >= self.batch_size => {
                    (batch.slice(0, cut), Some(batch.slice(cut, batch.num_rows() - cut)))
                }
                _ => (batch.clone(), None),
            };
            if let Err(denial) = self.hold(now) {
                return Ok(Some(self.rest(batch, denial)));
            }
            if next.is_some() {
                self.next = next;
                return Ok(Some(self.take()));
            }
        }
        Ok((!self.held.is_empty()).then(|| self.take()))
    }

    fn hold(&mut self, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() > 0 {
            // Twice: the window puts all batches into one.
            self.reservation.try_grow(2 * self.counter.count_batch(&batch))?;
            self.held.push(batch);
        }
        Ok(())
    }

    fn take(&mut self) -> Piece {
        self.counter = RecordBatchMemoryCounter::new();
        Piece::Groups(std::mem::take(&mut self.held), self.reservation.take())
    }

    /// What is held, `batch` and whatever comes.
    fn rest(&mut self, batch: RecordBatch, denial: DataFusionError) -> Piece {
        let schema = self.input.schema();
        let nothing = RecordBatchStreamAdapter::new(Arc::clone(&schema), stream::empty());
        let input = std::mem::replace(&mut self.input, Box::pin(nothing));
        let held = std::mem::take(&mut self.held);
        let reservation = self.reservation.take();
        let held = stream::iter(held.into_iter().chain([batch])).map(move |batch| {
            let _held = &reservation;
            Ok(batch)
        });
        Piece::Rest(Box::pin(RecordBatchStreamAdapter::new(schema, held.chain(input))), denial)
    }

    /// Where the last group of `batch` begins, unless it goes on from the batch before.
    fn last_cut(&mut self, batch: &RecordBatch) -> Result<Option<usize>> {
        if self.keys.is_empty() {
            return Ok(None);
        }
        let keys = self.keys.evaluate(batch)?;
        let start = partition(&keys)?.ranges().last().map_or(0, |range| range.start);
        let first = self.keys.row(&keys, 0)?;
        let last = self.keys.row(&keys, batch.num_rows() - 1)?;
        let begins_anew = self.last_key.replace(last).is_some_and(|key| key != first);
        Ok((start > 0 || begins_anew).then_some(start))
    }
}

/// The `PARTITION BY` columns.
pub(super) struct GroupKeys {
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    converter: RowConverter,
}

impl GroupKeys {
    pub fn of(window: &WindowAggExec) -> Result<Self> {
        let keys = window.partition_by_sort_keys()?;
        let schema = window.input().schema();
        let fields = keys.iter().map(|key| Ok(SortField::new(key.expr.data_type(&schema)?)));
        Ok(Self {
            converter: RowConverter::new(fields.collect::<Result<_>>()?)?,
            exprs: keys.into_iter().map(|key| key.expr).collect(),
        })
    }

    pub fn is_empty(&self) -> bool {
        self.exprs.is_empty()
    }

    pub fn evaluate(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
        let n_rows = batch.num_rows();
        self.exprs.iter().map(|key| key.evaluate(batch)?.into_array(n_rows)).collect()
    }

    /// The key of one row.
    pub fn row(&self, keys: &[ArrayRef], row: usize) -> Result<OwnedRow> {
        let key: Vec<_> = keys.iter().map(|key| key.slice(row, 1)).collect();
        Ok(self.converter.convert_columns(&key)?.row(0).owned())
    }
}
