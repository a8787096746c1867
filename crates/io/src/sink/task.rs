//! One task of a write: routes rows to partition directories and starts a new file when one is full.

use super::{FileWriter, Layout, SinkFormat, failed_write, render};
use crate::listing::partition::{NULL_PARTITION, escape};
use arrow::array::UInt32Array;
use arrow::compute::take_record_batch;
use arrow::record_batch::RecordBatch;
use datafusion::physical_plan::SendableRecordBatchStream;
use firesteel_common::Result;
use futures::StreamExt;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Open files beyond this number would hold too many buffers; all are closed then.
const OPEN_FILES_MAX: usize = 128;

/// What all tasks of a write share.
pub struct Job {
    pub layout: Layout,
    pub format: Box<dyn SinkFormat>,
    pub directory: PathBuf,
    pub id: String,
    pub rows_max: Option<usize>,
}

/// Writes one partition of the query.
///
/// # Errors
/// Of the query and of the file system.
pub async fn run(job: Arc<Job>, index: usize, mut stream: SendableRecordBatchStream) -> Result<()> {
    let mut task = Task { job, index, open: HashMap::new(), n_files: 0 };
    // Spark lets the first task alone write a file without rows, so that the schema is kept.
    if index == 0 && task.job.layout.partition_columns.is_empty() {
        task.writer("").await?;
    }
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        if batch.num_rows() > 0 {
            task.write(&batch).await?;
        }
    }
    task.close_all().await
}

struct Task {
    job: Arc<Job>,
    index: usize,
    /// By directory below the job's.
    open: HashMap<String, OpenFile>,
    n_files: usize,
}

struct OpenFile {
    writer: Box<dyn FileWriter>,
    n_rows: usize,
}

impl Task {
    async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let job = Arc::clone(&self.job);
        let layout = &job.layout;
        if layout.partition_columns.is_empty() {
            return self.append("", batch.clone()).await;
        }
        let rows = group_rows(batch, layout)?;
        let data = batch.project(&layout.data_columns)?;
        for (directory, rows) in rows {
            let part = take_record_batch(&data, &UInt32Array::from(rows))?;
            self.append(&directory, part).await?;
        }
        Ok(())
    }

    async fn append(&mut self, directory: &str, batch: RecordBatch) -> Result<()> {
        let rows_max = self.job.rows_max.unwrap_or(usize::MAX);
        let mut offset = 0;
        while offset < batch.num_rows() {
            let file = self.writer(directory).await?;
            let n_rows = (batch.num_rows() - offset).min(rows_max - file.n_rows);
            file.writer.write(&batch.slice(offset, n_rows)).await?;
            file.n_rows += n_rows;
            offset += n_rows;
            if file.n_rows >= rows_max
                && let Some(full) = self.open.remove(directory)
            {
                full.writer.close().await?;
            }
        }
        Ok(())
    }

    async fn writer(&mut self, directory: &str) -> Result<&mut OpenFile> {
        if !self.open.contains_key(directory) {
            if self.open.len() >= OPEN_FILES_MAX {
                self.close_all().await?;
            }
            let file = self.start(directory)?;
            self.open.insert(directory.to_owned(), file);
        }
        self.open
            .get_mut(directory)
            .ok_or_else(|| firesteel_common::SparkError::internal("a file that was just opened"))
    }

    fn start(&mut self, directory: &str) -> Result<OpenFile> {
        let job = &self.job;
        let folder = job.directory.join(directory);
        std::fs::create_dir_all(&folder).map_err(|error| failed_write(&folder, &error))?;
        let mark = if job.layout.partition_columns.is_empty() { '-' } else { '.' };
        let name = format!(
            "part-{:05}-{}{mark}c{:03}{}",
            self.index,
            job.id,
            self.n_files,
            job.format.extension()
        );
        self.n_files += 1;
        Ok(OpenFile { writer: job.format.open(&folder.join(name))?, n_rows: 0 })
    }

    async fn close_all(&mut self) -> Result<()> {
        for (_, file) in self.open.drain() {
            file.writer.close().await?;
        }
        Ok(())
    }
}

/// Rows of each partition directory, in the order in which directories first appear.
fn group_rows(batch: &RecordBatch, layout: &Layout) -> Result<Vec<(String, Vec<u32>)>> {
    let columns = layout
        .partition_columns
        .iter()
        .zip(&layout.partition_fields)
        .map(|(column, field)| {
            let array = batch.column(*column);
            Ok((escape(&field.name), render::partition_text(array, &layout.time_zone)?))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut positions: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<(String, Vec<u32>)> = Vec::new();
    for row in 0..batch.num_rows() {
        let mut directory = String::new();
        for (name, values) in &columns {
            if !directory.is_empty() {
                directory.push('/');
            }
            directory.push_str(name);
            directory.push('=');
            match &values[row] {
                Some(value) if !value.is_empty() => directory.push_str(&escape(value)),
                _ => directory.push_str(NULL_PARTITION),
            }
        }
        let position = *positions.entry(directory.clone()).or_insert_with(|| {
            groups.push((directory, Vec::new()));
            groups.len() - 1
        });
        groups[position].1.push(row as u32);
    }
    Ok(groups)
}
