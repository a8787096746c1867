//! Numbers of the variant encoding that writing and reading share.

/// Basic types: the lowest two bits of a value's first byte.
pub(super) const PRIMITIVE: u8 = 0;
pub(super) const SHORT_STRING: u8 = 1;
pub(super) const OBJECT: u8 = 2;
pub(super) const ARRAY: u8 = 3;

/// Kinds of primitive values: the upper six bits of the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primitive {
    Null = 0,
    True = 1,
    False = 2,
    Int1 = 3,
    Int2 = 4,
    Int4 = 5,
    Int8 = 6,
    Double = 7,
    Decimal4 = 8,
    Decimal8 = 9,
    Decimal16 = 10,
    Date = 11,
    Timestamp = 12,
    TimestampNtz = 13,
    Float = 14,
    Binary = 15,
    LongString = 16,
    Uuid = 20,
}

/// How many bytes an unsigned number takes.
pub(super) fn bytes_for(number: usize) -> usize {
    match number {
        0..=0xFF => 1,
        0x100..=0xFFFF => 2,
        0x1_0000..=0xFF_FFFF => 3,
        _ => 4,
    }
}
