//! Messages and server trait of Spark Connect 4.2, messages of GraphFrames, and how they are read off the wire.
//!
//! Generated into `OUT_DIR` by `build.rs` from the descriptors that `pyspark-client` and `graphframes-py` carry, so
//! what is here is what the client sends. The module path is the protobuf package: `spark.connect.Plan` is
//! [`spark::connect::Plan`], the service is in `spark::connect::spark_connect_service_server`.
//! `bytes` fields are [`bytes::Bytes`](prost::bytes::Bytes); `google.protobuf` types come from `prost_types`.
//!
//! Invariant: what a message means is not known here; only how deep it may be nested.

pub mod codec;
pub mod google_rpc;
pub mod nesting;

/// The protobuf package `spark`.
pub mod spark {
    /// The protobuf package `spark.connect`.
    #[allow(clippy::all)]
    pub mod connect {
        include!(concat!(env!("OUT_DIR"), "/spark.connect.rs"));
    }
}

/// The protobuf package `org.graphframes.connect.proto`: what `graphframes-py` puts into `Relation.extension`.
#[allow(clippy::all)]
pub mod graphframes {
    include!(concat!(env!("OUT_DIR"), "/org.graphframes.connect.proto.rs"));
}
