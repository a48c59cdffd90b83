// The server's time as far as this browser can tell. Countdowns compare the server's times with
// "now", and a visitor's or agent's clock may be minutes off.

// A `Date` header has whole seconds, and any answer travels a while: a smaller difference is noise.
const NOISE_MS = 2500;

let offset_ms = 0;

/** Learns from the `Date` header of an answer, or from the `at` of a socket's first frame. */
export function observe(date: string | null): void {
  const server = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(server)) return;
  const difference = server - Date.now();
  offset_ms = Math.abs(difference) > NOISE_MS ? difference : 0;
}

export function serverNow(): number {
  return Date.now() + offset_ms;
}
