//! An error as text that gives the whole error back.
//!
//! Between processes errors travel as strings, put into other strings on their way. So the last of
//! the text is the error itself, in letters that no quoting changes:
//!
//! ```text
//! [DIVIDE_BY_ZERO] Division by zero. … SQLSTATE: 22012 [firesteel-error:eyJraW5kIjoi…]
//! ```

use super::{Inner, SparkError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

const OPEN: &str = "[firesteel-error:";
const CLOSE: char = ']';

impl SparkError {
    /// Text for people that [`SparkError::from_envelope`] understands too.
    pub fn to_envelope(&self) -> String {
        match serde_json::to_vec(&*self.0) {
            Ok(json) => format!("{self} {OPEN}{}{CLOSE}", BASE64.encode(json)),
            // Strings and an enum always have a form in JSON; without, the text is left.
            Err(_) => self.to_string(),
        }
    }

    /// The error that `text` holds somewhere, the innermost if there are several; none if there is
    /// none.
    pub fn from_envelope(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(OPEN)?;
        let (packed, _) = rest.split_once(CLOSE)?;
        let json = BASE64.decode(packed).ok()?;
        serde_json::from_slice::<Inner>(&json).ok().map(|inner| Self(Box::new(inner)))
    }
}

#[cfg(test)]
mod tests {
    use crate::error::{ErrorKind, QueryContext, SparkError};
    use datafusion_common::DataFusionError;

    fn error() -> SparkError {
        SparkError::new(ErrorKind::NumberFormat, "CAST_INVALID_INPUT", "The value 'a\"]' …")
            .with("expression", "'a\"]'")
            .with("targetType", "\"INT\"")
            .at(QueryContext {
                start_index: 7,
                stop_index: 24,
                fragment: "CAST('a\"]' AS INT)".to_owned(),
                summary: "== SQL (line 1, position 8) ==".to_owned(),
                ..QueryContext::default()
            })
    }

    fn assert_same(back: &SparkError) {
        let error = error();
        assert_eq!(back.kind(), error.kind());
        assert_eq!(back.condition(), error.condition());
        assert_eq!(back.sql_state(), Some("22018"));
        assert_eq!(back.parameters(), error.parameters());
        assert_eq!(back.query_context(), error.query_context());
        assert_eq!(back.to_string(), error.to_string());
    }

    #[test]
    fn survives_text() {
        let text = error().to_envelope();
        assert_same(&SparkError::from_envelope(&text).unwrap());
        // Shown as a value, and put into another error's text, as a scheduler does.
        let text = format!("Job failed: {:?}", format!("External error: {text}; see the log"));
        assert_same(&SparkError::from_envelope(&text).unwrap());
        assert_same(&SparkError::from(DataFusionError::Execution(text)));
    }

    #[test]
    fn other_texts_hold_no_error() {
        for text in ["", "[firesteel-error:", "[firesteel-error:!]", "[firesteel-error:e30]"] {
            assert!(SparkError::from_envelope(text).is_none(), "{text}");
        }
    }
}
