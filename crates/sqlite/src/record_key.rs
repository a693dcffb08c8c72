//! The key of a record: the number of its log and its sequence number in one integer.

/// Bits that hold the sequence number: 2^38 is a thousand a second for eight years, and leaves 2^25 logs at a time.
const SEQ_BITS: u32 = 38;
/// The last sequence number; one more key is kept free behind it.
pub(super) const SEQ_MAX: u64 = (1 << SEQ_BITS) - 2;
/// The last number of a log.
pub(super) const LOG_MAX: i64 = (1 << (63 - SEQ_BITS)) - 1;

/// The key of record `seq` of log `log`.
pub(super) fn pack(log: i64, seq: u64) -> i64 {
    (log << SEQ_BITS) | int(seq.min(SEQ_MAX + 1))
}

/// The sequence number in a key.
pub(super) fn seq_of(key: i64) -> u64 {
    (key & ((1 << SEQ_BITS) - 1)).unsigned_abs()
}

/// SQLite's integers are signed; a number that does not fit becomes the largest.
pub(super) fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
