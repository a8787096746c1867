//! Reads Spark's binary form of a variant. Nothing is trusted: bytes may come from files of others.

use super::layout::{ARRAY, OBJECT, PRIMITIVE, Primitive, SHORT_STRING};
use firesteel_common::{Result, SparkError};

/// One value within a variant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    value: &'a [u8],
    metadata: &'a [u8],
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum Node<'a> {
    Null,
    Boolean(bool),
    Long(i64),
    Double(f64),
    Float(f32),
    /// Without trailing zeros, as Spark reads it; the scale may be negative.
    Decimal(i128, i8),
    Date(i32),
    Timestamp(i64),
    TimestampNtz(i64),
    Binary(&'a [u8]),
    String(&'a str),
    Uuid(&'a [u8]),
    Array(Vec<View<'a>>),
    /// In the order of names.
    Object(Vec<(&'a str, View<'a>)>),
}

impl<'a> View<'a> {
    pub(crate) fn new(value: &'a [u8], metadata: &'a [u8]) -> Self {
        Self { value, metadata }
    }

    /// # Errors
    /// `MALFORMED_VARIANT`.
    pub(crate) fn node(self) -> Result<Node<'a>> {
        self.read().ok_or_else(malformed)
    }

    /// Whether the value is null in the document (not a missing one).
    pub(crate) fn is_null(self) -> bool {
        self.value.first() == Some(&0)
    }

    /// The element at a position, none if this is no array or shorter.
    pub(crate) fn element(self, position: usize) -> Result<Option<View<'a>>> {
        match self.node()? {
            Node::Array(elements) => Ok(elements.get(position).copied()),
            _ => Ok(None),
        }
    }

    /// The field of this name, none if this is no object or lacks it.
    pub(crate) fn field(self, name: &str) -> Result<Option<View<'a>>> {
        match self.node()? {
            Node::Object(fields) => {
                Ok(fields.iter().find(|(known, _)| *known == name).map(|(_, value)| *value))
            }
            _ => Ok(None),
        }
    }

    fn read(self) -> Option<Node<'a>> {
        let (head, rest) = self.value.split_first()?;
        let info = head >> 2;
        match head & 3 {
            PRIMITIVE => primitive(info, rest),
            SHORT_STRING => text(rest.get(..usize::from(info))?).map(Node::String),
            OBJECT => self.object(info, rest),
            ARRAY => self.array(info, rest),
            _ => None,
        }
    }

    fn array(self, info: u8, rest: &'a [u8]) -> Option<Node<'a>> {
        let width = usize::from(info & 3) + 1;
        let (n_elements, rest) = number(rest, if info & 4 == 0 { 1 } else { 4 })?;
        let (starts, values) = rest.split_at_checked((n_elements + 1).checked_mul(width)?)?;
        let elements = starts.chunks_exact(width).take(n_elements).map(|start| {
            let (start, _) = number(start, width)?;
            Some(View { value: values.get(start..)?, metadata: self.metadata })
        });
        elements.collect::<Option<_>>().map(Node::Array)
    }

    fn object(self, info: u8, rest: &'a [u8]) -> Option<Node<'a>> {
        let width = usize::from(info & 3) + 1;
        let id_width = usize::from(info >> 2 & 3) + 1;
        let (n_fields, rest) = number(rest, if info & 16 == 0 { 1 } else { 4 })?;
        let (ids, rest) = rest.split_at_checked(n_fields.checked_mul(id_width)?)?;
        let (starts, values) = rest.split_at_checked((n_fields + 1).checked_mul(width)?)?;
        let fields =
            ids.chunks_exact(id_width).zip(starts.chunks_exact(width)).map(|(id, start)| {
                let ((id, _), (start, _)) = (number(id, id_width)?, number(start, width)?);
                let value = View { value: values.get(start..)?, metadata: self.metadata };
                Some((name(self.metadata, id)?, value))
            });
        fields.collect::<Option<_>>().map(Node::Object)
    }

    /// The bytes of this value alone.
    pub(super) fn bytes(self) -> Option<&'a [u8]> {
        self.value.get(..self.length()?)
    }

    fn length(self) -> Option<usize> {
        let (head, rest) = self.value.split_first()?;
        let info = head >> 2;
        Some(match head & 3 {
            SHORT_STRING => 1 + usize::from(info),
            PRIMITIVE => match info {
                0..=2 => 1,
                3 => 2,
                4 => 3,
                5 | 11 | 14 => 5,
                6 | 7 | 12 | 13 => 9,
                8 => 6,
                9 => 10,
                10 => 18,
                15 | 16 => 5usize.checked_add(number(rest, 4)?.0)?,
                20 => 17,
                _ => return None,
            },
            basic => {
                let (width, id_width, large) = match basic {
                    OBJECT => (info & 3, usize::from(info >> 2 & 3) + 1, info & 16),
                    _ => (info & 3, 0, info & 4),
                };
                let (width, size_width) = (usize::from(width) + 1, if large == 0 { 1 } else { 4 });
                let (n_items, _) = number(rest, size_width)?;
                let before = size_width.checked_add(n_items.checked_mul(id_width + width)?)?;
                let (n_bytes, _) = number(rest.get(before..)?, width)?;
                1 + before.checked_add(width)?.checked_add(n_bytes)?
            }
        })
    }
}

