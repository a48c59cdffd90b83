// The mark of a status: its colour, or that of a custom status. The words stand beside it.

import type { Status } from "../shared/protocol";

export function Dot({ status, color = null }: { status: Status; color?: string | null }) {
  // By the object model, which the page's policy lets through; in the markup it would not.
  const style = color === null ? {} : { background: color };
  return <span class={color === null ? `dot ${status}` : "dot own"} style={style} aria-hidden="true" />;
}
