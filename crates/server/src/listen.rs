//! The gRPC listener: sockets, the bearer token, limits of size.

use crate::connect::ConnectService;
use crate::engine::Engine;
use crate::reclaim;
use firesteel_proto::spark::connect::spark_connect_service_server::SparkConnectServiceServer;
use futures::StreamExt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::{Request, Status};

/// Larger than what the official client takes (128 MiB): the client says so itself.
const OUTBOUND_BYTES_MAX: usize = 512 << 20;
/// Whether a silent client is still there is asked this often; one whose machine is gone would never say.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// Results are large and the peer is near: wide windows keep the stream from stalling.
const WINDOW_BYTES: u32 = 16 << 20;

/// Sockets that are bound and not yet served.
pub struct Listener {
    sockets: Vec<TcpListener>,
    port: u16,
}

impl Listener {
    /// Binds to loopback, port 0 for any free one. The client resolves `localhost` to either family,
    /// so the same port is taken on `::1` where that exists.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn bind(host: IpAddr, port: u16) -> std::io::Result<Listener> {
        let first = TcpListener::bind(SocketAddr::new(host, port)).await?;
        let port = first.local_addr()?.port();
        let mut sockets = vec![first];
        if host == IpAddr::V4(Ipv4Addr::LOCALHOST)
            && let Ok(second) = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await
        {
            sockets.push(second);
        }
        Ok(Listener { sockets, port })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until `shutdown` completes. Every call must carry `token`.
    ///
    /// # Errors
    /// When the transport breaks down.
    pub async fn serve(
        self,
        engine: Arc<Engine>,
        token: String,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), tonic::transport::Error> {
        tokio::spawn(reclaim::run(Arc::downgrade(&engine)));
        let inbound_bytes_max = engine.limits().inbound_message_bytes_max;
        let service = SparkConnectServiceServer::new(ConnectService::new(engine))
            .max_decoding_message_size(inbound_bytes_max)
            .max_encoding_message_size(OUTBOUND_BYTES_MAX)
            .accept_compressed(tonic::codec::CompressionEncoding::Gzip);
        let expected = format!("Bearer {token}");
        let guarded =
            InterceptedService::new(service, move |request| authenticate(&expected, request));
        let streams = self.sockets.into_iter().map(|socket| {
            TcpListenerStream::new(socket).map(|stream| {
                stream.inspect(|stream| {
                    // Many messages are a few bytes: they must not wait for more.
                    let _ = stream.set_nodelay(true);
                })
            })
        });
        Server::builder()
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(4 * WINDOW_BYTES)
            .max_frame_size(1 << 20)
            .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
            .serve_with_incoming_shutdown(guarded, futures::stream::select_all(streams), shutdown)
            .await
    }
}

fn authenticate(expected: &str, request: Request<()>) -> Result<Request<()>, Status> {
    let given = request.metadata().get("authorization").map(|value| value.as_bytes());
    match given {
        Some(given) if same(given, expected.as_bytes()) => Ok(request),
        _ => Err(Status::unauthenticated("Invalid or missing bearer token")),
    }
}

/// Compares in time that does not depend on where two texts differ.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).fold(0, |sum, (left, right)| sum | (left ^ right)) == 0
}
