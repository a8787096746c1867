//! Column metadata under the key `ml_attr` (`org.apache.spark.ml.attribute`): which values a column has, what the
//! entries of a vector are called.

use firesteel_common::StructField;
use serde_json::{Map, Value as Json, json};

/// What is known of a column of numbers, or of an entry of a vector.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Attribute {
    #[default]
    Unresolved,
    Numeric {
        name: Option<String>,
        min: Option<f64>,
        max: Option<f64>,
        std: Option<f64>,
        sparsity: Option<f64>,
    },
    Nominal {
        name: Option<String>,
        ordinal: Option<bool>,
        /// How many values there are, where they have no names.
        n_values: Option<usize>,
        values: Option<Vec<String>>,
    },
    Binary {
        name: Option<String>,
        values: Option<Vec<String>>,
    },
}

impl Attribute {
    pub fn numeric(name: Option<String>) -> Self {
        Attribute::Numeric { name, min: None, max: None, std: None, sparsity: None }
    }

    /// Values with names.
    pub fn nominal(name: Option<String>, values: Vec<String>) -> Self {
        Attribute::Nominal { name, ordinal: None, n_values: None, values: Some(values) }
    }

    /// So many values without names.
    pub fn nominal_count(name: Option<String>, n_values: usize) -> Self {
        Attribute::Nominal { name, ordinal: None, n_values: Some(n_values), values: None }
    }

    pub fn name(&self) -> Option<&str> {
        match self {
            Attribute::Unresolved => None,
            Attribute::Numeric { name, .. }
            | Attribute::Nominal { name, .. }
            | Attribute::Binary { name, .. } => name.as_deref(),
        }
    }

    #[must_use]
    pub fn with_name(mut self, new: Option<String>) -> Self {
        match &mut self {
            Attribute::Unresolved => return Attribute::numeric(new),
            Attribute::Numeric { name, .. }
            | Attribute::Nominal { name, .. }
            | Attribute::Binary { name, .. } => *name = new,
        }
        self
    }

    /// Number of values of a nominal or binary attribute, if it is known.
    pub fn n_values(&self) -> Option<usize> {
        match self {
            Attribute::Nominal { n_values, values, .. } => {
                n_values.or_else(|| values.as_ref().map(Vec::len))
            }
            Attribute::Binary { .. } => Some(2),
            Attribute::Unresolved | Attribute::Numeric { .. } => None,
        }
    }

    /// Names of the values, if they have any.
    pub fn values(&self) -> Option<&[String]> {
        match self {
            Attribute::Nominal { values, .. } | Attribute::Binary { values, .. } => {
                values.as_deref()
            }
            Attribute::Unresolved | Attribute::Numeric { .. } => None,
        }
    }

    /// The attribute of a column; unresolved if its metadata says nothing.
    pub fn of(field: &StructField) -> Self {
        match field.metadata.get(KEY) {
            Some(Json::Object(map)) => Attribute::from_json(map),
            _ => Attribute::Unresolved,
        }
    }

