// Writing mail as a customer: the sheet for a new one and the box that answers in a thread.
import { fill, float, growing, h, icon, toast } from "../dom.js";
import { act, packed } from "../wire.js";
import { world } from "../world.js";
import { go, mailbox } from "../where.js";
import { sentence } from "../slack/notes.js";
import { EXAMPLES } from "./examples.js";
import { answerable, asHtml, party } from "./letters.js";

const TROUBLE = { no_desk: "No desk takes mail here: the sandbox knows no SMTP intake to deliver to.", invalid_mail: "The mail could not be put together." };

/** Send it: {id, status, reply}, also where the desk refused it (its conversation shows why); null when there is no mail. */
async function post(body) {
  try {
    return await act("mail", body);
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    toast(TROUBLE[refusal.code] ?? sentence(refusal.code), "error");
    return null;
  }
}

/** Files to go along: a button, a hidden chooser and the chips. */
function parcel(testid) {
  let files = [];
  const chips = h("div", { class: "carried" });
  const chooser = h("input", { type: "file", multiple: true, hidden: true, testid: `${testid}-files`, onchange: () => {
    files = [...files, ...chooser.files];
    chooser.value = "";
    show();
  } });
  const show = () => fill(chips, files.map((file) => h("span", { class: "chip" }, icon("file"), h("bdi", {}, file.name), h("button", { type: "button", class: "quiet", "aria-label": `Remove ${file.name}`, onclick: () => {
    files = files.filter((one) => one !== file);
    show();
  } }, icon("close")))));
  return {
    chips, chooser,
    button: h("button", { type: "button", class: "quiet", title: "Attach files", "aria-label": "Attach files", testid: `${testid}-attach`, onclick: () => chooser.click() }, icon("clip")),
    take: async () => (files.length ? Promise.all(files.map(packed)) : undefined),
    empty: () => {
      files = [];
      show();
    },
  };
}

/** The sheet for a new mail: {node, open, draw(box)}. */
export function composeSheet() {
  const from = h("bdi", { class: "from-whom", testid: "mail-from" });
  const field = (name, more = {}) => h("input", { testid: `mail-${name}`, dir: "auto", autocomplete: "off", ...more });
  const to = field("to"), cc = field("cc"), subject = field("subject");
  const body = h("textarea", { testid: "mail-body", dir: "auto", "aria-label": "Text", placeholder: "What would you like to ask the desk?" });
  const rich = h("input", { type: "checkbox", testid: "mail-html" });
  const files = parcel("mail");
  const examples = h("button", { type: "button", class: "button small", testid: "mail-example", "aria-haspopup": "menu", onclick: () => exampleMenu(examples, take) }, "Fill in an example", icon("down"));
  const send = h("button", { class: "button primary", testid: "mail-send" }, icon("send"), "Send");
  const close = () => { node.hidden = true; };
  const take = (example) => {
    subject.value = example.subject;
    body.value = example.text;
    body.focus();
    body.setSelectionRange(0, 0);
  };
  const submit = async (event) => {
    event.preventDefault();
    if (!to.value.trim()) return to.focus();
    send.disabled = true;
    const sent = await post({ from: mailbox().address, to: to.value.trim(), cc: cc.value.trim() || undefined, subject: subject.value, text: body.value,
      html: rich.checked ? asHtml(body.value) : undefined, attachments: await files.take() });
    send.disabled = false;
    if (!sent) return undefined;
    for (const each of [subject, cc, body]) each.value = "";
    files.empty();
    close();
    return go({ conversation: sent.id });
  };
  const row = (label, input, extra) => h("label", { class: "compose-row" }, h("span", {}, label), input, extra);
  const node = h("form", { class: "sheet", hidden: true, testid: "mail-sheet", "aria-label": "New mail", onsubmit: submit, onkeydown: (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  } },
  h("header", {}, h("h2", {}, "New mail"), examples, h("button", { type: "button", class: "quiet", "aria-label": "Close", testid: "mail-discard", onclick: close }, icon("close"))),
  row("From", from), row("To", to), row("Cc", cc), row("Subject", subject), body, files.chips,
  h("footer", {}, send, files.button, files.chooser, h("label", { class: "choice" }, rich, h("span", {}, "also as HTML")), h("span", { class: "spring" }), h("span", { class: "keys" }, h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "Enter"), " sends")));
  return {
    node,
    open() {
      node.hidden = false;
      to.value ||= world.deskAddress;
      subject.focus();
    },
    draw(box) {
      from.textContent = `${box.name} <${box.address}>`;
    },
  };
}

function exampleMenu(anchor, take) {
  const menu = float(anchor, EXAMPLES.map((example, at) => h("button", { type: "button", role: "menuitem", class: "menu-item", testid: `example-${at}`, onclick: () => {
    menu.close();
    take(example);
  } }, h("span", { dir: "auto" }, example.label))), { testid: "menu", label: "Examples", role: "menu" });
  menu.panel.querySelector("button")?.focus();
}

const drafts = new Map();

/** The answer below a conversation: {node, draw(box, conversation)}. */
export function replyForm() {
  const body = h("textarea", { class: "field", rows: 3, dir: "auto", testid: "reply-body", "aria-label": "Answer" });
  const fit = growing(body, 260);
  const quote = h("input", { type: "checkbox", checked: true, testid: "reply-quote" });
  const rich = h("input", { type: "checkbox", testid: "reply-html" });
  const files = parcel("reply");
  const send = h("button", { class: "button primary", testid: "reply-send" }, icon("send"), "Send");
  const whom = h("bdi", {});
  const opener = h("button", { type: "button", class: "button", testid: "mail-reply", onclick: () => open(true) }, icon("reply"), h("span", {}, "Reply to ", whom));
  let one = null, box = null, key = "";

  const open = (yes) => {
    form.hidden = !yes;
    opener.hidden = yes;
    if (yes) {
      fit();
      body.focus();
      form.scrollIntoView({ block: "nearest" });
    }
  };
  const submit = async (event) => {
    event.preventDefault();
    const { start, quote: before } = answerable(one);
    const text = quote.checked ? `${body.value}\n\n${before}` : body.value;
    send.disabled = true;
    const sent = await post({ from: box.address, ...start, text, html: rich.checked ? asHtml(text) : undefined, attachments: await files.take() });
    send.disabled = false;
    if (!sent) return;
    body.value = "";
    drafts.delete(key);
    files.empty();
    open(false);
  };
  body.addEventListener("input", () => drafts.set(key, body.value));
  const form = h("form", { class: "reply-form", hidden: true, onsubmit: submit, onkeydown: (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
    if (event.key === "Escape") open(false);
  } }, body, files.chips, h("footer", {}, send, files.button, files.chooser,
    h("label", { class: "choice" }, quote, h("span", {}, "quote the mail")), h("label", { class: "choice" }, rich, h("span", {}, "also as HTML")),
    h("span", { class: "spring" }), h("button", { type: "button", class: "quiet", testid: "reply-discard", onclick: () => open(false) }, "Cancel")));
  return {
    node: h("div", { class: "answer" }, opener, form),
    draw(nextBox, next) {
      [box, one] = [nextBox, next];
      const { to } = answerable(one).start;
      whom.textContent = party(to).name;
      opener.title = to;
      const name = `${box.address}/${one.id}`;
      if (name === key) return;
      key = name;
      body.value = drafts.get(key) ?? "";
      open(Boolean(body.value));
    },
  };
}
