// A value that views can watch. Values are replaced, never changed in place.

export class Store<T> {
  private readonly watchers = new Set<(value: T) => void>();

  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const watcher of [...this.watchers]) watcher(value);
  }

  /** Replaces some fields and leaves the rest. */
  patch(fields: Partial<T>): void {
    this.set({ ...this.value, ...fields });
  }

  /** Calls `watcher` after each change until the returned function is called. */
  watch(watcher: (value: T) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
}
