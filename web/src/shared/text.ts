// What a message may hold (protocol, section 5). Escaped for JSON it at most doubles, which a frame has room for.

const TEXT_BYTES_MAX = 65_536;

/**
 * Returns the text as the server takes it: without control characters but tab and line breaks (they
 * come in with pasted text), without lone surrogates, which are not text, and without outer space.
 */
export function clean(text: string): string {
  return text.toWellFormed().replace(/[^\P{Cc}\t\n\r]/gu, "").trim();
}

/** Returns why a cleaned text can not be sent, or `null`. */
export function textFault(text: string): string | null {
  if (text === "") return "Write something first.";
  if (new TextEncoder().encode(text).length > TEXT_BYTES_MAX) {
    return "This message is too long. Please send it in parts.";
  }
  return null;
}
