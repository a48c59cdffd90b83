//! The size of an image, read from its header.
//!
//! Owns that no image is decoded to find out how large it is, and that the size found is the one that a browser will
//! make room for: where a format names several, the largest counts. Must not guess: a header that breaks the format's
//! rules has no size, and its file is refused.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use crate::domain::{MediaType, Pixels};

/// The size of an image that is shown; `None` when it is none, or its header cannot be read.
pub(super) fn size_of(media_type: &MediaType, file: &mut (impl Read + Seek)) -> Option<Pixels> {
    file.seek(SeekFrom::Start(0)).ok()?;
    let size = match media_type.as_str() {
        "image/png" => png(file),
        "image/jpeg" => jpeg(file),
        "image/gif" => gif(file),
        "image/webp" => webp(file),
        _ => return None,
    };
    size.ok()
        .filter(|pixels| pixels.width > 0 && pixels.height > 0)
}

fn broken<T>() -> io::Result<T> {
    Err(ErrorKind::InvalidData.into())
}

fn take<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Skips bytes that must be there.
fn skip(file: &mut (impl Read + Seek), bytes: u64) -> io::Result<()> {
    let Some(last) = bytes.checked_sub(1) else {
        return Ok(());
    };
    // A seek past the end succeeds, so the last of them is read.
    file.seek_relative(i64::try_from(last).map_err(io::Error::other)?)?;
    take::<1>(file)?;
    Ok(())
}

/// The signature, and then the header, which must come first.
fn png(file: &mut (impl Read + Seek)) -> io::Result<Pixels> {
    let head = take::<24>(file)?;
    if head[..8] != *b"\x89PNG\r\n\x1a\n" || head[8..16] != *b"\0\0\0\rIHDR" {
        return broken();
    }
    let number =
        |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    Ok(Pixels {
        width: number(16),
        height: number(20),
    })
}

/// Segments up to the frame's header, which comes before any pixels. Decoders skip what fills the space between two
/// segments, so this does too, or else it would find another header than they do.
fn jpeg(file: &mut (impl Read + Seek)) -> io::Result<Pixels> {
    if take(file)? != [0xff, 0xd8] {
        return broken();
    }
    loop {
        if take(file)? != [0xff] {
            return broken();
        }
        let mut marker = 0xff;
        while marker == 0xff {
            [marker] = take(file)?;
        }
        match marker {
            // Frames, but for the tables that have numbers among theirs.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let [_, _, _, h1, h2, w1, w2] = take(file)?;
                return Ok(Pixels {
                    width: u16::from_be_bytes([w1, w2]).into(),
                    height: u16::from_be_bytes([h1, h2]).into(),
                });
            }
            // Without a length: restarts, another beginning, the end; or pixels. No frame can follow.
            0x00 | 0x01 | 0xd0..=0xda => return broken(),
            _ => {
                let length = u16::from_be_bytes(take(file)?);
                let Some(rest) = length.checked_sub(2) else {
                    return broken();
                };
                skip(file, rest.into())?;
            }
        }
    }
}

/// The canvas and each frame on it: browsers make room for a first frame that is larger than its canvas.
fn gif(file: &mut (impl Read + Seek)) -> io::Result<Pixels> {
    let head = take::<13>(file)?;
    if !head.starts_with(b"GIF87a") && !head.starts_with(b"GIF89a") {
        return broken();
    }
    let number = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]));
    let mut size = Pixels {
        width: number(head[6], head[7]),
        height: number(head[8], head[9]),
    };
    skip_colors(file, head[10])?;
    let mut frames = 0;
    loop {
        match take(file)? {
            [0x21] => {
                take::<1>(file)?;
                skip_blocks(file)?;
            }
            [0x2c] => {
                let frame = take::<9>(file)?;
                let right = number(frame[0], frame[1]) + number(frame[4], frame[5]);
                let bottom = number(frame[2], frame[3]) + number(frame[6], frame[7]);
                size.width = size.width.max(right);
                size.height = size.height.max(bottom);
                skip_colors(file, frame[8])?;
                take::<1>(file)?;
                skip_blocks(file)?;
                frames += 1;
            }
            [0x3b] if frames > 0 => return Ok(size),
            _ => return broken(),
        }
    }
}

/// A table of colours, if the flags say that there is one.
fn skip_colors(file: &mut (impl Read + Seek), flags: u8) -> io::Result<()> {
    if flags & 0x80 == 0 {
        return Ok(());
    }
    skip(file, 3 << ((flags & 7) + 1))
}

fn skip_blocks(file: &mut (impl Read + Seek)) -> io::Result<()> {
    loop {
        match take(file)? {
            [0] => return Ok(()),
            [length] => skip(file, length.into())?,
        }
    }
}

