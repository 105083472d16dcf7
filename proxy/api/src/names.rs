//! Enums that travel by name.

/// A text that names no variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownName;

impl core::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a name that this release does not know")
    }
}

impl core::error::Error for UnknownName {}

/// An enum whose variants are known by a name each, which is said here once: for serde, for
/// `as_str`, and for `FromStr`, which takes the names and nothing else.
macro_rules! named {
    ($(#[$about:meta])* pub enum $Enum:ident {
        $($(#[$of:meta])* $Variant:ident = $name:literal,)*
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $Enum {
            $($(#[$of])* #[serde(rename = $name)] $Variant,)*
        }

        impl $Enum {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$Variant),*];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$Variant => $name,)*
                }
            }
        }

        impl core::str::FromStr for $Enum {
            type Err = $crate::UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($name => Ok(Self::$Variant),)*
                    _ => Err($crate::UnknownName),
                }
            }
        }
    };
}

pub(crate) use named;

#[cfg(test)]
mod tests {
    use crate::{Carrier, Code, ConfirmingCause, Field, FieldCode, Fold, HandoffOutcome, Reading};

    #[test]
    fn a_name_is_the_same_for_serde_and_by_hand() {
        macro_rules! check {
            ($($Enum:ident),*) => {
                $(for one in $Enum::ALL {
                    assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
                    let read: $Enum = serde_json::from_value(one.as_str().into()).unwrap();
                    assert_eq!((read, one.as_str().parse()), (*one, Ok(*one)));
                })*
            };
        }
        check!(
            Carrier,
            Code,
            ConfirmingCause,
            Field,
            FieldCode,
            Fold,
            HandoffOutcome,
            Reading
        );
        assert_eq!(Code::SomebodyElse.as_str(), "somebody_else");
        assert!("Earlier".parse::<Fold>().is_err());
        assert!("from_the_future".parse::<Code>().is_err());
        let read: Code = serde_json::from_str("\"from_the_future\"").unwrap();
        assert_eq!(read, Code::Other);
    }
}
