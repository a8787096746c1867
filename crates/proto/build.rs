//! Generates the Spark Connect messages and the server trait from the client's own descriptors.
//!
//! Input: a serialized `FileDescriptorSet`, extracted by `extract_descriptors.py` from the installed
//! `pyspark-client`; `FIRESTEEL_DESCRIPTORS` names it, by default `build/spark_connect.binpb` in the
//! workspace. Output: `spark.connect.rs` in `OUT_DIR`. No protoc is needed.
//!
//! This script reruns on that one file alone. The extractor does not touch it unless its bytes change,
//! so a new virtual environment does not rebuild the crates that depend on this one.

use std::error::Error;
use std::path::PathBuf;

use prost::Message;
use prost_types::FileDescriptorSet;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=FIRESTEEL_DESCRIPTORS");
    let path = descriptors_path();
    println!("cargo::rerun-if-changed={}", path.display());

    let bytes = std::fs::read(&path).map_err(|error| {
        format!(
            "cannot read the Spark Connect descriptors at {}: {error}. They are extracted from the \
             installed pyspark-client: run `make build` (or set FIRESTEEL_DESCRIPTORS).",
            path.display()
        )
    })?;
    let descriptors = FileDescriptorSet::decode(bytes.as_slice())
        .map_err(|error| format!("{} is no FileDescriptorSet: {error}", path.display()))?;

    tonic_prost_build::configure()
        .build_client(false)
        .emit_rerun_if_changed(false)
        // Arrow batches, artifacts and pickled functions pass through unread: share, never copy.
        .bytes(".")
        .compile_fds(descriptors)?;
    Ok(())
}

/// Relative to this crate, where cargo runs the script and looks for what it must watch: clones that
/// share a target directory then each watch their own file.
fn descriptors_path() -> PathBuf {
    std::env::var_os("FIRESTEEL_DESCRIPTORS")
        .map_or_else(|| PathBuf::from("../../build/spark_connect.binpb"), PathBuf::from)
}
