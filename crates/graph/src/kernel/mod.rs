//! Algorithms over [`csr`](crate::csr), one file each.
