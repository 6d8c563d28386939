//! Tests when a token is shown, asked for and given up: each rule by example, and all of them in a random world.

mod random;
mod rules;

use super::*;

/// The token that the `number`th answer brings.
fn token(number: u32) -> Secret {
    Secret::new(format!("token-number-{number}"))
}

fn lasting(token: Secret) -> Result<Answer, String> {
    Ok(Answer { token, expires_in: None })
}

fn lasting_for(token: Secret, millis: u64) -> Result<Answer, String> {
    Ok(Answer { token, expires_in: Some(Duration::from_millis(millis)) })
}

const fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}
