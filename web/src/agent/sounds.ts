// Sounds for what rings and for what reminds: off until the agent switches them on. Made by the
// browser itself, so that nothing is loaded.

import { keep } from "../shared/keep";
import { Store } from "../shared/store";

export type Sound = "offer" | "reminder";

/** The notes of each, in hertz, one after another. */
const NOTES: Record<Sound, readonly number[]> = {
  offer: [660, 880],
  reminder: [520],
};

const NOTE_S = 0.14;
const LOUDNESS = 0.08;

export class Sounds {
  private readonly place = keep<boolean>("localStorage", "deskbell.agent.sounds");
  readonly store = new Store<boolean>(this.place.read() === true);
  private context: AudioContext | null = null;

  /** Called by a click: a browser lets a page sound only after one. */
  set(on: boolean): void {
    this.store.set(on);
    this.place.write(on ? true : null);
    if (on) this.play("reminder");
  }

  play(sound: Sound): void {
    if (!this.store.get()) return;
    this.context ??= new AudioContext();
    const { context } = this;
    // Without a click on this page it stays suspended, and silent.
    void context.resume();
    NOTES[sound].forEach((hertz, index) => {
      const begin = context.currentTime + index * NOTE_S;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, begin);
      volume.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.02);
      volume.gain.linearRampToValueAtTime(0, begin + NOTE_S);
      tone.connect(volume).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + NOTE_S);
    });
  }
}
