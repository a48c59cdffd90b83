// What a message may hold (protocol, section 5) and what fits into one frame (section 6).

const TEXT_BYTES_MAX = 65_536;
// Room for the other members of the frame beside the text.
const FRAME_BYTES_MAX = 128 * 1024 - 1024;

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
  const bytes = (value: string): number => new TextEncoder().encode(value).length;
  // Quotes and line breaks double in JSON; a frame that is too big would close the socket each time.
  if (bytes(text) > TEXT_BYTES_MAX || bytes(JSON.stringify(text)) > FRAME_BYTES_MAX) {
    return "This message is too long. Please send it in parts.";
  }
  return null;
}
