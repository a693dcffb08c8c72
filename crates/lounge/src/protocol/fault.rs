//! The part of a request that is wrong, for programs: a field, and the values that it takes.

use std::borrow::Cow;

use serde::Serialize;

/// The field that a refusal is about. Members of `error` on the wire, beside `code` and `message`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The field's name.
    pub field: Cow<'static, str>,
    /// The values that it takes, as far as bounds and words can say it.
    #[serde(flatten)]
    pub takes: Takes,
}

/// The values that a field takes: a range, or one of a few words. Empty where neither says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Takes {
    /// The least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// The most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// The unit of `min` and `max`. A plain number has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Cow<'static, str>>,
}

/// The things that bounds count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Unicode scalar values of a text.
    Characters,
    /// Members of a list.
    Items,
    /// Rooms of a client.
    Rooms,
}

impl Takes {
    /// At least so much.
    pub fn at_least(min: usize, unit: Unit) -> Self {
        Takes { min: i64::try_from(min).ok(), unit: Some(unit), ..Takes::default() }
    }

    /// At most so much.
    pub fn at_most(max: usize, unit: Unit) -> Self {
        Takes { max: i64::try_from(max).ok(), unit: Some(unit), ..Takes::default() }
    }

    /// A number between two. A bound beyond 64 bits with a sign is none.
    pub fn integer(min: i128, max: i128) -> Self {
        Takes { min: i64::try_from(min).ok(), max: i64::try_from(max).ok(), ..Takes::default() }
    }

    /// One of these words.
    pub fn words<T: Into<Cow<'static, str>>>(words: impl IntoIterator<Item = T>) -> Self {
        Takes { allowed: words.into_iter().map(Into::into).collect(), ..Takes::default() }
    }
}
