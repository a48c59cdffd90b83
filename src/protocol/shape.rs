//! How frames look, for the document of the sockets.
//!
//! Owns how a description is put together from those of types: the fields of a body beside those that every frame of its
//! kind has. Must not know which frames there are: each list stands beside the types that it describes.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema};

use super::to_tree;

/// Descriptions that others refer to, by their names.
pub(super) type Parts = Vec<(String, RefOr<Schema>)>;

/// A type of frame.
pub(super) struct Described {
    /// Its `type`.
    pub(super) name: &'static str,
    /// What it says, in a sentence without its full stop.
    pub(super) about: &'static str,
    /// How it looks.
    pub(super) shape: Shape,
}

impl Described {
    /// A frame that is written from a type whose first field is `type`.
    pub(super) fn of<T: ToSchema>(name: &'static str, about: &'static str) -> Self {
        let shape = Shape::of::<T>().typed(name);
        Self { name, about, shape }
    }
}

/// One of several frames, as a schema.
pub(super) fn one_of(frames: Vec<Described>) -> RefOr<Schema> {
    let mut one_of = OneOfBuilder::new();
    for described in frames {
        let about = Some(described.about);
        // What it was made of is a schema too.
        let shape = serde_json::from_value(described.shape.schema).unwrap_or_default();
        one_of = one_of.item(described_as(shape, about));
    }
    one_of.into()
}

fn described_as(schema: Schema, about: Option<&str>) -> Schema {
    match schema {
        Schema::Object(object) => ObjectBuilder::from(object).description(about).into(),
        other => other,
    }
}

/// A schema with all that it refers to.
#[derive(Clone)]
pub(super) struct Shape {
    /// JSON Schema.
    pub(super) schema: Value,
    /// What it refers to.
    pub(super) parts: Parts,
}

impl Shape {
    /// That of a type, spelt out.
    pub(super) fn of<T: ToSchema>() -> Self {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        let schema = to_tree(&T::schema());
        Self { schema, parts }
    }

    /// That of a type, by its name.
    pub(super) fn named<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        let mut parts = vec![(name, T::schema())];
        T::schemas(&mut parts);
        Self { schema, parts }
    }

    /// A list of these.
    pub(super) fn list(self) -> Self {
        let schema = json!({"type": "array", "items": self.schema});
        Self { schema, ..self }
    }

    /// An object with one field, which is always there or not.
    pub(super) fn under(self, field: &str, always: bool) -> Self {
        let required: &[&str] = if always { &[field] } else { &[] };
        let fields = json!({field: self.schema});
        let schema = json!({"type": "object", "required": required, "properties": fields});
        Self { schema, ..self }
    }

    /// With the fields of another object besides; of two with the same name the other's stays.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        let (Some(own), Value::Object(mut more)) = (own(&mut self.schema), other.schema) else {
            return self;
        };
        let fields = own.entry("properties").or_insert_with(|| json!({}));
        if let (Value::Object(fields), Some(Value::Object(more))) =
            (fields, more.remove("properties"))
        {
            fields.extend(more);
        }
        let required = own.entry("required").or_insert_with(|| json!([]));
        if let (Value::Array(required), Some(Value::Array(more))) =
            (required, more.remove("required"))
        {
            for name in more {
                if !required.contains(&name) {
                    required.push(name);
                }
            }
        }
        self
    }

    /// Whether an object of it always has a field of its own.
    pub(super) fn requires(&self, field: &str) -> bool {
        let own = match self.schema.get("allOf") {
            Some(Value::Array(all)) => all.last(),
            _ => Some(&self.schema),
        };
        let required = own
            .and_then(|own| own.get("required"))
            .and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|name| name == field))
    }

    /// With a `type` that is always this one.
    pub(super) fn typed(self, name: &str) -> Self {
        let word = json!({"type": "string", "enum": [name]});
        let schema = json!({"required": ["type"], "properties": {"type": word}});
        let parts = Vec::new();
        self.and(Self { schema, parts })
    }

    /// With no other fields than those.
    pub(super) fn closed(mut self) -> Self {
        if let Some(own) = own(&mut self.schema) {
            own.insert("additionalProperties".to_owned(), json!(false));
        }
        self
    }
}

/// The object with a type's own fields: the last one where those of others are part of it as they are.
fn own(schema: &mut Value) -> Option<&mut Map<String, Value>> {
    if schema.get("allOf").is_some() {
        let all = schema.get_mut("allOf")?.as_array_mut()?;
        return all.last_mut()?.as_object_mut();
    }
    schema.as_object_mut()
}
