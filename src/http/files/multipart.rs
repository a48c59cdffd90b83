//! The form of an upload (RFC 7578): parts between delimiters, read as they come.
//!
//! Owns that no more of a body is held than a part's head or a delimiter needs, whatever the client sends: the parser of
//! the HTTP library gathers all that is there before it looks. A state machine over chunks; it does no I/O and does
//! not know what the parts are for.

use bytes::{Buf, Bytes, BytesMut};

/// The longest boundary that a form may have (RFC 2046, section 5.1.1).
const BOUNDARY_BYTES_MAX: usize = 70;
/// The most bytes of a part's head: the longest name of a file, escaped, and room to spare. The same for what stands
/// before the first part, which is nothing in practice.
const HEAD_BYTES_MAX: usize = 8 << 10;

/// What a form consists of, in its order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A part begins.
    Part(PartHead),
    /// Some of its bytes.
    Data(Bytes),
    /// The form is complete.
    End,
}

/// What a part says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PartHead {
    /// The field that it is for.
    pub(super) name: String,
    /// What the file is called, if it is one.
    pub(super) file_name: Option<String>,
    /// What its sender says that it holds.
    pub(super) media_type: Option<String>,
}

/// Why a body is no form, as a fragment for people.
pub(super) type Malformed = &'static str;

/// The boundary that a `Content-Type` names; `None` when it is none of a form.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (essence, parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameter(parameters, "boundary")?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b);
    let boundary = (1..=BOUNDARY_BYTES_MAX).contains(&value.len())
        && value.bytes().all(fits)
        && !value.ends_with(' ');
    boundary.then_some(value)
}

/// The value of a parameter, with its quotes removed.
fn parameter(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ';']);
        let (key, after) = rest.split_once('=')?;
        let (value, after) = value(after)?;
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

/// A parameter's value and what follows it. Within quotes a backslash escapes a quote or itself; before anything else
/// it is a character, as in the paths that some clients send.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return Some((text[..end].trim().to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' if quoted[at + 1..].starts_with(['"', '\\']) => {
                value.extend(chars.next().map(|(_, escaped)| escaped));
            }
            c => value.push(c),
        }
    }
    None
}

enum State {
    /// Before the first part. What stands there is for nobody.
    Preamble(usize),
    /// After a delimiter: another part, or the end.
    Delimiter,
    /// In the head of a part.
    Head,
    /// In the bytes of a part.
    Body,
    /// After the last one. What follows is for nobody.
    End,
}

/// Reads a form from chunks.
pub(super) struct Multipart {
    /// What stands before each part: a line break, two hyphens, the boundary.
    delimiter: Vec<u8>,
    buffer: BytesMut,
    state: State,
}

impl Multipart {
    pub(super) fn new(boundary: &str) -> Self {
        Self {
            delimiter: [b"\r\n--", boundary.as_bytes()].concat(),
            // The first delimiter stands at the start of a line, too.
            buffer: BytesMut::from(&b"\r\n"[..]),
            state: State::Preamble(0),
        }
    }

    /// Adds what comes next. All items of what came before have been taken.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// The next item; `None` when more must come first.
    ///
    /// # Errors
    /// When the body is no form. Nothing more can be read then.
    pub(super) fn next(&mut self) -> Result<Option<Item>, Malformed> {
        loop {
            match self.state {
                State::Preamble(skipped) => {
                    let (data, found) = self.until_delimiter();
                    let skipped = skipped + data.len();
                    if skipped > HEAD_BYTES_MAX {
                        return Err("what stands before the first part is too long");
                    }
                    self.state = State::Preamble(skipped);
                    if !found {
                        return Ok(None);
                    }
                    self.state = State::Delimiter;
                }
                State::Delimiter => match self.line_after_delimiter()? {
                    None => return Ok(None),
                    Some(true) => {
                        self.state = State::End;
                        return Ok(Some(Item::End));
                    }
                    Some(false) => self.state = State::Head,
                },
                State::Head => {
                    let Some(head) = self.head()? else {
                        return Ok(None);
                    };
                    self.state = State::Body;
                    return Ok(Some(Item::Part(head)));
                }
                State::Body => {
                    let (data, found) = self.until_delimiter();
                    if found {
                        self.state = State::Delimiter;
                    }
                    if !data.is_empty() {
                        return Ok(Some(Item::Data(data)));
                    }
                    if !found {
                        return Ok(None);
                    }
                }
                State::End => {
                    self.buffer.clear();
                    return Ok(None);
                }
            }
        }
    }

