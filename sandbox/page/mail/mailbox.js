// The customers' side: whose mailbox it is, its conversations, and the pane that reads or writes one.
import { float, h, icon, keep, sign, toast } from "../dom.js";
import { act } from "../wire.js";
import { world } from "../world.js";
import { go, mailbox, where } from "../where.js";
import { briefly } from "../text/dates.js";
import { face } from "../slack/avatar.js";
import { sentence } from "../slack/notes.js";
import { composeSheet } from "./compose.js";
import { conversationPane } from "./conversation.js";
import { conversations, party, unquoted, unreadIn } from "./letters.js";

/** Build the side into `root`; returns {draw, compose}: compose(address) opens a new mail from there. */
export function mailSide(root) {
  const boxes = h("div", { class: "boxes", role: "tablist", "aria-label": "Mailboxes" });
  const list = h("div", { class: "letters", testid: "conversations", "aria-label": "Conversations", tabindex: "-1" });
  const reading = conversationPane();
  const sheet = composeSheet();
  const write = h(
    "button",
    { type: "button", class: "button primary compose", testid: "mail-compose", onclick: () => sheet.open() },
    icon("pen"),
    h("span", {}, "Write"),
  );
  const columns = h("div", { class: "post" }, list, reading.node, sheet.node);
  root.append(
    h(
      "header",
      { class: "side-head" },
      h("span", { class: "mark post", "aria-hidden": "true" }, icon("mail")),
      h("span", { class: "team" }, "Customers’ mail"),
      h("span", { class: "spring" }),
      write,
    ),
    boxes,
    columns,
  );

  const draw = () => {
    const box = mailbox();
    keep(boxes, [
      ...world.mailboxes.map((one) => boxTab(one, one.address === box?.address)),
      { key: "new", sig: "", make: newBox },
    ]);
    if (!box) return;
    const all = conversations(box.address);
    const shown =
      all.find((one) => one.id === where.conversation || one.mails.some((mail) => mail.id === where.conversation)) ??
      null;
    keep(
      list,
      all.length
        ? all.map((one) => letterRow(one, one.id === shown?.id, box))
        : [{ key: "none", sig: box.address, make: () => none(box, sheet) }],
    );
    columns.classList.toggle("bare", !all.length);
    reading.draw(box, shown);
    sheet.draw(box);
  };
  return {
    draw,
    compose: (address) => {
      if (address) go({ box: address, conversation: undefined });
      sheet.open();
    },
  };
}

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
          testid: `mailbox-${box.address}`,
          title: `${box.name} <${box.address}>`,
          onclick: () => go({ box: box.address, conversation: undefined }),
        },
        face(box.name, "small", true),
        h("span", { class: "box-words" }, h("bdi", { class: "box-name" }, box.name), h("small", {}, box.address)),
        unread ? h("span", { class: "badge" }, unread) : null,
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
      class: "box-tab add",
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
            toast(
              refusal.code === "invalid_address" ? "That is not a mail address." : sentence(refusal.code),
              "error",
              refusal.code,
            );
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

function letterRow(one, on, box) {
  const { last } = one;
  const other = one.mails.find((mail) => mail.direction === "received") ?? last;
  const who = other.direction === "received" ? party(other.from).name : party(other.to).name;
  const mine = last.direction === "sent";
  const snippet = unquoted(last.text)[0].replace(/\s+/g, " ").slice(0, 160);
  return {
    key: one.id,
    sig: sign(
      one.mails.map((mail) => [mail.id, mail.status]),
      on,
      one.unread,
    ),
    make: () =>
      h(
        "button",
        {
          type: "button",
          class: `letter${on ? " on" : ""}${one.unread > 0 ? " new" : ""}`,
          "aria-current": on ? "true" : undefined,
          testid: `conversation-${one.id}`,
          onclick: () => go({ conversation: one.id }),
        },
        face(who || box.name, "", true),
        h(
          "span",
          { class: "letter-words" },
          h(
            "span",
            { class: "line" },
            h(
              "bdi",
              { class: "from" },
              who,
              one.mails.length > 1 ? h("span", { class: "muted" }, ` ${one.mails.length}`) : null,
            ),
            h("time", { datetime: last.date }, briefly(last.date)),
          ),
          h("span", { class: "subject", dir: "auto" }, one.subject),
          h(
            "span",
            { class: "snippet", dir: "auto" },
            one.refused
              ? h("b", { class: "bad" }, "Not delivered. ")
              : mine
                ? h("span", { class: "you" }, "You: ")
                : null,
            snippet || "(empty)",
          ),
        ),
        one.unread > 0 ? h("span", { class: "dot", title: "Unread" }) : null,
      ),
  };
}

function none(box, sheet) {
  const first = box.name.split(" ")[0];
  return h(
    "div",
    { class: "beginning" },
    h("h3", {}, "No mail yet"),
    h(
      "p",
      { class: "muted" },
      "Write to the desk as ",
      h("bdi", {}, first),
      " would, and see what the agents get on the Slack side.",
    ),
    h(
      "button",
      { type: "button", class: "button primary", testid: "mail-compose-first", onclick: () => sheet.open() },
      icon("pen"),
      h("span", {}, "Write a mail as ", h("bdi", {}, first)),
    ),
  );
}
