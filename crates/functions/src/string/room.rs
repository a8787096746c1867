//! How much text a function may make from little: `repeat`, `space`, `lpad`, `rpad`.

use firesteel_common::{Result, SparkError, batch_room};

/// Bytes of one column of one batch. Spark's limit is 2^31 - 16 for one value; a column near it is
/// more than Arrow's offsets and our memory hold, so we refuse earlier.
const BYTES_MAX: usize = 1 << 29;

/// What is left of a column's room.
#[derive(Debug)]
pub(super) struct Room {
    function: &'static str,
    left: usize,
}

impl Room {
    pub(super) fn new(function: &'static str) -> Self {
        Self { function, left: batch_room::at_most(BYTES_MAX, 1) }
    }

    /// Takes `n_bytes` before they are made.
    ///
    /// # Errors
    /// `COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION`.
    pub(super) fn take(&mut self, n_bytes: usize) -> Result<()> {
        match self.left.checked_sub(n_bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(SparkError::runtime(
                "COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION",
                format!(
                    "Can't create array with {n_bytes} elements which exceeding the array size \
                     limit {BYTES_MAX}, unsuccessful try to create arrays in the function `{}`.",
                    self.function
                ),
            )
            .with("numberOfElements", n_bytes.to_string())
            .with("maxRoundedArrayLength", BYTES_MAX.to_string())
            .with("functionName", format!("`{}`", self.function))),
        }
    }
}
