// Whose mailbox it is: the ones used last as tabs, all of them in a list that can be searched, and a way to a new one.
import { fill, float, floatsFrom, h, icon, keep, sign, toast } from "../dom.js";
import { act } from "../wire.js";
import { world } from "../world.js";
import { arrows } from "../steps.js";
import { go } from "../where.js";
import { face } from "../slack/avatar.js";
import { sentence } from "../slack/notes.js";
import { newestIn, unreadIn } from "./letters.js";

const TAB = 148; // pixels in which a name can be read
const SLIM = 96; // and the beginning of one: enough where all mailboxes fit so
const ADD = 56; // pixels of the button for a new one
const MORE = 84; // and of the one for the list

/** The strip: {node, draw(box)}. */
export function boxStrip() {
  const tabs = h("div", { class: "box-tabs", role: "tablist", "aria-label": "Mailboxes", onkeydown: arrows });
  const more = h("button", {
    type: "button",
    class: "box-more",
    testid: "mailboxes",
    "aria-haspopup": "dialog",
    onclick: () => (floatsFrom(more) ? undefined : chooser(more)),
  });
  const add = newBox();
  const node = h("div", { class: "boxes" }, tabs, more, add);
  const used = new Map();
  let turn = 0,
    width = 480,
    current = null;

  const draw = (box) => {
    if (!box) return;
    if (box.address !== current?.address) used.set(box.address, (turn += 1));
    current = box;
    const shown = latest(box, fitting(width), used);
    keep(
      tabs,
      shown.map((one) => boxTab(one, one.address === box.address)),
    );
    const hidden = world.mailboxes.filter((one) => !shown.includes(one));
    const unread = hidden.filter((one) => unreadIn(one.address) > 0).length;
    more.hidden = !hidden.length;
    const label = `All ${world.mailboxes.length} mailboxes${unread ? `, ${unread} more with unread mail` : ""}`;
    if (more.getAttribute("aria-label") === label) return;
    more.setAttribute("aria-label", label);
    more.title = label;
    fill(
      more,
      h("span", {}, "All ", world.mailboxes.length),
      unread ? h("span", { class: "dot", "aria-hidden": "true" }) : null,
      icon("down"),
    );
  };
  new ResizeObserver(() => {
    if (!node.clientWidth || node.clientWidth === width) return;
    width = node.clientWidth;
    draw(current);
  }).observe(node);
  return { node, draw };
}

function fitting(width) {
  const all = world.mailboxes.length;
  return all <= (width - ADD) / SLIM ? all : Math.max(1, Math.floor((width - ADD - MORE) / TAB));
}

// The open one and those used or written to last, in the order in which the mailboxes came, so that none jumps about.
function latest(box, fits, used) {
  if (world.mailboxes.length <= fits) return world.mailboxes;
  const age = new Map(
    world.mailboxes.map((one, at) => [one, [used.get(one.address) ?? 0, newestIn(one.address), -at]]),
  );
  const younger = (a, b) => compare(age.get(b), age.get(a));
  const others = world.mailboxes.filter((one) => one !== box).sort(younger);
  const chosen = new Set([box, ...others.slice(0, fits - 1)]);
  return world.mailboxes.filter((one) => chosen.has(one));
}

function compare(a, b) {
  const at = a.findIndex((each, index) => each !== b[index]);
  return at < 0 ? 0 : a[at] < b[at] ? -1 : 1;
}

const open = (box) => go({ box: box.address, conversation: undefined });
const REFUSED = {
  invalid_address: "That is not a mail address.",
  address_of_desk: "That is an address of the desk. Customers have addresses of their own.",
};
const badge = (unread) => h("span", { class: "badge" }, unread, h("span", { class: "unseen" }, " unread"));

function boxTab(box, on) {
  const unread = on ? 0 : unreadIn(box.address);
  return {
    key: box.address,
    sig: sign(on, unread, box.name),
    make: () =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          class: `box-tab${on ? " on" : ""}`,
          "aria-selected": String(on),
          "aria-controls": "letters",
          testid: `mailbox-${box.address}`,
          title: `${box.name} <${box.address}>`,
          onclick: () => open(box),
        },
        face(box.name, "small", true),
        h("span", { class: "box-words" }, h("bdi", { class: "box-name" }, box.name), h("small", {}, box.address)),
        unread > 0 ? badge(unread) : null,
      ),
  };
}

