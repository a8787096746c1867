//! Sorted rows as groups on the wire: `ArrowStreamGroupSerializer` and its pair of streams.
//!
//! ```text
//! group:  1, stream of all its rows                  rows are sent as they come; a group may be
//! pair:   2, stream of the left, stream of the right  larger than memory on this side of the socket
//! end:    0
//! ```
//!
//! A stream's batches have as many rows as `arrow.maxRecordsPerBatch` says, but for the last.

use super::columns;
use super::ipc::Encoder;
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, partition, take_record_batch};
use datafusion::arrow::datatypes::{Field, FieldRef, Fields, Schema, SchemaRef};
use datafusion::arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::Result;
use datafusion::physical_expr::PhysicalExpr;
use firesteel_common::SparkError;
use firesteel_common::python::PythonSettings;
use std::ops::Range;
use std::sync::Arc;

/// What is sent of a row into one stream.
pub struct Sent {
    args: Vec<Arc<dyn PhysicalExpr>>,
    fields: Fields,
    schema: SchemaRef,
    as_struct: bool,
}

impl Sent {
    /// `args` under the names of `inputs`; as one struct column, or each by itself.
    pub fn new(
        args: &[Arc<dyn PhysicalExpr>],
        inputs: &[FieldRef],
        as_struct: bool,
        settings: &PythonSettings,
    ) -> Self {
        let fields = columns::to_python(inputs, settings);
        let schema = match as_struct {
            true => columns::struct_schema(fields.clone()),
            false => Schema::new(fields.clone()),
        };
        Self { args: args.to_vec(), fields, schema: Arc::new(schema), as_struct }
    }

    /// As [`Sent::new`], under the names `_0`, `_1`, ….
    pub fn by_position(
        args: &[Arc<dyn PhysicalExpr>],
        inputs: &[FieldRef],
        settings: &PythonSettings,
    ) -> Self {
        let fields = columns::by_position(&columns::to_python(inputs, settings));
        let schema = Arc::new(Schema::new(fields.clone()));
        Self { args: args.to_vec(), fields, schema, as_struct: false }
    }

    /// May hold nulls where the other side of a pair has rows.
    fn nullable(mut self) -> Self {
        let fields = self.fields.iter().map(|field| Field::clone(field).with_nullable(true));
        self.fields = fields.collect::<Vec<_>>().into();
        self.schema = Arc::new(Schema::new(self.fields.clone()));
        self
    }

    fn of(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let n_rows = batch.num_rows();
        let values = self.args.iter().zip(&self.fields).map(|(arg, field)| {
            let values = arg.evaluate(batch)?.into_array(n_rows)?;
            columns::retyped(&values, field.data_type())
        });
        let values = values.collect::<Result<Vec<_>>>()?;
        if !self.as_struct {
            return columns::batch(&self.schema, values, n_rows);
        }
        let flat = Arc::new(Schema::new(self.fields.clone()));
        let rows = columns::as_struct(&columns::batch(&flat, values, n_rows)?, &self.fields)?;
        columns::batch(&self.schema, vec![rows], n_rows)
    }
}

/// Values of the keys by which rows are sorted.
pub struct GroupKeys {
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    converter: Option<RowConverter>,
    last: Option<OwnedRow>,
}

impl GroupKeys {
    /// # Errors
    /// When a key has no order.
    pub fn new(exprs: Vec<Arc<dyn PhysicalExpr>>, input: &Schema) -> Result<Self> {
        let fields = exprs.iter().map(|key| Ok(SortField::new(key.data_type(input)?)));
        let fields = fields.collect::<Result<Vec<_>>>()?;
        let converter = match fields.is_empty() {
            true => None,
            false => Some(RowConverter::new(fields)?),
        };
        Ok(Self { exprs, converter, last: None })
    }

    /// The groups in `batch`, and whether the first of them goes on from the batch before. Each batch is to
    /// be shown once, in order.
    ///
    /// # Errors
    /// When a key cannot be computed.
    pub fn groups(&mut self, batch: &RecordBatch) -> Result<(Vec<Range<usize>>, bool)> {
        let n_rows = batch.num_rows();
        let Some(converter) = &self.converter else {
            return Ok((vec![0..n_rows], true));
        };
        let keys = self.exprs.iter().map(|key| key.evaluate(batch)?.into_array(n_rows));
        let keys = keys.collect::<Result<Vec<ArrayRef>>>()?;
        let row = |row: usize| -> Result<OwnedRow> {
            let key: Vec<_> = keys.iter().map(|key| key.slice(row, 1)).collect();
            Ok(converter.convert_columns(&key)?.row(0).owned())
        };
        let goes_on = self.last.as_ref() == Some(&row(0)?);
        self.last = Some(row(n_rows - 1)?);
        Ok((partition(&keys)?.ranges(), goes_on))
    }
}

/// Makes bytes of rows.
pub struct GroupEncoder {
    keys: GroupKeys,
    /// One per stream of a group.
    sides: Vec<Sent>,
    /// False in rows of the first side.
    side: Option<Arc<dyn PhysicalExpr>>,
    records_max: usize,
    open: Option<Open>,
}

impl GroupEncoder {
    /// Groups of one stream.
    pub fn single(keys: GroupKeys, sent: Sent, records_max: usize) -> Self {
        Self { keys, sides: vec![sent], side: None, records_max, open: None }
    }

