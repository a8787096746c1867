//! `df.stat`, summary and describe.

use super::super::expression::expression;
use super::super::literal::literal;
use super::super::{faults, required};
use super::input;
use crate::session::Session;
use firesteel_common::Result;
use firesteel_plan::spec::RelationNode;
use firesteel_proto::spark::connect as proto;

pub fn summary(session: &Session, message: &proto::StatSummary) -> Result<RelationNode> {
    let input = input(session, message.input.as_deref())?;
    Ok(RelationNode::Summary { input, statistics: message.statistics.clone() })
}

pub fn describe(session: &Session, message: &proto::StatDescribe) -> Result<RelationNode> {
    let input = input(session, message.input.as_deref())?;
    Ok(RelationNode::Describe { input, columns: message.cols.clone() })
}

pub fn crosstab(session: &Session, message: &proto::StatCrosstab) -> Result<RelationNode> {
    Ok(RelationNode::Crosstab {
        input: input(session, message.input.as_deref())?,
        column1: message.col1.clone(),
        column2: message.col2.clone(),
    })
}

pub fn cov(session: &Session, message: &proto::StatCov) -> Result<RelationNode> {
    Ok(RelationNode::Cov {
        input: input(session, message.input.as_deref())?,
        column1: message.col1.clone(),
        column2: message.col2.clone(),
    })
}

pub fn corr(session: &Session, message: &proto::StatCorr) -> Result<RelationNode> {
    Ok(RelationNode::Corr {
        input: input(session, message.input.as_deref())?,
        column1: message.col1.clone(),
        column2: message.col2.clone(),
        method: message.method.clone(),
    })
}

pub fn approx_quantile(
    session: &Session,
    message: &proto::StatApproxQuantile,
) -> Result<RelationNode> {
    Ok(RelationNode::ApproxQuantile {
        input: input(session, message.input.as_deref())?,
        columns: message.cols.clone(),
        probabilities: message.probabilities.clone(),
        relative_error: message.relative_error,
    })
}

pub fn freq_items(session: &Session, message: &proto::StatFreqItems) -> Result<RelationNode> {
    Ok(RelationNode::FreqItems {
        input: input(session, message.input.as_deref())?,
        columns: message.cols.clone(),
        support: message.support,
    })
}

pub fn sample_by(session: &Session, message: &proto::StatSampleBy) -> Result<RelationNode> {
    let fractions = message.fractions.iter().map(|fraction| {
        let stratum = literal(required(fraction.stratum.as_ref(), faults::literal)?)?;
        Ok((stratum, fraction.fraction))
    });
    let fractions = fractions.collect::<Result<_>>()?;
    Ok(RelationNode::SampleBy {
        input: input(session, message.input.as_deref())?,
        column: expression(required(message.col.as_ref(), faults::expression)?)?,
        fractions,
        seed: message.seed,
    })
}
