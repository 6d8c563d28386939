//! Decides how events of the application lie in a presence state: under one name of its own, so that every server that
//! passes presence on passes them on too.
//!
//! Beside what the client shows of itself: `"syncline:events":{"first":4,"fresh":6,"events":[…]}`. The events are numbered
//! from `first`; those before `fresh` were told some time ago and are repeated. `"hidden":true` says that the client shows
//! nothing of itself. An event is JSON that is not looked at here.

use super::json;

/// The name under which the events lie, as it is written.
const NAME: &str = "syncline:events";

/// More events than this are not read. We never tell so many.
const MAX_EVENTS: usize = 64;

/// The highest number that JavaScript counts to without gaps.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The events in one state.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Events<'a> {
    /// The number of the first one.
    pub first: u64,
    /// The number of the first one that was not told some time ago already: who has just come hears it, and those after it.
    pub fresh: u64,
    /// The events in order, as JSON.
    pub events: Vec<&'a str>,
}

/// A state taken apart.
#[derive(PartialEq, Eq, Debug)]
pub struct Parts<'a> {
    /// What the client shows of itself, as JSON; `None`: nothing.
    pub shown: Option<String>,
    /// What it tells; empty where what lies under the name is not what it should be.
    pub events: Events<'a>,
}

/// Whether `value` can stand in a state, or be one: it is JSON, and not nested more deeply than others read.
pub fn fits(value: &str) -> bool {
    let mut state = String::from("[[[");
    state.extend([value, "]]]"]);
    json::is_json(value) && json::is_json(&state)
}

/// Puts events to what a client shows of itself. To anything but a JSON object nothing can be put.
pub fn join(shown: Option<&str>, told: &Events<'_>) -> String {
    let Some(head) = shown.unwrap_or("{}").trim_end().strip_suffix('}') else {
        return shown.unwrap_or_default().to_owned();
    };
    let mut state = String::from(head);
    if head.trim_start() != "{" {
        state.push(',');
    }
    let hidden = if shown.is_none() { "\"hidden\":true," } else { "" };
    let (first, fresh) = (told.first.to_string(), told.fresh.to_string());
    state.extend(["\"", NAME, "\":{", hidden, "\"first\":", &first, ",\"fresh\":", &fresh, ",\"events\":["]);
    state.push_str(&told.events.join(","));
    state.push_str("]}}");
    state
}

/// Takes events out of a state; `None` where it has none.
pub fn split(state: &str) -> Option<Parts<'_>> {
    if !state.contains(NAME) {
        return None;
    }
    let (mut bundle, mut rest) = (None, String::from("{"));
    json::read_object(state, &mut |name, value| {
        if name == NAME {
            bundle = Some(value);
            return;
        }
        if rest.len() > 1 {
            rest.push(',');
        }
        rest.extend(["\"", name, "\":", value]);
    })?;
    rest.push('}');
    let (events, is_hidden) = read_bundle(bundle?).unwrap_or_default();
    Some(Parts { shown: Some(rest).filter(|rest| !is_hidden || rest.len() > 2), events })
}

