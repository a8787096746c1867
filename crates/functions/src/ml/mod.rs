//! Functions of `pyspark.ml.functions`: vectors of MLlib and arrays of numbers. Spark lists them nowhere.

mod array_to_vector;
mod vector_to_array;

use crate::registry::FunctionDef;
use crate::scalar_kernel::AnyKind;
use firesteel_common::SparkType;
use firesteel_common::types::UserDefinedType;
use firesteel_common::{StructField, StructType};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("array_to_vector", array_to_vector::array_to_vector),
        def("vector_to_array", vector_to_array::vector_to_array),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&array_to_vector::VECTORS, &vector_to_array::DOUBLES, &vector_to_array::FLOATS]
}

const VECTOR_CLASSES: [&str; 2] =
    ["org.apache.spark.ml.linalg.VectorUDT", "org.apache.spark.mllib.linalg.VectorUDT"];

fn is_vector(data_type: &SparkType) -> bool {
    let class = match data_type {
        SparkType::Udt(udt) => udt.jvm_class.as_deref(),
        _ => None,
    };
    class.is_some_and(|class| VECTOR_CLASSES.contains(&class))
}

/// `org.apache.spark.ml.linalg.VectorUDT`.
fn vector_type() -> SparkType {
    let list = |element| SparkType::Array { element: Box::new(element), contains_null: false };
    SparkType::Udt(Box::new(UserDefinedType {
        jvm_class: Some(VECTOR_CLASSES[0].to_owned()),
        python_class: Some("pyspark.ml.linalg.VectorUDT".to_owned()),
        serialized_python_class: None,
        sql_type: SparkType::Struct(StructType::new(vec![
            StructField::new("type", SparkType::Byte, false),
            StructField::new("size", SparkType::Integer, true),
            StructField::new("indices", list(SparkType::Integer), true),
            StructField::new("values", list(SparkType::Double), true),
        ])),
    }))
}
