//! Taking an upload in: from a form to a draft that was looked at.
//!
//! Owns what an upload must be, and that all of what is wrong with its form is named. Must not keep anything: a draft
//! that is refused is gone when the answer is.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use http_body_util::BodyExt as _;

use super::failed;
use super::multipart::{Item, Multipart, PartHead, boundary};
use crate::domain::{FileName, Invalid, MediaType, NewText as _};
use crate::faults::{Fault, FaultCode, Faults};
use crate::files::{Draft, Look, contradicts};
use crate::http::extract::is_too_long;
use crate::http::layers::discard;
use crate::http::{ApiError, AppState};
use crate::protocol::{ErrorCode, Problem};

/// The field of the form that has the file.
const FIELD: &str = "file";

/// An upload that is in order.
pub(super) struct Received {
    pub(super) name: FileName,
    pub(super) draft: Draft,
    pub(super) look: Look,
    /// What its sender says that it holds.
    pub(super) said: Option<MediaType>,
}

impl Received {
    /// What tells two uploads apart. The form itself has another boundary each time it is sent.
    pub(super) fn fingerprint(&self) -> Vec<u8> {
        let said = self.said.as_ref().map_or("", MediaType::as_str);
        // Neither a hash nor a type makes the ends of the others unclear: one has a fixed length, one no line break.
        let parts = [&self.draft.sha256()[..], said.as_bytes(), b"\n"];
        [&parts.concat()[..], self.name.as_str().as_bytes()].concat()
    }
}

/// The answer to a file beyond the bound.
pub(in crate::http) fn file_too_large(bytes_max: u64) -> ApiError {
    Problem::new(
        ErrorCode::FileTooLarge,
        format!("a file has at most {bytes_max} bytes"),
    )
    .with("bytes_max", bytes_max.into())
    .into()
}

/// Reads the form to its end.
pub(super) async fn receive(
    app: &AppState,
    headers: &HeaderMap,
    mut body: Body,
) -> Result<Received, ApiError> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let Some(boundary) = content_type.and_then(boundary) else {
        return Err(ApiError::new(
            ErrorCode::UnsupportedMediaType,
            "send the file as multipart/form-data, in the field file",
        ));
    };
    let read = Reading {
        app,
        form: Multipart::new(&boundary),
        found: None,
        inside: false,
        faults: Faults::default(),
        complete: false,
    };
    match read.all(&mut body).await {
        Ok((head, draft)) => check(app, head, draft).await,
        Err(error) => {
            discard(body).await;
            Err(error)
        }
    }
}

/// A form that is being read.
struct Reading<'a> {
    app: &'a AppState,
    form: Multipart,
    found: Option<(PartHead, Draft)>,
    /// Whether what comes now is the file's.
    inside: bool,
    faults: Faults,
    complete: bool,
}

impl Reading<'_> {
    async fn all(mut self, body: &mut Body) -> Result<(PartHead, Draft), ApiError> {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                if is_too_long(&error) {
                    file_too_large(self.app.config.files.file_bytes_max)
                } else {
                    malformed("the body was cut off")
                }
            })?;
            let Ok(chunk) = frame.into_data() else {
                continue;
            };
            self.form.push(&chunk);
            while let Some(item) = self.form.next().map_err(malformed)? {
                self.take(item).await?;
            }
        }
        if !self.complete {
            return Err(malformed("the form was cut off"));
        }
        if self.found.is_none() {
            self.fault(FIELD, FaultCode::Required, "this field is required");
        }
        match self.found {
            Some(found) => Ok(self.faults.or(found)?),
            None => Err(self.faults.into()),
        }
    }

    async fn take(&mut self, item: Item) -> Result<(), ApiError> {
        match item {
            Item::Part(head) => self.begin(head).await,
            Item::Data(data) => self.write(data).await,
            Item::End => {
                self.complete = true;
                Ok(())
            }
        }
    }

    async fn begin(&mut self, head: PartHead) -> Result<(), ApiError> {
        self.inside = head.name == FIELD && self.found.is_none();
        if self.inside {
            let draft = self.app.files.draft().await.map_err(failed)?;
            self.found = Some((head, draft));
        } else if head.name == FIELD {
            self.fault(FIELD, FaultCode::Duplicate, "send one file at a time");
        } else {
            let detail = "there is no such field; the file is in the field file";
            self.fault(&head.name, FaultCode::UnknownField, detail);
        }
        Ok(())
    }

    /// Bytes of the file. Those of other fields are for nobody, and the bound on the body is theirs too.
    async fn write(&mut self, data: Bytes) -> Result<(), ApiError> {
        let Some((_, draft)) = self.found.as_mut().filter(|_| self.inside) else {
            return Ok(());
        };
        let max = self.app.config.files.file_bytes_max;
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        if draft.bytes().saturating_add(length) > max {
            return Err(file_too_large(max));
        }
        draft
            .write(&data)
            .await
            .map_err(|error| failed(error.into()))
    }

    fn fault(&mut self, field: &str, code: FaultCode, detail: &str) {
        self.faults.push(Fault {
            pointer: format!("/{}", field.replace('~', "~0").replace('/', "~1")),
            code,
            detail: detail.to_owned(),
        });
    }
}

