//! Types as Scala prints them (`ArrayType(IntegerType,true)`): a few of Spark's messages hold this form.

use super::{SparkType, StructType};

impl SparkType {
    /// Spark's `DataType.toString`.
    pub fn scala_string(&self) -> String {
        match self {
            SparkType::Null => "NullType".into(),
            SparkType::String { collation: Some(name) } => format!("StringType({name})"),
            SparkType::Decimal { precision, scale } => format!("DecimalType({precision},{scale})"),
            SparkType::Char { length } => format!("CharType({length})"),
            SparkType::Varchar { length } => format!("VarcharType({length})"),
            SparkType::Time { precision } => format!("TimeType({precision})"),
            SparkType::TimestampNtz => "TimestampNTZType".into(),
            SparkType::CalendarInterval => "CalendarIntervalType".into(),
            SparkType::YearMonthInterval { start, end } => {
                format!("YearMonthIntervalType({start},{end})")
            }
            SparkType::DayTimeInterval { start, end } => {
                format!("DayTimeIntervalType({start},{end})")
            }
            SparkType::Array { element, contains_null } => {
                format!("ArrayType({},{contains_null})", element.scala_string())
            }
            SparkType::Map { key, value, value_contains_null } => {
                let (key, value) = (key.scala_string(), value.scala_string());
                format!("MapType({key},{value},{value_contains_null})")
            }
            SparkType::Struct(row) => row.scala_string(),
            SparkType::Udt(own) => own.sql_type.scala_string(),
            SparkType::Byte => "ByteType".into(),
            SparkType::Short => "ShortType".into(),
            SparkType::Integer => "IntegerType".into(),
            SparkType::Long => "LongType".into(),
            other => {
                let sql = other.sql();
                let (first, rest) = sql.split_at(1);
                format!("{first}{}Type", rest.to_lowercase())
            }
        }
    }
}

impl StructType {
    fn scala_string(&self) -> String {
        let fields = self.fields.iter().map(|field| {
            let own = field.data_type.scala_string();
            format!("StructField({},{own},{})", field.name, field.nullable)
        });
        format!("StructType({})", fields.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scala_names() {
        let array = SparkType::array(SparkType::Integer);
        assert_eq!(array.scala_string(), "ArrayType(IntegerType,true)");
        for (own, text) in [
            (SparkType::string(), "StringType"),
            (SparkType::Boolean, "BooleanType"),
            (SparkType::Timestamp, "TimestampType"),
            (
                SparkType::map(SparkType::Long, array),
                "MapType(LongType,ArrayType(IntegerType,true),true)",
            ),
        ] {
            assert_eq!(own.scala_string(), text);
        }
    }
}
