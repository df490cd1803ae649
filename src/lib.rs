//! segment-edge