    /// What comes before the next delimiter, and whether that was found, which is then taken too. Of what may be the
    /// beginning of one nothing is given yet. Linear: a delimiter has its line break only at its start, so that what
    /// was compared in vain is not compared again.
    fn until_delimiter(&mut self) -> (Bytes, bool) {
        let mut from = 0;
        while let Some(at) = self.buffer[from..].iter().position(|b| *b == b'\r') {
            let at = from + at;
            let here = &self.buffer[at..];
            if here.starts_with(&self.delimiter) {
                let data = self.buffer.split_to(at).freeze();
                self.buffer.advance(self.delimiter.len());
                return (data, true);
            }
            if self.delimiter.starts_with(here) {
                return (self.buffer.split_to(at).freeze(), false);
            }
            from = at + 1;
        }
        (self.buffer.split().freeze(), false)
    }

    /// What follows a delimiter on its line: whether it was the last one. `None` when more must come first.
    fn line_after_delimiter(&mut self) -> Result<Option<bool>, Malformed> {
        let wrong = Err("something stands behind a delimiter");
        let padding = |b: &u8| !matches!(*b, b' ' | b'\t');
        if self.buffer.starts_with(b"--") {
            return Ok(Some(true));
        }
        match self.buffer.iter().position(padding) {
            Some(at) if at > HEAD_BYTES_MAX => wrong,
            Some(at) if self.buffer[at..].starts_with(b"\r\n") => {
                self.buffer.advance(at + 2);
                Ok(Some(false))
            }
            Some(at)
                if matches!(self.buffer[at..], [b'\r']) || matches!(self.buffer[..], [b'-']) =>
            {
                Ok(None)
            }
            None if self.buffer.len() <= HEAD_BYTES_MAX => Ok(None),
            Some(_) | None => wrong,
        }
    }

    /// The head of a part, up to its empty line. `None` when more must come first.
    fn head(&mut self) -> Result<Option<PartHead>, Malformed> {
        let end = self.buffer.windows(4).position(|four| four == b"\r\n\r\n");
        if end.unwrap_or(self.buffer.len()) > HEAD_BYTES_MAX {
            return Err("the head of a part is too long");
        }
        let Some(end) = end else { return Ok(None) };
        let head = self.buffer.split_to(end + 4);
        let head =
            std::str::from_utf8(&head[..end]).map_err(|_| "the head of a part is no UTF-8")?;
        read_head(head).map(Some)
    }
}

fn read_head(head: &str) -> Result<PartHead, Malformed> {
    let mut part = None;
    let mut media_type = None;
    for line in head.split("\r\n") {
        let (name, value) = line
            .split_once(':')
            .ok_or("a line of a part's head is no header")?;
        if name.eq_ignore_ascii_case("content-disposition") {
            part = Some(read_disposition(value)?);
        } else if name.eq_ignore_ascii_case("content-type") {
            media_type = Some(value.trim().to_owned());
        }
    }
    let mut part = part.ok_or("a part has no Content-Disposition")?;
    part.media_type = media_type;
    Ok(part)
}

fn read_disposition(value: &str) -> Result<PartHead, Malformed> {
    let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return Err("a part's Content-Disposition is not form-data");
    }
    let name = parameter(parameters, "name").ok_or("a part has no name")?;
    // The form with a charset comes from clients that are no browsers; where it is, the other is a makeshift.
    let extended = parameter(parameters, "filename*");
    let file_name = match extended {
        Some(text) => Some(read_extended(&text).ok_or("a file's name cannot be read")?),
        None => parameter(parameters, "filename").map(|text| unescaped(&text)),
    };
    Ok(PartHead {
        name: unescaped(&name),
        file_name,
        media_type: None,
    })
}

