//! Decides how bytes from outside are read: forwards only, never beyond the end, never trusting a declared length.

use crate::ids::{ClientId, Clock};
use crate::replica::Refusal;

/// Reads lib0 v1 values from a slice, each completely or not at all.
pub(in crate::replica) struct Reader<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Reader<'a> {
    pub(in crate::replica) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, len: bytes.len() }
    }

    /// The refusal of what was just read.
    pub(in crate::replica) const fn malformed(&self, what: &'static str) -> Refusal {
        Refusal::Malformed { what, at: self.at() }
    }

    /// How many bytes were read.
    pub(super) const fn at(&self) -> usize {
        self.len - self.rest.len()
    }

    /// The bytes that are not read yet.
    pub(in crate::replica) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn finish(self) -> Result<(), Refusal> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed("bytes after the end")) }
    }

    pub(in crate::replica) fn byte(&mut self) -> Result<u8, Refusal> {
        // A refusal that is made before it is needed has to be dropped, byte by byte.
        let Some((byte, rest)) = self.rest.split_first() else { return Err(self.malformed("unexpected end")) };
        self.rest = rest;
        Ok(*byte)
    }

    /// A whole number from 0 to 2^53 - 1.
    pub(in crate::replica) fn var_uint(&mut self) -> Result<u64, Refusal> {
        self.number().ok_or_else(|| self.bad_number())
    }

    /// What [`Self::var_uint`] reads, or nothing. Most of an update are numbers: nothing is called for a byte, and a refusal
    /// takes more room than what is read.
    fn number(&mut self) -> Option<u64> {
        let (mut value, mut shift, mut rest) = (0, 0, self.rest);
        while let Some((byte, behind)) = rest.split_first().filter(|_| shift < MAX_VAR_BITS) {
            rest = behind;
            value |= u64::from(*byte & 0x7F) << shift;
            if *byte < 0x80 {
                let value = Some(value).filter(|value| *value <= MAX_SAFE)?;
                self.rest = rest;
                return Some(value);
            }
            shift += 7;
        }
        None
    }

    /// Why [`Self::number`] read nothing.
    fn bad_number(&self) -> Refusal {
        let begun = self.rest.len() < MAX_VAR_BYTES && self.rest.iter().all(|byte| *byte >= 0x80);
        self.malformed(if begun { "unexpected end" } else { "number above 2^53" })
    }

    /// A signed number of at most 53 bits; only its extent matters here.
    pub(super) fn skip_var_int(&mut self) -> Result<(), Refusal> {
        for _ in (0..MAX_VAR_BITS).step_by(7) {
            if self.byte()? < 0x80 {
                return Ok(());
            }
        }
        Err(self.malformed("number above 2^53"))
    }

    pub(in crate::replica) fn client(&mut self) -> Result<ClientId, Refusal> {
        let Some(value) = self.number() else { return Err(self.bad_number()) };
        Ok(ClientId(value))
    }

    /// A clock, or a number of elements: at most [`MAX_CLOCK`].
    pub(in crate::replica) fn clock(&mut self) -> Result<Clock, Refusal> {
        let Some(value) = self.number() else { return Err(self.bad_number()) };
        match Clock::try_from(value) {
            Ok(clock) if clock <= MAX_CLOCK => Ok(clock),
            _ => Err(self.malformed("clock above 2^31")),
        }
    }

    /// The end of `len` elements that begin at `start`.
    pub(super) fn end(&self, start: Clock, len: Clock) -> Result<Clock, Refusal> {
        let end = start.checked_add(len).filter(|end| *end <= MAX_CLOCK);
        end.ok_or_else(|| self.malformed("clock above 2^31"))
    }

    /// How many entries of at least `smallest` bytes follow; never more than there are bytes for.
    pub(super) fn count(&mut self, smallest: usize) -> Result<usize, Refusal> {
        let count = usize::try_from(self.var_uint()?).ok().filter(|count| *count <= self.rest.len() / smallest);
        count.ok_or_else(|| self.malformed("more entries than bytes"))
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], Refusal> {
        let Some((taken, rest)) = self.rest.split_at_checked(len) else { return Err(self.malformed("unexpected end")) };
        self.rest = rest;
        Ok(taken)
    }

    /// Bytes with their length in front.
    pub(in crate::replica) fn bytes(&mut self) -> Result<&'a [u8], Refusal> {
        let len = self.count(1)?;
        self.take(len)
    }

    /// A string with its length in bytes in front.
    pub(in crate::replica) fn string(&mut self) -> Result<&'a str, Refusal> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map_err(|_| self.malformed("invalid utf-8"))
    }
}

/// The largest whole number that JavaScript holds exactly, and so the largest that lib0 writes.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// Eight bytes of seven bits hold 2^53 - 1; a ninth is never needed.
const MAX_VAR_BITS: u32 = 56;
const MAX_VAR_BYTES: usize = 8;

/// yrs computes differences of clocks in 32 signed bits.
const MAX_CLOCK: Clock = (1 << 31) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_reach_2_pow_53_minus_1_and_no_further() {
        let largest = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        assert_eq!(Reader::new(&largest).var_uint(), Ok(MAX_SAFE));
        let above = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
        assert!(Reader::new(&above).var_uint().is_err());
        assert!(Reader::new(&[0x80; 12]).var_uint().is_err());
    }

    #[test]
    fn a_number_that_cannot_be_read_has_its_reason() {
        let reason = |bytes: &[u8]| match Reader::new(bytes).var_uint() {
            Err(Refusal::Malformed { what, at }) => (what, at),
            other => panic!("{bytes:?} gave {other:?}"),
        };
        assert_eq!(reason(&[]), ("unexpected end", 0));
        assert_eq!(reason(&[0x80; 7]), ("unexpected end", 0));
        assert_eq!(reason(&[0x80; 8]), ("number above 2^53", 0));
        assert_eq!(reason(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]), ("number above 2^53", 0));
    }

    #[test]
    fn a_clock_that_would_turn_negative_is_refused() {
        assert!(Reader::new(&[0xFF, 0xFF, 0xFF, 0xFF, 0x07]).clock().is_ok());
        assert!(Reader::new(&[0x80, 0x80, 0x80, 0x80, 0x08]).clock().is_err());
        assert!(Reader::new(&[]).end(MAX_CLOCK, 1).is_err());
    }

    #[test]
    fn a_length_is_measured_against_the_bytes_that_are_there() {
        assert_eq!(Reader::new(&[2, b'h', b'i']).string(), Ok("hi"));
        assert!(Reader::new(&[3, b'h', b'i']).string().is_err());
        assert!(Reader::new(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]).bytes().is_err());
        assert!(Reader::new(&[2, 0xC3, 0x28]).string().is_err());
        assert!(Reader::new(&[2, 0, 0, 0]).count(2).is_err());
    }

    #[test]
    fn a_refusal_says_where_reading_stopped() {
        let mut reader = Reader::new(&[1, 2, 3]);
        reader.take(2).unwrap();
        assert_eq!(reader.finish(), Err(Refusal::Malformed { what: "bytes after the end", at: 2 }));
    }
}
