//! Text that comes in pieces, judged at the first byte that can't be UTF-8.

/// The state of a text: the bytes of a character that is not whole.
#[derive(Default)]
pub struct Utf8 {
    cut: [u8; 4],
    cut_bytes: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Invalid;

impl Utf8 {
    /// # Errors
    /// If no text begins like that.
    pub fn push(&mut self, mut part: &[u8]) -> Result<(), Invalid> {
        while self.cut_bytes > 0 {
            let Some((byte, rest)) = part.split_first() else { return Ok(()) };
            self.cut[self.cut_bytes] = *byte;
            self.cut_bytes += 1;
            part = rest;
            if cut_at(&self.cut[..self.cut_bytes])?.is_none() {
                self.cut_bytes = 0;
            }
        }
        if let Some(whole) = cut_at(part)? {
            let cut = &part[whole..];
            self.cut[..cut.len()].copy_from_slice(cut);
            self.cut_bytes = cut.len();
        }
        Ok(())
    }
}

/// Where the last character begins, if it is not whole.
fn cut_at(bytes: &[u8]) -> Result<Option<usize>, Invalid> {
    match std::str::from_utf8(bytes) {
        Ok(_) => Ok(None),
        Err(error) if error.error_len().is_none() => Ok(Some(error.valid_up_to())),
        Err(_) => Err(Invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes are taken before it is known to be wrong.
    fn taken(bytes: &[u8]) -> Option<usize> {
        let mut utf8 = Utf8::default();
        bytes.iter().position(|byte| utf8.push(&[*byte]).is_err())
    }

    #[test]
    fn text_may_be_cut_anywhere() {
        let text = "κόσμε 漢字 🦀 z\u{0301}".as_bytes();
        for cut in 0..text.len() {
            let mut utf8 = Utf8::default();
            utf8.push(&text[..cut]).unwrap();
            utf8.push(&text[cut..]).unwrap();
            assert_eq!(utf8.cut_bytes, 0);
        }
        assert_eq!(taken(text), None);
    }

    #[test]
    fn a_wrong_byte_is_known_at_once() {
        assert_eq!(taken(b"\xce\xba\xe1\xbd\xb9\xf4\x90\x80\x80"), Some(6), "beyond U+10FFFF");
        assert_eq!(taken(b"a\xed\xa0\x80"), Some(2), "a surrogate");
        assert_eq!(taken(b"a\xf5"), Some(1), "begins nothing");
        assert_eq!(taken(b"\xc0\xaf"), Some(0), "longer than needed");
        assert_eq!(taken(b"\xe2\x82a"), Some(2), "cut off by another character");
        assert_eq!(taken(b"\x80"), Some(0), "a continuation of nothing");
    }
}
