//! firesteel-server
