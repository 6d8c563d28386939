//! Each rule by example.

use super::*;

const PATIENCE: u64 = 10_000;

fn asked() -> Credential {
    Credential::new(Source::Function, Duration::from_millis(PATIENCE))
}

/// The question that a need leads to.
#[track_caller]
fn ask(credential: &mut Credential, now: u64) -> RequestId {
    match credential.need(at(now)) {
        Need::Ask(request) => request,
        other => panic!("{other:?} is no question"),
    }
}

/// A credential that was asked at zero and shows the first token.
fn showing(answer: Result<Answer, String>) -> Credential {
    let mut credential = asked();
    let request = ask(&mut credential, 0);
    assert_eq!(credential.handle_answer(request, answer, at(0)), Some(News::Fresh));
    assert_eq!(credential.need(at(0)), Need::Use(&token(1)));
    credential
}

#[test]
fn a_fixed_token_is_always_used_and_a_refusal_of_it_is_final() {
    for (source, shown) in [(Source::None, Secret::default()), (Source::Fixed(token(1)), token(1))] {
        let mut credential = Credential::new(source, Duration::from_millis(PATIENCE));
        credential.handle_doubted(at(60_000));
        assert_eq!(credential.need(at(60_000)), Need::Use(&shown));
        assert_eq!(credential.handle_refused(), Verdict::GiveUp);
        assert_eq!((credential.timeout(), credential.refresh_at()), (None, None));
        assert_eq!((credential.handle_timeout(at(99_000)), credential.poll_refresh(at(99_000))), (None, None));
        assert_eq!(credential.handle_answer(RequestId(0), lasting(token(2)), at(99_000)), None);
    }
}

#[test]
fn a_function_is_asked_once_and_its_token_used_until_something_speaks_against_it() {
    let mut credential = asked();
    let request = ask(&mut credential, 0);
    assert_eq!(credential.need(at(1)), Need::Wait);
    assert_eq!(credential.handle_answer(request, lasting(token(1)), at(2)), Some(News::Fresh));
    assert_eq!(credential.need(at(3)), Need::Use(&token(1)));
    assert_eq!(credential.need(at(1 << 40)), Need::Use(&token(1)));
    assert_eq!(credential.handle_answer(request, lasting(token(2)), at(1 << 40)), None);
}

#[test]
fn a_refused_token_is_asked_for_once_more_until_one_is_accepted_for_a_while() {
    let mut credential = showing(lasting(token(1)));
    assert_eq!(credential.handle_refused(), Verdict::Again);
    let request = ask(&mut credential, 1);
    credential.handle_answer(request, lasting(token(2)), at(1));
    assert_eq!(credential.need(at(1)), Need::Use(&token(2)));
    assert_eq!(credential.handle_refused(), Verdict::GiveUp);
    // The application connects again.
    let request = ask(&mut credential, 2);
    credential.handle_answer(request, lasting(token(3)), at(2));
    assert_eq!(credential.need(at(2)), Need::Use(&token(3)));
    credential.handle_accepted(at(10_001));
    assert_eq!(credential.handle_refused(), Verdict::GiveUp);
    credential.handle_accepted(at(10_002));
    assert_eq!(credential.handle_refused(), Verdict::Again);
}

#[test]
fn a_refusal_of_a_token_that_was_replaced_meanwhile_costs_nothing() {
    let mut credential = showing(lasting_for(token(1), 600_000));
    let request = credential.poll_refresh(at(540_000)).unwrap();
    credential.handle_answer(request, lasting(token(2)), at(540_001));
    assert_eq!(credential.handle_refused(), Verdict::Again);
    assert_eq!(credential.need(at(540_002)), Need::Use(&token(2)));
    assert_eq!(credential.handle_refused(), Verdict::Again);
    ask(&mut credential, 540_003);
}

#[test]
fn a_refusal_while_a_question_is_open_waits_for_its_answer() {
    let mut credential = showing(lasting_for(token(1), 600_000));
    let request = credential.poll_refresh(at(540_000)).unwrap();
    assert_eq!(credential.handle_refused(), Verdict::Again);
    assert_eq!(credential.need(at(540_001)), Need::Wait);
    credential.handle_answer(request, lasting(token(2)), at(540_002));
    assert_eq!(credential.need(at(540_003)), Need::Use(&token(2)));
}

#[test]
fn after_an_attempt_that_failed_without_a_word_a_token_is_asked_for_anew_once_at_once_and_then_unless_it_is_young() {
    let mut credential = showing(lasting(token(1)));
    credential.handle_doubted(at(1));
    let request = ask(&mut credential, 1);
    credential.handle_answer(request, lasting(token(2)), at(2));
    assert_eq!(credential.need(at(3)), Need::Use(&token(2)));
    credential.handle_doubted(at(10_001));
    assert_eq!(credential.need(at(10_001)), Need::Use(&token(2)));
    credential.handle_doubted(at(10_002));
    ask(&mut credential, 10_002);
}

#[test]
fn a_doubted_token_is_used_where_no_other_can_be_had() {
    let mut credential = showing(lasting(token(1)));
    credential.handle_doubted(at(10_000));
    let request = ask(&mut credential, 10_000);
    assert_eq!(credential.handle_answer(request, Err("down".to_owned()), at(10_001)), Some(News::Kept));
    assert_eq!(credential.need(at(10_001)), Need::Use(&token(1)));
}

