// The question Slack asks before a press that has a confirm object; it stands over the Slack side.
import { h } from "../dom.js";
import { textOf } from "./texts.js";

const plainly = (text) => ({ type: "plain_text", text });

/** True when the person said yes. `ask` is a Block Kit confirm object. */
export function confirmed(ask) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const end = (answer) => {
      shade.remove();
      before?.focus?.();
      resolve(answer);
    };
    const yes = h(
      "button",
      { type: "button", class: `button ${ask.style ?? "primary"}`, testid: "confirm-ok", onclick: () => end(true) },
      textOf(ask.confirm ?? plainly("Yes")),
    );
    const no = h(
      "button",
      { type: "button", class: "button", testid: "confirm-deny", onclick: () => end(false) },
      textOf(ask.deny ?? plainly("No")),
    );
    const shade = h(
      "div",
      {
        class: "shade ask",
        onkeydown: (event) => {
          if (event.key === "Escape") end(false);
          event.stopPropagation();
        },
      },
      h(
        "div",
        {
          class: "dialog small",
          role: "alertdialog",
          "aria-modal": "true",
          "aria-label": "Confirm",
          testid: "confirm",
        },
        h("header", {}, h("h2", { dir: "auto" }, textOf(ask.title ?? plainly("Are you sure?")))),
        h("div", { class: "dialog-body text", dir: "auto" }, textOf(ask.text)),
        h("footer", {}, no, yes),
      ),
    );
    document.getElementById("slack").append(shade);
    yes.focus();
  });
}
