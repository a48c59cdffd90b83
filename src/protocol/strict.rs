//! JSON in which an object names each of its fields once.
//!
//! Owns that of a body with a key that comes twice neither value is taken: readers do not agree on which of them counts
//! (RFC 8259, section 4), so what one of them has checked, another one might not have read.

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{ErrorCode, Problem};

/// How much is told of a key that comes twice; what comes from outside is not given back as a whole.
const KEY_CHARS_SHOWN: usize = 40;

/// Reads the JSON of a body or a frame, which `what` says.
///
/// # Errors
/// `malformed_json` with the place where it ceases to be JSON; `malformed_request` with the key that an object has twice.
pub fn read_json(what: &str, bytes: &[u8]) -> Result<Value, Problem> {
    let mut repeated = None;
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let read = Strict(&mut repeated).deserialize(&mut source);
    let error = match read.and_then(|value| source.end().map(|()| value)) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    Err(match repeated {
        None => {
            let (line, column) = (error.line(), error.column());
            let detail = format!("the {what} is not JSON at line {line}, column {column}");
            Problem::new(ErrorCode::MalformedJson, detail)
        }
        Some(key) => {
            let key: String = key.chars().take(KEY_CHARS_SHOWN).collect();
            let detail = format!("an object of the {what} has the key {key:?} twice");
            Problem::new(ErrorCode::MalformedRequest, detail)
        }
    })
}

/// Reads any value, and puts down the key at which it has stopped.
struct Strict<'a>(&'a mut Option<String>);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element_seed(Strict(self.0))? {
            entries.push(entry);
        }
        Ok(Value::Array(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            if map.contains_key(&key) {
                *self.0 = Some(key);
                return Err(A::Error::custom("a key comes twice"));
            }
            let value = fields.next_value_seed(Strict(self.0))?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (ErrorCode, String) {
        let problem = read_json("body", text.as_bytes()).unwrap_err();
        (problem.code, problem.detail)
    }

    #[test]
    fn what_names_each_field_once_is_read_as_ever() {
        for text in [
            "null",
            "true",
            "-7",
            "18446744073709551615",
            "1e300",
            "18446744073709551616",
            r#""a\u00e4\n""#,
            r#"[[], {}, [1, {"a": [null]}]]"#,
            r#"{"a": {"a": 1}, "b": {"a": 2}, "A": "x"}"#,
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(
                read_json("body", text.as_bytes()).unwrap(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_key_that_comes_twice_is_named_wherever_it_stands() {
        for (text, key) in [
            (r#"{"a": 1, "a": 1}"#, "a"),
            (r#"{"b": [{"x": 1}, {"c/d": 1, "x": 2, "c/d": 3}]}"#, "c/d"),
            // However it is written.
            (r#"{"name": 1, "\u006eame": 2}"#, "name"),
        ] {
            let (code, detail) = refused(text);
            assert_eq!(code, ErrorCode::MalformedRequest, "{text}");
            let expected = format!("an object of the body has the key {key:?} twice");
            assert_eq!(detail, expected);
        }
        // What a hostile sender makes up does not come back as a whole.
        let long = "x".repeat(10_000);
        let (_, detail) = refused(&format!(r#"{{"{long}": 1, "{long}": 1}}"#));
        assert!(detail.len() < 100);
    }

    #[test]
    fn what_is_no_json_is_none_whatever_else_it_is() {
        let deep = "[".repeat(10_000);
        for text in ["", "{", "[1,]", "{} {}", "1e999", "nul", &deep] {
            assert_eq!(refused(text).0, ErrorCode::MalformedJson, "{text:.9}");
        }
    }
}