fn read_bundle(bundle: &str) -> Option<(Events<'_>, bool)> {
    let (mut first, mut fresh, mut list, mut is_hidden) = (None, None, None, false);
    json::read_object(bundle, &mut |name, value| match name {
        "first" => first = value.parse().ok(),
        "fresh" => fresh = value.parse().ok(),
        "events" => list = Some(value),
        "hidden" => is_hidden = value == "true",
        _ => {}
    })?;
    let mut events = Vec::new();
    json::read_array(list?, &mut |event| events.push(event))?;
    let (first, fresh): (u64, u64) = (first?, fresh?);
    let is_sound = events.len() <= MAX_EVENTS && first.checked_add(events.len() as u64)? <= MAX_NUMBER;
    is_sound.then_some((Events { first, fresh, events }, is_hidden))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn told<'a>(first: u64, fresh: u64, events: &[&'a str]) -> Events<'a> {
        Events { first, fresh, events: events.to_vec() }
    }

    #[test]
    fn events_lie_beside_what_is_shown_under_a_name_of_their_own() {
        let events = told(4, 5, &["[\"a\",null]", "[\"b\",{}]"]);
        assert_eq!(
            join(Some("{\"name\":\"Ada\"}"), &events),
            "{\"name\":\"Ada\",\"syncline:events\":{\"first\":4,\"fresh\":5,\"events\":[[\"a\",null],[\"b\",{}]]}}"
        );
        assert_eq!(
            join(None, &told(0, 0, &["1"])),
            "{\"syncline:events\":{\"hidden\":true,\"first\":0,\"fresh\":0,\"events\":[1]}}"
        );
    }

    #[test]
    fn who_shows_an_empty_state_is_told_from_who_shows_none() {
        let events = told(0, 0, &["1"]);
        let shown = |state: &str| split(state).unwrap().shown;
        assert_eq!(shown(&join(Some("{}"), &events)).as_deref(), Some("{}"));
        assert_eq!(shown(&join(None, &events)), None);
    }

    #[test]
    fn servers_may_write_the_state_in_another_way() {
        let state = " { \"1\" : 2 , \"syncline:events\" : { \"events\" : [ 1 , [ 2 ] ], \"fresh\" : 3, \"first\": 2 } , \"a\":[ ] } ";
        let parts = Parts { shown: Some("{\"1\":2,\"a\":[ ]}".to_owned()), events: told(2, 3, &["1", "[ 2 ]"]) };
        assert_eq!(split(state), Some(parts));
    }

    #[test]
    fn what_is_no_bundle_of_events_is_hidden_and_tells_nothing() {
        let many = format!("{{\"first\":0,\"fresh\":0,\"events\":[{}1]}}", "1,".repeat(MAX_EVENTS));
        let late = format!("{{\"first\":{MAX_NUMBER},\"fresh\":0,\"events\":[1]}}");
        for bundle in ["1", "null", "[]", "{}", "{\"first\":-1,\"fresh\":0,\"events\":[]}", &many, &late] {
            let state = format!("{{\"syncline:events\":{bundle},\"a\":1}}");
            let parts = Parts { shown: Some("{\"a\":1}".to_owned()), events: Events::default() };
            assert_eq!(split(&state), Some(parts), "{bundle}");
        }
    }

    #[test]
    fn a_state_that_only_speaks_of_events_has_none() {
        for state in ["{}", "1", "\"syncline:events\"", "{\"a\":\"syncline:events\"}", "[\"syncline:events\"]"] {
            assert_eq!(split(state), None, "{state}");
        }
    }

    #[test]
    fn what_fits_is_read_by_others_in_a_state() {
        for depth in [1, 60, 61, 62, 63, 64, 65] {
            let event = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(fits(&event), json::is_json(&join(None, &told(0, 0, &[&event]))), "{depth}");
        }
        for event in ["", "nonsense", "1,2", "1]]],[[[1"] {
            assert!(!fits(event), "{event}");
        }
    }

    proptest! {
        #[test]
        fn what_is_put_together_is_taken_apart(
            shown in prop::option::of(prop::collection::btree_map("[a-z\"\\\\]{0,4}", any::<String>(), 0..4)),
            first in 0_u64..1 << 50,
            events in prop::collection::vec(any::<String>(), 0..5),
        ) {
            let shown = shown.map(|members| json!(members).to_string());
            let events: Vec<String> = events.iter().map(|text| json!([text]).to_string()).collect();
            let told = told(first, first + 1, &events.iter().map(String::as_str).collect::<Vec<_>>());
            let state = join(shown.as_deref(), &told);
            prop_assert!(serde_json::from_str::<Value>(&state).is_ok());
            prop_assert_eq!(split(&state), Some(Parts { shown, events: told }));
        }

        #[test]
        fn any_text_is_taken_apart_or_left(text: String, tail in "[\\[\\]{}\":,0-9a ]{0,20}") {
            let _ = split(&text);
            let _ = split(&format!("{{\"syncline:events\":{tail}"));
        }
    }
}