fn malformed(detail: &'static str) -> ApiError {
    ApiError::new(ErrorCode::MalformedRequest, detail)
}

/// Checks what came: first what is said of it, all at once, and then what it holds.
async fn check(app: &AppState, head: PartHead, mut draft: Draft) -> Result<Received, ApiError> {
    let mut faults = Faults::default();
    if draft.bytes() == 0 {
        let detail = "must not be empty";
        faults.extend(Faults::one("/file", FaultCode::TooShort, detail));
    }
    let name = head.file_name.ok_or(Invalid::TooShort { min: 1 });
    let name = name.and_then(|name| FileName::new_text(&name));
    let said = head.media_type.as_deref().map(|text| {
        let essence = text.split(';').next().unwrap_or_default();
        essence.trim().parse::<MediaType>()
    });
    if let Err(invalid) = &name {
        faults.extend(Faults::invalid("/file/name", *invalid));
    }
    if let Some(Err(invalid)) = &said {
        faults.extend(Faults::invalid("/file/media_type", *invalid));
    }
    let (Ok(name), said) = (name, said.and_then(Result::ok)) else {
        return Err(faults.into());
    };
    faults.or(())?;
    let look = draft.look().await.map_err(|error| failed(error.into()))?;
    check_content(app, &name, said.as_ref(), &look)?;
    Ok(Received {
        name,
        draft,
        look,
        said,
    })
}

fn check_content(
    app: &AppState,
    name: &FileName,
    said: Option<&MediaType>,
    look: &Look,
) -> Result<(), ApiError> {
    let found = &look.media_type;
    let mismatch = |who: &str, said: &str| {
        Problem::new(
            ErrorCode::FileTypeMismatch,
            format!(
                "{who} says {said}, the content is {found}",
                found = found.as_str()
            ),
        )
        .with("media_type", found.as_str().into())
    };
    if let Some(said) = said.filter(|said| contradicts(found, said)) {
        return Err(mismatch("its sender", said.as_str()).into());
    }
    let named = by_extension(name);
    // An extension may stand for several types; one that can be true is enough.
    if let Some(first) = named.first()
        && named.iter().all(|said| contradicts(found, said))
    {
        return Err(mismatch("its name", first.as_str()).into());
    }
    if look.is_damaged() {
        let detail = "it begins as an image, but has no size that can be read";
        return Err(ApiError::new(ErrorCode::ImageUnreadable, detail));
    }
    let max = app.config.files.image_pixels_max;
    if look.pixels.is_some_and(|pixels| pixels.count() > max) {
        let detail = format!("an image has at most {max} pixels");
        let problem = Problem::new(ErrorCode::ImageTooLarge, detail);
        return Err(problem.with("pixels_max", max.into()).into());
    }
    Ok(())
}

/// What files of this extension are; nothing when it is not known.
fn by_extension(name: &FileName) -> Vec<MediaType> {
    let Some(extension) = name.extension() else {
        return Vec::new();
    };
    let types = mime_guess::from_ext(&extension);
    types
        .iter_raw()
        .filter_map(|text| text.parse().ok())
        .collect()
}
