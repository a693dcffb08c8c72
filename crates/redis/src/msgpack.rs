//! The few shapes of MessagePack that the scripts take and give: lists, strings, whole numbers, nothing.
//!
//! <https://github.com/msgpack/msgpack/blob/master/spec.md>. Redis's `cmsgpack` knows no binary: all bytes
//! are strings.

use bytes::Bytes;

/// The largest whole number that Lua's doubles hold exactly, with all below it.
pub(crate) const LUA_MAX: u64 = 1 << 53;

/// Appends values to a buffer.
#[derive(Debug, Default)]
pub(crate) struct Packer(Vec<u8>);

impl Packer {
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    /// Begins a list of so many values, which follow.
    pub fn list(&mut self, length: usize) {
        match u32::try_from(length).unwrap_or(u32::MAX) {
            short @ 0..=15 => self.0.push(0x90 | short as u8),
            medium @ 16..=0xffff => self.head(0xdc, &(medium as u16).to_be_bytes()),
            long => self.head(0xdd, &long.to_be_bytes()),
        }
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        match u32::try_from(bytes.len()).unwrap_or(u32::MAX) {
            short @ 0..=0xff => self.head(0xd9, &[short as u8]),
            medium @ 0x100..=0xffff => self.head(0xda, &(medium as u16).to_be_bytes()),
            long => self.head(0xdb, &long.to_be_bytes()),
        }
        self.0.extend_from_slice(bytes);
    }

    /// A number up to [`LUA_MAX`]; a larger one becomes that.
    pub fn number(&mut self, number: u64) {
        match number.min(LUA_MAX) {
            small @ 0..=0x7f => self.0.push(small as u8),
            large => self.head(0xcf, &large.to_be_bytes()),
        }
    }

    pub fn nothing(&mut self) {
        self.0.push(0xc0);
    }

    pub fn optional_bytes(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bytes(bytes),
            None => self.nothing(),
        }
    }

    pub fn optional_number(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.number(number),
            None => self.nothing(),
        }
    }

    fn head(&mut self, marker: u8, length: &[u8]) {
        self.0.push(marker);
        self.0.extend_from_slice(length);
    }
}

/// Takes values from the front of a buffer. Everything is `None` if something else stands there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Unpacker(bytes)
    }

    /// The length of a list; its values follow.
    pub fn list(&mut self) -> Option<usize> {
        match self.byte()? {
            marker @ 0x90..=0x9f => Some(usize::from(marker & 0x0f)),
            0xdc => self.length(2),
            0xdd => self.length(4),
            0x80 => Some(0), // an empty table of Lua
            _ => None,
        }
    }

    /// The values of a list, each taken by `take`.
    pub fn list_of<T>(&mut self, mut take: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.list()?;
        let mut values = Vec::with_capacity(length.min(self.0.len()));
        for _ in 0..length {
            values.push(take(self)?);
        }
        Some(values)
    }

    /// The values at the front of a list, taken by `take`; those behind them are skipped: a later version may add some.
    pub fn fields<T>(&mut self, least: usize, take: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let length = self.list()?;
        let more = length.checked_sub(least)?;
        let taken = take(self)?;
        for _ in 0..more {
            self.skip(0)?;
        }
        Some(taken)
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = match self.byte()? {
            marker @ 0xa0..=0xbf => usize::from(marker & 0x1f),
            0xd9 => self.length(1)?,
            0xda => self.length(2)?,
            0xdb => self.length(4)?,
            _ => return None,
        };
        self.take(length)
    }

    pub fn buffer(&mut self) -> Option<Bytes> {
        self.bytes().map(Bytes::copy_from_slice)
    }

    pub fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// A whole number that is not negative.
    pub fn number(&mut self) -> Option<u64> {
        match self.byte()? {
            small @ 0..=0x7f => Some(u64::from(small)),
            0xcc => self.uint(1),
            0xcd => self.uint(2),
            0xce => self.uint(4),
            0xcf => self.uint(8),
            _ => None,
        }
    }

    /// `Some(None)` for nothing; otherwise what `take` makes of the value.
    pub fn optional<T>(&mut self, take: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.0.first() == Some(&0xc0) {
            self.byte()?;
            return Some(None);
        }
        take(self).map(Some)
    }

    /// `true` if `false` stands there, which is taken.
    pub fn is_false(&mut self) -> bool {
        let is_false = self.0.first() == Some(&0xc2);
        if is_false {
            self.byte();
        }
        is_false
    }

    fn skip(&mut self, depth: u8) -> Option<()> {
        let first = *self.0.first()?;
        match first {
            0x80..=0x9f | 0xdc..=0xdd if depth < 16 => {
                for _ in 0..self.list()? {
                    self.skip(depth + 1)?;
                }
                Some(())
            }
            0x00..=0x7f | 0xcc..=0xcf => self.number().map(drop),
            0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => self.byte().map(drop),
            _ => self.bytes().map(drop),
        }
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn uint(&mut self, size: usize) -> Option<u64> {
        Some(self.take(size)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, size: usize) -> Option<usize> {
        usize::try_from(self.uint(size)?).ok()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        for length in [0, 1, 31, 32, 255, 256, 65_535, 65_536] {
            let bytes = vec![7; length];
            let mut packer = Packer::default();
            packer.list(length);
            packer.bytes(&bytes);
            packer.number(length as u64);
            packer.optional_bytes(None);
            packer.optional_number(Some(u64::MAX));
            let packed = packer.finish();
            let mut unpacker = Unpacker::new(&packed);
            assert_eq!(unpacker.list(), Some(length));
            assert_eq!(unpacker.bytes(), Some(&bytes[..]));
            assert_eq!(unpacker.number(), Some(length as u64));
            assert_eq!(unpacker.optional(Unpacker::number), Some(None));
            assert_eq!(unpacker.optional(Unpacker::number), Some(Some(LUA_MAX)));
            assert_eq!(unpacker.number(), None, "there is no more");
        }
    }

    #[test]
    fn fields_of_a_later_version_are_skipped() {
        let mut packer = Packer::default();
        packer.list(4);
        packer.number(1);
        packer.list(2);
        packer.bytes(b"new");
        packer.nothing();
        packer.number(1000);
        packer.bytes(b"newer");
        packer.number(2);
        let packed = packer.finish();
        let mut unpacker = Unpacker::new(&packed);
        assert_eq!(unpacker.fields(1, Unpacker::number), Some(1));
        assert_eq!(unpacker.number(), Some(2));
        assert_eq!(Unpacker::new(&packed).fields(5, Unpacker::number), None);
    }

    #[test]
    fn damaged_bytes_are_nothing() {
        for bytes in [&[][..], &[0xd9], &[0xd9, 9, 1], &[0xdd, 255, 255, 255, 255], &[0xd9, 200], &[0xcf, 1]] {
            assert_eq!(Unpacker::new(bytes).list_of(Unpacker::buffer), None, "{bytes:?}");
            assert_eq!(Unpacker::new(bytes).bytes(), None, "{bytes:?}");
            assert_eq!(Unpacker::new(bytes).number(), None, "{bytes:?}");
        }
    }
}