fn primitive(kind: u8, rest: &[u8]) -> Option<Node<'_>> {
    macro_rules! little {
        ($type:ty, $from:expr) => {{
            let from = $from;
            let bytes = rest.get(from..from + size_of::<$type>())?;
            <$type>::from_le_bytes(bytes.try_into().ok()?)
        }};
    }
    let decimal = |unscaled: i128| -> Option<Node<'_>> {
        let scale = i8::try_from(*rest.first()?).ok().filter(|scale| *scale <= 38)?;
        let (unscaled, scale) = stripped(unscaled, scale);
        Some(Node::Decimal(unscaled, scale))
    };
    let counted = || {
        let (length, rest) = number(rest, 4)?;
        rest.get(..length)
    };
    Some(match kind {
        kind if kind == Primitive::Null as u8 => Node::Null,
        kind if kind == Primitive::True as u8 => Node::Boolean(true),
        kind if kind == Primitive::False as u8 => Node::Boolean(false),
        kind if kind == Primitive::Int1 as u8 => Node::Long(i64::from(little!(i8, 0))),
        kind if kind == Primitive::Int2 as u8 => Node::Long(i64::from(little!(i16, 0))),
        kind if kind == Primitive::Int4 as u8 => Node::Long(i64::from(little!(i32, 0))),
        kind if kind == Primitive::Int8 as u8 => Node::Long(little!(i64, 0)),
        kind if kind == Primitive::Double as u8 => Node::Double(little!(f64, 0)),
        kind if kind == Primitive::Float as u8 => Node::Float(little!(f32, 0)),
        kind if kind == Primitive::Decimal4 as u8 => decimal(i128::from(little!(i32, 1)))?,
        kind if kind == Primitive::Decimal8 as u8 => decimal(i128::from(little!(i64, 1)))?,
        kind if kind == Primitive::Decimal16 as u8 => decimal(little!(i128, 1))?,
        kind if kind == Primitive::Date as u8 => Node::Date(little!(i32, 0)),
        kind if kind == Primitive::Timestamp as u8 => Node::Timestamp(little!(i64, 0)),
        kind if kind == Primitive::TimestampNtz as u8 => Node::TimestampNtz(little!(i64, 0)),
        kind if kind == Primitive::Binary as u8 => Node::Binary(counted()?),
        kind if kind == Primitive::LongString as u8 => Node::String(text(counted()?)?),
        kind if kind == Primitive::Uuid as u8 => Node::Uuid(rest.get(..16)?),
        _ => return None,
    })
}

/// Java's `BigDecimal.stripTrailingZeros`.
fn stripped(mut unscaled: i128, mut scale: i8) -> (i128, i8) {
    if unscaled == 0 {
        return (0, 0);
    }
    while unscaled % 10 == 0 {
        unscaled /= 10;
        scale -= 1;
    }
    (unscaled, scale)
}

/// The name with this number.
fn name(metadata: &[u8], id: usize) -> Option<&str> {
    let (head, rest) = metadata.split_first()?;
    let width = usize::from(head >> 6) + 1;
    let (n_names, rest) = number(rest, width)?;
    if id >= n_names {
        return None;
    }
    let (starts, names) = rest.split_at_checked((n_names + 1).checked_mul(width)?)?;
    let (start, _) = number(starts.get(id * width..)?, width)?;
    let (end, _) = number(starts.get((id + 1) * width..)?, width)?;
    text(names.get(start..end)?)
}

/// The unsigned number in the first `width` bytes, and the bytes after it.
fn number(bytes: &[u8], width: usize) -> Option<(usize, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(width)?;
    let value = digits.iter().rev().fold(0, |value: usize, byte| value << 8 | usize::from(*byte));
    Some((value, rest))
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

pub(super) fn malformed() -> SparkError {
    SparkError::runtime(
        "MALFORMED_VARIANT",
        "Variant binary is malformed. Please check the data source is valid.",
    )
}
