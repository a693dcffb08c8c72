//! Compressed payload → message (RFC 7692 §7.2.2), never longer than a bound.

use std::cell::RefCell;

use flate2::{Decompress, FlushDecompress, Status};

/// The 4 bytes that the sender has left out (§7.2.2), and an empty last block: only a payload that ends with a whole block
/// ends there.
const END: [u8; 9] = [0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff];

/// Why a payload is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is longer than allowed. No more than the bound was inflated.
    TooLong,
    /// It is not DEFLATE (RFC 1951), or it is not whole.
    Invalid,
}

thread_local! {
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// Inflates a message of at most `bytes_max` bytes. The memory taken is that and one byte more.
///
/// # Errors
/// If it is longer, or invalid.
pub fn inflate(payload: &[u8], bytes_max: usize) -> Result<Vec<u8>, Fault> {
    let room_max = bytes_max.saturating_add(1); // the one more tells that there is more
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(false);
        let mut message = Vec::with_capacity(payload.len().saturating_mul(4).clamp(64.min(room_max), room_max));
        let mut has_ended = false;
        for part in [payload, &END] {
            let mut rest = part;
            while !rest.is_empty() {
                if has_ended {
                    inflater.reset(false); // a sender may end a block for good, and go on with another (§7.2.3.4)
                }
                make_room(&mut message, room_max)?;
                let (taken, inflated) = (inflater.total_in(), message.len());
                let status = inflater.decompress_vec(rest, &mut message, FlushDecompress::None);
                let taken = usize::try_from(inflater.total_in() - taken).map_err(|_| Fault::Invalid)?;
                rest = rest.get(taken..).ok_or(Fault::Invalid)?;
                if taken == 0 && message.len() == inflated {
                    return Err(Fault::Invalid); // it would go on for ever
                }
                has_ended = match status {
                    Ok(Status::StreamEnd) => true,
                    Ok(Status::Ok | Status::BufError) => false,
                    Err(_) => return Err(Fault::Invalid),
                };
            }
        }
        match has_ended {
            _ if message.len() > bytes_max => Err(Fault::TooLong),
            true => Ok(message),
            false => Err(Fault::Invalid),
        }
    })
}

/// Doubles a full buffer, up to the bound.
fn make_room(message: &mut Vec<u8>, room_max: usize) -> Result<(), Fault> {
    let room = message.capacity();
    if message.len() < room {
        return Ok(());
    }
    if room >= room_max {
        return Err(Fault::TooLong);
    }
    message.reserve_exact(room.saturating_mul(2).clamp(1, room_max) - message.len());
    Ok(())
}
