//! `CHAR(n)` and `VARCHAR(n)`: types of table columns, which queries see as strings.
//!
//! A column that was declared so keeps the declaration in its metadata, as in Spark: whoever reads it gets
//! a string, and what compares, copies or describes it can tell what it was.

use super::{SparkType, StructField, StructType};

/// Key in a column's metadata whose value is the declared type: `char(5)`, `array<varchar(3)>`.
pub const CHAR_VARCHAR_KEY: &str = "__CHAR_VARCHAR_TYPE_STRING";

impl SparkType {
    /// Whether the type is `CHAR(n)` or `VARCHAR(n)` or holds one.
    pub fn holds_length(&self) -> bool {
        self.holds(&|part| matches!(part, SparkType::Char { .. } | SparkType::Varchar { .. }))
    }

    /// The type with a string wherever a length was declared.
    #[must_use]
    pub fn without_length(&self) -> SparkType {
        match self {
            SparkType::Char { .. } | SparkType::Varchar { .. } => SparkType::string(),
            SparkType::Array { element, contains_null } => SparkType::Array {
                element: Box::new(element.without_length()),
                contains_null: *contains_null,
            },
            SparkType::Map { key, value, value_contains_null } => SparkType::Map {
                key: Box::new(key.without_length()),
                value: Box::new(value.without_length()),
                value_contains_null: *value_contains_null,
            },
            SparkType::Struct(row) => {
                let fields = row.fields.iter().map(|field| StructField {
                    data_type: field.data_type.without_length(),
                    ..field.clone()
                });
                SparkType::Struct(StructType { fields: fields.collect() })
            }
            other => other.clone(),
        }
    }
}

impl StructField {
    /// The column as queries see it: a string that remembers its declaration.
    #[must_use]
    pub fn as_read(self) -> Self {
        if !self.data_type.holds_length() {
            return self;
        }
        let mut field = self;
        let declared = field.data_type.simple_string();
        field.metadata.insert(CHAR_VARCHAR_KEY.to_owned(), declared.into());
        field.data_type = field.data_type.without_length();
        field
    }

    /// How the column was declared, if that says more than its type.
    pub fn declared_text(&self) -> Option<&str> {
        self.metadata.get(CHAR_VARCHAR_KEY)?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_go_into_metadata() {
        let nested = SparkType::array(SparkType::Varchar { length: 3 });
        let read = StructField::new("a", nested, true).as_read();
        assert_eq!(read.data_type, SparkType::array(SparkType::string()));
        assert_eq!(read.declared_text(), Some("array<varchar(3)>"));
        let plain = StructField::new("b", SparkType::string(), true);
        assert_eq!(plain.clone().as_read(), plain);
    }
}