// Every mailbox, the one written to last first; what is typed narrows the list, arrows and Enter choose.
function chooser(anchor) {
  const rows = h("div", { class: "options", role: "listbox", "aria-label": "Mailboxes", id: "mailbox-options" });
  const search = h("input", {
    class: "field",
    type: "search",
    role: "combobox",
    placeholder: `Search ${world.mailboxes.length} mailboxes`,
    "aria-label": "Search mailboxes",
    "aria-controls": "mailbox-options",
    "aria-expanded": "true",
    testid: "mailboxes-search",
    dir: "auto",
  });
  const panel = float(anchor, [search, rows], { testid: "mailboxes-all", label: "All mailboxes", wide: true });
  let found = [],
    at = 0;
  const take = (box) => {
    panel.close();
    open(box);
  };
  const draw = () => {
    keep(
      rows,
      found.length
        ? found.map((box, index) => choice(box, index === at, take))
        : [{ key: "none", sig: "", make: () => h("div", { class: "none" }, "Nobody of that name") }],
    );
    search.setAttribute("aria-activedescendant", found.length ? optionId(found[at]) : "");
    rows.querySelector(".at")?.scrollIntoView({ block: "nearest" });
  };
  const look = () => {
    const words = search.value.trim().toLowerCase();
    found = world.mailboxes
      .filter((box) => `${box.name} ${box.address}`.toLowerCase().includes(words))
      .map((box) => ({ box, key: newestIn(box.address) }))
      .sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0))
      .map(({ box }) => box);
    at = 0;
    draw();
  };
  search.addEventListener("input", look);
  search.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step && event.key !== "Enter") return;
    event.preventDefault();
    if (!found.length) return;
    if (!step) take(found[at]);
    else {
      at = (at + step + found.length) % found.length;
      draw();
    }
  });
  look();
  panel.place();
  search.focus();
}

const optionId = (box) => `mailbox ${box.address}`.replace(/\s/g, "-");

function choice(box, on, take) {
  const unread = unreadIn(box.address);
  return {
    key: box.address,
    sig: sign(on, unread, box.name),
    make: () =>
      h(
        "button",
        {
          type: "button",
          role: "option",
          id: optionId(box),
          tabIndex: -1,
          class: `menu-item${on ? " at" : ""}`,
          "aria-selected": String(on),
          testid: `choose-${box.address}`,
          onclick: () => take(box),
        },
        face(box.name, "small", true),
        h("span", {}, h("bdi", {}, box.name), h("small", {}, box.address)),
        unread > 0 ? badge(unread) : null,
      ),
  };
}

function newBox() {
  const name = h("input", {
    class: "field",
    placeholder: "Name",
    "aria-label": "Name",
    testid: "mailbox-new-name",
    dir: "auto",
  });
  const address = h("input", {
    class: "field",
    placeholder: "name@example.com",
    "aria-label": "Address",
    testid: "mailbox-new-address",
  });
  const button = h(
    "button",
    {
      type: "button",
      class: "box-add",
      title: "Another mailbox",
      "aria-label": "Another mailbox",
      testid: "mailbox-new",
      onclick: () => {
        const make = async () => {
          try {
            await act("new_mailbox", { address: address.value.trim(), name: name.value.trim() });
            panel.close();
            go({ box: address.value.trim().toLowerCase(), conversation: undefined });
            name.value = address.value = "";
          } catch (refusal) {
            if (!refusal.code) throw refusal;
            toast(REFUSED[refusal.code] ?? sentence(refusal.code), "error", refusal.code);
          }
        };
        const panel = float(
          button,
          h(
            "form",
            {
              class: "stack",
              onsubmit: (event) => {
                event.preventDefault();
                make();
              },
            },
            h("b", {}, "Another customer"),
            name,
            address,
            h("button", { class: "button primary", testid: "mailbox-new-save" }, "Open mailbox"),
          ),
          { testid: "mailbox-new-form", label: "Another mailbox" },
        );
        name.focus();
      },
    },
    icon("plus"),
  );
  return button;
}
