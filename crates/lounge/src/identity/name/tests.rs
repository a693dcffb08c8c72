use proptest::prelude::*;

use super::*;

fn parsed(typed: &str) -> String {
    Name::parse(typed).unwrap_or_else(|error| panic!("{typed:?}: {error}")).0
}

fn same(a: &str, b: &str) -> bool {
    Name::parse(a).unwrap().key() == Name::parse(b).unwrap().key()
}

#[test]
fn people_are_called_what_they_are_called() {
    for name in [
        "Ann",
        "guest-7",
        "J. R. R. Tolkien",
        "_x_",
        "王小明",
        "さくら",
        "Łukasz",
        "Zoë",
        "محمد",
        "علی‌رضا",
        "ශ්‍රී",
        "नरेन्द्र",
        "தமிழ்",
        "สมชาย",
        "မြန်မာ",
        "ကြွေး",
        "שָׁלוֹם",
        "Владимир",
        "٧٧",
        "한국어",
    ] {
        assert_eq!(parsed(name), name.nfc().collect::<String>());
    }
}

#[test]
fn what_was_typed_is_tidied() {
    assert_eq!(parsed("  Ann \t\n"), "Ann");
    assert_eq!(parsed("Ann   Lee"), "Ann Lee");
    assert_eq!(parsed("山田\u{3000}太郎"), "山田 太郎");
    assert_eq!(parsed("Zoe\u{308}"), "Zoë");
    assert_eq!(parsed(&"e\u{301}".repeat(32)), "é".repeat(32));
}

#[test]
fn what_is_no_name_is_refused() {
    use NameError::{Empty, Forbidden, LooseJoiner, LooseMark, TooLong};
    let cases = [
        ("", Empty),
        (" \u{3000}\t", Empty),
        (&"x".repeat(33), TooLong),
        (&"x ".repeat(60_000), TooLong),
        ("a\tb", Forbidden('\t')),
        ("a\nb", Forbidden('\n')),
        ("a\u{202E}b", Forbidden('\u{202E}')),
        ("a\u{2066}b", Forbidden('\u{2066}')),
        ("a\u{200F}b", Forbidden('\u{200F}')),
        ("a\u{200B}b", Forbidden('\u{200B}')),
        ("a\u{AD}b", Forbidden('\u{AD}')),
        ("\u{3164}", Forbidden('\u{3164}')),
        ("a\u{FE0F}", Forbidden('\u{FE0F}')),
        ("a\u{34F}b", Forbidden('\u{34F}')),
        ("a\0", Forbidden('\0')),
        ("<b>", Forbidden('<')),
        ("@inbox", Forbidden('@')),
        ("smile😀", Forbidden('😀')),
        ("x²", Forbidden('²')),
        ("\u{10FFFF}", Forbidden('\u{10FFFF}')),
        ("\u{E000}", Forbidden('\u{E000}')),
        ("\u{301}a", LooseMark),
        ("a \u{301}", LooseMark),
        ("-\u{301}", LooseMark),
        (&format!("a{}", "\u{302}".repeat(10)), LooseMark),
        ("a\u{200D}b", LooseJoiner),
        ("é\u{200D}", LooseJoiner),
        ("\u{200C}é", LooseJoiner),
        ("é\u{200C}\u{200C}é", LooseJoiner),
        ("\u{200D}", LooseJoiner),
    ];
    for (typed, error) in cases {
        assert_eq!(Name::parse(typed), Err(error), "{typed:?}");
    }
}

#[test]
fn refusals_are_sentences() {
    assert_eq!(NameError::TooLong.to_string(), "a name must have at most 32 characters");
    assert_eq!(
        NameError::Forbidden('\u{202E}').to_string(),
        "a name must be made of letters, digits, spaces, '_', '-' and '.', not \\u{202e}"
    );
}

#[test]
fn case_width_and_joiners_make_no_other_name() {
    for (a, b) in [
        ("Ann", "aNN"),
        ("straße", "STRASSE"),
        ("GROẞ", "gross"),
        ("Ａｎｎ", "ann"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("ﬁn", "FIN"),
        ("İ", "i\u{307}"),
        ("ı", "I"),
        ("علی‌رضا", "علیرضا"),
        ("ㄱ", "ᄀ"),
        ("Ǆ", "ǆ"),
        ("Ǆ", "ǅ"),
        ("ᾳ", "ΑΙ"),
        ("Å", "\u{212B}"),
        ("ꮿ", "Ꮿ"),
    ] {
        assert!(same(a, b), "{a} {b}: {:?} {:?}", Name::parse(a).unwrap().key(), Name::parse(b).unwrap().key());
    }
    for (a, b) in [("Ann", "Ana"), ("a b", "ab"), ("a_b", "a-b"), ("e", "é"), ("1", "١")] {
        assert!(!same(a, b), "{a} {b}");
    }
}

#[test]
fn no_other_way_leads_to_a_name() {
    assert_eq!(serde_json::from_str::<Name>(r#"" a ""#).unwrap(), Name::parse("a").unwrap());
    assert!(serde_json::from_str::<Name>(r#""@""#).is_err());
}

/// Texts of which a good part are names.
pub fn nearly_names() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\p{L}\\p{M}\\p{Nd} _.\\-]{0,40}",
        "[\\p{L}\\p{Zs}\u{300}-\u{36F}\u{200C}\u{200D}]{0,12}",
        "[a-zßıİſσςΣǅﬁＡ\u{345}\u{307}]{1,6}",
    ]
}

proptest! {
    #[test]
    fn a_name_parsed_again_is_the_same(typed in nearly_names()) {
        if let Ok(name) = Name::parse(&typed) {
            let chars = name.as_str().chars().count();
            prop_assert!((1..=Name::CHARS_MAX).contains(&chars));
            prop_assert_eq!(Name::parse(name.as_str()), Ok(name));
        }
    }

    #[test]
    fn a_key_knows_no_case_and_no_normal_form(typed in nearly_names()) {
        if let Ok(name) = Name::parse(&typed) {
            let text = name.as_str();
            // The iota below a Greek letter stands beside it in upper case, and takes marks of its own there.
            if text.nfd().any(|c| c == '\u{345}') {
                return Ok(());
            }
            for other in [text.to_lowercase(), text.to_uppercase(), text.nfd().collect(), text.nfkc().collect()] {
                if let Ok(other) = Name::parse(&other) {
                    prop_assert_eq!(other.key(), name.key(), "{} {}", other.0, name.0);
                }
            }
        }
    }
}
