// The customers' side: whose mailbox it is, its conversations, and the pane that reads or writes one; their phones, or a shop.
import { h, icon, keep, sign } from "../dom.js";
import { tell } from "../news.js";
import { world } from "../world.js";
import { go, goTo, mailbox, where } from "../where.js";
import { briefly } from "../text/dates.js";
import { face } from "../slack/avatar.js";
import { boxStrip } from "./boxes.js";
import { composeSheet } from "./compose.js";
import { conversationPane } from "./conversation.js";
import { conversations, newMail, party, unquoted } from "./letters.js";
import { phones } from "../phone/phones.js";
import { newOnPhones } from "../phone/telegram.js";
import { newInShop } from "../shop/said.js";
import { shop } from "../shop/shop.js";

// How customers write: a shape, a word.
const VIAS = { mail: ["mail", "Mail"], phone: ["phone", "Telegram"], shop: ["code", "Shop"] };
const NEWS = { mail: newMail, phone: newOnPhones, shop: newInShop };

/** Build the side into `root`; returns {draw, compose}: compose(address) opens a new mail from there. */
export function mailSide(root) {
  const boxes = boxStrip();
  const list = h("div", {
    class: "letters",
    id: "letters",
    role: "region",
    testid: "conversations",
    "aria-label": "Conversations",
    tabindex: "-1",
  });
  const reading = conversationPane();
  const sheet = composeSheet();
  const write = h(
    "button",
    { type: "button", class: "button primary compose", testid: "mail-compose", onclick: () => sheet.open() },
    icon("pen"),
    h("span", {}, "Write"),
  );
  const columns = h("div", { class: "post" }, list, reading.node, sheet.node);
  const phone = phones();
  const partner = shop();
  const vias = Object.entries(VIAS).map(([via, [shape, words]]) =>
    h(
      "button",
      {
        type: "button",
        class: "layout",
        testid: `via-${via}`,
        onclick: () => go({ via: via === "mail" ? undefined : via }),
      },
      icon(shape),
      h("span", {}, words),
      h("span", { class: "dot", hidden: true }),
    ),
  );
  root.append(
    h(
      "header",
      { class: "side-head" },
      h("span", { class: "mark post", "aria-hidden": "true" }, icon("mail")),
      h("h2", { class: "team" }, "Customers"),
      h("span", { class: "segments via", role: "group", "aria-label": "How customers write" }, vias),
      h("span", { class: "spring" }),
      write,
    ),
    boxes.node,
    columns,
    phone.node,
    partner.node,
  );

  const draw = () => {
    const box = mailbox();
    const via = VIAS[where.via] ? where.via : "mail";
    root.dataset.via = via;
    for (const button of vias) {
      const name = button.dataset.testid.replace("via-", "");
      const news = name !== via && NEWS[name]();
      button.setAttribute("aria-pressed", String(name === via));
      button.setAttribute("aria-label", news ? `${VIAS[name][1]}, something new` : VIAS[name][1]);
      button.querySelector(".dot").hidden = !news;
    }
    phone.draw();
    partner.draw();
    tellNews();
    boxes.draw(box);
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
    columns.dataset.step = shown ? "reading" : "list";
    reading.draw(box, shown);
    sheet.draw(box);
  };
  return {
    draw,
    compose: (address) => {
      goTo("mail", { via: undefined, ...(address ? { box: address, conversation: undefined } : {}) });
      sheet.open();
    },
  };
}

let seen = null;
let heard = new Set();

// What came since the page was opened.
function tellNews() {
  if (seen === world.mails) return;
  const received = world.mails.filter((mail) => mail.direction === "received");
  const fresh = seen ? received.filter((mail) => !heard.has(mail.id)) : [];
  [seen, heard] = [world.mails, new Set(received.map((mail) => mail.id))];
  for (const mail of fresh) {
    const to = world.mailboxes.find((box) => box.address === mail.mailbox)?.name ?? mail.mailbox;
    tell(`New mail for ${to} from ${party(mail.from).name}: ${mail.subject}`);
  }
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
