// A shop that is a partner of the desk: the chat on its site, and beside it what goes over the wire.
import { float, growing, h, icon, keep, sign, toast } from "../dom.js";
import { draft, keepDraft } from "../drafts.js";
import { tell } from "../news.js";
import { arrows, onView } from "../steps.js";
import { act } from "../wire.js";
import { mark, go, shopperOnView, where } from "../where.js";
import { world } from "../world.js";
import { clock } from "../text/dates.js";
import { plain } from "../text/inline.js";
import { face } from "../slack/avatar.js";
import { sentence } from "../slack/notes.js";
import { hooksPane } from "./hooks.js";
import { conversation, markOf, stamp, unreadIn } from "./said.js";

const NEAR = 60; // pixels from the end that still count as there
const STATES = { "on its way": "sending…", kept: "the desk has it", refused: "not taken" };

/** The shop's part of the customers' side: {node, draw}. */
export function shop() {
  const tabs = h("div", { class: "box-tabs", role: "tablist", "aria-label": "The shop’s customers", onkeydown: arrows });
  const chat = chatOnSite();
  const hooks = hooksPane();
  const node = h(
    "div",
    { class: "shop", hidden: true },
    h("div", { class: "boxes" }, tabs, newShopper()),
    h("div", { class: "shop-ground" }, chat.node, hooks.node),
  );
  return {
    node,
    draw() {
      tellNews();
      node.hidden = where.via !== "shop";
      if (node.hidden) return;
      const shopper = shopperOnView();
      keep(
        tabs,
        [...world.shoppers.values()].map((one) => tab(one, one === shopper)),
      );
      if (shopper) chat.draw(shopper);
      hooks.draw(shopper);
    },
  };
}

let heard = null;

// What the desk said since the page was opened.
function tellNews() {
  const said = [...world.shoppers.values()].flatMap((shopper) =>
    conversation(shopper.id)
      .filter((one) => one.type)
      .map((one) => [one.id, `In the shop, to ${shopper.name}: ${one.text || "a file"}`]),
  );
  for (const [id, words] of heard ? said : []) if (!heard.has(id)) tell(words);
  heard = new Set(said.map(([id]) => id));
}

function tab(shopper, on) {
  const unread = on ? 0 : unreadIn(shopper.id);
  return {
    key: shopper.id,
    sig: sign(on, unread, shopper),
    make: () =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          class: `box-tab${on ? " on" : ""}`,
          "aria-selected": String(on),
          testid: `shopper-${shopper.id}`,
          onclick: () => go({ shopper: shopper.id }),
        },
        face(shopper.name, "small", true),
        h(
          "span",
          { class: "box-words" },
          h("bdi", { class: "box-name" }, shopper.name),
          h("small", {}, shopper.ticket ? `#${shopper.ticket.number} · ${shopper.ticket.status}` : "no ticket yet"),
        ),
        unread > 0 ? h("span", { class: "badge" }, unread, h("span", { class: "unseen" }, " unread")) : null,
      ),
  };
}

function chatOnSite() {
  const stands = h("small", { testid: "shop-stands" });
  const bubbles = h("div", { class: "bubbles" });
  const scroll = h("div", { class: "chat-scroll", tabindex: "0", "aria-label": "The shop’s chat" }, bubbles);
  const line = writingLine();
  const node = h(
    "section",
    { class: "telephone site", "aria-label": "The shop’s site" },
    h(
      "header",
      { class: "chat-head" },
      h("span", { class: "avatar round bot", "aria-hidden": "true" }, "W"),
      h("span", { class: "chat-name" }, h("b", {}, "Webshop · Help"), stands),
    ),
    scroll,
    line.node,
  );
  let shown = null,
    count = 0;
  return {
    node,
    draw(shopper) {
      const said = conversation(shopper.id);
      const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
      const how = standing(shopper);
      if (stands.textContent !== how) stands.textContent = how;
      keep(bubbles, said.length ? said.map(bubble) : [empty(shopper)]);
      line.draw(shopper);
      if (shown !== shopper.id || (count !== said.length && atEnd) || (said.at(-1) && !said.at(-1).type))
        scroll.scrollTop = scroll.scrollHeight;
      [shown, count] = [shopper.id, said.length];
      const last = said.findLast((one) => one.type);
      if (last && onView(scroll)) mark(markOf(shopper.id), stamp(last));
    },
  };
}

