//! A request's fields, taken out one by one, with messages that name the field and say what is allowed.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::error::{ErrorCode, Refused};
use super::fault::{Takes, Unit};

/// The members of one JSON object, not looked into yet. Of several with one name the last counts, as in JavaScript.
#[derive(Clone, Debug, Default)]
pub struct Fields<'a>(Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

/// A string that is borrowed from the JSON, unless it has escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The rule that a value breaks.
#[derive(Clone, Debug)]
pub struct Rule {
    /// A sentence without its subject, such as "must be a string".
    words: String,
    takes: Takes,
}

impl Rule {
    /// Returns a rule with the values that keep it.
    pub fn new(words: impl Into<String>, takes: Takes) -> Self {
        Rule { words: words.into(), takes }
    }

    /// Returns the same rule in other words.
    pub fn in_words(self, words: impl FnOnce(&str) -> String) -> Self {
        Rule { words: words(&self.words), takes: self.takes }
    }
}

impl<T: Into<String>> From<T> for Rule {
    fn from(words: T) -> Self {
        Rule::new(words, Takes::default())
    }
}

impl<'a> Fields<'a> {
    /// Reads the members of an object.
    ///
    /// # Errors
    /// If it is no JSON, or no object.
    pub fn parse(json: &'a str) -> Result<Self, Refused> {
        serde_json::from_str(json).map_err(|error| {
            Refused::new(
                ErrorCode::BadJson,
                match error.classify() {
                    Category::Data => "a frame must hold one JSON object".to_owned(),
                    Category::Syntax | Category::Eof | Category::Io => format!("a frame must be JSON: {error}"),
                },
            )
        })
    }

    /// The value as it came, `null` or not.
    pub fn raw(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// Copies the fields, without those that every request has, to be read when more is known of what they mean.
    pub fn to_be_read_later(&self) -> Fields<'static> {
        let later = self.0.iter().filter(|(name, _)| !matches!(&**name, "type" | "id" | "room"));
        let owned = |(name, value): &(Cow<'_, str>, Cow<'_, RawValue>)| {
            (Cow::Owned(name.clone().into_owned()), Cow::Owned(value.clone().into_owned()))
        };
        Fields(later.map(owned).collect())
    }

    /// A field that has to be there. `null` is no value of any.
    pub fn required<'s, T>(
        &'s self,
        name: &str,
        parse: impl FnOnce(&'s RawValue) -> Result<T, Rule>,
    ) -> Result<T, Refused> {
        match self.raw(name) {
            Some(value) => parse(value).map_err(|rule| bad_field(name, rule)),
            None => Err(match parse(RawValue::NULL) {
                Err(rule) => bad_field(name, rule.in_words(|words| format!("is missing: it {words}"))),
                Ok(_) => bad_field(name, "is missing"),
            }),
        }
    }

    /// A field that may be left out, or be `null`, which is the same.
    pub fn optional<'s, T>(
        &'s self,
        name: &str,
        parse: impl FnOnce(&'s RawValue) -> Result<T, Rule>,
    ) -> Result<Option<T>, Refused> {
        let value = self.raw(name).filter(|value| value.get() != "null");
        value.map(|value| parse(value).map_err(|rule| bad_field(name, rule))).transpose()
    }
}

/// The same members with the same text.
impl PartialEq for Fields<'_> {
    fn eq(&self, other: &Self) -> bool {
        let mut names = self.0.iter().chain(&other.0).map(|(name, _)| name);
        names.all(|name| self.raw(name).map(RawValue::get) == other.raw(name).map(RawValue::get))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// Reads the members of an object in their order.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut members = Vec::with_capacity(8); // most requests have fewer
        while let Some((Text(name), value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            members.push((name, Cow::Borrowed(value)));
        }
        Ok(Fields(members))
    }
}

/// `bad_request`, for a field that breaks the rule.
pub fn bad_field(name: &str, rule: impl Into<Rule>) -> Refused {
    let Rule { words, takes } = rule.into();
    Refused::new(ErrorCode::BadRequest, format!("\"{name}\" {words}")).about_bound(name.to_owned(), takes)
}

/// A string of any length.
pub fn text(value: &RawValue) -> Result<String, Rule> {
    borrowed_text(value).map(Cow::into_owned)
}

/// A string of any length, borrowed unless it has escapes.
pub fn borrowed_text(value: &RawValue) -> Result<Cow<'_, str>, Rule> {
    typed(value).map(|Text(text)| text).ok_or_else(|| "must be a string".into())
}

/// A string of so many characters (Unicode scalar values).
pub fn chars(length: RangeInclusive<usize>) -> impl FnOnce(&RawValue) -> Result<String, Rule> {
    move |value| {
        typed(value).filter(|text: &String| length.contains(&text.chars().count())).ok_or_else(|| {
            let (min, max) = (*length.start(), *length.end());
            let takes = Takes::at_least(min, Unit::Characters);
            if max == usize::MAX {
                Rule::new(format!("must be a string of at least {min} character{}", plural(min)), takes)
            } else {
                let takes = Takes { max: i64::try_from(max).ok(), ..takes };
                Rule::new(format!("must be a string of {min} to {max} characters"), takes)
            }
        })
    }
}

/// A number of the type `T` written without fraction and exponent: `3`, not `3.0` or `3e0`.
pub fn integer<T>(bounds: RangeInclusive<T>) -> impl FnOnce(&RawValue) -> Result<T, Rule>
where
    T: for<'a> Deserialize<'a> + PartialOrd + Copy + Into<i128>,
{
    move |value| {
        typed(value).filter(|number| bounds.contains(number)).ok_or_else(|| {
            let (from, to): (i128, i128) = ((*bounds.start()).into(), (*bounds.end()).into());
            // Nobody needs to be told of 18446744073709551615.
            let words = if to == i128::from(u64::MAX) {
                format!("must be an integer, {from} or more")
            } else {
                format!("must be an integer from {from} to {to}")
            };
            Rule::new(words, Takes::integer(from, to))
        })
    }
}

/// True or false.
pub fn boolean(value: &RawValue) -> Result<bool, Rule> {
    typed(value).ok_or_else(|| "must be true or false".into())
}

/// One of a few words.
pub fn one_of<T: Copy>(words: &[(&str, T)]) -> impl FnOnce(&RawValue) -> Result<T, Rule> {
    move |value| {
        let word: Option<String> = typed(value);
        let found = word.and_then(|word| words.iter().find(|(known, _)| *known == word));
        found.map(|&(_, meaning)| meaning).ok_or_else(|| {
            let known: Vec<String> = words.iter().map(|(known, _)| format!("\"{known}\"")).collect();
            let sentence = match known.split_last() {
                Some((last, others)) if !others.is_empty() => format!("must be {} or {last}", others.join(", ")),
                _ => format!("must be {}", known.join("")),
            };
            Rule::new(sentence, Takes::words(words.iter().map(|&(word, _)| word.to_owned())))
        })
    }
}

fn typed<'a, T: Deserialize<'a>>(value: &'a RawValue) -> Option<T> {
    serde_json::from_str(value.get()).ok()
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
