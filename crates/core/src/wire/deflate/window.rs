//! The size of a compressor's window (RFC 7692 §7.1.2).

/// The base-2 logarithm of the bytes that a compressor may look back, 8 to 15.
///
/// ```
/// # use parlor_core::wire::deflate::WindowBits;
/// assert_eq!(WindowBits::new(10).map(WindowBits::bits), Some(10));
/// assert_eq!(WindowBits::new(7), None);
/// assert_eq!(WindowBits::default().bits(), 15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowBits(u8);

impl WindowBits {
    const MIN: u8 = 8;
    const MAX: u8 = 15;
    /// The smallest window that zlib compresses with. It looks back 262 bytes less than a window has, so that 250 of these
    /// 512 are used: they fit into the smallest window, too.
    const COMPRESSED_MIN: u8 = 9;
    /// The number of different compressors.
    pub(super) const COUNT: usize = (Self::MAX - Self::COMPRESSED_MIN + 1) as usize;

    /// Returns the window of `bits`; `None` beyond 8 to 15.
    pub fn new(bits: u8) -> Option<Self> {
        (Self::MIN..=Self::MAX).contains(&bits).then_some(WindowBits(bits))
    }

    /// Returns the logarithm.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Returns the window of the compressor.
    pub(super) fn compressed(self) -> u8 {
        self.0.max(Self::COMPRESSED_MIN)
    }

    /// Returns the number of the compressor, below [`COUNT`](WindowBits::COUNT).
    pub(super) fn index(self) -> usize {
        usize::from(self.compressed() - Self::COMPRESSED_MIN)
    }
}

impl Default for WindowBits {
    /// The largest window, 32 KiB.
    fn default() -> Self {
        WindowBits(Self::MAX)
    }
}