function standing(shopper) {
  if (!world.shop.connected) return "no desk has told the shop where it is";
  if (!shopper.ticket) return "no ticket yet";
  const { number, status, goes_on: goesOn } = shopper.ticket;
  return `#${number} · ${status.replace("_", " ")}${goesOn === "elsewhere" ? " · goes on elsewhere" : ""}`;
}

function empty(shopper) {
  return {
    key: "none",
    sig: sign(shopper.id),
    make: () =>
      h(
        "div",
        { class: "beginning" },
        face(shopper.name, "", true),
        h("h3", {}, "Nothing was said yet"),
        h(
          "p",
          { class: "muted" },
          "Write in the shop’s chat as ",
          h("bdi", {}, shopper.name.split(" ")[0]),
          " would. The shop brings it to the desk by the web API, and shows what comes back by webhook.",
        ),
      ),
  };
}

function bubble(one) {
  const mine = !one.type;
  const state = mine ? `${STATES[one.state] ?? one.state} · ` : "";
  return {
    key: `${mine ? "said" : "hook"}-${one.n}`,
    sig: sign(one.state, one.why, one.text),
    make: () =>
      h(
        "div",
        { class: `said ends ${mine ? "mine" : "theirs"}` },
        h(
          "div",
          { class: "bubble", testid: `shop-said-${one.n}` },
          one.text ? h("span", { class: "bubble-text", dir: "auto" }, plain(one.text, { links: true })) : null,
          (one.files ?? []).map((name) => h("span", { class: "bubble-quote" }, icon("file"), " ", h("bdi", {}, name))),
          one.why ? h("span", { class: "bubble-quote bad", dir: "auto" }, one.why) : null,
          h("span", { class: "bubble-time" }, state, clock(one.at)),
        ),
      ),
  };
}

// The line in which a customer writes.
function writingLine() {
  let shopper = null;
  const text = h("textarea", {
    class: "field",
    rows: 1,
    dir: "auto",
    placeholder: "Message",
    "aria-label": "Message",
    testid: "shop-text",
  });
  const fit = growing(text, 140);
  const name = () => `shop/${shopper.id}`;
  const send = async (event) => {
    event.preventDefault();
    const words = text.value;
    if (!words.trim()) return;
    text.value = "";
    keepDraft(name());
    fit();
    text.focus();
    try {
      await act("shop_write", { shopper: shopper.id, text: words });
    } catch (refusal) {
      if (!refusal.code) throw refusal;
      text.value ||= words;
      const why = refusal.code === "no_desk" ? "No desk has told the shop where its web API is." : sentence(refusal.code);
      toast(why, "error", refusal.code);
    }
  };
  text.addEventListener("input", () => keepDraft(name(), text.value));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  });
  const form = h(
    "form",
    { class: "chat-line", onsubmit: send },
    text,
    h("button", { class: "chat-send", title: "Send", "aria-label": "Send", testid: "shop-send" }, icon("send")),
  );
  return {
    node: h("footer", { class: "chat-foot" }, form),
    draw(next) {
      if (next.id !== shopper?.id) text.value = draft(`shop/${next.id}`) ?? "";
      shopper = next;
      fit();
    },
  };
}

function newShopper() {
  const name = h("input", {
    class: "field",
    placeholder: "Name",
    "aria-label": "Name",
    testid: "shopper-new-name",
    dir: "auto",
  });
  const make = async (panel) => {
    try {
      const shopper = await act("new_shopper", { name: name.value });
      panel.close();
      go({ shopper: shopper.id });
      name.value = "";
    } catch (refusal) {
      if (!refusal.code) throw refusal;
      const words = refusal.code === "invalid_name" ? "What are they called?" : sentence(refusal.code);
      toast(words, "error", refusal.code);
    }
  };
  const button = h(
    "button",
    {
      type: "button",
      class: "box-add",
      title: "Another customer of the shop",
      "aria-label": "Another customer of the shop",
      testid: "shopper-new",
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
          h("b", {}, "Another customer of the shop"),
          name,
          h("button", { class: "button primary", testid: "shopper-new-save" }, "Let them in"),
        );
        const panel = float(button, form, { testid: "shopper-new-form", label: "Another customer of the shop" });
        name.focus();
      },
    },
    icon("plus"),
  );
  return button;
}
