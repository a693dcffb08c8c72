use proptest::prelude::*;

use super::*;

#[test]
fn rooms_may_be_called_nearly_anything() {
    for name in [
        "lobby",
        "Rust & co.",
        "a/b?c#d%20",
        "\"quoted\\\"",
        "дом",
        "聊天室",
        "👩‍👩‍👧",
        "❤️‍🔥",
        "1️⃣",
        "می‌خواهم",
        "a@b",
        "🇨🇭",
        "€",
        &"é".repeat(64),
    ] {
        assert_eq!(RoomName::parse(name).map(|name| name.0), Ok(name.to_owned()));
    }
    assert_eq!(RoomName::parse("cafe\u{301}").unwrap().as_str(), "café");
    assert_ne!(RoomName::parse("Lobby"), RoomName::parse("lobby"));
}

#[test]
fn what_could_pass_for_another_room_is_refused() {
    use RoomNameError::{At, Empty, LooseJoiner, OuterSpace, TooLong, Unseen};
    let cases = [
        ("", Empty),
        (&"x".repeat(65), TooLong),
        (&"e\u{301}".repeat(65), TooLong),
        ("@inbox", At),
        ("@", At),
        (" ", OuterSpace),
        (" a", OuterSpace),
        ("a ", OuterSpace),
        ("a\u{A0}b", Unseen('\u{A0}')),
        ("a\nb", Unseen('\n')),
        ("a\u{7F}", Unseen('\u{7F}')),
        ("a\u{85}b", Unseen('\u{85}')),
        ("a\u{2028}b", Unseen('\u{2028}')),
        ("a\u{202E}b", Unseen('\u{202E}')),
        ("a\u{2069}b", Unseen('\u{2069}')),
        ("a\u{61C}b", Unseen('\u{61C}')),
        ("a\u{200B}b", Unseen('\u{200B}')),
        ("a\u{FEFF}b", Unseen('\u{FEFF}')),
        ("a\u{3164}b", Unseen('\u{3164}')),
        ("a\u{2800}b", Unseen('\u{2800}')),
        ("a\u{E0041}b", Unseen('\u{E0041}')),
        ("a\u{E000}b", Unseen('\u{E000}')),
        ("a\u{378}b", Unseen('\u{378}')),
        ("a\u{200D}b", LooseJoiner),
        ("👩\u{200D}", LooseJoiner),
    ];
    for (text, error) in cases {
        assert_eq!(RoomName::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn no_other_way_leads_to_a_room_name() {
    assert!(serde_json::from_str::<RoomName>(r#""@x""#).is_err());
    assert_eq!(serde_json::from_str::<RoomName>(r#""x""#).unwrap().as_str(), "x");
}

#[test]
fn refusals_are_sentences() {
    assert_eq!(RoomNameError::At.to_string(), "a room's name must not begin with '@'");
}

proptest! {
    #[test]
    fn a_name_parsed_again_is_the_same(text in prop_oneof![any::<String>(), "[\\PC\u{200D}]{0,70}"]) {
        if let Ok(name) = RoomName::parse(&text) {
            let chars = name.as_str().chars().count();
            prop_assert!((1..=RoomName::CHARS_MAX).contains(&chars));
            prop_assert_eq!(RoomName::parse(name.as_str()), Ok(name));
        }
    }
}
