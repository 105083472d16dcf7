//! Serde over the browser's own JSON.
//!
//! The browser parses; what it parsed is read as a tree, which is what lets a row or a field that
//! does not fit cost no more than itself (`goto_microapps_api::lenient`). Reads and writes what our
//! wire and our storage are made of: structs, lists, texts, flags, whole numbers, names of variants.
//! Nothing says why something does not fit: nobody would read it. `serde_json` in its place is 28 KB
//! more of the module, and reads no row by itself.

use core::fmt;

use js_sys::{Array, JSON, JsString, Reflect};
use serde::de::value::{StrDeserializer, StringDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Impossible, SerializeSeq, SerializeStruct, SerializeTuple, Serializer};
use serde::{Serialize, de, forward_to_deserialize_any, ser};
use wasm_bindgen::{JsCast, JsValue};

/// What JSON text says; `None` where it is not JSON.
pub(crate) fn parse(text: &str) -> Option<JsValue> {
    JSON::parse(text).ok()
}

/// Reads JSON text; `None` where it is none or does not fit.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Option<T> {
    read(parse(text)?)
}

/// Reads what was parsed or came in a message; `None` where it does not fit.
pub(crate) fn read<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    T::deserialize(Tree(value)).ok()
}

/// Writes JSON text.
pub(crate) fn to_text(value: &impl Serialize) -> String {
    let mut text = String::new();
    let written = value.serialize(Writer(&mut text));
    debug_assert!(written.is_ok(), "a shape that is not ours");
    text
}

/// The name of a variant, as it is written.
pub(crate) fn name(variant: &impl Serialize) -> String {
    to_text(variant).trim_matches('"').to_owned()
}

/// It does not fit.
#[derive(Debug)]
pub(crate) struct Misfit;

impl fmt::Display for Misfit {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl core::error::Error for Misfit {}

// Every way to say why is overridden: the words of serde's own would be in the module.
impl de::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

impl ser::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A value of JavaScript.
struct Tree(JsValue);

impl Tree {
    fn into_text(self) -> Result<String, Misfit> {
        let text: JsString = self.0.dyn_into().map_err(|_| Misfit)?;
        Ok(text.into())
    }
}

impl<'de> Deserializer<'de> for Tree {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if let Some(flag) = self.0.as_bool() {
            visitor.visit_bool(flag)
        } else if let Some(number) = self.0.as_f64() {
            #[allow(clippy::cast_possible_truncation)] // Nothing of ours has a fraction.
            visitor.visit_i64(number as i64)
        } else {
            visitor.visit_string(self.into_text()?)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(StringDeserializer::new(self.into_text()?))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let list: Array = self.0.dyn_into().map_err(|_| Misfit)?;
        visitor.visit_seq(List { list, at: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if !self.0.is_object() {
            return Err(Misfit);
        }
        visitor.visit_map(Members {
            object: self.0,
            fields,
            value: JsValue::UNDEFINED,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct tuple_struct map identifier ignored_any
    }
}

struct List {
    list: Array,
    at: u32,
}

impl<'de> SeqAccess<'de> for List {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        if self.at == self.list.length() {
            return Ok(None);
        }
        let value = self.list.get(self.at);
        self.at += 1;
        seed.deserialize(Tree(value)).map(Some)
    }
}

/// The members of an object that a struct has fields for.
struct Members {
    object: JsValue,
    fields: &'static [&'static str],
    value: JsValue,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        while let [field, rest @ ..] = self.fields {
            self.fields = rest;
            let value = Reflect::get(&self.object, &JsValue::from_str(field));
            self.value = value.unwrap_or(JsValue::UNDEFINED);
            if !self.value.is_undefined() {
                return seed.deserialize(StrDeserializer::new(field)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        seed.deserialize(Tree(self.value.clone()))
    }
}

/// Writes at the end of a text.
struct Writer<'t>(&'t mut String);

type No<T = ()> = Impossible<T, Misfit>;

impl<'t> Serializer for Writer<'t> {
    type Ok = ();
    type Error = Misfit;
    type SerializeSeq = Several<'t>;
    type SerializeTuple = Several<'t>;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = Several<'t>;
    type SerializeStructVariant = No;

    fn serialize_bool(self, flag: bool) -> Result<(), Misfit> {
        self.0.push_str(if flag { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i64(self, number: i64) -> Result<(), Misfit> {
        self.0.push_str(&number.to_string());
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), Misfit> {
        let quoted = JSON::stringify(&JsValue::from_str(text)).map_err(|_| Misfit)?;
        self.0.push_str(&String::from(quoted));
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Misfit> {
        self.0.push_str("null");
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Misfit> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Misfit> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Misfit> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Several<'t>, Misfit> {
        Ok(Several::open(self.0, '[', ']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Several<'t>, Misfit> {
        Ok(Several::open(self.0, '[', ']'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Several<'t>, Misfit> {
        Ok(Several::open(self.0, '{', '}'))
    }

    fn serialize_i8(self, number: i8) -> Result<(), Misfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_i16(self, number: i16) -> Result<(), Misfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_i32(self, number: i32) -> Result<(), Misfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_u8(self, number: u8) -> Result<(), Misfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_u16(self, number: u16) -> Result<(), Misfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_u32(self, number: u32) -> Result<(), Misfit> {
        self.serialize_i64(number.into())
    }

    fn serialize_u64(self, number: u64) -> Result<(), Misfit> {
        self.serialize_i64(number.try_into().map_err(|_| Misfit)?)
    }

    fn serialize_f32(self, _: f32) -> Result<(), Misfit> {
        Err(Misfit)
    }

    fn serialize_f64(self, _: f64) -> Result<(), Misfit> {
        Err(Misfit)
    }

    fn serialize_char(self, _: char) -> Result<(), Misfit> {
        Err(Misfit)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Misfit> {
        Err(Misfit)
    }

    fn serialize_unit(self) -> Result<(), Misfit> {
        Err(Misfit)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Misfit> {
        Err(Misfit)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Misfit> {
        Err(Misfit)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<No, Misfit> {
        Err(Misfit)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<No, Misfit> {
        Err(Misfit)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<No, Misfit> {
        Err(Misfit)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<No, Misfit> {
        Err(Misfit)
    }
}

/// A list or an object that is being written.
struct Several<'t> {
    text: &'t mut String,
    is_first: bool,
    close: char,
}

impl<'t> Several<'t> {
    fn open(text: &'t mut String, open: char, close: char) -> Self {
        text.push(open);
        Self {
            text,
            is_first: true,
            close,
        }
    }

    fn separate(&mut self) {
        if !self.is_first {
            self.text.push(',');
        }
        self.is_first = false;
    }

    fn close(self) {
        self.text.push(self.close);
    }
}

impl SerializeSeq for Several<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misfit> {
        self.separate();
        value.serialize(Writer(self.text))
    }

    fn end(self) -> Result<(), Misfit> {
        self.close();
        Ok(())
    }
}

impl SerializeTuple for Several<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misfit> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Misfit> {
        SerializeSeq::end(self)
    }
}

impl SerializeStruct for Several<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Misfit> {
        self.separate();
        // Names of fields need no escapes.
        self.text.push('"');
        self.text.push_str(name);
        self.text.push_str("\":");
        value.serialize(Writer(self.text))
    }

    fn end(self) -> Result<(), Misfit> {
        self.close();
        Ok(())
    }
}
