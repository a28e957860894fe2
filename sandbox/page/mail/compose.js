// The sheet on which a customer writes a new mail.
import { float, h, icon } from "../dom.js";
import { draft, keepDraft } from "../drafts.js";
import { world } from "../world.js";
import { go, mailbox } from "../where.js";
import { EXAMPLES } from "./examples.js";
import { asHtml } from "./letters.js";
import { parcel, post } from "./posting.js";

/** The sheet for a new mail, one for each mailbox: {node, open, draw(box)}. */
export function composeSheet() {
  const from = h("bdi", { class: "from-whom", testid: "mail-from" });
  const field = (name, more = {}) => h("input", { testid: `mail-${name}`, dir: "auto", autocomplete: "off", ...more });
  const to = field("to"),
    cc = field("cc"),
    subject = field("subject");
  const body = h("textarea", {
    testid: "mail-body",
    dir: "auto",
    "aria-label": "Text",
    placeholder: "What would you like to ask the desk?",
  });
  const rich = h("input", { type: "checkbox", testid: "mail-html" });
  const files = parcel("mail");
  const examples = h(
    "button",
    {
      type: "button",
      class: "button small",
      testid: "mail-example",
      "aria-haspopup": "menu",
      onclick: () => exampleMenu(examples, take),
    },
    "Fill in an example",
    icon("down"),
  );
  const send = h("button", { class: "button primary", testid: "mail-send" }, icon("send"), "Send");
  const fields = { to, cc, subject, body };
  let sender = "";
  const keepIt = () => {
    const written = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]));
    const begun = !node.hidden || cc.value || subject.value || body.value;
    keepDraft(`mail/${sender}`, begun ? { ...written, rich: rich.checked, open: !node.hidden } : undefined);
  };
  const show = (box) => {
    if (sender === box.address) return;
    sender = box.address;
    const begun = draft(`mail/${sender}`);
    for (const [name, field] of Object.entries(fields)) field.value = begun?.[name] ?? "";
    rich.checked = Boolean(begun?.rich);
    to.value ||= world.deskAddress;
    from.textContent = `${box.name} <${box.address}>`;
    node.hidden = !begun?.open;
    files.empty();
  };
  const close = () => {
    node.hidden = true;
    keepIt();
    document.querySelector("[data-testid=mail-compose]").focus();
  };
  const take = (example) => {
    subject.value = example.subject;
    body.value = example.text;
    keepIt();
    body.focus();
    body.setSelectionRange(0, 0);
  };
  const submit = async (event) => {
    event.preventDefault();
    if (!to.value.trim()) return to.focus();
    send.disabled = true;
    const from = sender;
    const sent = await post({
      from,
      to: to.value.trim(),
      cc: cc.value.trim() || undefined,
      subject: subject.value,
      text: body.value,
      html: rich.checked ? asHtml(body.value) : undefined,
      attachments: await files.take(),
    });
    send.disabled = false;
    if (!sent) return undefined;
    keepDraft(`mail/${from}`);
    if (sender === from) {
      for (const each of [subject, cc, body]) each.value = "";
      files.empty();
      close();
    }
    return go({ conversation: sent.id });
  };
  const row = (label, input, extra) => h("label", { class: "compose-row" }, h("span", {}, label), input, extra);
  const node = h(
    "form",
    {
      class: "sheet",
      hidden: true,
      testid: "mail-sheet",
      "aria-label": "New mail",
      oninput: keepIt,
      onsubmit: submit,
      onkeydown: (event) => {
        if (event.key === "Escape") close();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
      },
    },
    h(
      "header",
      {},
      h("h2", {}, "New mail"),
      examples,
      h(
        "button",
        { type: "button", class: "quiet", "aria-label": "Close", testid: "mail-discard", onclick: close },
        icon("close"),
      ),
    ),
    row("From", from),
    row("To", to),
    row("Cc", cc),
    row("Subject", subject),
    body,
    files.chips,
    h(
      "footer",
      {},
      send,
      files.button,
      files.chooser,
      h("label", { class: "choice" }, rich, h("span", {}, "also as HTML")),
      h("span", { class: "spring" }),
      h("span", { class: "keys" }, h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "Enter"), " sends"),
    ),
  );
  return {
    node,
    open() {
      show(mailbox());
      node.hidden = false;
      to.value ||= world.deskAddress;
      keepIt();
      subject.focus();
    },
    draw: show,
  };
}

function exampleMenu(anchor, take) {
  const menu = float(
    anchor,
    EXAMPLES.map((example, at) =>
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          class: "menu-item",
          testid: `example-${at}`,
          onclick: () => {
            menu.close();
            take(example);
          },
        },
        h("span", { dir: "auto" }, example.label),
      ),
    ),
    { testid: "menu", label: "Examples", role: "menu" },
  );
  menu.panel.querySelector("button")?.focus();
}
