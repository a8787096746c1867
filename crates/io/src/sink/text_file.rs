//! A file of text, compressed if asked, that grows by buffers.

use super::failed_write;
use crate::request::{Options, invalid};
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use firesteel_common::{Result, SparkError};
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path as StorePath;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Text is handed on when this much has come together.
const FLUSH_BYTES: usize = 1024 * 1024;

/// The codec of `compression` (or `codec`) and the file name's ending for it.
///
/// # Errors
/// For unknown codecs.
pub fn codec(options: &Options) -> Result<(FileCompressionType, &'static str)> {
    match options.first(&["compression", "codec"]).unwrap_or("none").to_lowercase().as_str() {
        "none" | "uncompressed" => Ok((FileCompressionType::UNCOMPRESSED, "")),
        "gzip" => Ok((FileCompressionType::GZIP, ".gz")),
        "bzip2" => Ok((FileCompressionType::BZIP2, ".bz2")),
        "zstd" => Ok((FileCompressionType::ZSTD, ".zst")),
        "xz" => Ok((FileCompressionType::XZ, ".xz")),
        known @ ("deflate" | "snappy" | "lz4") => {
            Err(SparkError::unsupported(format!("the text codec \"{known}\"")))
        }
        other => Err(invalid("compression", other, "one of none, bzip2, gzip, zstd, xz")),
    }
}

pub struct TextFile {
    path: PathBuf,
    writer: Box<dyn AsyncWrite + Send + Unpin>,
    pub buffer: String,
}

impl TextFile {
    /// # Errors
    /// Of the file system.
    pub fn open(path: &Path, codec: FileCompressionType) -> Result<Self> {
        let location =
            StorePath::from_absolute_path(path).map_err(|error| failed_write(path, &error))?;
        let store = Arc::new(LocalFileSystem::new());
        let writer = codec.convert_async_writer(BufWriter::new(store, location))?;
        Ok(Self { path: path.to_path_buf(), writer, buffer: String::new() })
    }

    /// Hands on what has come together if it is enough.
    ///
    /// # Errors
    /// Of the file system.
    pub async fn flush_if_large(&mut self) -> Result<()> {
        if self.buffer.len() < FLUSH_BYTES {
            return Ok(());
        }
        self.flush().await
    }

    async fn flush(&mut self) -> Result<()> {
        let written = self.writer.write_all(self.buffer.as_bytes()).await;
        self.buffer.clear();
        written.map_err(|error| failed_write(&self.path, &error))
    }

    /// # Errors
    /// Of the file system.
    pub async fn close(mut self) -> Result<()> {
        self.flush().await?;
        let closed = self.writer.shutdown().await;
        closed.map_err(|error| failed_write(&self.path, &error))
    }
}