/// The canvas, or the one frame. Decoders refuse a frame that does not fit its canvas.
fn webp(file: &mut (impl Read + Seek)) -> io::Result<Pixels> {
    let head = take::<20>(file)?;
    if head[..4] != *b"RIFF" || head[8..12] != *b"WEBP" {
        return broken();
    }
    match &head[12..16] {
        b"VP8X" => {
            let data = take::<10>(file)?;
            let number = |at: usize| u32::from_le_bytes([data[at], data[at + 1], data[at + 2], 0]);
            Ok(Pixels {
                width: number(4) + 1,
                height: number(7) + 1,
            })
        }
        b"VP8L" => {
            let [signature, bits @ ..] = take::<5>(file)?;
            let bits = u32::from_le_bytes(bits);
            if signature != 0x2f {
                return broken();
            }
            Ok(Pixels {
                width: (bits & 0x3fff) + 1,
                height: (bits >> 14 & 0x3fff) + 1,
            })
        }
        b"VP8 " => {
            let [_, _, _, s1, s2, s3, w1, w2, h1, h2] = take(file)?;
            if [s1, s2, s3] != [0x9d, 0x01, 0x2a] {
                return broken();
            }
            // The two highest bits ask for the image to be scaled.
            Ok(Pixels {
                width: (u16::from_le_bytes([w1, w2]) & 0x3fff).into(),
                height: (u16::from_le_bytes([h1, h2]) & 0x3fff).into(),
            })
        }
        _ => broken(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn size(media_type: &str, bytes: &[u8]) -> Option<(u32, u32)> {
        let pixels = size_of(&media_type.parse().unwrap(), &mut Cursor::new(bytes));
        pixels.map(|pixels| (pixels.width, pixels.height))
    }

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        [
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
            &width.to_be_bytes(),
            &height.to_be_bytes(),
        ]
        .concat()
    }

    /// A GIF with a canvas of 2 x 3, two colours, a comment, and a frame.
    fn gif_of(frame: [u8; 8]) -> Vec<u8> {
        [
            &b"GIF89a\x02\0\x03\0\x80\0\0"[..],
            &[0; 6],
            b"\x21\xfe\x02hi\0\x2c",
            &frame,
            b"\0\x02\x01\x44\0\x3b",
        ]
        .concat()
    }

    #[test]
    fn a_png_says_its_size_in_its_first_chunk() {
        assert_eq!(
            size("image/png", &png_of(50_000, 50_000)),
            Some((50_000, 50_000))
        );
        assert_eq!(size("image/png", &png_of(0, 1)), None);
        assert_eq!(size("image/png", &png_of(1, 1)[..23]), None);
        let other = [&b"\x89PNG\r\n\x1a\n\0\0\0\x04gAMA"[..], &[0; 8]].concat();
        assert_eq!(size("image/png", &other), None);
    }

    #[test]
    fn a_jpeg_is_read_as_decoders_read_it() {
        let start = b"\xff\xd8\xff\xe0\0\x04ab";
        let frame = b"\xff\xc0\0\x11\x08\0\x02\0\x03";
        let of = |parts: &[&[u8]]| size("image/jpeg", &parts.concat());

        assert_eq!(of(&[start, frame]), Some((3, 2)));
        assert_eq!(of(&[start, b"\xff\xff", frame]), Some((3, 2)));
        // A frame within a segment is none: thumbnails lie there.
        let hidden = b"\xff\xe1\0\x0b\xff\xc0\0\x11\x08\0\x01\0\x01";
        assert_eq!(of(&[start, hidden, frame]), Some((3, 2)));
        for bad in [
            &b"\xff\xda"[..],
            b"\xff\xd9",
            b"\xff\xd8",
            b"\xff\xe0\0\x01",
            b"\xff\xe0\xff\xff",
            b"a",
            b"",
        ] {
            assert_eq!(of(&[start, bad]), None, "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn a_gif_is_as_large_as_its_largest_frame() {
        assert_eq!(
            size("image/gif", &gif_of([0, 0, 0, 0, 2, 0, 3, 0])),
            Some((2, 3))
        );
        let huge = gif_of([0, 0, 0, 0, 0x50, 0xc3, 0x50, 0xc3]);
        assert_eq!(size("image/gif", &huge), Some((50_000, 50_000)));
        let whole = gif_of([0; 8]);
        assert_eq!(size("image/gif", &whole[..whole.len() - 1]), None);
        let empty = [&b"GIF89a\x02\0\x03\0\0\0\0"[..], b"\x3b"].concat();
        assert_eq!(size("image/gif", &empty), None, "there is no frame");
        assert_eq!(size("image/gif", b"GIF89a=alert(1)//"), None);
    }

    #[test]
    fn a_webp_is_lossy_lossless_or_extended() {
        let of = |kind: &[u8], data: &[u8]| {
            let bytes = [b"RIFF\0\0\0\0WEBP", kind, &[0; 4], data].concat();
            size("image/webp", &bytes)
        };

        let lossy = b"\0\0\0\x9d\x01\x2a\x10\x40\x20\0";
        assert_eq!(of(b"VP8 ", lossy), Some((16, 32)));
        assert_eq!(of(b"VP8L", b"\x2f\x0f\xc0\x07\0"), Some((16, 32)));
        let extended = b"\0\0\0\0\xff\xff\xff\x01\0\0";
        assert_eq!(of(b"VP8X", extended), Some((16_777_216, 2)));
        assert_eq!(of(b"VP8L", b"\0\x0f\xc0\x07\0"), None);
        assert_eq!(of(b"VP8Z", lossy), None);
        assert_eq!(of(b"VP8 ", &lossy[..9]), None);
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_it_fail(kind in 0..4_usize, bytes: Vec<u8>, cut in 0..64_usize) {
            let (kind, start) = [
                ("image/png", png_of(1, 1)),
                ("image/jpeg", b"\xff\xd8\xff\xe0\0\x04ab\xff".to_vec()),
                ("image/gif", gif_of([0; 8])),
                ("image/webp", b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0".to_vec()),
            ].into_iter().nth(kind).unwrap();
            let bytes = [&start[..cut.min(start.len())], &bytes].concat();

            let _ = size(kind, &bytes);
        }
    }
}
