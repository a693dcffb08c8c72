//! Payload → compressed payload (RFC 7692 §7.2.1).

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::window::WindowBits;

/// The level: at messages of a chat, higher ones save nothing more and take up to twice the time.
const LEVEL: u32 = 3;
/// The end of every flush, which is left out on the wire (§7.2.1).
const FLUSH_END: [u8; 4] = [0, 0, 0xff, 0xff];
/// A longer buffer is not kept for the next message.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// A thread's compressors, made when they are first needed: about 300 KiB each, 7 at most.
#[derive(Default)]
struct Scratch {
    compressors: [Option<Compress>; WindowBits::COUNT],
    buffer: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Compresses a message by itself. Returns the payload of its frame, to be sent with the bit RSV1; `None` if that is not
/// shorter than `payload`.
///
/// ```
/// # use parlor_core::wire::deflate::{WindowBits, compress};
/// let message = "a line of talk, ".repeat(20);
/// let compressed = compress(message.as_bytes(), WindowBits::default()).ok_or("not shorter")?;
/// assert!(compressed.len() < 40);
/// assert_eq!(compress(b"Hello", WindowBits::default()), None);
/// # Ok::<(), &str>(())
/// ```
pub fn compress(payload: &[u8], window: WindowBits) -> Option<Vec<u8>> {
    SCRATCH.with_borrow_mut(|Scratch { compressors, buffer }| {
        let compressor = compressors[window.index()]
            .get_or_insert_with(|| Compress::new_with_window_bits(Compression::new(LEVEL), false, window.compressed()));
        compressor.reset();
        buffer.clear();
        buffer.reserve_exact(payload.len() + FLUSH_END.len() + 1);
        let status = compressor.compress_vec(payload, buffer, FlushCompress::Sync);
        // Room that is left tells that the flush is whole.
        let is_whole = matches!(status, Ok(Status::Ok)) && buffer.len() < buffer.capacity();
        let compressed = buffer.strip_suffix(&FLUSH_END).filter(|short| is_whole && short.len() < payload.len());
        let compressed = compressed.map(<[u8]>::to_vec);
        if buffer.capacity() > KEPT_BYTES_MAX {
            *buffer = Vec::new();
        }
        compressed
    })
}

#[cfg(test)]
mod tests;
