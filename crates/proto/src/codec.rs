//! The gRPC codec of every call: prost's, behind a check of how deep the message is nested.

use crate::google_rpc::ErrorInfo;
use crate::nesting::{self, NestingError};
use prost::bytes::Buf;
use prost::{Message, Name};
use std::collections::HashMap;
use std::marker::PhantomData;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic::{Code, Status};
use tonic_prost::ProstEncoder;

/// Encodes `T`, decodes `U`.
#[derive(Debug)]
pub struct DepthCheckedCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for DepthCheckedCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for DepthCheckedCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Name + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = DepthCheckedDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        DepthCheckedDecoder(PhantomData)
    }
}

/// See [`DepthCheckedCodec`].
#[derive(Debug)]
pub struct DepthCheckedDecoder<U>(PhantomData<U>);

impl<U: Message + Name + Default> Decoder for DepthCheckedDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        nesting::check(&U::full_name(), &bytes).map_err(|error| refused(&error))?;
        U::decode(bytes).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}

/// The status of a refused message: PySpark shows it as an error with condition and SQLSTATE.
pub fn refused(error: &NestingError) -> Status {
    let (condition, state) = match error {
        NestingError::TooDeep(_) => ("PLAN_DEPTH_EXCEEDED", "54001"),
        NestingError::Malformed => ("CONNECT_INVALID_PLAN.CANNOT_PARSE", "56K00"),
    };
    let message = format!("[{condition}] {error} SQLSTATE: {state}");
    let class = "org.apache.spark.sql.connect.common.InvalidPlanInput";
    let classes = format!("[{class:?},\"org.apache.spark.SparkThrowable\"]");
    let metadata = [
        ("classes", classes.as_str()),
        ("errorClass", condition),
        ("sqlState", state),
        ("messageParameters", "{}"),
    ];
    let metadata: HashMap<_, _> =
        metadata.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let info =
        ErrorInfo { reason: class.to_owned(), domain: "org.apache.spark".to_owned(), metadata };
    info.into_status(Code::InvalidArgument, message)
}
