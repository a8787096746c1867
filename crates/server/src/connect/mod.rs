//! Spark Connect: one file per call, the conversion of messages, results and errors.
//!
//! Invariant: protobuf ends here. What leaves towards the rest is `spec`, what comes back is batches
//! and [`firesteel_common::SparkError`].

mod add_artifacts;
mod analyze;
mod artifact_status;
mod clone_session;
mod config;
mod convert;
mod data_type;
mod errors;
mod execute;
mod execute_command;
mod fetch_error_details;
mod get_status;
mod interrupt;
mod literal_message;
mod metrics;
mod ml;
mod observed;
mod operation;
mod operations;
mod progress;
mod reattach_execute;
mod release_execute;
mod release_session;
mod resource_profile;
mod response_buffer;
mod results;

pub use errors::ErrorLog;
pub use operations::Operations;

use crate::engine::Engine;
use crate::session::{Session, SessionKey};
use firesteel_common::Result;
use firesteel_proto::spark::connect as proto;
use firesteel_proto::spark::connect::spark_connect_service_server::SparkConnectService;
use futures::stream::BoxStream;
use std::sync::Arc;
use tonic::{Request, Response, Status, Streaming};

/// A stream of answers to ExecutePlan or ReattachExecute.
type ResponseStream = BoxStream<'static, Result<proto::ExecutePlanResponse, Status>>;

/// The gRPC service.
pub struct ConnectService {
    engine: Arc<Engine>,
}

impl ConnectService {
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }

    /// The session that a request names, made when it is new.
    fn session(
        &self,
        user: Option<&proto::UserContext>,
        id: &str,
        observed: Option<&str>,
    ) -> Result<Arc<Session>, Status> {
        let key = session_key(user, id);
        let session = self.engine.sessions().open(&self.engine, key, observed);
        session.map_err(|error| errors::status(&error, None))
    }

    /// The session that a request names, which must exist.
    fn existing_session(
        &self,
        user: Option<&proto::UserContext>,
        id: &str,
        observed: Option<&str>,
    ) -> Result<Arc<Session>, Status> {
        let session = self.engine.sessions().find(&session_key(user, id), observed);
        session.map_err(|error| errors::status(&error, None))
    }
}

fn session_key(user: Option<&proto::UserContext>, id: &str) -> SessionKey {
    let user = user.map(|user| user.user_id.clone()).unwrap_or_default();
    SessionKey { user, id: id.to_owned() }
}

#[tonic::async_trait]
impl SparkConnectService for ConnectService {
    type ExecutePlanStream = ResponseStream;
    type ReattachExecuteStream = ResponseStream;

    async fn execute_plan(
        &self,
        request: Request<proto::ExecutePlanRequest>,
    ) -> Result<Response<ResponseStream>, Status> {
        let request = request.into_inner();
        let observed = request.client_observed_server_side_session_id.as_deref();
        let session = self.session(request.user_context.as_ref(), &request.session_id, observed)?;
        execute::execute_plan(&session, request).map(Response::new)
    }

    async fn analyze_plan(
        &self,
        request: Request<proto::AnalyzePlanRequest>,
    ) -> Result<Response<proto::AnalyzePlanResponse>, Status> {
        let request = request.into_inner();
        let observed = request.client_observed_server_side_session_id.as_deref();
        let session = self.session(request.user_context.as_ref(), &request.session_id, observed)?;
        analyze::analyze_plan(session, request).await.map(Response::new)
    }

    async fn config(
        &self,
        request: Request<proto::ConfigRequest>,
    ) -> Result<Response<proto::ConfigResponse>, Status> {
        let request = request.into_inner();
        let observed = request.client_observed_server_side_session_id.as_deref();
        let session = self.session(request.user_context.as_ref(), &request.session_id, observed)?;
        config::config(&session, request).map(Response::new)
    }

    async fn add_artifacts(
        &self,
        request: Request<Streaming<proto::AddArtifactsRequest>>,
    ) -> Result<Response<proto::AddArtifactsResponse>, Status> {
        add_artifacts::add_artifacts(self, request.into_inner()).await.map(Response::new)
    }

    async fn artifact_status(
        &self,
        request: Request<proto::ArtifactStatusesRequest>,
    ) -> Result<Response<proto::ArtifactStatusesResponse>, Status> {
        let request = request.into_inner();
        let observed = request.client_observed_server_side_session_id.as_deref();
        let session = self.session(request.user_context.as_ref(), &request.session_id, observed)?;
        Ok(Response::new(artifact_status::artifact_status(&session, request)))
    }

    async fn interrupt(
        &self,
        request: Request<proto::InterruptRequest>,
    ) -> Result<Response<proto::InterruptResponse>, Status> {
        let request = request.into_inner();
        let observed = request.client_observed_server_side_session_id.as_deref();
        let session = self.session(request.user_context.as_ref(), &request.session_id, observed)?;
        let answer = interrupt::interrupt(&session, &request);
        answer.map(Response::new).map_err(|error| errors::status(&error, Some(&session)))
    }

    async fn reattach_execute(
        &self,
        request: Request<proto::ReattachExecuteRequest>,
    ) -> Result<Response<ResponseStream>, Status> {
        let request = request.into_inner();
        let observed = request.client_observed_server_side_session_id.as_deref();
        let user = request.user_context.as_ref();
        let session = self.existing_session(user, &request.session_id, observed)?;
        reattach_execute::reattach_execute(&session, &request).map(Response::new)
    }

    async fn release_execute(
        &self,
        request: Request<proto::ReleaseExecuteRequest>,
    ) -> Result<Response<proto::ReleaseExecuteResponse>, Status> {
        let request = request.into_inner();
        let observed = request.client_observed_server_side_session_id.as_deref();
        let user = request.user_context.as_ref();
        let session = self.existing_session(user, &request.session_id, observed)?;
        Ok(Response::new(release_execute::release_execute(&session, &request)))
    }

    async fn release_session(
        &self,
        request: Request<proto::ReleaseSessionRequest>,
    ) -> Result<Response<proto::ReleaseSessionResponse>, Status> {
        let request = request.into_inner();
        Ok(Response::new(release_session::release_session(&self.engine, &request)))
    }

    async fn fetch_error_details(
        &self,
        request: Request<proto::FetchErrorDetailsRequest>,
    ) -> Result<Response<proto::FetchErrorDetailsResponse>, Status> {
        let request = request.into_inner();
        let user = request.user_context.as_ref();
        let session = self.existing_session(user, &request.session_id, None)?;
        Ok(Response::new(fetch_error_details::fetch_error_details(&session, &request)))
    }

    async fn clone_session(
        &self,
        request: Request<proto::CloneSessionRequest>,
    ) -> Result<Response<proto::CloneSessionResponse>, Status> {
        let request = request.into_inner();
        let observed = request.client_observed_server_side_session_id.as_deref();
        let user = request.user_context.as_ref();
        let session = self.existing_session(user, &request.session_id, observed)?;
        clone_session::clone_session(&self.engine, &session, &request).map(Response::new)
    }

    async fn get_status(
        &self,
        request: Request<proto::GetStatusRequest>,
    ) -> Result<Response<proto::GetStatusResponse>, Status> {
        let request = request.into_inner();
        let observed = request.client_observed_server_side_session_id.as_deref();
        let user = request.user_context.as_ref();
        let session = self.existing_session(user, &request.session_id, observed)?;
        Ok(Response::new(get_status::get_status(&session, request)))
    }
}
