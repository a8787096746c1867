//! Messages and server trait of Spark Connect 4.2: generated code only, no logic.
//!
//! Generated into `OUT_DIR` by `build.rs` from the descriptors that `pyspark-client` carries, so what is
//! here is what the client sends. The module path is the protobuf package: `spark.connect.Plan` is
//! [`spark::connect::Plan`], the service is in `spark::connect::spark_connect_service_server`.
//! `bytes` fields are [`bytes::Bytes`](prost::bytes::Bytes); `google.protobuf` types come from `prost_types`.

/// The protobuf package `spark`.
pub mod spark {
    /// The protobuf package `spark.connect`.
    #[allow(clippy::all)]
    pub mod connect {
        include!(concat!(env!("OUT_DIR"), "/spark.connect.rs"));
    }
}
