//! Interrupt: stops what runs in a session, all of it, by tag, or by operation.

use crate::session::Session;
use firesteel_proto::spark::connect as proto;
use proto::interrupt_request::{Interrupt, InterruptType};

pub fn interrupt(session: &Session, request: &proto::InterruptRequest) -> proto::InterruptResponse {
    let interrupted_ids = match (request.interrupt_type(), &request.interrupt) {
        (InterruptType::All, _) => session.operations.interrupt(|_| true),
        (InterruptType::Tag, Some(Interrupt::OperationTag(tag))) => {
            session.operations.interrupt(|operation| operation.tags().contains(tag))
        }
        (InterruptType::OperationId, Some(Interrupt::OperationId(id))) => {
            session.operations.interrupt(|operation| operation.id() == id)
        }
        _ => Vec::new(),
    };
    proto::InterruptResponse {
        session_id: session.key.id.clone(),
        server_side_session_id: session.server_side_id.clone(),
        interrupted_ids,
    }
}