#[test]
fn a_refused_token_is_not_used_where_no_other_can_be_had() {
    let mut credential = showing(lasting(token(1)));
    credential.handle_refused();
    credential.handle_doubted(at(10_000));
    let request = ask(&mut credential, 10_000);
    let news = credential.handle_answer(request, Err("down".to_owned()), at(10_001));
    assert_eq!(news, Some(News::Unavailable { message: "down".to_owned() }));
    ask(&mut credential, 10_002);
}

#[test]
fn a_token_that_is_nearly_over_is_refreshed_and_not_shown_to_a_new_attempt() {
    for (lifetime, refresh) in [(600_000, 540_000), (3_600_000, 3_540_000), (100_000, 90_000), (5_000, 10_000)] {
        let mut credential = showing(lasting_for(token(1), lifetime));
        assert_eq!(credential.refresh_at(), Some(at(refresh)));
        assert_eq!(credential.poll_refresh(at(refresh - 1)), None);
        let nearly_over = lifetime - (lifetime / 10).min(60_000);
        assert_eq!(credential.need(at(nearly_over - 1)), Need::Use(&token(1)));
        ask(&mut credential, nearly_over);
    }
}

#[test]
fn a_refresh_that_fails_is_tried_again_after_a_while() {
    let mut credential = showing(lasting_for(token(1), 100_000));
    let request = credential.poll_refresh(at(90_000)).unwrap();
    assert_eq!((credential.poll_refresh(at(90_001)), credential.refresh_at()), (None, None));
    let news = credential.handle_answer(request, Err(String::new()), at(90_002));
    assert!(matches!(news, Some(News::Unavailable { .. })));
    assert_eq!(credential.refresh_at(), Some(at(100_000)));
}

#[test]
fn a_token_that_is_born_expired_is_used_for_a_while_and_not_refreshed() {
    for lifetime in [0, 999] {
        let mut credential = showing(lasting_for(token(1), lifetime));
        assert_eq!(credential.refresh_at(), None);
        assert_eq!(credential.need(at(9_999)), Need::Use(&token(1)));
        ask(&mut credential, 10_000);
    }
}

#[test]
fn a_question_that_stays_open_too_long_is_given_up_and_its_late_answer_still_counts() {
    let mut credential = asked();
    let request = ask(&mut credential, 0);
    assert_eq!(credential.timeout(), Some(at(PATIENCE)));
    assert_eq!(credential.handle_timeout(at(PATIENCE - 1)), None);
    assert!(matches!(credential.handle_timeout(at(PATIENCE)), Some(News::Unavailable { .. })));
    assert_eq!((credential.timeout(), credential.handle_timeout(at(PATIENCE))), (None, None));
    assert_eq!(credential.handle_answer(request, lasting(token(1)), at(PATIENCE + 1)), Some(News::Fresh));
    assert_eq!(credential.need(at(PATIENCE + 1)), Need::Use(&token(1)));
}

#[test]
fn a_late_answer_is_dropped_once_something_newer_was_asked() {
    let mut credential = asked();
    let first = ask(&mut credential, 0);
    credential.handle_timeout(at(PATIENCE));
    let second = ask(&mut credential, PATIENCE);
    assert_eq!(credential.handle_answer(first, lasting(token(1)), at(PATIENCE)), None);
    assert_eq!(credential.handle_answer(second, lasting(token(2)), at(PATIENCE)), Some(News::Fresh));
    assert_eq!(credential.need(at(PATIENCE)), Need::Use(&token(2)));
}

#[test]
fn a_late_failure_is_not_told_twice() {
    let mut credential = asked();
    let request = ask(&mut credential, 0);
    credential.handle_timeout(at(PATIENCE));
    assert_eq!(credential.handle_answer(request, Err("down".to_owned()), at(PATIENCE + 1)), None);
}

#[test]
fn a_function_that_is_slow_is_given_more_time_with_every_question_up_to_eight_times() {
    let mut credential = asked();
    let mut now = 0;
    for times in [1, 2, 4, 8, 8] {
        ask(&mut credential, now);
        now += PATIENCE * times;
        assert_eq!(credential.timeout(), Some(at(now)));
        assert!(credential.handle_timeout(at(now)).is_some());
    }
    let request = ask(&mut credential, now);
    credential.handle_answer(request, Err(String::new()), at(now));
    ask(&mut credential, now);
    assert_eq!(credential.timeout(), Some(at(now + PATIENCE)));
}

#[test]
fn what_is_said_about_a_missing_token_is_short_and_has_no_token_in_it() {
    let mut credential = showing(lasting(token(1)));
    credential.handle_refused();
    let request = ask(&mut credential, 1);
    let message = format!("token-number-1 {}", "é".repeat(300));
    let Some(News::Unavailable { message }) = credential.handle_answer(request, Err(message), at(2)) else {
        panic!("a refused token is not kept");
    };
    assert!(message.starts_with("… é"));
    assert_eq!(message.chars().count(), MAX_MESSAGE);
}

#[test]
fn nothing_that_formats_a_credential_shows_its_token() {
    let fixed = Credential::new(Source::Fixed(token(1)), Duration::ZERO);
    let asked = showing(lasting(token(1)));
    for credential in [fixed, asked] {
        assert!(!format!("{credential:?}").contains("number"));
        assert_eq!(credential.scrub("bad token-number-1"), "bad …");
    }
}
