// What the Preact views share: a store as state, and a clock that ticks.

import { useEffect, useState } from "preact/hooks";
import { serverNow } from "./clock";
import type { Store } from "./store";

export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(store.get());
  useEffect(() => {
    // What changed between the first rendering and this effect would be missed otherwise.
    setValue(store.get());
    return store.watch(setValue);
  }, [store]);
  return value;
}

/** Returns the server's time in milliseconds, renewed every `every_ms`. */
export function useNow(every_ms = 1000): number {
  const [now, setNow] = useState(serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}
