//! firesteel-engine
