// A greeting beside the button: opens the chat, or goes away.

import type { Greeting } from "../shared/protocol";

export interface Bubble {
  show(greeting: Greeting | null): void;
}

export function bubble(root: ShadowRoot, onOpen: () => void, onDismiss: () => void): Bubble {
  // There from the start, so that its text is read out when it comes.
  const box = document.createElement("div");
  box.className = "bubble";
  box.setAttribute("role", "status");

  const text = document.createElement("button");
  text.type = "button";
  text.className = "say";
  text.addEventListener("click", onOpen);

  const dismiss = document.createElement("button");
  dismiss.type = "button";
  dismiss.className = "dismiss";
  dismiss.setAttribute("aria-label", "Dismiss");
  dismiss.textContent = "×";
  dismiss.addEventListener("click", onDismiss);

  root.append(box);
  return {
    show(greeting) {
      const said = greeting?.text ?? "";
      // The same again would be read out again.
      if (said === text.textContent) return;
      text.textContent = said;
      box.replaceChildren(...(greeting === null ? [] : [text, dismiss]));
    },
  };
}
