//! Models that do not fit in memory: their tables as Arrow files in the engine's temporary directory.

use arrow::ipc::reader::FileReader;
use arrow::ipc::writer::FileWriter;
use firesteel_common::error::ErrorKind;
use firesteel_common::types::schema_from_arrow;
use firesteel_common::{Result, SparkError};
use firesteel_ml::saved::{ModelReader, ModelWriter, Table};
use firesteel_ml::{Instance, Params, Role};
use serde_json::{Map, Value as Json, json};
use std::fs::File;
use std::path::{Path, PathBuf};

fn failed(error: impl std::fmt::Display) -> SparkError {
    SparkError::new(ErrorKind::Execution, "", format!("a model on disk: {error}"))
}

/// # Errors
/// When files cannot be written.
pub(super) fn write(directory: &Path, instance: &Instance) -> Result<()> {
    std::fs::create_dir_all(directory).map_err(failed)?;
    let mut writer = Directory { path: directory.to_owned(), metadata: Map::new() };
    instance.model.save(&instance.params, &mut writer)?;
    let (set, defaults) = instance.params.to_json();
    let line = json!({
        "class": instance.params.class(), "uid": instance.params.uid(), "set": set, "defaults": defaults,
        "extra": writer.metadata,
    });
    std::fs::write(directory.join("metadata"), line.to_string()).map_err(failed)
}

/// # Errors
/// When files cannot be read.
pub(super) fn read(directory: &Path) -> Result<Instance> {
    let line = std::fs::read_to_string(directory.join("metadata")).map_err(failed)?;
    let line: Json = serde_json::from_str(&line).map_err(failed)?;
    let text = |key: &str| line.get(key).and_then(Json::as_str).unwrap_or_default();
    let class = super::class(text("class"))?;
    let mut params = Params::new(class.name, text("uid"), class.params);
    params.read_json(class.params, &line["set"], &line["defaults"])?;
    let Role::Model { load, .. } = class.role else {
        return Err(firesteel_ml::error::unsupported_class(class.name));
    };
    let mut reader = Saved { path: directory.to_owned(), extra: line["extra"].clone() };
    let model = load(&params, &mut reader)?;
    Ok(Instance { params, model })
}

struct Directory {
    path: PathBuf,
    metadata: Map<String, Json>,
}

impl ModelWriter for Directory {
    fn extra(&mut self, name: &str, value: Json) {
        self.metadata.insert(name.to_owned(), value);
    }

    fn table(&mut self, name: &str, table: Table) -> Result<()> {
        let file = File::create(self.path.join(format!("{name}.arrow"))).map_err(failed)?;
        let mut writer = FileWriter::try_new(file, &table.batch.schema())?;
        writer.write(&table.batch)?;
        Ok(writer.finish()?)
    }

    fn instance(&mut self, name: &str, instance: &Instance) -> Result<()> {
        write(&self.path.join(name), instance)
    }

    fn metadata(&mut self, name: &str, line: &Json) -> Result<()> {
        let directory = self.path.join(name);
        std::fs::create_dir_all(&directory).map_err(failed)?;
        std::fs::write(directory.join("metadata"), line.to_string()).map_err(failed)
    }
}

struct Saved {
    path: PathBuf,
    extra: Json,
}

impl ModelReader for Saved {
    fn metadata(&self) -> &Json {
        &self.extra
    }

    fn table(&mut self, name: &str) -> Result<Table> {
        let file = File::open(self.path.join(format!("{name}.arrow"))).map_err(failed)?;
        let mut reader = FileReader::try_new(file, None)?;
        let schema = schema_from_arrow(&reader.schema())?;
        let batch = reader.next().ok_or_else(|| failed("a table has no rows"))??;
        Ok(Table { schema, batch })
    }

    fn instance(&mut self, name: &str) -> Result<Instance> {
        read(&self.path.join(name))
    }

    fn metadata_of(&mut self, name: &str) -> Result<Json> {
        let line =
            std::fs::read_to_string(self.path.join(name).join("metadata")).map_err(failed)?;
        serde_json::from_str(&line).map_err(failed)
    }
}
