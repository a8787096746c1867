//! A stream that counts its rows.

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use datafusion_common::Result;
use datafusion_execution::{RecordBatchStream, SendableRecordBatchStream};
use datafusion_physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet};
use futures::{Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll};

pub(super) struct Measured {
    rows: SendableRecordBatchStream,
    metrics: BaselineMetrics,
}

impl Measured {
    pub fn new(
        rows: SendableRecordBatchStream,
        metrics: &ExecutionPlanMetricsSet,
        partition: usize,
    ) -> Self {
        Self { rows, metrics: BaselineMetrics::new(metrics, partition) }
    }
}

impl Stream for Measured {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let poll = self.rows.poll_next_unpin(cx);
        self.metrics.record_poll(poll)
    }
}

impl RecordBatchStream for Measured {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }
}
