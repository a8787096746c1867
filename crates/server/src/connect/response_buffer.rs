//! The answers of one operation: those that wait to be sent, and those that were sent and are kept in case
//! the connection broke.
//!
//! Ids are a random number plus the answer's own: where an answer stood can be told from its id, also
//! when it is not kept any more.

use firesteel_proto::spark::connect::ExecutePlanResponse;
use std::collections::VecDeque;

struct Buffered {
    response: ExecutePlanResponse,
    bytes: usize,
}

/// Answers by number; the first answer of an operation is number 0.
pub struct ResponseBuffer {
    /// Id of answer 0.
    base: u128,
    /// Number of the first answer that is kept.
    first: usize,
    kept: VecDeque<Buffered>,
    /// Answers with smaller numbers were sent at least once.
    n_sent: usize,
    sent_bytes: usize,
    unsent_bytes: usize,
}

impl ResponseBuffer {
    pub fn new() -> Self {
        Self {
            base: uuid::Uuid::new_v4().as_u128(),
            first: 0,
            kept: VecDeque::new(),
            n_sent: 0,
            sent_bytes: 0,
            unsent_bytes: 0,
        }
    }

    /// Number of the next answer to be pushed.
    fn end(&self) -> usize {
        self.first + self.kept.len()
    }

    /// Number of the first answer that is kept.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Bytes that wait to be sent.
    pub fn unsent_bytes(&self) -> usize {
        self.unsent_bytes
    }

    /// Adds an answer and gives it its id. `bytes` is about its size.
    pub fn push(&mut self, mut response: ExecutePlanResponse, bytes: usize) {
        response.response_id = self.id_of(self.end());
        self.unsent_bytes += bytes;
        self.kept.push_back(Buffered { response, bytes });
    }

    /// The id of the answer with this number.
    pub fn id_of(&self, number: usize) -> String {
        uuid::Uuid::from_u128(self.base.wrapping_add(number as u128)).to_string()
    }

    /// The number of the answer with this id, kept or not; none if there never was one.
    pub fn number_of(&self, id: &str) -> Option<usize> {
        let id = uuid::Uuid::try_parse(id).ok()?.as_u128();
        let number = usize::try_from(id.wrapping_sub(self.base)).ok()?;
        (number < self.end()).then_some(number)
    }

    /// An answer to be sent now. Of those sent before, no more than `keep_bytes` are kept.
    pub fn send(&mut self, number: usize, keep_bytes: usize) -> Option<ExecutePlanResponse> {
        let position = number.checked_sub(self.first)?;
        let response = self.kept.get(position)?.response.clone();
        while self.n_sent <= number {
            let bytes = self.kept[self.n_sent - self.first].bytes;
            self.unsent_bytes -= bytes;
            self.sent_bytes += bytes;
            self.n_sent += 1;
        }
        // The newest stays whatever its size: it is the one that a broken connection loses.
        while self.sent_bytes > keep_bytes && self.first + 1 < self.n_sent {
            self.drop_first();
        }
        Some(response)
    }

    /// Forgets the answers up to and including this one.
    pub fn release_through(&mut self, number: usize) {
        while self.first <= number && !self.kept.is_empty() {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        let Some(dropped) = self.kept.pop_front() else {
            return;
        };
        if self.first < self.n_sent {
            self.sent_bytes -= dropped.bytes;
        } else {
            self.unsent_bytes -= dropped.bytes;
            self.n_sent += 1;
        }
        self.first += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(n: usize) -> ResponseBuffer {
        let mut buffer = ResponseBuffer::new();
        for _ in 0..n {
            buffer.push(ExecutePlanResponse::default(), 10);
        }
        buffer
    }

    #[test]
    fn ids_tell_numbers() {
        let mut buffer = filled(3);
        let ids: Vec<_> =
            (0..3).map(|number| buffer.send(number, 1_000).unwrap().response_id).collect();
        buffer.release_through(1);
        assert_eq!(buffer.number_of(&ids[0]), Some(0));
        assert_eq!(buffer.number_of(&ids[2]), Some(2));
        assert_eq!(buffer.number_of(&uuid::Uuid::new_v4().to_string()), None);
        assert_eq!(buffer.number_of("no id"), None);
    }

    #[test]
    fn sent_answers_are_kept_within_the_limit() {
        let mut buffer = filled(5);
        assert_eq!(buffer.unsent_bytes(), 50);
        for number in 0..4 {
            assert!(buffer.send(number, 20).is_some());
        }
        assert_eq!(buffer.unsent_bytes(), 10);
        assert_eq!(buffer.first(), 2);
        assert!(buffer.send(1, 20).is_none());
        assert!(buffer.send(2, 20).is_some());
        assert!(buffer.send(4, 0).is_some());
        assert_eq!(buffer.first(), 4);
        assert!(buffer.send(4, 0).is_some());
    }

    #[test]
    fn release_counts_unsent_answers_too() {
        let mut buffer = filled(2);
        buffer.release_through(1);
        assert_eq!(buffer.unsent_bytes(), 0);
        buffer.push(ExecutePlanResponse::default(), 10);
        assert_eq!(buffer.unsent_bytes(), 10);
        assert!(buffer.send(2, 100).is_some());
        buffer.release_through(2);
        assert_eq!(buffer.unsent_bytes(), 0);
    }
}
