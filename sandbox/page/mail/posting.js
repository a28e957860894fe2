// Sending a customer's mail, with files, and saying why it could not be sent.
import { fill, h, icon, toast } from "../dom.js";
import { act, packed } from "../wire.js";
import { sentence } from "../slack/notes.js";

const TROUBLE = {
  no_desk: "No desk takes mail here: the sandbox knows no SMTP intake to deliver to.",
  invalid_mail: "The mail could not be put together.",
};

/** Send it: {id, status, reply}, also where the desk refused it (its conversation shows why); null when there is no mail. */
export async function post(body) {
  try {
    return await act("mail", body);
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    toast(TROUBLE[refusal.code] ?? sentence(refusal.code), "error", refusal.code);
    return null;
  }
}

/** Files to go along: a button, a hidden chooser and the chips. */
export function parcel(testid) {
  let files = [];
  const chips = h("div", { class: "carried" });
  const chooser = h("input", {
    type: "file",
    multiple: true,
    hidden: true,
    testid: `${testid}-files`,
    onchange: () => {
      files = [...files, ...chooser.files];
      chooser.value = "";
      show();
    },
  });
  const show = () =>
    fill(
      chips,
      files.map((file) =>
        h(
          "span",
          { class: "chip" },
          icon("file"),
          h("bdi", {}, file.name),
          h(
            "button",
            {
              type: "button",
              class: "quiet",
              "aria-label": `Remove ${file.name}`,
              onclick: () => {
                files = files.filter((one) => one !== file);
                show();
              },
            },
            icon("close"),
          ),
        ),
      ),
    );
  return {
    chips,
    chooser,
    button: h(
      "button",
      {
        type: "button",
        class: "quiet",
        title: "Attach files",
        "aria-label": "Attach files",
        testid: `${testid}-attach`,
        onclick: () => chooser.click(),
      },
      icon("clip"),
    ),
    take: async () => (files.length ? Promise.all(files.map(packed)) : undefined),
    empty: () => {
      files = [];
      show();
    },
  };
}
