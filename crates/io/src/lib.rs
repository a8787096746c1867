//! firesteel-io
