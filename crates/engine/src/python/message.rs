//! Numbers and texts as `pyspark.serializers` reads them: big-endian, lengths before contents.

/// Bytes for a worker, put together.
#[derive(Debug, Default)]
pub struct Message(Vec<u8>);

impl Message {
    pub fn int(&mut self, value: i32) -> &mut Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// A number of things; beyond `i32` there is nothing that a worker could read.
    pub fn count(&mut self, value: usize) -> &mut Self {
        self.int(i32::try_from(value).unwrap_or(i32::MAX))
    }

    pub fn long(&mut self, value: i64) -> &mut Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub fn flag(&mut self, value: bool) -> &mut Self {
        self.0.push(value.into());
        self
    }

    /// Bytes after their length: a text, or what was pickled.
    pub fn blob(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
        self
    }

    /// Pairs after their number.
    pub fn pairs<'p>(
        &mut self,
        pairs: impl ExactSizeIterator<Item = &'p (String, String)>,
    ) -> &mut Self {
        self.count(pairs.len());
        for (key, value) in pairs {
            self.blob(key).blob(value);
        }
        self
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Numbers that stand where a length is expected: `pyspark.serializers.SpecialLengths`.
pub mod special {
    pub const END_OF_DATA: i32 = -1;
    pub const EXCEPTION: i32 = -2;
    pub const TIMING: i32 = -3;
    pub const END_OF_STREAM: i32 = -4;
    pub const START_ARROW: i32 = -6;
}
