//! The compressed forms of one message, shared by all that it is for.

use std::sync::OnceLock;

use bytes::Bytes;

use super::window::WindowBits;

/// A message's compressed frames, one for each compressor, made when they are first asked for. `None` inside: compressed, it is
/// not shorter.
#[derive(Debug, Default)]
pub struct Variants(OnceLock<Box<Forms>>);

/// Boxed, so that a message that nobody wants compressed costs a pointer.
type Forms = [OnceLock<Option<Bytes>>; WindowBits::COUNT];

impl Variants {
    /// Returns the frame for a window. The first call makes it; others wait for it meanwhile.
    pub fn get(&self, window: WindowBits, make: impl FnOnce() -> Option<Bytes>) -> Option<&Bytes> {
        self.0.get_or_init(Box::default)[window.index()].get_or_init(make).as_ref()
    }
}
