//! Writes JSON text.

use js_sys::JSON;
use serde::Serialize;
use serde::ser::{Impossible, SerializeSeq, SerializeStruct, SerializeTuple, Serializer};
use wasm_bindgen::JsValue;

use super::misfit::Misfit;

/// Writes at the end of a text.
pub(super) struct Writer<'t>(pub(super) &'t mut String);

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
pub(super) struct Several<'t> {
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
