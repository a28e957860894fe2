// The customers' phones: whose it is, and the chat with the bot on it.
import { fill, float, h, icon, keep, sign, toast } from "../dom.js";
import { tell } from "../news.js";
import { act } from "../wire.js";
import { world } from "../world.js";
import { arrows } from "../steps.js";
import { go, phoneInHand, where } from "../where.js";
import { face } from "../slack/avatar.js";
import { sentence } from "../slack/notes.js";
import { chatPane } from "./chat.js";
import { placeOnView } from "./places.js";
import { isOurs, nameOf, placesOf, saidAt, unreadOn } from "./telegram.js";

/** The phones' part of the customers' side: {node, draw}. */
export function phones() {
  const tabs = h("div", { class: "box-tabs", role: "tablist", "aria-label": "Phones", onkeydown: arrows });
  const chat = chatPane();
  const node = h(
    "div",
    { class: "phones", hidden: true },
    h("div", { class: "boxes" }, tabs, newPhone()),
    h("div", { class: "phone-ground" }, chat.node),
  );
  return {
    node,
    draw() {
      tellNews();
      node.hidden = where.via !== "phone";
      if (node.hidden) return;
      const phone = phoneInHand();
      keep(
        tabs,
        [...world.phones.values()].map((one) => tab(one, one === phone)),
      );
      if (phone) chat.draw(phone, placeOnView(phone));
    },
  };
}

let heard = null;

// What the bot said since the page was opened.
function tellNews() {
  const said = [...world.phones.values()].flatMap((one) =>
    placesOf(one).flatMap((place) => (place.owner === one.user.id ? [] : saidAt(place).filter(isOurs))),
  );
  const fresh = heard ? said.filter((message) => !heard.has(message.message_id)) : [];
  heard = new Set(said.map((message) => message.message_id));
  for (const message of fresh)
    tell(message.chat.title ? `In ${message.chat.title}: ${message.text ?? "a file"}` : `On ${message.chat.first_name}’s phone: ${message.text ?? "a file"}`);
}

function tab(phone, on) {
  const unread = on ? 0 : unreadOn(phone);
  const name = nameOf(phone);
  return {
    key: phone.user.id,
    sig: sign(on, unread, name, phone.user.language_code),
    make: () =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          class: `box-tab${on ? " on" : ""}`,
          "aria-selected": String(on),
          testid: `phone-${phone.user.id}`,
          title: `${name}, whose Telegram speaks “${phone.user.language_code}”`,
          onclick: () => go({ phone: String(phone.user.id), chat: undefined }),
        },
        face(name, "small", true),
        h(
          "span",
          { class: "box-words" },
          h("bdi", { class: "box-name" }, name),
          h("small", {}, `Telegram · ${phone.user.language_code}`),
        ),
        unread > 0 ? h("span", { class: "badge" }, unread, h("span", { class: "unseen" }, " unread")) : null,
      ),
  };
}

function newPhone() {
  const name = h("input", {
    class: "field",
    placeholder: "Name",
    "aria-label": "Name",
    testid: "phone-new-name",
    dir: "auto",
  });
  const language = h("input", {
    class: "field",
    placeholder: "Language, such as de",
    "aria-label": "Language",
    testid: "phone-new-language",
  });
  const make = async (panel) => {
    try {
      const phone = await act("new_phone", { name: name.value.trim(), language: language.value.trim() || "en" });
      panel.close();
      go({ phone: String(phone.user.id), chat: undefined });
      fill(name);
      name.value = language.value = "";
    } catch (refusal) {
      if (!refusal.code) throw refusal;
      const words = refusal.code === "invalid_name" ? "Whose phone is it?" : sentence(refusal.code);
      toast(words, "error", refusal.code);
    }
  };
  const button = h(
    "button",
    {
      type: "button",
      class: "box-add",
      title: "Another phone",
      "aria-label": "Another phone",
      testid: "phone-new",
      onclick: () => {
        const form = h(
          "form",
          {
            class: "stack",
            onsubmit: (event) => {
              event.preventDefault();
              make(panel);
            },
          },
          h("b", {}, "Another customer’s phone"),
          name,
          language,
          h("button", { class: "button primary", testid: "phone-new-save" }, "Switch it on"),
        );
        const panel = float(button, form, { testid: "phone-new-form", label: "Another phone" });
        name.focus();
      },
    },
    icon("plus"),
  );
  return button;
}
