//! Decides how numbers, strings and byte strings lie in a message: the encoding of lib0, which Yjs uses everywhere.

use super::error::DecodeError;

/// The largest number that may stand on the wire: 2^53-1, the largest that JavaScript counts exactly.
pub const MAX_VAR_UINT: u64 = (1 << 53) - 1;

/// A number of 53 bits takes at most eight bytes of seven bits.
const MAX_VAR_UINT_BYTES: u32 = 8;

/// Reads a message from its first byte to its last.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything has been read.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes have not been read.
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Reads a number: seven bits a byte, the lowest first, the high bit meaning that more follow.
    ///
    /// Needless zero bits at the end are accepted, as lib0 does, up to eight bytes in all.
    ///
    /// # Errors
    /// The bytes end within the number, or it exceeds [`MAX_VAR_UINT`] or eight bytes.
    pub fn var_uint(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0;
        for position in 0..MAX_VAR_UINT_BYTES {
            let (&byte, rest) = self.rest.split_first().ok_or(DecodeError::Truncated)?;
            self.rest = rest;
            value |= u64::from(byte & 0x7f) << (7 * position);
            if byte < 0x80 {
                return if value <= MAX_VAR_UINT { Ok(value) } else { Err(DecodeError::Overflow) };
            }
        }
        Err(DecodeError::Overflow)
    }

    /// Reads the next `len` bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn take(&mut self, len: u64) -> Result<&'a [u8], DecodeError> {
        // A length that does not fit `usize` is larger than what is left, which does.
        let len = usize::try_from(len).map_err(|_| DecodeError::Truncated)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads a length and that many bytes.
    ///
    /// # Errors
    /// The length cannot be read, or fewer bytes are left.
    pub fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = self.var_uint()?;
        self.take(len)
    }

    /// Reads a length in bytes and that much UTF-8.
    ///
    /// # Errors
    /// As [`Reader::bytes`], or the bytes are not UTF-8.
    pub fn string(&mut self) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| DecodeError::InvalidUtf8)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Bytes are left.
    pub const fn finish(self) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            count => Err(DecodeError::TrailingBytes { count }),
        }
    }
}

/// Writes a message, in the encoding that [`Reader`] reads.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Starts with no bytes.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Writes a number in as few bytes as it takes. Above [`MAX_VAR_UINT`] no peer can read it.
    pub fn var_uint(&mut self, value: u64) {
        let mut rest = value;
        loop {
            let byte = (rest & 0x7f) as u8;
            rest >>= 7;
            if rest == 0 {
                return self.bytes.push(byte);
            }
            self.bytes.push(byte | 0x80);
        }
    }

    /// Writes the length of `bytes`, then the bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.var_uint(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes the length of `text` in bytes, then its UTF-8.
    pub fn string(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Everything that was written.
    pub fn into_vec(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::new();
        write(&mut writer);
        writer.into_vec()
    }

    #[test]
    fn numbers_have_the_bytes_that_lib0_gives_them() {
        let cases: [(u64, &[u8]); 6] = [
            (0, &[0]),
            (127, &[0x7f]),
            (128, &[0x80, 1]),
            (300, &[0xac, 2]),
            (0xffff_ffff, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
            (MAX_VAR_UINT, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]),
        ];
        for (value, bytes) in cases {
            assert_eq!(written(|writer| writer.var_uint(value)), bytes);
            assert_eq!(Reader::new(bytes).var_uint(), Ok(value));
        }
    }

    #[test]
    fn numbers_that_javascript_cannot_count_are_refused() {
        let bytes = written(|writer| writer.var_uint(MAX_VAR_UINT + 1));
        assert_eq!(Reader::new(&bytes).var_uint(), Err(DecodeError::Overflow));
        assert_eq!(Reader::new(&[0xff; 20]).var_uint(), Err(DecodeError::Overflow));
    }

    #[test]
    fn a_padded_number_is_read_up_to_eight_bytes() {
        assert_eq!(Reader::new(&[0x85, 0x80, 0]).var_uint(), Ok(5));
        let nine = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0];
        assert_eq!(Reader::new(&nine).var_uint(), Err(DecodeError::Overflow));
    }

    #[test]
    fn a_length_that_wraps_on_32_bits_is_compared_before_it_is_narrowed() {
        for len in [0xffff_ffff, 0x1_0000_0000, 0x1_0000_0001, MAX_VAR_UINT] {
            let mut bytes = written(|writer| writer.var_uint(len));
            bytes.push(b'x');
            assert_eq!(Reader::new(&bytes).bytes(), Err(DecodeError::Truncated));
            assert_eq!(Reader::new(&bytes).string(), Err(DecodeError::Truncated));
        }
    }

    #[test]
    fn strings_that_are_not_utf8_are_refused() {
        assert_eq!(Reader::new(&[2, 0xc3, 0x28]).string(), Err(DecodeError::InvalidUtf8));
    }

    #[test]
    fn what_is_left_over_is_counted() {
        let mut reader = Reader::new(&[1, 2, 3]);
        reader.var_uint().unwrap();
        assert_eq!(reader.remaining(), 2);
        assert_eq!(reader.finish(), Err(DecodeError::TrailingBytes { count: 2 }));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number in 0..=MAX_VAR_UINT, bytes: Vec<u8>, text: String) {
            let message = written(|writer| {
                writer.var_uint(number);
                writer.bytes(&bytes);
                writer.string(&text);
            });
            let mut reader = Reader::new(&message);
            prop_assert_eq!(reader.var_uint(), Ok(number));
            prop_assert_eq!(reader.bytes(), Ok(bytes.as_slice()));
            prop_assert_eq!(reader.string(), Ok(text.as_str()));
            prop_assert_eq!(reader.finish(), Ok(()));
        }

        #[test]
        fn every_strict_prefix_is_refused(number in 0..=MAX_VAR_UINT, text: String) {
            let bytes = written(|writer| writer.var_uint(number));
            for len in 0..bytes.len() {
                prop_assert_eq!(Reader::new(&bytes[..len]).var_uint(), Err(DecodeError::Truncated));
            }
            let bytes = written(|writer| writer.string(&text));
            for len in 0..bytes.len() {
                prop_assert_eq!(Reader::new(&bytes[..len]).string(), Err(DecodeError::Truncated));
            }
        }

        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes: Vec<u8>, len: u64) {
            let mut reader = Reader::new(&bytes);
            while reader.var_uint().is_ok() {}
            let _ = Reader::new(&bytes).bytes();
            let _ = Reader::new(&bytes).string();
            prop_assert_eq!(Reader::new(&bytes).take(len).is_ok(), len <= bytes.len() as u64);
        }
    }
}
