// One conversation read in a mailbox: its mails, their headers and HTML on demand, and the answer below them.
import { fill, h, icon, keep, sign } from "../dom.js";
import { changed } from "../world.js";
import { backButton, onView } from "../steps.js";
import { mark } from "../where.js";
import { mailMoment } from "../text/dates.js";
import { plain } from "../text/inline.js";
import { face } from "../slack/avatar.js";
import { size } from "../slack/contents.js";
import { replyForm } from "./reply.js";
import { markOf, party, unquoted, written } from "./letters.js";

const NEAR = 60; // pixels from the end that still count as there

const folded = new Map();
const asRich = new Set();

/** The reading pane; draw(box, conversation or null) brings it up to date. */
export function conversationPane() {
  const head = h("header", { class: "read-head" });
  const mails = h("div", { class: "mails" });
  const reply = replyForm();
  const scroll = h("div", { class: "read-scroll", tabindex: "0", testid: "conversation" }, mails, reply.node);
  const node = h("section", { class: "read", "aria-label": "Conversation" }, head, scroll);
  let shown = "",
    count = 0;

  const draw = (box, one) => {
    node.classList.toggle("empty", !one);
    scroll.hidden = !one;
    if (!one) {
      fill(head, h("p", { class: "muted nothing" }, "Choose a conversation to read it."));
      shown = "";
      return;
    }
    fill(
      head,
      backButton("Back to the list", "mail-back", { conversation: undefined }),
      h("h2", { dir: "auto", testid: "conversation-subject" }, one.subject),
    );
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR || sent(one);
    keep(
      mails,
      one.mails.map((mail, at) => mailRow(mail, at >= one.mails.length - 3)),
    );
    reply.draw(box, one);
    if (shown !== one.id || (count !== one.mails.length && atEnd))
      scroll.scrollTop = one.mails.length > 1 ? scroll.scrollHeight : 0;
    shown = one.id;
    count = one.mails.length;
    const received = one.mails.filter((mail) => mail.direction === "received").length;
    if (received && onView(scroll)) mark(markOf(box.address, one.id), String(received).padStart(6, "0"));
  };
  return { node, draw };
}

const sent = (one) => one.last.direction === "sent";

function mailRow(mail, recent) {
  const open = folded.get(mail.id) ?? recent;
  return { key: mail.id, sig: sign(mail, open, asRich.has(mail.id)), make: () => letter(mail, open) };
}

function letter(mail, open) {
  const from = party(mail.from);
  const node = h("article", {
    class: `mail ${mail.direction} ${mail.status ?? ""}`,
    testid: `mail-${mail.id}`,
    "data-message-id": mail.message_id,
  });
  const again = (change) => {
    change();
    changed();
  };
  const toggle = () => again(() => folded.set(mail.id, !open));
  fill(
    node,
    h(
      "header",
      { class: "mail-head", onclick: toggle },
      face(from.name, "", true),
      h(
        "div",
        { class: "mail-words" },
        h(
          "div",
          { class: "line" },
          h("bdi", { class: "from" }, from.name),
          h("time", { datetime: mail.date, title: mail.date }, mailMoment(mail.date)),
        ),
        open
          ? h(
              "div",
              { class: "muted small addresses" },
              h("bdi", {}, from.address !== from.name ? `${from.address} ` : ""),
              "to ",
              h("bdi", {}, written(mail.to)),
              mail.cc?.length ? [", cc ", h("bdi", {}, written(mail.cc))] : null,
            )
          : h("div", { class: "snippet", dir: "auto" }, unquoted(mail.text)[0].slice(0, 140)),
      ),
      h(
        "button",
        {
          type: "button",
          class: "quiet fold",
          "aria-expanded": String(open),
          "aria-label": `The mail from ${from.name}, ${mailMoment(mail.date)}`,
          testid: `mail-fold-${mail.id}`,
        },
        icon("down"),
      ),
    ),
    open && refusal(mail),
    open && body(mail, again),
    open && attachments(mail),
    open && tools(mail, again),
  );
  return node;
}

