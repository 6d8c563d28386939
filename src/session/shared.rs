//! Decides how the status of the tab that leads is told to the tabs that follow it.

use super::status::{Phase, Status, StatusReason, StorePhase, StoreView};
use crate::clock::Duration;
use crate::wire::{Access, DecodeError, Reader, Writer};

/// The part of a [`Status`] that is the same for all tabs of a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SharedStatus {
    pub(super) phase: Phase,
    pub(super) unsent: u64,
    pub(super) unstored: u64,
    pub(super) refused: u64,
    pub(super) access: Option<Access>,
    pub(super) attempt: u32,
    pub(super) reason: Option<StatusReason>,
    pub(super) store: Option<StoreView>,
}

impl SharedStatus {
    /// What a follower is told of `status`; the time until the next attempt goes with it, apart.
    pub(super) fn split(status: Status) -> (Self, Option<Duration>) {
        let Status { phase, unsent, unstored, refused, access, attempt, retry_in, reason, store, .. } = status;
        let unstored = unstored.unwrap_or_default();
        (Self { phase, unsent, unstored, refused, access, attempt, reason, store }, retry_in)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.string(self.phase.name());
        writer.var_uint(self.unsent);
        writer.var_uint(self.unstored);
        writer.var_uint(self.refused);
        writer.string(self.access.map_or("", Access::name));
        writer.var_uint(self.attempt.into());
        write_reason(&mut writer, self.reason.as_ref());
        writer.string(self.store.as_ref().map_or("", |store| store.phase.name()));
        write_reason(&mut writer, self.store.as_ref().and_then(|store| store.reason.as_ref()));
        writer.into_vec()
    }

    /// # Errors
    /// The bytes are not exactly one such status.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let phase = reader.string()?;
        let phase = Phase::ALL.iter().find(|known| known.name() == phase).ok_or(UNKNOWN)?;
        let (unsent, unstored, refused) = (reader.var_uint()?, reader.var_uint()?, reader.var_uint()?);
        let access = reader.string()?;
        let access = Access::ALL.into_iter().find(|known| known.name() == access);
        let attempt = u32::try_from(reader.var_uint()?).map_err(|_| UNKNOWN)?;
        let reason = read_reason(&mut reader)?;
        let store = reader.string()?;
        let store_phase = StorePhase::ALL.into_iter().find(|known| known.name() == store);
        let store_reason = read_reason(&mut reader)?;
        reader.finish()?;
        let store = store_phase.map(|phase| StoreView { phase, reason: store_reason });
        Ok(Self { phase: *phase, unsent, unstored, refused, access, attempt, reason, store })
    }
}

fn write_reason(writer: &mut Writer, reason: Option<&StatusReason>) {
    let (code, message, close_code) =
        reason.map_or(("", "", 0), |reason| (reason.code, reason.message.as_str(), reason.close_code.unwrap_or(0)));
    writer.string(code);
    writer.string(message);
    writer.var_uint(close_code.into());
}

/// A reason of which the code is not known is none.
fn read_reason(reader: &mut Reader<'_>) -> Result<Option<StatusReason>, DecodeError> {
    let (code, message) = (reader.string()?, reader.string()?.to_owned());
    let close_code = u16::try_from(reader.var_uint()?).map_err(|_| UNKNOWN)?;
    let code = StatusReason::codes().find(|known| *known == code);
    Ok(code.map(|code| StatusReason { code, message, close_code: (close_code > 0).then_some(close_code) }))
}

const UNKNOWN: DecodeError = DecodeError::Overflow;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn statuses() -> impl Strategy<Value = SharedStatus> {
        let codes: Vec<&'static str> = StatusReason::codes().collect();
        let reason = (prop::sample::select(codes), ".{0,9}", prop::option::of(1000..4999_u16));
        let reason = reason.prop_map(|(code, message, close_code)| StatusReason { code, message, close_code });
        let store = (prop::sample::select(StorePhase::ALL.to_vec()), prop::option::of(reason.clone()));
        let store = store.prop_map(|(phase, reason)| StoreView { phase, reason });
        let parts = (prop::sample::select(Phase::ALL), 0..9_u64, any::<u32>(), prop::option::of(reason));
        (parts, prop::option::of(store)).prop_map(|((phase, unsent, attempt, reason), store)| SharedStatus {
            phase,
            unsent,
            unstored: unsent / 3,
            refused: unsent / 2,
            access: (unsent > 3).then_some(Access::ReadOnly),
            attempt,
            reason,
            store,
        })
    }

    proptest! {
        #[test]
        fn a_status_is_told_as_it_is(status in statuses()) {
            let bytes = status.encode();
            prop_assert_eq!(SharedStatus::decode(&bytes), Ok(status));
            for end in 0..bytes.len() {
                prop_assert!(SharedStatus::decode(&bytes[..end]).is_err());
            }
        }

        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = SharedStatus::decode(&bytes);
        }
    }
}