/// Browsers escape just these three, and a percent sign stays as it is.
fn unescaped(text: &str) -> String {
    text.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

/// `UTF-8''` and the name, percent-encoded (RFC 8187).
fn read_extended(text: &str) -> Option<String> {
    let (charset, rest) = text.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let mut bytes = Vec::new();
    let mut rest = encoded.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let byte = if *first == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            rest = &rest[2..];
            u8::from_str_radix(digits, 16).ok()?
        } else {
            *first
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORM: &str = "for nobody\r\n--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n\
        --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
        Content-Type: image/png\r\nX-Other: 1\r\n\r\n\r\n--b--\r\nfor nobody";

    fn part(name: &str, file_name: Option<&str>, media_type: Option<&str>) -> PartHead {
        PartHead {
            name: name.to_owned(),
            file_name: file_name.map(str::to_owned),
            media_type: media_type.map(str::to_owned),
        }
    }

    type Parts = Vec<(PartHead, Vec<u8>)>;

    /// The parts with their bytes, and whether the form came to its end.
    fn read(chunks: &[&[u8]]) -> Result<(Parts, bool), Malformed> {
        let mut form = Multipart::new("b");
        let mut parts = Parts::new();
        let mut complete = false;
        for chunk in chunks {
            form.push(chunk);
            while let Some(item) = form.next()? {
                match item {
                    Item::Part(head) => parts.push((head, Vec::new())),
                    Item::Data(data) => parts.last_mut().unwrap().1.extend_from_slice(&data),
                    Item::End => complete = true,
                }
            }
            assert!(form.buffer.len() <= HEAD_BYTES_MAX + chunk.len());
        }
        Ok((parts, complete))
    }

    #[test]
    fn a_form_has_parts_with_heads_and_bytes() {
        let (parts, complete) = read(&[FORM.as_bytes()]).unwrap();

        let file = part("file", Some("a.png"), Some("image/png"));
        assert!(complete);
        assert_eq!(
            parts,
            [(part("note", None, None), b"hi".into()), (file, b"".into())]
        );
    }

    #[test]
    fn what_looks_like_a_delimiter_and_is_none_belongs_to_the_bytes() {
        let body = "\r\n--\r\n-b\r\r\n--a--b";
        let form =
            format!("--b \r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{body}\r\n--b--");

        let (parts, complete) = read(&[form.as_bytes()]).unwrap();

        assert!(complete);
        assert_eq!(parts, [(part("file", None, None), body.into())]);
    }

    #[test]
    fn a_name_comes_in_the_forms_that_clients_use() {
        let name = |parameters: &str| {
            let form = format!(
                "--b\r\nContent-Disposition: form-data; name=file; {parameters}\r\n\r\n\r\n--b--"
            );
            let (parts, _) = read(&[form.as_bytes()])?;
            Ok::<_, Malformed>(parts[0].0.file_name.clone())
        };

        for (parameters, expected) in [
            (r#"filename="a b.png""#, "a b.png"),
            ("filename=a.png", "a.png"),
            (r#"filename="say %22hi%22.png""#, "say \"hi\".png"),
            (r#"filename="say \"hi\".png""#, "say \"hi\".png"),
            (r#"filename="C:\temp\a.png""#, r"C:\temp\a.png"),
            (r#"filename="100%.png""#, "100%.png"),
            (r#"filename="größe.png""#, "größe.png"),
            (
                r#"filename="x"; filename*=UTF-8''gr%C3%B6%C3%9Fe.png"#,
                "größe.png",
            ),
        ] {
            assert_eq!(name(parameters).unwrap().as_deref(), Some(expected));
        }
        assert_eq!(name("x=y"), Ok(None));
        for bad in [
            "filename*=latin1''a",
            "filename*=UTF-8''%f",
            "filename*=UTF-8''%ff",
        ] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_no_form_is_said_to_be_none() {
        let long = "x".repeat(HEAD_BYTES_MAX + 1);
        for bad in [
            "--b x\r\n\r\n",
            "--bx\r\n",
            "--b\r\n\r\n\r\n",
            "--b\r\nno header\r\n\r\n",
            "--b\r\nContent-Type: a/b\r\n\r\n",
            "--b\r\nContent-Disposition: attachment; name=\"file\"\r\n\r\n",
            "--b\r\nContent-Disposition: form-data\r\n\r\n",
            &long,
            &format!("--b\r\nContent-Disposition: {long}"),
            &format!("--b{}", " ".repeat(HEAD_BYTES_MAX + 1)),
        ] {
            assert!(read(&[bad.as_bytes()]).is_err(), "{bad:.60}");
        }
        let cut = "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc";
        assert!(!read(&[cut.as_bytes()]).unwrap().1);
    }

    #[test]
    fn a_boundary_is_named_by_the_content_type() {
        let of = |text: &str| boundary(text);

        assert_eq!(
            of("multipart/form-data; boundary=abc").as_deref(),
            Some("abc")
        );
        assert_eq!(
            of("Multipart/Form-Data; charset=utf-8; Boundary=\"a b:c\"").as_deref(),
            Some("a b:c")
        );
        for bad in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"a",
            "multipart/form-data; boundary=\"a \"",
            "multipart/form-data; boundary=a\u{e9}",
            "multipart/mixed; boundary=abc",
            "application/json",
            &format!("multipart/form-data; boundary={}", "x".repeat(71)),
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_form_is_read_alike_however_it_is_cut(
            data in "[-b\r\n a]{0,40}",
            cuts in prop::collection::vec(0..200_usize, 0..8),
        ) {
            let form = format!(
                "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{data}\r\n--b--"
            );
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(form.len())).collect();
            cuts.extend([0, form.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &form.as_bytes()[pair[0]..pair[1]]).collect();

            prop_assert_eq!(read(&chunks), read(&[form.as_bytes()]));
            if !format!("\r\n{data}\r\n").contains("\r\n--b") {
                let (parts, complete) = read(&chunks).unwrap();
                prop_assert!(complete);
                prop_assert_eq!(&parts[0].1, data.as_bytes());
            }
        }
    }
}
