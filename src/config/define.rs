//! The macro that defines a subject of settings, and all that is made from it.

/// Defines a subject: a struct with a typed field per setting, its rows, and the function from given values to fields.
///
/// ```text
/// /// The help. (Further paragraphs: details, and reasons for the bounds.)
/// retain: u64 = "1000", unit "events", from "1" to "1000000000";
/// ```
macro_rules! settings {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident, $title:literal {
            $(
                $(#[doc = $doc:literal])+
                $key:ident: $type:ty = $default:literal
                    $(, unit $unit:literal)? $(, from $min:literal to $max:literal)? $(, also $shared:literal)?
                    $(, or $other_flag:literal)?;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $key: $type, )+
        }

        impl $name {
            pub(super) const SUBJECT: $crate::config::setting::Subject = $crate::config::setting::Subject {
                title: $title,
                doc: concat!($($about, "\n"),+),
                settings: &[$(
                    $crate::config::setting::Setting {
                        key: stringify!($key),
                        doc: concat!($($doc, "\n"),+),
                        default: $default,
                        unit: concat!($($unit)?),
                        bounds: $crate::config::setting::Bounds { min: concat!($($min)?), max: concat!($($max)?) },
                        shape: <$type as $crate::config::value::Value>::SHAPE,
                        placeholder: <$type as $crate::config::value::Value>::PLACEHOLDER,
                        allowed: <$type as $crate::config::value::Value>::allowed,
                        shared_variable: $crate::config::define::first(&[$($shared)?]),
                        other_flag: $crate::config::define::first(&[$($other_flag)?]),
                    },
                )+],
            };

            /// Takes the values in force; `None` if one was refused: then the layers hold all problems.
            pub(super) fn settle(layers: &mut $crate::config::layers::Layers) -> Option<Self> {
                let mut rows = Self::SUBJECT.settings.iter();
                $( let $key = layers.settle::<$type>(rows.next()?); )+
                Some(Self { $( $key: $key?, )+ })
            }
        }
    };
}
pub(super) use settings;

/// For `settings!`: an optional literal as an `Option`.
pub(super) const fn first(given: &[&'static str]) -> Option<&'static str> {
    match given {
        [] => None,
        [first, ..] => Some(first),
    }
}
