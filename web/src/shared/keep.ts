// Small things kept over a reload, as JSON in the browser's storage. Storage may be forbidden (private
// windows, blocked cookies) or full: then the value lives as long as the page.

export interface Keep<T> {
  read(): T | null;
  write(value: T | null): void;
}

type Area = "localStorage" | "sessionStorage";

export function keep<T>(area: Area, name: string): Keep<T> {
  let memory: T | null = null;
  const storage = (): Storage | null => {
    try {
      return window[area];
    } catch {
      return null;
    }
  };
  return {
    read() {
      try {
        const text = storage()?.getItem(name);
        return text == null ? memory : (JSON.parse(text) as T);
      } catch {
        return memory;
      }
    },
    write(value) {
      memory = value;
      try {
        if (value === null) storage()?.removeItem(name);
        else storage()?.setItem(name, JSON.stringify(value));
      } catch {
        // The copy in memory has to do.
      }
    },
  };
}
