//! What is known of a group's values: the sketch, the nulls beside it, and what Spark writes of both.

use super::frequent::Frequent;
use super::items::Form;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::Int32Type;
use firesteel_common::{Result, SparkError, SparkType};

#[derive(Debug, Clone)]
pub(super) struct Tally {
    pub sketch: Frequent,
    pub nulls: i64,
    /// How many items the sketch was asked to keep apart.
    pub tracked: i32,
    /// The column of items as SQL: `item INT NOT NULL`.
    pub ddl: String,
    pub form: Form,
    /// Whether the sketch has been through bytes, as Spark's always has: the order of its table depends on it.
    settled: bool,
}

impl Tally {
    pub(super) fn new(tracked: i64, capacity: i64, item: &SparkType) -> Result<Self> {
        let form = Form::of(item)
            .ok_or_else(|| SparkError::internal(format!("approx_top_k of {}", item.sql())))?;
        let ddl = match item {
            text if text.is_string() => "item string not null".to_owned(),
            other => format!("item {} NOT NULL", other.sql()),
        };
        let sketch = Frequent::tracking(capacity);
        Ok(Self { sketch, nulls: 0, tracked: tracked as i32, ddl, form, settled: false })
    }

    pub(super) fn add(&mut self, column: &ArrayRef, row: usize) -> Result<()> {
        let item = Form::item(column, row)?;
        self.sketch.add(&item, self.form.hash(&item), 1);
        Ok(())
    }

    /// Another tally into this one.
    pub(super) fn merge(&mut self, other: &Tally) {
        self.sketch.merge(&other.sketch);
        self.nulls += other.nulls;
        self.settled = true;
    }

    /// The same in a table of its own, filled from the bytes, as Spark's last aggregation has it.
    pub(super) fn settle(&mut self, capacity: i64) -> Result<()> {
        if !self.settled {
            let written = self.bytes();
            let mut whole = Self { sketch: Frequent::tracking(capacity), nulls: 0, ..self.clone() };
            whole.merge(&self.read(&written)?);
            *self = whole;
        }
        Ok(())
    }

    /// The sketch and the number of nulls.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.sketch.bytes();
        self.form.write(self.sketch.items(), &mut bytes);
        bytes.extend(self.nulls.to_be_bytes());
        bytes
    }

    /// What [`bytes`](Self::bytes) gave for items of the same type.
    pub(super) fn read(&self, bytes: &[u8]) -> Result<Self> {
        Self::of_bytes(bytes, self.tracked, self.ddl.clone(), self.form)
    }

    fn of_bytes(bytes: &[u8], tracked: i32, ddl: String, form: Form) -> Result<Self> {
        let broken = || SparkError::internal("the state of approx_top_k is not readable");
        let (written, nulls) = bytes.split_last_chunk::<8>().ok_or_else(broken)?;
        let sketch = Frequent::read(written, |items, n_items| form.read(items, n_items))?;
        Ok(Self { sketch, nulls: i64::from_be_bytes(*nulls), tracked, ddl, form, settled: true })
    }

    /// The tally of a row of states: `struct<sketch, maxItemsTracked, itemDataType, itemDataTypeDDL>`.
    pub(super) fn of_state(states: &ArrayRef, row: usize) -> Result<Option<Self>> {
        let fields = states.as_struct().columns();
        let [sketch, tracked, _, ddl] = fields else {
            return Err(SparkError::internal("a state of approx_top_k has four fields"));
        };
        if states.is_null(row) || sketch.is_null(row) || tracked.is_null(row) || ddl.is_null(row) {
            return Ok(None);
        }
        let ddl = ddl.as_string::<i32>().value(row).to_owned();
        let form = form_of_ddl(&ddl)
            .ok_or_else(|| SparkError::internal(format!("items of type {ddl}")))?;
        let tracked = tracked.as_primitive::<Int32Type>().value(row);
        Self::of_bytes(sketch.as_binary::<i32>().value(row), tracked, ddl, form).map(Some)
    }

    /// With all that is needed to read it without knowing what it is of.
    pub(super) fn whole_bytes(&self) -> Vec<u8> {
        let mut bytes = self.tracked.to_le_bytes().to_vec();
        bytes.extend((self.ddl.len() as u32).to_le_bytes());
        bytes.extend(self.ddl.as_bytes());
        bytes.extend(self.bytes());
        bytes
    }

    /// # Errors
    /// An internal error: the bytes are none that [`whole_bytes`](Self::whole_bytes) gives.
    pub(super) fn of_whole_bytes(bytes: &[u8]) -> Result<Self> {
        let read = || {
            let (tracked, rest) = bytes.split_first_chunk::<4>()?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (ddl, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            let ddl = std::str::from_utf8(ddl).ok()?.to_owned();
            Some((i32::from_le_bytes(*tracked), form_of_ddl(&ddl)?, ddl, rest))
        };
        let Some((tracked, form, ddl, rest)) = read() else {
            return Err(SparkError::internal("the state of approx_top_k is not readable"));
        };
        Self::of_bytes(rest, tracked, ddl, form)
    }

    /// The `k` most frequent values with their counts, nulls behind values of the same count.
    pub(super) fn top(&self, k: usize) -> Vec<(Option<&[u8]>, i64)> {
        let mut found: Vec<(Option<&[u8]>, i64)> =
            self.sketch.estimates().into_iter().map(|(item, count)| (Some(item), count)).collect();
        if self.nulls > 0 {
            found.push((None, self.nulls));
        }
        found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        found.truncate(k);
        found
    }
}

/// How items are written, as a state says.
fn form_of_ddl(ddl: &str) -> Option<Form> {
    match crate::json::ddl::parse_schema(ddl).ok()? {
        SparkType::Struct(columns) => Form::of(&columns.fields.first()?.data_type),
        _ => None,
    }
}
