//! Tokens: a kind and the bytes of the text they stand for.

/// What a token is. Words are not told apart into keywords and names: nearly every keyword of Spark
/// may be a name, so that the grammar decides at each place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Keyword or unquoted identifier.
    Word,
    /// `` `identifier` ``.
    Quoted,
    /// `'…'`, `"…"` or `r'…'`.
    String,
    Number(NumberKind),
    /// Operator or punctuation.
    Symbol,
    /// A character that begins no token; an error wherever it stands.
    Unrecognized,
    /// End of the text.
    End,
}

/// Kind of a number, from its suffix and form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberKind {
    /// `12`: int, bigint or decimal, whichever holds it.
    Integer,
    /// `1.5`.
    Decimal,
    /// `1e3`.
    Exponent,
    /// `1L`.
    Long,
    /// `1S`.
    Short,
    /// `1Y`.
    Byte,
    /// `1F`.
    Float,
    /// `1D`.
    Double,
    /// `1BD`.
    BigDecimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}
