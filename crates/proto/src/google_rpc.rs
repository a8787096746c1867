//! The two messages of the package `google.rpc` that carry a Spark error in a gRPC status.

use prost::Message;
use prost_types::Any;
use std::collections::HashMap;

/// `google.rpc.Status`: content of the trailer `grpc-status-details-bin`.
#[derive(Clone, PartialEq, Message)]
pub struct Status {
    #[prost(int32, tag = "1")]
    pub code: i32,
    #[prost(string, tag = "2")]
    pub message: String,
    #[prost(message, repeated, tag = "3")]
    pub details: Vec<Any>,
}

/// `google.rpc.ErrorInfo`: why a call failed, for a program to read.
#[derive(Clone, PartialEq, Message)]
pub struct ErrorInfo {
    #[prost(string, tag = "1")]
    pub reason: String,
    #[prost(string, tag = "2")]
    pub domain: String,
    #[prost(map = "string, string", tag = "3")]
    pub metadata: HashMap<String, String>,
}

impl ErrorInfo {
    /// A gRPC status that carries this.
    pub fn into_status(self, code: tonic::Code, message: String) -> tonic::Status {
        let info = Any {
            type_url: "type.googleapis.com/google.rpc.ErrorInfo".to_owned(),
            value: self.encode_to_vec(),
        };
        let details = Status { code: code as i32, message: message.clone(), details: vec![info] };
        tonic::Status::with_details(code, message, details.encode_to_vec().into())
    }
}
