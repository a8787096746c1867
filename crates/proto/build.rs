//! Generates the messages of Spark Connect and GraphFrames and the server trait from the clients' own descriptors.
//!
//! Input: a serialized `FileDescriptorSet`, extracted by `extract_descriptors.py` from the installed
//! `pyspark-client` and `graphframes-py`; `FIRESTEEL_DESCRIPTORS` names it, by default `build/spark_connect.binpb` in the
//! workspace. Output: `spark.connect.rs`, `org.graphframes.connect.proto.rs`
//! and `nesting_table.rs` in `OUT_DIR`. No protoc is needed.
//!
//! This script reruns on that one file alone. The extractor does not touch it unless its bytes change,
//! so a new virtual environment does not rebuild the crates that depend on this one.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=FIRESTEEL_DESCRIPTORS");
    let path = descriptors_path();
    println!("cargo::rerun-if-changed={}", path.display());

    let bytes = std::fs::read(&path).map_err(|error| {
        format!(
            "cannot read the Spark Connect descriptors at {}: {error}. They are extracted from the \
             installed pyspark-client and graphframes-py: run `make build` (or set FIRESTEEL_DESCRIPTORS).",
            path.display()
        )
    })?;
    let descriptors = FileDescriptorSet::decode(bytes.as_slice())
        .map_err(|error| format!("{} is no FileDescriptorSet: {error}", path.display()))?;
    write_nesting_table(&descriptors)?;

    let mut config = tonic_prost_build::Config::new();
    // The codec finds a message's row in the nesting table by its name.
    config.enable_type_names();
    tonic_prost_build::configure()
        .build_client(false)
        .emit_rerun_if_changed(false)
        .codec_path("crate::codec::DepthCheckedCodec")
        // Arrow batches, artifacts and pickled functions pass through unread: share, never copy.
        .bytes(".")
        .compile_fds_with_config(descriptors, config)?;
    Ok(())
}

/// Relative to this crate, where cargo runs the script and looks for what it must watch: clones that
/// share a target directory then each watch their own file.
fn descriptors_path() -> PathBuf {
    std::env::var_os("FIRESTEEL_DESCRIPTORS")
        .map_or_else(|| PathBuf::from("../../build/spark_connect.binpb"), PathBuf::from)
}

/// Writes, for every message, which of its fields hold which message: all that
/// `nesting.rs` needs to walk raw bytes without decoding them.
fn write_nesting_table(descriptors: &FileDescriptorSet) -> Result<(), Box<dyn Error>> {
    let mut messages = BTreeMap::new();
    for file in &descriptors.file {
        for message in &file.message_type {
            collect_message(&format!(".{}", file.package()), message, &mut messages);
        }
    }
    let index: BTreeMap<_, _> =
        messages.keys().enumerate().map(|(index, name)| (name.clone(), index)).collect();
    let mut text = String::from("pub(crate) static MESSAGES: &[(&str, &[(u64, u16)])] = &[\n");
    for (name, children) in &messages {
        write!(text, "    ({:?}, &[", name.trim_start_matches('.'))?;
        for (number, child) in children {
            // A type from a file that is not in the set (`Any` may be one) is left undecoded.
            if let Some(child) = index.get(child) {
                write!(text, "({number}, {child}), ")?;
            }
        }
        text.push_str("]),\n");
    }
    text.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("nesting_table.rs");
    std::fs::write(out, text)?;
    Ok(())
}

fn collect_message(
    scope: &str,
    message: &DescriptorProto,
    out: &mut BTreeMap<String, Vec<(i32, String)>>,
) {
    let name = format!("{scope}.{}", message.name());
    let mut children: Vec<_> = message
        .field
        .iter()
        .filter(|field| field.r#type() == Type::Message)
        .map(|field| (field.number(), field.type_name().to_owned()))
        .collect();
    children.sort_unstable();
    for nested in &message.nested_type {
        collect_message(&name, nested, out);
    }
    out.insert(name, children);
}