    fn from_json(map: &Map<String, Json>) -> Self {
        let text = |key: &str| map.get(key).and_then(Json::as_str).map(str::to_owned);
        let number = |key: &str| map.get(key).and_then(Json::as_f64);
        let values = || {
            let items = map.get("vals")?.as_array()?.iter();
            items.map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        match map.get("type").and_then(Json::as_str).unwrap_or("numeric") {
            "nominal" => Attribute::Nominal {
                name: text("name"),
                ordinal: map.get("ord").and_then(Json::as_bool),
                n_values: map.get("num_vals").and_then(Json::as_u64).map(|n| n as usize),
                values: values(),
            },
            "binary" => Attribute::Binary { name: text("name"), values: values() },
            _ => Attribute::Numeric {
                name: text("name"),
                min: number("min"),
                max: number("max"),
                std: number("std"),
                sparsity: number("sparsity"),
            },
        }
    }

    /// `index`: of an entry of a vector.
    fn to_json(&self, index: Option<usize>, with_type: bool) -> Option<Map<String, Json>> {
        let mut map = Map::new();
        let mut put = |key: &str, value: Option<Json>| {
            if let Some(value) = value {
                map.insert(key.to_owned(), value);
            }
        };
        // Numeric is what an attribute is taken for that does not say.
        match self {
            Attribute::Unresolved => return None,
            Attribute::Numeric { name, min, max, std, sparsity } => {
                put("idx", index.map(|index| json!(index)));
                put("name", name.as_ref().map(|name| json!(name)));
                put("min", min.map(|value| json!(value)));
                put("max", max.map(|value| json!(value)));
                put("std", std.map(|value| json!(value)));
                put("sparsity", sparsity.map(|value| json!(value)));
            }
            Attribute::Nominal { name, ordinal, n_values, values } => {
                put("ord", ordinal.map(|value| json!(value)));
                put("vals", values.as_ref().map(|values| json!(values)));
                put("type", with_type.then(|| json!("nominal")));
                put("idx", index.map(|index| json!(index)));
                put("name", name.as_ref().map(|name| json!(name)));
                put("num_vals", n_values.map(|n| json!(n)));
            }
            Attribute::Binary { name, values } => {
                put("vals", values.as_ref().map(|values| json!(values)));
                put("type", with_type.then(|| json!("binary")));
                put("idx", index.map(|index| json!(index)));
                put("name", name.as_ref().map(|name| json!(name)));
            }
        }
        Some(map)
    }

    /// `field` with this attribute as its metadata.
    #[must_use]
    pub fn put_on(&self, mut field: StructField) -> StructField {
        if let Some(map) = self.to_json(None, true) {
            field.metadata.insert(KEY.to_owned(), Json::Object(map));
        }
        field
    }
}

const KEY: &str = "ml_attr";

/// What is known of a column of vectors.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AttributeGroup {
    /// Number of entries, if it is known.
    pub size: Option<usize>,
    /// One per entry, if anything is known of them.
    pub attributes: Option<Vec<Attribute>>,
}

impl AttributeGroup {
    pub fn of_size(size: usize) -> Self {
        Self { size: Some(size), attributes: None }
    }

    pub fn of_attributes(attributes: Vec<Attribute>) -> Self {
        Self { size: Some(attributes.len()), attributes: Some(attributes) }
    }

    /// The group of a column; empty if its metadata says nothing.
    pub fn of(field: &StructField) -> Self {
        let Some(Json::Object(map)) = field.metadata.get(KEY) else { return Self::default() };
        let size = map.get("num_attrs").and_then(Json::as_u64).map(|size| size as usize);
        let Some(Json::Object(kinds)) = map.get("attrs") else {
            return Self { size, attributes: None };
        };
        let size =
            size.unwrap_or_else(|| kinds.values().filter_map(Json::as_array).map(Vec::len).sum());
        let mut attributes = vec![Attribute::Unresolved; size];
        for (kind, items) in kinds {
            for item in items.as_array().into_iter().flatten().filter_map(Json::as_object) {
                let index = item.get("idx").and_then(Json::as_u64).map(|index| index as usize);
                if let Some(slot) = index.and_then(|index| attributes.get_mut(index)) {
                    let mut item = item.clone();
                    item.insert("type".to_owned(), json!(kind));
                    *slot = Attribute::from_json(&item);
                }
            }
        }
        Self { size: Some(size), attributes: Some(attributes) }
    }

    /// `field` with this group as its metadata.
    #[must_use]
    pub fn put_on(&self, mut field: StructField) -> StructField {
        let mut map = Map::new();
        if let Some(attributes) = &self.attributes {
            let of = |wanted: fn(&Attribute) -> bool| -> Vec<Json> {
                let own = attributes.iter().enumerate().filter(|(_, own)| wanted(own));
                own.filter_map(|(index, own)| own.to_json(Some(index), false).map(Json::Object))
                    .collect()
            };
            let kinds = [
                (
                    "numeric",
                    // Numeric without more is what an entry is taken for that is not listed.
                    of(|own| {
                        matches!(own, Attribute::Numeric { .. }) && *own != Attribute::numeric(None)
                    }),
                ),
                ("nominal", of(|own| matches!(own, Attribute::Nominal { .. }))),
                ("binary", of(|own| matches!(own, Attribute::Binary { .. }))),
            ];
            let kinds: Map<String, Json> = kinds
                .into_iter()
                .filter(|(_, items)| !items.is_empty())
                .map(|(kind, items)| (kind.to_owned(), Json::Array(items)))
                .collect();
            map.insert("attrs".to_owned(), Json::Object(kinds));
        }
        if let Some(size) = self.size {
            map.insert("num_attrs".to_owned(), json!(size));
        }
        if !map.is_empty() {
            field.metadata.insert(KEY.to_owned(), Json::Object(map));
        }
        field
    }
}
