//! Config: `spark.conf`, and what the client asks for behind its user's back.

use super::errors;
use crate::session::Session;
use firesteel_common::{Result, SparkError};
use firesteel_proto::spark::connect as proto;
use proto::config_request::operation::OpType;
use tonic::Status;

pub fn config(
    session: &Session,
    request: proto::ConfigRequest,
) -> Result<proto::ConfigResponse, Status> {
    let operation = request.operation.and_then(|operation| operation.op_type);
    let answer = operation
        .ok_or_else(|| SparkError::invalid_plan("The configuration request has no operation."))
        .and_then(|operation| run(session, operation));
    let (pairs, warnings) = answer.map_err(|error| errors::status(&error, Some(session)))?;
    Ok(proto::ConfigResponse {
        session_id: session.key.id.clone(),
        server_side_session_id: session.server_side_id.clone(),
        pairs,
        warnings,
    })
}

fn run(session: &Session, operation: OpType) -> Result<(Vec<proto::KeyValue>, Vec<String>)> {
    let mut warnings = Vec::new();
    let mut pairs = Vec::new();
    match operation {
        OpType::Set(set) => {
            let silent = set.silent.unwrap_or(false);
            let mut conf = session.conf.write();
            for pair in set.pairs {
                let value = pair.value.as_deref().unwrap_or_default();
                let result = match silent {
                    true => conf.set_silently(&pair.key, value),
                    false => conf.set(&pair.key, value),
                };
                match result {
                    Err(error) if silent => warnings.push(error.to_string()),
                    result => result?,
                }
                crate::log::configured(&pair.key, value);
                if silent && pair.key == "spark.sql.warehouse.dir" {
                    session.engine().databases().write().set_warehouse(value);
                }
                pairs.push(pair);
            }
        }
        OpType::Get(get) => {
            let conf = session.conf.read();
            for key in get.keys {
                let value = conf.get(&key)?;
                pairs.push(proto::KeyValue { key, value });
            }
        }
        OpType::GetWithDefault(get) => {
            let conf = session.conf.read();
            for pair in get.pairs {
                let value = conf.get_with_default(&pair.key, pair.value.as_deref())?;
                pairs.push(proto::KeyValue { key: pair.key, value });
            }
        }
        OpType::GetOption(get) => {
            let conf = session.conf.read();
            for key in get.keys {
                let value = conf.effective(&key);
                pairs.push(proto::KeyValue { key, value });
            }
        }
        OpType::GetAll(get) => {
            let prefix = get.prefix.unwrap_or_default();
            for (key, value) in session.conf.read().all_explicit() {
                // Spark cuts the prefix off, as its client expects.
                if let Some(rest) = key.strip_prefix(&prefix) {
                    pairs.push(proto::KeyValue { key: rest.to_owned(), value: Some(value) });
                }
            }
        }
        OpType::Unset(unset) => {
            let mut conf = session.conf.write();
            for key in unset.keys {
                conf.unset(&key)?;
                pairs.push(proto::KeyValue { key, value: None });
            }
        }
        OpType::IsModifiable(ask) => {
            let conf = session.conf.read();
            for key in ask.keys {
                let value = Some(conf.is_modifiable(&key).to_string());
                pairs.push(proto::KeyValue { key, value });
            }
        }
    }
    Ok((pairs, warnings))
}
