//! Reads values of JavaScript.

use js_sys::{Array, JsString, Reflect};
use serde::de::value::StringDeserializer;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

use super::misfit::Misfit;

/// A value of JavaScript.
pub(super) struct Tree(pub(super) JsValue);

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
        // In the order of the fields, and a member that is missing is no element: what serde derives for
        // a sequence then takes the field's default. For a map it compares names in every struct
        // (measured: 1.7 KB of brotli).
        visitor.visit_seq(Members {
            object: self.0,
            fields,
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
        let row = self.next();
        row.map(|row| seed.deserialize(row)).transpose()
    }
}

impl List {
    // Once and not for each kind of row; so is the next member of an object.
    #[inline(never)]
    fn next(&mut self) -> Option<Tree> {
        if self.at == self.list.length() {
            return None;
        }
        let value = self.list.get(self.at);
        self.at += 1;
        Some(Tree(value))
    }
}

/// The members of an object that a struct has fields for.
struct Members {
    object: JsValue,
    fields: &'static [&'static str],
}

impl<'de> SeqAccess<'de> for Members {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        let member = self.next();
        member.map(|member| seed.deserialize(member)).transpose()
    }
}

impl Members {
    #[inline(never)]
    fn next(&mut self) -> Option<Tree> {
        let [field, rest @ ..] = self.fields else {
            return None;
        };
        self.fields = rest;
        let value = Reflect::get(&self.object, &JsValue::from_str(field)).ok()?;
        (!value.is_undefined()).then_some(Tree(value))
    }
}
