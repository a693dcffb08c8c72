//! Compressed messages (RFC 7692 §7.2), each by itself.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// The bytes that a sender leaves out at the end of each message.
const END: [u8; 4] = [0, 0, 0xff, 0xff];

/// The payload of a frame with the bit RSV1.
pub fn compress(message: impl AsRef<[u8]>) -> Vec<u8> {
    let message = message.as_ref();
    let mut payload = Vec::with_capacity(message.len() + message.len() / 8 + 64);
    Compress::new(Compression::best(), false).compress_vec(message, &mut payload, FlushCompress::Sync).unwrap();
    assert!(payload.ends_with(&END));
    payload.truncate(payload.len() - END.len());
    payload
}

/// The message of a frame with the bit RSV1.
///
/// # Panics
/// If a server may not send it.
pub fn inflate(payload: &[u8]) -> Vec<u8> {
    let mut inflater = Decompress::new(false);
    let payload = [payload, &END].concat();
    let mut message = Vec::new();
    while inflater.total_in() < payload.len() as u64 {
        message.reserve(64 * 1024);
        let from = usize::try_from(inflater.total_in()).unwrap();
        inflater.decompress_vec(&payload[from..], &mut message, FlushDecompress::Sync).unwrap();
    }
    message
}