function refusal(mail) {
  if (mail.status !== "refused") return null;
  return h(
    "div",
    { class: "refusal", role: "note", testid: `mail-refusal-${mail.id}` },
    icon("warn"),
    h("div", {}, h("b", {}, "The desk’s mail server refused this mail."), h("code", { dir: "auto" }, mail.reply)),
  );
}

function body(mail) {
  if (asRich.has(mail.id)) {
    const lines = Math.min(26, Math.max(8, mail.text.split("\n").length + mail.text.length / 90));
    return h("iframe", {
      class: "rich",
      sandbox: "",
      referrerpolicy: "no-referrer",
      src: `/_sandbox/mail/${mail.id}/html`,
      title: "The mail as HTML",
      testid: `mail-frame-${mail.id}`,
      vars: { lines: String(Math.round(lines)) },
    });
  }
  const [said, before] = unquoted(mail.text);
  const [words, signature] = said.split(/\n-- ?\n/);
  return h(
    "div",
    { class: "mail-body" },
    h(
      "div",
      { class: "mail-text", testid: `mail-text-${mail.id}`, dir: "auto" },
      plain(words, { pictures: false, links: true }),
      signature !== undefined &&
        h("div", { class: "muted" }, "--\n", plain(signature, { pictures: false, links: true })),
    ),
    before &&
      h(
        "details",
        { class: "quoted" },
        h("summary", { title: "Show quoted text", testid: `mail-quoted-${mail.id}` }, "···"),
        h("div", { class: "mail-text", dir: "auto" }, plain(before, { pictures: false, links: true })),
      ),
  );
}

function attachments(mail) {
  if (!mail.attachments?.length) return null;
  return h(
    "div",
    { class: "attachments" },
    mail.attachments.map((one, at) =>
      h(
        "a",
        {
          class: "attached",
          href: `/_sandbox/mail/${mail.id}/attachment/${at}`,
          download: one.name,
          testid: `mail-attachment-${mail.id}-${at}`,
        },
        icon("file"),
        h("span", { class: "file-words" }, h("bdi", {}, one.name), h("small", {}, `${one.type} · ${size(one.size)}`)),
      ),
    ),
  );
}

function tools(mail, again) {
  const headers = h("pre", { class: "headers", hidden: true, testid: `mail-source-${mail.id}`, tabindex: "0" });
  const rich = asRich.has(mail.id);
  const delivered = mail.direction === "sent" && mail.status === "accepted";
  return [
    h(
      "div",
      { class: "mail-tools" },
      delivered && h("span", { class: "delivered", title: mail.reply }, icon("check"), "Delivered to the desk"),
      mail.auto_submitted &&
        mail.auto_submitted !== "no" &&
        h("span", { class: "tag", title: `Auto-Submitted: ${mail.auto_submitted}` }, "automatic"),
      h("span", { class: "spring" }),
      mail.has_html &&
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            testid: `mail-show-html-${mail.id}`,
            "aria-pressed": String(rich),
            onclick: () => again(() => (rich ? asRich.delete(mail.id) : asRich.add(mail.id))),
          },
          rich ? "Plain text" : "HTML",
        ),
      h(
        "button",
        { type: "button", class: "quiet", testid: `mail-headers-${mail.id}`, onclick: () => source(mail, headers) },
        icon("code"),
        "Headers",
      ),
      h(
        "a",
        {
          class: "quiet",
          href: `/_sandbox/mail/${mail.id}/raw`,
          download: `${mail.id}.eml`,
          testid: `mail-raw-${mail.id}`,
        },
        ".eml",
      ),
    ),
    headers,
  ];
}

async function source(mail, place) {
  if (!place.hidden) {
    place.hidden = true;
    return;
  }
  const response = await fetch(`/_sandbox/mail/${mail.id}/raw`);
  const raw = await response.text();
  place.textContent = response.ok ? raw.split(/\r?\n\r?\n/)[0] : `The mail could not be read (${response.status}).`;
  place.hidden = false;
}