    /// Groups of two streams; `side` is false in rows of the first.
    pub fn pairs(
        keys: GroupKeys,
        sides: [Sent; 2],
        side: Arc<dyn PhysicalExpr>,
        records_max: usize,
    ) -> Self {
        let sides = sides.into_iter().map(Sent::nullable).collect();
        Self { keys, sides, side: Some(side), records_max, open: None }
    }

    /// Adds rows to `out`, and gives the first row of each group that begins in `batch`.
    ///
    /// # Errors
    /// When an argument cannot be computed or has no form in the stream.
    pub fn push(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<RecordBatch> {
        let sent = self.sides.iter().map(|side| side.of(batch)).collect::<Result<Vec<_>>>()?;
        let is_right = match &self.side {
            None => None,
            Some(side) => Some(side.evaluate(batch)?.into_array(batch.num_rows())?),
        };
        let (groups, goes_on) = self.keys.groups(batch)?;
        let mut firsts: Vec<u32> = Vec::with_capacity(groups.len());
        for (place, rows) in groups.into_iter().enumerate() {
            if place > 0 || !goes_on || self.open.is_none() {
                self.close(out)?;
                self.begin(out)?;
                firsts.push(u32::try_from(rows.start).unwrap_or(u32::MAX));
            }
            let n_left = match &is_right {
                None => rows.len(),
                Some(is_right) => {
                    rows.len() - is_right.slice(rows.start, rows.len()).as_boolean().true_count()
                }
            };
            self.add(0, &sent, rows.start..rows.start + n_left, out)?;
            self.add(1, &sent, rows.start + n_left..rows.end, out)?;
        }
        Ok(take_record_batch(batch, &UInt32Array::from(firsts))?)
    }

    /// The end.
    ///
    /// # Errors
    /// As [`GroupEncoder::push`].
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<()> {
        self.close(out)?;
        out.extend(0_i32.to_be_bytes());
        Ok(())
    }

    fn begin(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let n_streams: i32 = if self.sides.len() == 1 { 1 } else { 2 };
        out.extend(n_streams.to_be_bytes());
        self.open = Some(Open::new(0, &self.sides)?);
        Ok(())
    }

    fn add(
        &mut self,
        side: usize,
        sent: &[RecordBatch],
        rows: Range<usize>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let missing = || SparkError::internal("rows outside of a group");
        let mut open = self.open.take().ok_or_else(missing)?;
        if open.side < side {
            open = open.next(&self.sides, out)?;
        }
        open.add(sent[side].slice(rows.start, rows.len()), self.records_max)?;
        out.extend(open.encoder.take());
        self.open = Some(open);
        Ok(())
    }

    fn close(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let Some(mut open) = self.open.take() else { return Ok(()) };
        while open.side + 1 < self.sides.len() {
            open = open.next(&self.sides, out)?;
        }
        open.end(out)
    }
}

/// The stream that is being written.
struct Open {
    side: usize,
    encoder: Encoder,
    /// Rows that do not fill a batch yet.
    pieces: Vec<RecordBatch>,
    n_rows: usize,
    /// Of the rows; a stream without rows has one batch of none, without which Python makes no table.
    schema: SchemaRef,
    is_empty: bool,
}

impl Open {
    fn new(side: usize, sides: &[Sent]) -> Result<Self> {
        let schema = Arc::clone(&sides[side].schema);
        let encoder = Encoder::new(&schema)?;
        Ok(Self { side, encoder, pieces: Vec::new(), n_rows: 0, schema, is_empty: true })
    }

    /// Ends this stream and begins that of the next side.
    fn next(self, sides: &[Sent], out: &mut Vec<u8>) -> Result<Self> {
        let side = self.side + 1;
        self.end(out)?;
        Self::new(side, sides)
    }

    fn add(&mut self, rows: RecordBatch, records_max: usize) -> Result<()> {
        self.n_rows += rows.num_rows();
        self.is_empty = false;
        self.pieces.push(rows);
        if records_max == 0 || self.n_rows < records_max {
            return Ok(());
        }
        let all = self.joined()?;
        let n_rows = all.num_rows();
        let n_full = n_rows / records_max * records_max;
        for start in (0..n_full).step_by(records_max) {
            self.encoder.write(&all.slice(start, records_max))?;
        }
        if n_full < n_rows {
            self.n_rows = n_rows - n_full;
            self.pieces.push(all.slice(n_full, self.n_rows));
        }
        Ok(())
    }

    /// All pieces as one; then there are none.
    fn joined(&mut self) -> Result<RecordBatch> {
        self.n_rows = 0;
        let pieces = std::mem::take(&mut self.pieces);
        match pieces.as_slice() {
            [one] => Ok(one.clone()),
            [first, ..] => Ok(concat_batches(first.schema_ref(), &pieces)?),
            [] => Err(SparkError::internal("no rows to send").into()),
        }
    }

    fn end(mut self, out: &mut Vec<u8>) -> Result<()> {
        if self.n_rows > 0 {
            let rest = self.joined()?;
            self.encoder.write(&rest)?;
        }
        if self.is_empty {
            self.encoder.write(&RecordBatch::new_empty(self.schema))?;
        }
        self.encoder.finish()?;
        out.extend(self.encoder.take());
        Ok(())
    }
}
