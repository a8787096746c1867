//! DataFusion's runtime with our pool and spill directory, and the settings that depend on the limit.

use super::FairPool;
use crate::runner::EngineConfig;
use datafusion::common::config::{ConfigOptions, SpillCompression};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use firesteel_common::Result;
use std::sync::Arc;

/// Part of the limit that each sort keeps free for merging what it spilled: 1 / 32, as far as that is less
/// than DataFusion's default of 10 MiB.
const MERGE_SHIFT: usize = 5;
/// Memory per file that one merge opens at once, roughly: two batches of wide rows, for several merges.
const MERGE_BYTES_PER_FILE: usize = 16 << 20;

/// # Errors
/// When the spill directory cannot be made.
pub(crate) fn runtime(config: &EngineConfig) -> Result<Arc<RuntimeEnv>> {
    let mut runtime = RuntimeEnvBuilder::new();
    if let Some(bytes) = config.memory_bytes {
        runtime = runtime.with_memory_pool(Arc::new(FairPool::new(bytes)));
    }
    let mut disk = DiskManagerBuilder::default();
    if let Some(directory) = &config.temp_dir {
        disk.set_mode(DiskManagerMode::Directories(vec![directory.clone()]));
    }
    if let Some(bytes) = config.memory_bytes {
        disk.set_max_spill_merge_fan_in((bytes / MERGE_BYTES_PER_FILE).clamp(4, 64));
    }
    if let Some(bytes) = config.spill_bytes_max {
        disk.set_max_temp_directory_size(bytes);
    }
    Ok(runtime.with_disk_manager_builder(disk).build_arc()?)
}

/// Sets what of DataFusion's options follows from the limit and the codec of spilled data.
pub(crate) fn configure(options: &mut ConfigOptions, config: &EngineConfig) {
    let execution = &mut options.execution;
    execution.spill_compression = match config.spill_codec.as_str() {
        "zstd" => SpillCompression::Zstd,
        "none" => SpillCompression::Uncompressed,
        // Arrow's format knows these two; Spark's other codecs (snappy, lzf) are of lz4's kind.
        _ => SpillCompression::Lz4Frame,
    };
    if let Some(bytes) = config.memory_bytes {
        let merge = &mut execution.sort_spill_reservation_bytes;
        *merge = (*merge).min(bytes >> MERGE_SHIFT);
    }
}
